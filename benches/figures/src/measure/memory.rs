//! The most memory that one notification takes, by the size of its audience, with the limits lifted.

use std::time::{Duration, Instant};

use serde_json::json;

use super::notification;
use crate::{Outcome, entra::Entra, handler::Folder, process, store::Store, table::Table, teams::Teams};

/// Installations.
const AUDIENCES: [u32; 3] = [1_000, 10_000, 100_000];
/// The most that is imported into the storage emulator, which takes five seconds a thousand.
const MOST_IN_BLOBS: u32 = 10_000;
/// How long a process idles until what it still holds is read.
const IDLE: Duration = Duration::from_secs(20);
/// More than anything reaches.
const RATE: &str = "100000";

pub(super) async fn measure(table: &mut Table) -> Outcome<()> {
    let entra = Entra::start().await?;
    let most = AUDIENCES.into_iter().max().unwrap_or_default();
    let teams = Teams::start(most)?;
    teams
        .set_latency(json!({ "kind": "constant", "millis": 50 }))
        .await?;
    for store in Store::both()? {
        for count in AUDIENCES {
            if matches!(store, Store::Blob(_)) && count > MOST_IN_BLOBS {
                continue;
            }
            let mut settings = entra.settings(&teams.host());
            settings.extend(store.fresh());
            settings.push(("NOTIFICATION_RATE", RATE.to_owned()));
            let folder = Folder::new()?;
            let begun = Instant::now();
            let references = teams.references(count)?;
            match store {
                Store::File => folder.lay(&references)?,
                Store::Blob(_) => folder.import(&settings, &references).await?,
            }
            eprintln!(
                "{count} references stored in {:.0} s",
                begun.elapsed().as_secs_f64()
            );
            // A process of its own, so that the peak is that of one notification.
            let handler = folder.start(&settings).await?;
            let before = process::resident(handler.pid())?;
            let run = notification::send(&handler, &teams, count).await?;
            let peak = process::peak(handler.pid())?;
            tokio::time::sleep(IDLE).await;
            table.row(
                format!("memory, {} store: {count} recipients at 50 ms", store.name()),
                format!(
                    "peak {:.0} MiB ({before:.0} before, {:.0} after 20 idle seconds), {:.1} s",
                    peak,
                    process::resident(handler.pid())?,
                    run.seconds,
                ),
                "flat, ≤ 64 MB",
            );
        }
    }
    Ok(())
}
