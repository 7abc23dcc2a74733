//! Appends a line to a ledger, exactly once or not at all.

use crate::{
    ports::{Appended, ObjectStore, Ports, Read, StoreError},
    store::ledger::Replay,
    worker::state::{Line, event::AppendEnd},
};
use std::time::Duration;

/// Waits between attempts while the store is away.
const SHORTEST: Duration = Duration::from_millis(100);
const LONGEST: Duration = Duration::from_secs(2);

/// Appends until it is certain what happened; waits out a store that is away.
pub(super) async fn append(ports: &Ports, line: &Line) -> AppendEnd {
    let mut wait = SHORTEST;
    loop {
        match attempt(&*ports.objects, line).await {
            Ok(end) => return end,
            Err(StoreError::Unavailable(what)) => {
                tracing::warn!(ledger = %line.name, error = what, "an append has to wait for the store");
            }
            Err(error) => {
                tracing::error!(ledger = %line.name, %error, "an append is refused");
                return AppendEnd::Refused;
            }
        }
        ports.clock.sleep_until(ports.clock.now().after(wait)).await;
        wait = (wait * 2).min(LONGEST);
    }
}

async fn attempt(objects: &dyn ObjectStore, line: &Line) -> Result<AppendEnd, StoreError> {
    match objects
        .append(&line.name, line.position, line.bytes.clone())
        .await?
    {
        Appended::At(length) => Ok(AppendEnd::Written(length)),
        Appended::Missing => Ok(AppendEnd::Refused),
        Appended::Elsewhere => {
            // Our own line, if the reply to an earlier attempt was lost: then nobody is fenced.
            let read = objects
                .read_range(&line.name, line.position, u64::MAX >> 1)
                .await?;
            let Read::Found(object) = read else {
                return Ok(AppendEnd::Fenced);
            };
            let tail = Replay::read(&object.body, 0, 0)?;
            Ok(if tail.ends_with(&line.owner, line.sequence) {
                AppendEnd::Written(line.position + tail.length)
            } else {
                AppendEnd::Fenced
            })
        }
    }
}
