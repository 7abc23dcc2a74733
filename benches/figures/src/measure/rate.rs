//! Teams' limit of 50 a second, kept: how near, how often it was hit, and how long the last ones take.

use serde_json::{Value, json};

use super::notification;
use crate::{Outcome, entra::Entra, handler::Folder, store::Store, table::Table, teams::Teams};

/// Installations.
const RECIPIENTS: u32 = 3_000;
/// Requests a second, of Teams and of the handler.
const LIMIT: f64 = 50.0;

pub(super) async fn measure(table: &mut Table) -> Outcome<()> {
    let entra = Entra::start().await?;
    let latencies = [
        (
            "constant 50 ms",
            json!({ "kind": "constant", "millis": 50 }),
            "≥ 99 %, no 429",
        ),
        (
            "log-normal, median 80 ms, p99 600 ms",
            json!({ "kind": "logNormal", "medianMillis": 80, "p99Millis": 600 }),
            "≥ 96 %, ≤ 0.1 % 429",
        ),
    ];
    for (name, latency, aim) in latencies {
        let teams = Teams::start(RECIPIENTS)?;
        teams.limit().await?;
        teams.set_latency(latency).await?;
        let mut settings = entra.settings(&teams.host());
        settings.extend(Store::File.fresh());
        settings.push(("NOTIFICATION_RATE", "50".to_owned()));
        let folder = Folder::new()?;
        folder.import(&settings, &teams.references(RECIPIENTS)?).await?;
        let handler = folder.start(&settings).await?;
        let run = notification::send(&handler, &teams, RECIPIENTS).await?;
        let stats: Value = teams.stats().await?;
        let throttled = stats["throttled"].as_f64().unwrap_or_default();
        let times = teams.times().await?;
        let last = times.last().copied().unwrap_or_default();
        let hundredth = times.get(times.len() * 99 / 100).copied().unwrap_or(last);
        // Between the first and the last lie one fewer than were sent.
        let share = f64::from(RECIPIENTS - 1) / run.sending / LIMIT;
        table.row(
            format!("rate 50/s, {RECIPIENTS} recipients, latency {name}"),
            format!(
                "{:.2} % of the limit ({:.2} s from the first accepted to the last), {throttled} answers 429 ({:.3} %), \
                 at most {} accepted in a second, last percent {:.0} ms",
                share * 100.0,
                run.sending,
                throttled * 100.0 / (throttled + f64::from(RECIPIENTS)),
                stats["peakPerSecondPerTenant"],
                last.saturating_sub(hundredth).as_secs_f64() * 1000.0,
            ),
            aim,
        );
    }
    Ok(())
}
