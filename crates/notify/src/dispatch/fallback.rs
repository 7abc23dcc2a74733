//! When nobody takes wake-ups from the shared queue. Its readers poll it within seconds; where none does (the function is
//! not deployed, its extension is missing), a wake-up that this process sent is followed here after a while. Where
//! somebody does poll, the work is done or busy by then, and nothing happens twice: a lane has one owner.

use super::Followed;
use crate::{
    ids::BotId,
    plan::Planned,
    ports::{AddressedWakeUp, Clock, StoreError, WakeUp, WakeUpQueue, WakeUps},
    service::NotificationService,
    worker::{Slice, WorkerRun},
};
use async_trait::async_trait;
use futures::{FutureExt, StreamExt, stream::FuturesUnordered};
use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

/// The longest poll interval of a reader (`maxPollingInterval` of host.json) and a second.
const GRACE: Duration = Duration::from_secs(6);
/// The same once it is known that nobody polls.
const UNSERVED: Duration = Duration::from_millis(200);
/// Work on a lane at a time. Short: this process may be one that the platform ends when HTTP is quiet.
const SLICE: Slice = Slice(Duration::from_secs(20));
/// How long the sender waits for the queue; what takes longer is finished without it.
const QUEUE_WAIT: Duration = Duration::from_millis(300);

/// Sends wake-ups to the queue and remembers them for a while.
pub struct RememberedWakeUps {
    queue: Arc<dyn WakeUpQueue>,
    bot: BotId,
    clock: Arc<dyn Clock>,
    served: Arc<QueueServed>,
    sent: UnboundedSender<(WakeUp, Duration)>,
}

/// The remembered wake-ups.
pub struct Fallback {
    sent: UnboundedReceiver<(WakeUp, Duration)>,
    clock: Arc<dyn Clock>,
    served: Arc<QueueServed>,
}

/// Whether anybody takes messages from the queue, as far as this process saw.
#[derive(Debug)]
pub struct QueueServed(AtomicBool);

impl QueueServed {
    /// A message of the queue came to this process.
    pub fn seen(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    /// A wake-up was not taken in time.
    fn missed(&self) {
        if self.0.swap(false, Ordering::Relaxed) {
            tracing::warn!(
                "nobody took a wake-up from the queue in time: this process follows it; is the queue function deployed?"
            );
        }
    }
}

/// Both ends.
pub fn remember(
    queue: Arc<dyn WakeUpQueue>,
    bot: BotId,
    clock: Arc<dyn Clock>,
) -> (RememberedWakeUps, Fallback) {
    let (sender, receiver) = unbounded_channel();
    let served = Arc::new(QueueServed(AtomicBool::new(true)));
    let wake_ups = RememberedWakeUps {
        queue,
        bot,
        clock: Arc::clone(&clock),
        served: Arc::clone(&served),
        sent: sender,
    };
    let fallback = Fallback {
        sent: receiver,
        clock,
        served,
    };
    (wake_ups, fallback)
}

#[async_trait]
impl WakeUps for RememberedWakeUps {
    async fn send(&self, wake_up: WakeUp, delay: Duration) {
        let (queue, served) = (Arc::clone(&self.queue), Arc::clone(&self.served));
        let addressed = AddressedWakeUp::of(&self.bot, wake_up.clone());
        // Spawned: an alert doesn't wait for a queue that is slow or away.
        let sending = tokio::spawn(async move {
            if let Err(error) = queue.put(&addressed, delay).await {
                tracing::warn!(?queue, %error, "a wake-up was not sent; this process follows it, or the reconciler sends another one");
                served.missed();
            }
        });
        tokio::select! {
            _ = sending => {}
            () = self.clock.sleep_until(self.clock.now().after(QUEUE_WAIT)) => {}
        }
        // Nobody listens any more only while the process ends.
        let _ = self.sent.send((wake_up, delay));
    }
}

impl Fallback {
    /// Records which messages came out of the queue.
    pub fn served(&self) -> Arc<QueueServed> {
        Arc::clone(&self.served)
    }

    /// Runs until every sender is gone.
    pub async fn run(mut self, service: NotificationService) {
        let mut jobs = FuturesUnordered::new();
        loop {
            tokio::select! {
                sent = self.sent.recv() => match sent {
                    Some((wake_up, delay)) => {
                        let late = Late {
                            service: service.clone(),
                            clock: Arc::clone(&self.clock),
                            served: Arc::clone(&self.served),
                        };
                        jobs.push(async move { late.follow(&wake_up, delay).await }.boxed());
                    }
                    None => return,
                },
                Some(()) = jobs.next(), if !jobs.is_empty() => {}
            }
        }
    }
}

/// One wake-up that is followed here unless somebody took it in time.
struct Late {
    service: NotificationService,
    clock: Arc<dyn Clock>,
    served: Arc<QueueServed>,
}

impl Late {
    async fn follow(&self, wake_up: &WakeUp, delay: Duration) {
        let grace = match self.served.0.load(Ordering::Relaxed) {
            true => GRACE,
            false => UNSERVED,
        };
        self.clock
            .sleep_until(self.clock.now().after(delay + grace))
            .await;
        if let Err(error) = self.follow_if_left(wake_up).await {
            tracing::warn!(notification_id = wake_up.notification_id(), tenant_id = wake_up.tenant_id(), %error, "a wake-up could not be followed; the reconciler sends another one");
        }
    }

    async fn follow_if_left(&self, wake_up: &WakeUp) -> Result<(), StoreError> {
        // A plan that somebody made or makes costs one request, so nothing is asked ahead.
        if let WakeUp::Lane(lane) = wake_up
            && !self.service.has_work(lane).await?
        {
            return Ok(());
        }
        match self.service.follow(wake_up, SLICE).await? {
            Followed::Worker(
                WorkerRun::Busy | WorkerRun::BusyHere | WorkerRun::Resting | WorkerRun::Lost,
            )
            | Followed::Planned(Planned::NothingToPlan | Planned::Busy | Planned::Lost) => {}
            Followed::Worker(_) | Followed::Planned(_) => self.served.missed(),
        }
        Ok(())
    }
}
