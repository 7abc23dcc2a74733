//! What it takes to read many references from Blob storage.

use std::time::{Duration, Instant};

use tokio::time::sleep;

use crate::{
    Outcome,
    azurite::{AccessLog, Azurite},
    entra::Entra,
    handler::Folder,
    table::Table,
    teams::Teams,
};

/// References in the container.
const REFERENCES: u32 = 100_000;

pub(super) async fn measure(table: &mut Table) -> Outcome<()> {
    let entra = Entra::start().await?;
    let teams = Teams::start(REFERENCES)?;
    let azurite = Azurite::start(AccessLog::Counted)?;
    let mut settings = entra.settings(&teams.host());
    settings.extend(azurite.settings("bench-listing"));
    let folder = Folder::new()?;
    let begun = Instant::now();
    folder.import(&settings, &teams.references(REFERENCES)?).await?;
    table.row(
        format!("import of {REFERENCES} references into Blob"),
        format!("{:.0} s", begun.elapsed().as_secs_f64()),
        "",
    );
    let before = counted(&azurite).await;
    let begun = Instant::now();
    let peak = folder.run(&settings, &["references", "list", "--json"]).await?;
    let seconds = begun.elapsed().as_secs_f64();
    let requests = counted(&azurite).await - before;
    let listed = folder.log()?.lines().count();
    if listed != REFERENCES as usize {
        return Err(format!("{listed} of {REFERENCES} references were listed").into());
    }
    table.row(
        format!("listing {REFERENCES} references from Blob"),
        format!("{requests} requests, {seconds:.1} s, peak {peak:.0} MiB"),
        "20 requests",
    );
    Ok(())
}

/// The log comes through a pipe: its end is what two looks agree on.
async fn counted(azurite: &Azurite) -> u64 {
    loop {
        let requests = azurite.requests();
        sleep(Duration::from_millis(500)).await;
        if azurite.requests() == requests {
            return requests;
        }
    }
}
