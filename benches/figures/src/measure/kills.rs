//! Killed again and again in the midst of one notification: whether everyone is accounted for, and how soon the next
//! instance goes on.

use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use serde_json::Value;
use tokio::time::sleep;

use crate::{
    Outcome,
    azurite::{AccessLog, Azurite},
    entra::Entra,
    handler::{Folder, Handler, LOCAL_KEY},
    http,
    table::{Table, median},
    teams::Teams,
};

const RECIPIENTS: u32 = 10_000;
const KILLS: usize = 20;
const RATE: u32 = 500;
const LEASE: u64 = 15;
/// Longest wait for the next owner before something must be wrong.
const LONGEST: Duration = Duration::from_secs(180);

pub(super) async fn measure(table: &mut Table) -> Outcome<()> {
    let mut dice = Dice::cast()?;
    let entra = Entra::start().await?;
    let azurite = Azurite::start(AccessLog::Off)?;
    let teams = Teams::start(RECIPIENTS)?;
    teams.limit_to(RATE).await?;
    let mut settings = entra.settings(&teams.host());
    settings.extend(azurite.settings("bench-kills"));
    settings.push(("NOTIFICATION_RATE", RATE.to_string()));
    settings.push(("NOTIFICATION_LEASE_SECONDS", LEASE.to_string()));
    let folder = Folder::with_functions()?;
    folder.import(&settings, &teams.references(RECIPIENTS)?).await?;

    let mut owner = folder.serve(&settings).await?;
    let key = format!("x-functions-key: {LOCAL_KEY}");
    let accepted = http::call(
        owner.port,
        "POST",
        "/api/notification",
        &[&key],
        r#"{"audience":{"all":true}}"#,
    )
    .await?;
    let id = accepted["id"].as_str().ok_or("the answer has no id")?.to_owned();
    after(&teams, 0).await?;
    let mut takeovers = Vec::new();
    for number in 1..=KILLS {
        sleep(dice.moment()).await;
        owner.kill()?;
        let killed = Instant::now();
        owner = folder.serve(&settings).await?;
        let seen = teams.arrivals().await?.count;
        after(&teams, seen).await?;
        takeovers.push(killed.elapsed().as_secs_f64());
        eprintln!(
            "kill {number}: {seen} accepted until then, the next message after {:.1} s",
            killed.elapsed().as_secs_f64()
        );
    }
    let status = finished(&owner, &id, &key).await?;
    let verified = folder
        .run(&settings, &["notification", "verify", &id])
        .await
        .is_ok();
    drop(owner);
    rows(table, &teams, &status, verified, takeovers).await
}

async fn rows(
    table: &mut Table,
    teams: &Teams,
    status: &Value,
    verified: bool,
    takeovers: Vec<f64>,
) -> Outcome<()> {
    let stats = teams.stats().await?;
    let counts = teams.counts().await?;
    let number = |value: &Value| value.as_u64().unwrap_or_default();
    let (delivered, resent) = (number(&status["counts"]["delivered"]), number(&status["resent"]));
    let (accepted, reached) = (number(&stats["accepted"]), number(&counts["reached"]));
    let missing = u64::from(RECIPIENTS).saturating_sub(reached);
    table.row(
        format!("{KILLS} kills in {RECIPIENTS} recipients, lease {LEASE} s, {RATE}/s: outcomes"),
        format!(
            "{delivered} delivered of {}, {resent} resent, state {}, verify {}",
            status["total"],
            status["state"],
            if verified { "agrees" } else { "DIFFERS" }
        ),
        "everyone has an outcome",
    );
    table.row(
        "the same, counted by Teams",
        format!(
            "{accepted} accepted, {missing} people missing, {} got it twice or more",
            counts["repeated"]
        ),
        "accepted ≤ delivered + resent, nobody missing",
    );
    table.row(
        "the same, SIGKILL to the next accepted message",
        format!(
            "{:.1} to {:.1} s, median {:.1}",
            takeovers.iter().copied().fold(f64::INFINITY, f64::min),
            takeovers.iter().copied().fold(0.0, f64::max),
            median(takeovers)
        ),
        "≤ lease + 10 s",
    );
    table.row(
        "the same, most in any sliding second",
        format!(
            "{}, {} answers 429",
            stats["peakPerSecondPerTenant"], stats["throttled"]
        ),
        "≤ the rate",
    );
    if !verified || missing > 0 || accepted > delivered + resent {
        return Err(format!("it does not add up: {status}, {stats}").into());
    }
    Ok(())
}

/// Waits until Teams has accepted more than `seen` messages.
async fn after(teams: &Teams, seen: u64) -> Outcome<()> {
    let begun = Instant::now();
    while teams.arrivals().await?.count <= seen {
        if begun.elapsed() > LONGEST {
            return Err(format!("nothing was sent for {LONGEST:?} after {seen} messages").into());
        }
        sleep(Duration::from_millis(20)).await;
    }
    Ok(())
}

async fn finished(handler: &Handler, id: &str, key: &str) -> Outcome<Value> {
    let path = format!("/api/notification/{id}");
    let begun = Instant::now();
    loop {
        let status = http::call(handler.port, "GET", &path, &[key], "").await?;
        if status["state"] == "finished" {
            return Ok(status);
        }
        if begun.elapsed() > LONGEST {
            return Err(format!("not finished: {status}").into());
        }
        sleep(Duration::from_millis(100)).await;
    }
}

/// Random moments from a printed seed; `KILL_SEED` chooses it.
struct Dice(u64);

impl Dice {
    fn cast() -> Outcome<Self> {
        let now = SystemTime::now().duration_since(UNIX_EPOCH)?.subsec_nanos();
        let seed = std::env::var("KILL_SEED")
            .ok()
            .and_then(|seed| seed.parse().ok())
            .unwrap_or(u64::from(now));
        eprintln!("KILL_SEED={seed}");
        Ok(Self(seed))
    }

    /// Within the first second of an owner's work, by SplitMix64.
    fn moment(&mut self) -> Duration {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        Duration::from_millis((z ^ (z >> 31)) % 900)
    }
}
