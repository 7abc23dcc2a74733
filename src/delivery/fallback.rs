//! When nobody takes wake-ups from the queue. The host polls it within seconds; where it doesn't (the function is not
//! deployed, its extension is missing, a test plays the host's HTTP side only), a wake-up that this process sent is
//! followed here after a while. Where the host does poll, what is found is done or busy, and nothing happens twice:
//! a lane has one owner.

use futures::{FutureExt, StreamExt, stream::FuturesUnordered};
use notify::{
    ports::{StoreError, WakeUp, WakeUps},
    service::NotificationService,
    worker::{Slice, WorkerRun},
};
use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};
use storage::azure::AzureWakeUps;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

/// `maxPollingInterval` of host.json and a second.
const GRACE: Duration = Duration::from_secs(6);
/// The same once it is known that nobody polls.
const UNSERVED: Duration = Duration::from_millis(200);
/// Work on a lane at a time. Short: this process may be one that the platform ends when HTTP is quiet.
const SLICE: Slice = Slice(Duration::from_secs(20));

/// The sender waits so long for the queue; a wake-up that takes longer goes on its way without it.
const PATIENCE: Duration = Duration::from_millis(300);

/// Sends wake-ups to the queue and remembers them for a while.
pub(super) struct RememberedWakeUps {
    queue: Arc<AzureWakeUps>,
    served: Arc<Served>,
    sent: UnboundedSender<(WakeUp, Duration)>,
}

/// The remembered wake-ups.
pub(crate) struct Fallback {
    sent: UnboundedReceiver<(WakeUp, Duration)>,
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

    /// A wake-up was left lying.
    fn missed(&self) {
        if self.0.swap(false, Ordering::Relaxed) {
            tracing::warn!(
                function = super::QUEUE,
                "nobody took a wake-up from the queue in time: this process follows it; is the function deployed?"
            );
        }
    }
}

/// Both ends.
pub(super) fn remember(queue: Arc<AzureWakeUps>) -> (RememberedWakeUps, Fallback) {
    let (sender, receiver) = unbounded_channel();
    let served = Arc::new(Served(AtomicBool::new(true)));
    let wake_ups = RememberedWakeUps {
        queue,
        served: Arc::clone(&served),
        sent: sender,
    };
    let fallback = Fallback {
        sent: receiver,
        served,
    };
    (wake_ups, fallback)
}

#[async_trait::async_trait]
impl WakeUps for RememberedWakeUps {
    async fn send(&self, wake_up: WakeUp, delay: Duration) {
        let (queue, served, told) = (Arc::clone(&self.queue), Arc::clone(&self.served), wake_up.clone());
        let sending = tokio::spawn(async move {
            if let Err(error) = queue.try_send(&told, delay).await {
                tracing::warn!(?queue, %error, "a wake-up was not sent; this process follows it, or the reconciler sends the wake-up again");
                served.missed();
            }
        });
        // An alert doesn't wait for a queue that is slow or away.
        let _ = tokio::time::timeout(PATIENCE, sending).await;
        // Nobody listens any more only while the process ends.
        let _ = self.sent.send((wake_up, delay));
    }
}

impl Fallback {
    /// To be told of calls of the queue function.
    pub(crate) fn served(&self) -> Arc<Served> {
        Arc::clone(&self.served)
    }

    /// Runs until every sender is gone.
    pub(crate) async fn run(mut self, service: NotificationService) {
        let mut jobs = FuturesUnordered::new();
        loop {
            tokio::select! {
                sent = self.sent.recv() => match sent {
                    Some((wake_up, delay)) => {
                        let (service, served) = (service.clone(), Arc::clone(&self.served));
                        jobs.push(async move { late(&service, &served, &wake_up, delay).await }.boxed());
                    }
                    None => return,
                },
                Some(()) = jobs.next(), if !jobs.is_empty() => {}
            }
        }
    }
}

async fn late(service: &NotificationService, served: &Served, wake_up: &WakeUp, delay: Duration) {
    let grace = match served.0.load(Ordering::Relaxed) {
        true => GRACE,
        false => UNSERVED,
    };
    tokio::time::sleep(delay + grace).await;
    if let Err(error) = take_up(service, served, wake_up).await {
        tracing::warn!(?wake_up, %error, "a wake-up could not be followed; the reconciler sends the wake-up again");
    }
}

async fn take_up(service: &NotificationService, served: &Served, wake_up: &WakeUp) -> Result<(), StoreError> {
    match wake_up {
        WakeUp::Plan { notification } => {
            let waits = service.is_waiting(notification).await?;
            if waits {
                served.missed();
                service.plan(notification).await?;
            }
        }
        WakeUp::Lane { tenant } => {
            let ended = match service.has_work(tenant).await? {
                true => service.run_worker(tenant, SLICE).await?,
                false => WorkerRun::Busy,
            };
            if !matches!(ended, WorkerRun::Busy | WorkerRun::BusyHere | WorkerRun::Lost) {
                served.missed();
            }
        }
        _ => {}
    }
    Ok(())
}
