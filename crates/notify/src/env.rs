//! What every job of the domain has at hand: ports, settings, and the lanes that this process holds.

use crate::{
    accept::Progress,
    ending::UnconfirmedEnds,
    ids::{NotificationId, TenantId},
    lane::Lane,
    notification::Notification,
    ports::{Moment, Ports},
    settings::Settings,
};
use jiff::Timestamp;
use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::Duration,
};
use tokio::sync::Notify;

/// How long listed tenants are believed: a new one of a person that is known in another is found by the next listing.
const TENANTS_KEPT: Duration = Duration::from_secs(600);

/// Shared by all jobs of one process.
pub(crate) struct Env {
    pub(crate) ports: Ports,
    pub(crate) settings: Settings,
    /// When this process began, by the wall clock.
    pub(crate) started: Timestamp,
    owners: AtomicU64,
    stopping: AtomicBool,
    /// Local signals of the lanes held here: quicker than the stored change signal, never needed.
    lanes: Mutex<HashMap<Lane, Arc<Notify>>>,
    /// How many jobs of this process hold each lane or ask for it.
    asking: Mutex<HashMap<Lane, u32>>,
    /// Who waits in this process for the end of a notification.
    waiting: Mutex<HashMap<NotificationId, Arc<Watched>>>,
    /// Tenants that installed the bot, as they were listed last: whom a look-up finds there is found without a listing.
    tenants: Mutex<(Option<Moment>, Vec<TenantId>)>,
    /// Ends of notifications that may have been written by this process.
    pub(crate) ends: UnconfirmedEnds,
}

impl Env {
    pub(crate) fn new(ports: Ports, settings: Settings) -> Self {
        Self {
            started: ports.clock.wall(),
            ports,
            settings,
            owners: AtomicU64::new(0),
            stopping: AtomicBool::new(false),
            lanes: Mutex::default(),
            asking: Mutex::default(),
            waiting: Mutex::default(),
            tenants: Mutex::default(),
            ends: UnconfirmedEnds::default(),
        }
    }

    /// A name that no owner had before, and its number.
    pub(crate) fn owner(&self) -> (Arc<str>, u64) {
        let number = self.owners.fetch_add(1, Ordering::Relaxed);
        (format!("{}-{number}", self.settings.process).into(), number)
    }

    /// A job of this process asks for a lane, until it says [`Env::asks_no_more`].
    pub(crate) fn asks(&self, lane: &Lane) {
        *lock(&self.asking).entry(lane.clone()).or_default() += 1;
    }

    /// The job has released the lane, or never had it.
    pub(crate) fn asks_no_more(&self, lane: &Lane) {
        let mut asking = lock(&self.asking);
        if let Some(jobs) = asking.get_mut(lane) {
            *jobs -= 1;
            if *jobs == 0 {
                asking.remove(lane);
            }
        }
    }

    /// Whether a job of this process other than the one that asks holds the lane or is about to.
    pub(crate) fn others_ask(&self, lane: &Lane) -> bool {
        lock(&self.asking).get(lane).is_some_and(|jobs| *jobs > 1)
    }

    /// The local signal of a lane that is now held here.
    pub(crate) fn hold_lane(&self, lane: &Lane) -> Arc<Notify> {
        let change_signal = Arc::new(Notify::new());
        lock(&self.lanes).insert(lane.clone(), change_signal.clone());
        change_signal
    }

    /// The lane is no longer held here.
    pub(crate) fn leave_lane(&self, lane: &Lane, change_signal: &Arc<Notify>) {
        let mut lanes = lock(&self.lanes);
        if lanes
            .get(lane)
            .is_some_and(|held| Arc::ptr_eq(held, change_signal))
        {
            lanes.remove(lane);
        }
    }

    /// Ends the slices of this process's lanes now; no new one begins.
    pub(crate) fn stop(&self) {
        self.stopping.store(true, Ordering::Release);
        lock(&self.lanes)
            .values()
            .for_each(|change_signal| change_signal.notify_one());
    }

    /// Whether this process is about to end.
    pub(crate) fn is_stopping(&self) -> bool {
        self.stopping.load(Ordering::Acquire)
    }

    /// Whether a lane is held here.
    pub(crate) fn holds_lanes(&self) -> bool {
        !lock(&self.lanes).is_empty()
    }

    /// Wakes the lane if it is held here.
    pub(crate) fn wake_lane(&self, lane: &Lane) {
        if let Some(change_signal) = lock(&self.lanes).get(lane) {
            change_signal.notify_one();
        }
    }

    /// Watches a notification that is sent in this process.
    pub(crate) fn watch(&self, id: &NotificationId) -> Arc<Watched> {
        lock(&self.waiting).entry(id.clone()).or_default().clone()
    }

    /// Tells those who wait how far a notification is.
    pub(crate) fn note_progress(&self, notification: &Notification) {
        if let Some(watched) = lock(&self.waiting).get(&notification.id) {
            *lock(&watched.progress) = Progress::of(notification);
        }
    }

    /// Tells those who wait that a notification is finished.
    pub(crate) fn finished(&self, id: &NotificationId) {
        if let Some(watched) = lock(&self.waiting).remove(id) {
            watched.over.notify_waiters();
            // And for one who is about to wait.
            watched.over.notify_one();
        }
    }

    /// Tenants that are known without asking the store; none before they were listed lately.
    pub(crate) fn known_tenants(&self) -> Vec<TenantId> {
        let (listed, tenants) = &*lock(&self.tenants);
        let now = self.ports.clock.now();
        match listed {
            Some(listed) if now.since(*listed) < TENANTS_KEPT => tenants.clone(),
            _ => Vec::new(),
        }
    }

    /// Tenants were listed.
    pub(crate) fn know_tenants(&self, tenants: &[TenantId]) {
        *lock(&self.tenants) = (Some(self.ports.clock.now()), tenants.to_vec());
    }

    /// Nobody waits any more.
    pub(crate) fn unwatch(&self, id: &NotificationId) {
        lock(&self.waiting).remove(id);
    }
}

/// What is known of a notification that somebody waits for.
#[derive(Default)]
pub(crate) struct Watched {
    /// It is finished, or this process does no more for it.
    over: Notify,
    progress: Mutex<Option<Progress>>,
}

impl Watched {
    /// Returns when it is finished, or this process does no more for it.
    pub(crate) async fn over(&self) {
        self.over.notified().await;
    }

    /// How far it is; `None` while nobody knows.
    pub(crate) fn progress(&self) -> Option<Progress> {
        *lock(&self.progress)
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
