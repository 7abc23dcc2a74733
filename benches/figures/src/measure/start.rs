//! How soon it answers the host, and what it takes while nothing happens.

use std::time::Duration;

use tokio::time::sleep;

use crate::{
    Outcome,
    entra::Entra,
    handler::Folder,
    install, process,
    store::Store,
    table::{Table, median},
};

/// Starts measured.
const STARTS: usize = 20;
/// After the first answer, until all that a start does is done.
const SETTLE: Duration = Duration::from_secs(1);

pub(super) async fn measure(table: &mut Table) -> Outcome<()> {
    let entra = Entra::start().await?;
    for store in Store::both()? {
        let mut settings = entra.settings(install::HOST);
        settings.extend(store.fresh());
        let mut millis = Vec::new();
        let mut memory = Vec::new();
        for n in 0..STARTS {
            let folder = Folder::new()?;
            let handler = folder.start(&settings).await?;
            millis.push(handler.started_in.as_secs_f64() * 1000.0);
            if n < 3 {
                sleep(SETTLE).await;
                memory.push(process::resident(handler.pid())?);
            }
        }
        let slowest = millis.iter().copied().fold(0.0, f64::max);
        table.row(
            format!(
                "start, {} store: exec to first answered ping, median of {STARTS}",
                store.name()
            ),
            format!("{:.1} ms (slowest {slowest:.1})", median(millis)),
            "≤ 20 ms",
        );
        table.row(
            format!("memory after start, {} store", store.name()),
            format!("{:.1} MiB", median(memory)),
            "≤ 16 MB",
        );
    }
    Ok(())
}
