//! Appends a line to a ledger, exactly once or not at all.

use crate::{
    ports::{Appended, ObjectStore, Ports, Read, StoreError},
    store::ledger::Replay,
};
use bytes::Bytes;
use std::{sync::Arc, time::Duration};

/// How an append ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum AppendEnd {
    /// The line is there; the ledger is now so long.
    Written(u64),
    /// Someone else's line is there: a newer owner's.
    Fenced,
    /// The store refuses it for good.
    Refused,
}

/// Waits between attempts while the store is away.
const SHORTEST: Duration = Duration::from_millis(100);
const LONGEST: Duration = Duration::from_secs(2);

/// A line and where it belongs.
pub(super) struct Line {
    pub(super) name: String,
    pub(super) position: u64,
    pub(super) sequence: u64,
    pub(super) owner: Arc<str>,
    pub(super) bytes: Bytes,
}

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

/// What the planted bugs do to a line on its way: it comes after the posts, or goes wherever the ledger ends.
#[cfg(feature = "planted-bugs")]
pub(super) async fn unfenced(env: &crate::env::Env, mut line: Line) -> Line {
    use crate::planted_bugs::Planted;
    let ports = &env.ports;
    match env.settings.planted {
        Planted::IntentAfterPost => {
            let posted = ports.clock.now().after(Duration::from_millis(400));
            ports.clock.sleep_until(posted).await;
        }
        Planted::NoFencingRecord => {
            if let Ok(Read::Found(object)) = ports
                .objects
                .read_range(&line.name, line.position, u64::MAX >> 1)
                .await
                && let Ok(tail) = Replay::read(&object.body, 0, 0)
            {
                line.position += tail.length;
            }
        }
        _ => {}
    }
    line
}
