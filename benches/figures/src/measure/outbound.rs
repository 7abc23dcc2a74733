//! How many cards a second leave, and what a card costs, with the limits lifted.

use serde_json::json;

use super::notification;
use crate::{
    Outcome,
    entra::Entra,
    handler::Folder,
    process,
    store::Store,
    table::{Table, median},
    teams::Teams,
};

/// Installations, and notifications to all of them. A tick of processor time is 10 ms: small audiences get more runs.
const AUDIENCES: [(u32, u32); 3] = [(1_000, 7), (5_000, 5), (20_000, 3)];
/// Round trips, milliseconds.
const LATENCIES: [u32; 2] = [0, 50];
/// More than anything reaches.
const RATE: &str = "100000";

pub(super) async fn measure(table: &mut Table) -> Outcome<()> {
    let entra = Entra::start().await?;
    let most = AUDIENCES
        .iter()
        .map(|(count, _)| *count)
        .max()
        .unwrap_or_default();
    let teams = Teams::start(most)?;
    for store in Store::both()? {
        for (count, runs) in AUDIENCES {
            let mut settings = entra.settings(&teams.host());
            settings.extend(store.fresh());
            settings.push(("NOTIFICATION_RATE", RATE.to_owned()));
            let folder = Folder::new()?;
            folder.import(&settings, &teams.references(count)?).await?;
            // One process for both: a lane whose owner was killed stands still until its lease ends.
            let handler = folder.start(&settings).await?;
            for latency in LATENCIES {
                teams.set_latency(constant(latency)).await?;
                let (mut seconds, mut sending, mut answered) = (Vec::new(), Vec::new(), Vec::new());
                let mut cpu = 0.0;
                for _ in 0..runs {
                    let run = notification::send(&handler, &teams, count).await?;
                    seconds.push(run.seconds);
                    sending.push(run.sending);
                    answered.push(run.answered * 1000.0);
                    cpu += run.cpu;
                }
                let aim = if latency == 50 {
                    "≥ 5,000/s, ≤ 40 µs"
                } else {
                    "≤ 40 µs"
                };
                table.row(
                    format!(
                        "outbound, {} store: {count} cards at {latency} ms, median of {runs}",
                        store.name()
                    ),
                    format!(
                        "{:.0} cards/s ({:.0} from the first on), {:.0} µs CPU a card, peak {:.0} MiB, answered in {:.0} ms",
                        f64::from(count) / median(seconds),
                        f64::from(count) / median(sending),
                        cpu * 1e6 / f64::from(count * runs),
                        process::peak(handler.pid())?,
                        median(answered),
                    ),
                    aim,
                );
            }
        }
    }
    Ok(())
}

fn constant(millis: u32) -> serde_json::Value {
    if millis == 0 {
        json!({ "kind": "none" })
    } else {
        json!({ "kind": "constant", "millis": millis })
    }
}
