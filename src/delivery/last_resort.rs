//! When nobody takes hints from the queue. The host polls it within seconds; where it doesn't (the function is not
//! deployed, its extension is missing, a test plays the host's HTTP side only), a hint that this process sent is
//! followed here after a while. Where the host does poll, what is found is done or busy, and nothing happens twice:
//! a lane has one holder.

use futures::{FutureExt, StreamExt, stream::FuturesUnordered};
use notify::{
    desk::Desk,
    lane::{Drained, Slice},
    ports::{Hint, Hints, StoreError},
};
use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};
use storage::azure::AzureHints;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

/// `maxPollingInterval` of host.json and a second.
const GRACE: Duration = Duration::from_secs(6);
/// The same once it is known that nobody polls.
const UNSERVED: Duration = Duration::from_millis(200);
/// Work on a lane at a time. Short: this process may be one that the platform ends when HTTP is quiet.
const SLICE: Slice = Slice(Duration::from_secs(20));

/// The sender waits so long for the queue; a hint that takes longer goes on its way without it.
const PATIENCE: Duration = Duration::from_millis(300);

/// Sends hints to the queue and remembers them for a while.
pub(super) struct RememberedHints {
    queue: Arc<AzureHints>,
    served: Arc<Served>,
    sent: UnboundedSender<(Hint, Duration)>,
}

/// The remembered hints.
pub(crate) struct LastResort {
    sent: UnboundedReceiver<(Hint, Duration)>,
    served: Arc<Served>,
}

/// Whether the host takes messages from the queue, as far as this process saw.
#[derive(Debug)]
pub(crate) struct Served(AtomicBool);

impl Served {
    /// The queue function was called.
    pub(crate) fn seen(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    /// A hint was left lying.
    fn missed(&self) {
        if self.0.swap(false, Ordering::Relaxed) {
            tracing::warn!(
                function = super::QUEUE,
                "nobody took a hint from the queue in time: this process follows it; is the function deployed?"
            );
        }
    }
}

/// Both ends.
pub(super) fn remember(queue: Arc<AzureHints>) -> (RememberedHints, LastResort) {
    let (sender, receiver) = unbounded_channel();
    let served = Arc::new(Served(AtomicBool::new(true)));
    let hints = RememberedHints {
        queue,
        served: Arc::clone(&served),
        sent: sender,
    };
    let last_resort = LastResort {
        sent: receiver,
        served,
    };
    (hints, last_resort)
}

#[async_trait::async_trait]
impl Hints for RememberedHints {
    async fn send(&self, hint: Hint, delay: Duration) {
        let (queue, served, told) = (Arc::clone(&self.queue), Arc::clone(&self.served), hint.clone());
        let sending = tokio::spawn(async move {
            if let Err(error) = queue.try_send(&told, delay).await {
                tracing::warn!(?queue, %error, "a hint was not sent; this process follows it, or the reconciler hints again");
                served.missed();
            }
        });
        // An alert doesn't wait for a queue that is slow or away.
        let _ = tokio::time::timeout(PATIENCE, sending).await;
        // Nobody listens any more only while the process ends.
        let _ = self.sent.send((hint, delay));
    }
}

impl LastResort {
    /// To be told of calls of the queue function.
    pub(crate) fn served(&self) -> Arc<Served> {
        Arc::clone(&self.served)
    }

    /// Runs until every sender is gone.
    pub(crate) async fn run(mut self, desk: Desk) {
        let mut jobs = FuturesUnordered::new();
        loop {
            tokio::select! {
                sent = self.sent.recv() => match sent {
                    Some((hint, delay)) => {
                        let (desk, served) = (desk.clone(), Arc::clone(&self.served));
                        jobs.push(async move { late(&desk, &served, &hint, delay).await }.boxed());
                    }
                    None => return,
                },
                Some(()) = jobs.next(), if !jobs.is_empty() => {}
            }
        }
    }
}

async fn late(desk: &Desk, served: &Served, hint: &Hint, delay: Duration) {
    let grace = match served.0.load(Ordering::Relaxed) {
        true => GRACE,
        false => UNSERVED,
    };
    tokio::time::sleep(delay + grace).await;
    if let Err(error) = take_up(desk, served, hint).await {
        tracing::warn!(?hint, %error, "a hint could not be followed; the reconciler hints again");
    }
}

async fn take_up(desk: &Desk, served: &Served, hint: &Hint) -> Result<(), StoreError> {
    match hint {
        Hint::Plan { notification } => {
            let waits = desk.is_waiting(notification).await?;
            if waits {
                served.missed();
                desk.plan(notification).await?;
            }
        }
        Hint::Lane { tenant } => {
            let drained = match desk.has_work(tenant).await? {
                true => desk.drain(tenant, SLICE).await?,
                false => Drained::Busy,
            };
            if !matches!(drained, Drained::Busy | Drained::BusyHere | Drained::Lost) {
                served.missed();
            }
        }
        _ => {}
    }
    Ok(())
}
