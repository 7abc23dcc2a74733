//! How many installations a second are checked, stored and only then acknowledged.

use std::{sync::Arc, time::Instant};

use futures::future;

use crate::{
    Outcome, entra::Entra, handler::Folder, http::Connection, install, process, store::Store, table::Table,
};

/// Connections, and activities over all of them.
const LOADS: [(u32, u32); 2] = [(1, 500), (64, 5_000)];
/// So many on one connection, and something is wrong.
const MOST_REFUSED: u32 = 10;

pub(super) async fn measure(table: &mut Table) -> Outcome<()> {
    let entra = Entra::start().await?;
    for store in Store::both()? {
        for (connections, activities) in LOADS {
            let mut settings = entra.settings(install::HOST);
            settings.extend(store.fresh());
            let folder = Folder::new()?;
            let handler = folder.start(&settings).await?;
            let requests = Arc::new(install::requests(&entra, activities)?);
            // The keys of the token's issuer are fetched by the first; it is counted all the same.
            let cpu = process::cpu_seconds(handler.pid())?;
            let begun = Instant::now();
            let clients = (0..connections)
                .map(|n| tokio::spawn(client(handler.port, Arc::clone(&requests), n, connections)));
            let mut refused = 0;
            for client in future::join_all(clients).await {
                refused += client??;
            }
            let seconds = begun.elapsed().as_secs_f64();
            let cpu = process::cpu_seconds(handler.pid())? - cpu;
            table.row(
                format!(
                    "inbound, {} store: {activities} installations over {connections} connection{}",
                    store.name(),
                    if connections == 1 { "" } else { "s" }
                ),
                format!(
                    "{:.0}/s, {:.0} µs CPU each, peak {:.0} MiB, {refused} answers 503",
                    f64::from(activities) / seconds,
                    cpu * 1e6 / f64::from(activities),
                    process::peak(handler.pid())?
                ),
                "",
            );
        }
    }
    Ok(())
}

/// Every `step`th request from the `first` on, one after another; what is answered 503 is sent again, as Teams does.
/// Returns how often that was.
async fn client(port: u16, requests: Arc<Vec<Vec<u8>>>, first: u32, step: u32) -> Outcome<u32> {
    let mut connection = Connection::open(port).await?;
    let mut refused = 0;
    for request in requests.iter().skip(first as usize).step_by(step as usize) {
        loop {
            let answer = connection.exchange(request).await?;
            match answer.status {
                200 => break,
                503 if refused < MOST_REFUSED => refused += 1,
                status => {
                    return Err(format!("an installation was answered {status}: {}", answer.text()).into());
                }
            }
        }
    }
    Ok(refused)
}
