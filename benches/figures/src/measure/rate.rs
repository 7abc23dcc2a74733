//! Teams' limit of 50 a second, kept: how near, and how often it was hit.

use serde_json::{Value, json};

use super::notification;
use crate::{Outcome, entra::Entra, handler::Folder, store::Store, table::Table, teams::Teams};

/// Installations.
const RECIPIENTS: u32 = 500;

pub(super) async fn measure(table: &mut Table) -> Outcome<()> {
    let entra = Entra::start().await?;
    let latencies = [
        ("constant 50 ms", json!({ "kind": "constant", "millis": 50 })),
        (
            "log-normal, median 80 ms, p99 600 ms",
            json!({ "kind": "logNormal", "medianMillis": 80, "p99Millis": 600 }),
        ),
    ];
    for (name, latency) in latencies {
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
        table.row(
            format!("rate 50/s, {RECIPIENTS} recipients, latency {name}"),
            format!(
                "{:.1} s, {} answers 429, at most {} accepted in a second",
                run.seconds, stats["throttled"], stats["peakPerSecondPerTenant"]
            ),
            "no 429 (the ideal is 9.0 s)",
        );
    }
    Ok(())
}
