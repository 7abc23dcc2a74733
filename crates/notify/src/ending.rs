//! The end of a notification: whose write it was, and the one log line that reports its result.
//!
//! Several processes may come to the end of a notification at once; the one whose conditional write set `finished_at`
//! logs it. Each attempt has its own moment, so that a write whose reply was lost is known again by what is stored.

use crate::{
    env::Env,
    ids::NotificationId,
    notification::Notification,
    outcome::Counts,
    ports::Etag,
    status::state_of,
    store::ledger::Sums,
    store::notifications::{self, Edit, LoadError},
};
use jiff::Timestamp;
use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard, PoisonError},
};

/// Ends that this process asked the store to write and has no reply to yet.
#[derive(Default)]
pub(crate) struct UnconfirmedEnds(Mutex<HashMap<NotificationId, Timestamp>>);

impl UnconfirmedEnds {
    /// Whether a write is without a reply.
    pub(crate) fn has(&self, id: &NotificationId) -> bool {
        self.lock().contains_key(id)
    }

    /// The moment to write: that of the write without a reply, if there is one.
    fn attempt(&self, id: &NotificationId, now: Timestamp) -> Timestamp {
        *self.lock().entry(id.clone()).or_insert(now)
    }

    /// There is a reply; whether it is the first in this process.
    fn confirm(&self, id: &NotificationId) -> bool {
        self.lock().remove(id).is_some()
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<NotificationId, Timestamp>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Who set a notification's end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum EndedBy {
    /// This call: it logs the end.
    This,
    /// Another process or job, or nobody yet.
    Other,
}

/// Writes a change that sets `finished_at` to the moment that it is given. After an error it may be repeated.
pub(crate) async fn write(
    env: &Env,
    known: (Notification, Etag),
    mut edit: impl FnMut(&mut Notification, Timestamp) -> Edit,
) -> Result<(Notification, EndedBy), LoadError> {
    let id = known.0.id.clone();
    let at = env.ends.attempt(&id, env.ports.clock.wall());
    let objects = &*env.ports.objects;
    let (stored, _) =
        notifications::change_known(objects, &id, known, |notification| edit(notification, at)).await?;
    let ended_by = match env.ends.confirm(&id) && stored.finished_at == Some(at) {
        true => EndedBy::This,
        false => EndedBy::Other,
    };
    Ok((stored, ended_by))
}

/// Logs the end. A new outcome does not compile without a field of its name here.
#[deny(unused_variables)]
pub(crate) fn log(notification: &Notification, sums: &Sums) {
    let Sums { counts, resent } = *sums;
    let Counts {
        delivered,
        blocked,
        uninstalled,
        gone,
        rejected,
        failed,
        uncertain,
        cancelled,
        skipped,
    } = counts;
    // Not inside the span of the worker that happened to be the last: it speaks of all tenants.
    tracing::info!(
        parent: None,
        notification_id = %notification.id,
        state = state_of(notification, false).as_str(),
        total = notification.plan.as_ref().map_or(0, |plan| plan.total()),
        delivered,
        blocked,
        uninstalled,
        gone,
        rejected,
        failed,
        uncertain,
        cancelled,
        skipped,
        resent,
        seconds = seconds(notification),
        "notification ended"
    );
}

/// From acceptance to the end, to the millisecond; 0 where a clock was set back in between.
fn seconds(notification: &Notification) -> f64 {
    let end = notification.finished_at.unwrap_or(notification.created_at);
    let seconds = end.duration_since(notification.created_at).as_secs_f64();
    (seconds.max(0.0) * 1e3).round() / 1e3
}
