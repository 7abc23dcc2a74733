//! The state of a notification, from the ends of its ledgers: the counts sum to the total at every moment.

use crate::{
    env::Env,
    ids::{NotificationId, TenantId},
    notification::Notification,
    outcome::Counts,
    ports::{Entry, ObjectStore, Read, ReadIf, StoreError},
    store::audience::{ChunkExtent, entries},
    store::keys,
    store::ledger::{StoredSums, Sums, part_sums},
    store::record,
    store::waits,
};
pub use waits::TenantWait;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Public states.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub enum NotificationState {
    /// Stored; nothing is planned yet.
    Queued,
    /// The audience is being planned.
    Planning,
    /// On its way.
    Sending,
    /// Stands still for a reason; can be resumed.
    Stopped,
    /// Every recipient has an outcome.
    Finished,
    /// Cancelled; what was not posted is not going to be.
    Cancelled,
}

impl NotificationState {
    /// The public word.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Planning => "planning",
            Self::Sending => "sending",
            Self::Stopped => "stopped",
            Self::Finished => "finished",
            Self::Cancelled => "cancelled",
        }
    }
}

/// Everything about a notification's progress.
#[derive(Clone, Debug, PartialEq)]
pub struct Status {
    /// The notification as stored.
    pub notification: Notification,
    /// Its state.
    pub state: NotificationState,
    /// Why it stands still, in words for people.
    pub reason: Option<&'static str>,
    /// Recipients planned so far.
    pub total: u64,
    /// Whether that is all.
    pub planned: Planning,
    /// Recipients by outcome.
    pub counts: Counts,
    /// Recipients without an outcome yet.
    pub pending: u64,
    /// Messages posted again after an ambiguous attempt.
    pub resent: u64,
    /// Tenants of its unfinished parts that wait; at most 20.
    pub waiting: Vec<TenantWait>,
}

/// Whether a total is final.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Planning {
    /// There may be more recipients.
    Open,
    /// That is all.
    Complete,
}

#[derive(Default)]
struct PartFiles {
    rows: u64,
    ledgers: Vec<Entry>,
    done: Option<Entry>,
}

/// Reads where a notification stands.
pub(crate) async fn status(env: &Env, notification: Notification) -> Result<Status, StoreError> {
    let id = notification.id.clone();
    let mut parts = files(env, &id).await?;
    let wall = env.ports.clock.wall();
    if let Some(plan) = &notification.plan {
        // What a slower planner wrote beyond the plan doesn't count.
        parts.retain(|segment, _| {
            plan.parts
                .iter()
                .any(|part| keys::escape(part.tenant.as_str()) == *segment)
        });
    }
    let mut total = 0;
    let mut sums = Sums::default();
    for part in parts.values() {
        total += part.rows;
        sums.merge(&sums_of(env, part).await?);
    }
    if let Some(plan) = &notification.plan {
        total = plan.total();
    }
    let begun = total > 0;
    let unfinished: Vec<TenantId> = unfinished(&notification, &parts);
    let several = unfinished.len();
    let waiting = waits::of(&*env.ports.objects, &env.settings.bot, unfinished).await?;
    // One that goes on somewhere has not stopped.
    let all_wait = Waits::of(several, &waiting) == Waits::All;
    let stop = waiting
        .iter()
        .find(|wait| all_wait && wait.waiting.is_stop(wall))
        .map(|wait| wait.waiting.cause.public_message());
    let state = match state_of(&notification, begun) {
        NotificationState::Sending if stop.is_some() => NotificationState::Stopped,
        state => state,
    };
    let reason = match state {
        NotificationState::Stopped => notification
            .stops
            .first()
            .map(|stop| stop.reason.public_message())
            .or(stop),
        _ => None,
    };
    // A stopped notification that was never planned sends nothing, whatever was counted.
    let planned = if notification.plan.is_some() {
        Planning::Complete
    } else {
        Planning::Open
    };
    Ok(Status {
        state,
        reason,
        total,
        planned,
        pending: total.saturating_sub(sums.counts.settled()),
        counts: sums.counts,
        resent: sums.resent,
        waiting,
        notification,
    })
}

/// What a notification's unfinished parts wait for.
pub(crate) async fn tenant_waits(
    env: &Env,
    notification: &Notification,
) -> Result<Vec<TenantWait>, StoreError> {
    if notification.plan.is_none() || notification.is_over() {
        return Ok(Vec::new());
    }
    let parts = files(env, &notification.id).await?;
    let unfinished = unfinished(notification, &parts);
    waits::of(&*env.ports.objects, &env.settings.bot, unfinished).await
}

/// Which of a notification's unfinished parts wait.
pub(crate) async fn waits(env: &Env, notification: &Notification) -> Result<Waits, StoreError> {
    let parts = files(env, &notification.id).await?;
    let unfinished = unfinished(notification, &parts);
    let several = unfinished.len();
    let waiting = waits::of(&*env.ports.objects, &env.settings.bot, unfinished).await?;
    Ok(Waits::of(several, &waiting))
}

/// Which of a notification's unfinished parts wait.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Waits {
    /// Not one.
    None,
    Some,
    /// All that is left.
    All,
}

impl Waits {
    /// Of so many unfinished parts, of which these wait; only the first are looked at.
    fn of(unfinished: usize, waiting: &[TenantWait]) -> Self {
        match waiting.len() {
            0 => Self::None,
            all if all == unfinished.min(waits::MOST) => Self::All,
            _ => Self::Some,
        }
    }
}

/// Tenants whose part of a notification has not ended.
fn unfinished(notification: &Notification, parts: &BTreeMap<String, PartFiles>) -> Vec<TenantId> {
    let Some(plan) = notification.plan.as_ref().filter(|_| !notification.is_over()) else {
        return Vec::new();
    };
    let is_done = |tenant: &TenantId| {
        let part = parts.get(&keys::escape(tenant.as_str()));
        part.is_some_and(|part| part.done.is_some())
    };
    let tenants = plan.parts.iter().map(|part| &part.tenant);
    tenants.filter(|tenant| !is_done(tenant)).cloned().collect()
}

pub(crate) fn state_of(notification: &Notification, begun: bool) -> NotificationState {
    let is_cancelled = notification.cancelled_at.is_some();
    if notification.is_over() {
        // Until posts under way have their outcomes a cancelled notification is still on its way to its end.
        if is_cancelled {
            NotificationState::Cancelled
        } else {
            NotificationState::Finished
        }
    } else if !notification.stops.is_empty() && !is_cancelled {
        NotificationState::Stopped
    } else if notification.plan.is_some() {
        NotificationState::Sending
    } else if begun {
        NotificationState::Planning
    } else {
        NotificationState::Queued
    }
}

async fn files(env: &Env, id: &NotificationId) -> Result<BTreeMap<String, PartFiles>, StoreError> {
    let prefix = keys::notification_prefix(id);
    let mut parts: BTreeMap<String, PartFiles> = BTreeMap::new();
    for entry in entries(&*env.ports.objects, &prefix).await? {
        let rest = entry.name.strip_prefix(&prefix).unwrap_or_default().to_owned();
        let Some((tenant, file)) = rest.split_once('/') else {
            continue;
        };
        let part = parts.entry(tenant.to_owned()).or_default();
        if file.starts_with("audience/") {
            part.rows += ChunkExtent::of(&entry).map_or(0, |extent| u64::from(extent.rows));
        } else if file.starts_with("ledger/") {
            part.ledgers.push(entry);
        } else if file == "done" {
            part.done = Some(entry);
        }
    }
    Ok(parts)
}

async fn sums_of(env: &Env, part: &PartFiles) -> Result<Sums, StoreError> {
    let objects = &*env.ports.objects;
    let sums = match &part.done {
        Some(done) => done_sums(objects, done).await?,
        None => None,
    };
    match sums {
        Some(sums) => Ok(sums),
        None => part_sums(objects, &part.ledgers).await,
    }
}

/// The sums of a part that has ended; `None` when its record has gone meanwhile.
pub(crate) async fn done_sums(objects: &dyn ObjectStore, done: &Entry) -> Result<Option<Sums>, StoreError> {
    #[derive(Deserialize)]
    struct Done {
        sums: StoredSums,
    }
    if let Some(sums) = done
        .metadata
        .get("sums")
        .and_then(|text| serde_json::from_str::<StoredSums>(text).ok())
    {
        return Ok(Some(sums.sums));
    }
    match objects.read(&done.name, ReadIf::Any).await? {
        Read::Found(object) => Ok(Some(record::decode::<Done>(&object.body)?.1.sums.sums)),
        Read::Missing | Read::Unchanged => Ok(None),
    }
}

/// When a listed timestamp in metadata was, if it says so.
pub(crate) fn at_of(entry: &Entry) -> Option<Timestamp> {
    let ms = entry.metadata.get("at")?.parse().ok()?;
    Timestamp::from_millisecond(ms).ok()
}
