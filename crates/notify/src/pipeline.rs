//! The hint queue of a process that has no other: the local host, the simulator, a single instance. Once a minute it
//! also looks for what was left behind, and deletes what is outlived.

use crate::{
    desk::Desk,
    lane::Slice,
    ports::{Clock, Hint, Hints},
};
use async_trait::async_trait;
use futures::{FutureExt, StreamExt, stream::FuturesUnordered};
use std::{sync::Arc, time::Duration};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

/// Sends hints to the [`Pipeline`] of the same process.
#[derive(Clone, Debug)]
pub struct LocalHints {
    sender: UnboundedSender<(Hint, Duration)>,
}

/// Receives them.
#[derive(Debug)]
pub struct LocalQueue {
    receiver: UnboundedReceiver<(Hint, Duration)>,
}

/// An in-process queue of hints, both ends.
pub fn local_queue() -> (LocalHints, LocalQueue) {
    let (sender, receiver) = unbounded_channel();
    (LocalHints { sender }, LocalQueue { receiver })
}

#[async_trait]
impl Hints for LocalHints {
    async fn send(&self, hint: Hint, delay: Duration) {
        // Nobody listens any more only while the process ends.
        let _ = self.sender.send((hint, delay));
    }
}

/// Looks after hints, and once a minute reconciles and housekeeps, until dropped. The caller spawns it.
pub struct Pipeline {
    /// The desk that does the work.
    pub desk: Desk,
    /// The clock of its delays.
    pub clock: Arc<dyn Clock>,
    /// Longest work on one lane before it is handed over.
    pub slice: Slice,
}

/// How often the reconciler looks.
const RECONCILE: Duration = Duration::from_secs(60);
/// Looks from one sweep of old removals to the next: a sweep lists all references, so it is rare.
const LOOKS_A_SWEEP: u64 = 12 * 60;
/// Notifications that one look deletes at most.
const HOUSEKEPT: u32 = 50;

impl Pipeline {
    /// Runs until every sender is gone.
    pub async fn run(&self, mut queue: LocalQueue) {
        let mut jobs = FuturesUnordered::new();
        jobs.push(self.recover().boxed());
        let mut looks = 0_u64;
        let mut reconcile_at = self.clock.now().after(RECONCILE);
        loop {
            tokio::select! {
                received = queue.receiver.recv() => match received {
                    Some((hint, delay)) => jobs.push(self.follow(hint, delay).boxed()),
                    None => return,
                },
                Some(()) = jobs.next(), if !jobs.is_empty() => {}
                () = self.clock.sleep_until(reconcile_at) => {
                    // A job like the others: they must go on while it looks.
                    jobs.push(self.look_around().boxed());
                    if looks.is_multiple_of(LOOKS_A_SWEEP) {
                        jobs.push(self.sweep().boxed());
                    }
                    looks += 1;
                    reconcile_at = self.clock.now().after(RECONCILE);
                }
            }
        }
    }

    async fn recover(&self) {
        match self.desk.recover().await {
            Ok(found) if found.plans + found.lanes > 0 => {
                tracing::info!(
                    plans = found.plans,
                    lanes = found.lanes,
                    "what was left unfinished goes on"
                );
            }
            Ok(_) => {}
            Err(error) => {
                tracing::warn!(%error, "unfinished work could not be looked for; it is tried again in a minute")
            }
        }
    }

    async fn look_around(&self) {
        if let Err(error) = self.desk.reconcile().await {
            tracing::warn!(%error, "the reconciler could not look; it looks again in a minute");
        }
        if let Err(error) = self.desk.housekeep(HOUSEKEPT).await {
            tracing::warn!(%error, "old notifications could not be deleted; it is tried again in a minute");
        }
    }

    async fn sweep(&self) {
        match self.desk.sweep().await {
            Ok(0) => {}
            Ok(erased) => tracing::info!(erased, "old removals forgotten"),
            Err(error) => tracing::warn!(%error, "old removals could not be forgotten; it is tried again"),
        }
    }

    async fn follow(&self, hint: Hint, delay: Duration) {
        if !delay.is_zero() {
            self.clock.sleep_until(self.clock.now().after(delay)).await;
        }
        if let Err(error) = self.desk.follow(&hint, self.slice).await {
            tracing::warn!(?hint, %error, "a hint could not be followed; the reconciler hints again");
        }
    }
}
