//! From the death of an owner to the next owner's first message, where no process got a wake-up: the other process was up
//! before the work came, so that only its reconciler, once a minute, finds what is left. With a successor that starts, as
//! when a platform replaces what died, see `kills`.

use std::time::{Duration, Instant};

use serde_json::json;
use tokio::time::sleep;

use crate::{
    Outcome,
    azurite::{AccessLog, Azurite},
    entra::Entra,
    handler::{Folder, LOCAL_KEY},
    http,
    store::fresh_container,
    table::{Table, median},
    teams::Teams,
};

/// Enough for the owner to be at work until it dies, and for its successor to begin.
const RECIPIENTS: u32 = 3_000;
/// Lease, seconds, and from the start of the process that waits to the acceptance: another place in its minute each.
const TRIALS: [(u64, [u64; 3]); 2] = [(15, [5, 25, 45]), (30, [5, 25, 45])];
/// From the first message to the owner's death.
const ALIVE: Duration = Duration::from_secs(5);
/// The aim beyond the lease, seconds.
const BEYOND: u64 = 75;
/// Longest silence before something must be wrong.
const LONGEST: Duration = Duration::from_secs(300);

pub(super) async fn measure(table: &mut Table) -> Outcome<()> {
    let entra = Entra::start().await?;
    let azurite = Azurite::start(AccessLog::Off)?;
    for (lease, waits) in TRIALS {
        let mut silences = Vec::new();
        for wait in waits {
            let silence = silence(&entra, &azurite, lease, Duration::from_secs(wait)).await?;
            eprintln!(
                "lease {lease} s, accepted {wait} s after the other's start: silent for {silence:.1} s"
            );
            silences.push(silence);
        }
        table.row(
            format!(
                "recovery through the reconciler alone, lease {lease} s: SIGKILL to the next accepted message, {} trials",
                waits.len()
            ),
            format!(
                "{:.1} to {:.1} s, median {:.1}",
                silences.iter().copied().fold(f64::INFINITY, f64::min),
                silences.iter().copied().fold(0.0, f64::max),
                median(silences)
            ),
            &format!("≤ {} s", lease + BEYOND),
        );
    }
    Ok(())
}

/// Seconds from the death of the owner to the next accepted message.
async fn silence(entra: &Entra, azurite: &Azurite, lease: u64, wait: Duration) -> Outcome<f64> {
    let teams = Teams::start(RECIPIENTS)?;
    teams.limit().await?;
    teams
        .set_latency(json!({ "kind": "constant", "millis": 50 }))
        .await?;
    let mut settings = entra.settings(&teams.host());
    settings.extend(azurite.settings(&fresh_container()));
    settings.push(("NOTIFICATION_RATE", "50".to_owned()));
    settings.push(("NOTIFICATION_LEASE_SECONDS", lease.to_string()));
    let (folder, other) = (Folder::with_functions()?, Folder::with_functions()?);
    folder.import(&settings, &teams.references(RECIPIENTS)?).await?;
    let _waiting = other.serve(&settings).await?;
    sleep(wait).await;
    let mut owner = folder.serve(&settings).await?;
    let key = format!("x-functions-key: {LOCAL_KEY}");
    let body = r#"{"audience":{"all":true}}"#;
    http::call(owner.port, "POST", "/api/notification", &[&key], body).await?;
    after(&teams, 0).await?;
    sleep(ALIVE).await;
    owner.kill()?;
    let killed = Instant::now();
    // What was on its way arrives.
    sleep(Duration::from_secs(1)).await;
    let seen = teams.arrivals().await?.count;
    after(&teams, seen).await?;
    Ok(killed.elapsed().as_secs_f64())
}

/// Waits until Teams has accepted more than `seen` messages.
async fn after(teams: &Teams, seen: u64) -> Outcome<()> {
    let begun = Instant::now();
    while teams.arrivals().await?.count <= seen {
        if begun.elapsed() > LONGEST {
            return Err(format!("nothing was sent for {LONGEST:?} after {seen} messages").into());
        }
        sleep(Duration::from_millis(50)).await;
    }
    Ok(())
}
