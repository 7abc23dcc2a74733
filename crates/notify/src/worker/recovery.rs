//! Claiming a part: its notification, its message, and what earlier owners left in its ledgers.

use super::{
    append::{AppendEnd, append},
    open_chunk::{AppendState, Buffer, End, OpenChunk, Row, SecondAttempt, State},
    part::{Message, OpenState, Part, Stage, StopState},
};
use crate::{
    env::Env,
    ids::{NotificationId, TenantId},
    notification::Notification,
    outcome::Outcome,
    ports::{Moment, Read, ReadIf, StoreError},
    request::{NotificationKind, OnUncertain},
    status::done_sums,
    store::audience::{self, Chunk},
    store::keys,
    store::ledger::{Certainty, Replay, RowState, Sums},
    store::notifications::{self, LoadError},
};
use bytes::Bytes;
use std::{
    collections::{BTreeMap, BinaryHeap, VecDeque},
    sync::Arc,
    time::Duration,
};

/// Posts that may have arrived, after which a recipient stays uncertain.
pub(super) const MAX_AMBIGUOUS_ATTEMPTS: u32 = 5;
/// Milliseconds ahead that a due time of an earlier owner is believed.
const LONGEST_WAIT: u64 = 3_600_000;
/// Attempts to append a fencing record while an old owner's last append comes in.
const MAX_FENCING_ATTEMPTS: u32 = 10;

/// What a work item led to.
pub(super) enum Loaded {
    /// Work.
    Part(Box<Part>),
    /// Its end is written, with these sums; the work item (and perhaps the notification's end) is left to do.
    Ended(NotificationId, Box<Sums>),
    /// Nothing to do: finished, unknown or not this tenant's. The work item goes.
    Nothing(NotificationId),
    /// It stands still. The work item goes unless it is resumed at this moment.
    Stopped(NotificationId),
    /// A record of an unknown version: left alone, with its work item.
    Quarantined,
}

/// Who claims a part.
#[derive(Clone)]
pub(super) struct Claimer {
    pub(super) env: Arc<Env>,
    pub(super) tenant: TenantId,
    pub(super) owner: Arc<str>,
}

/// Reads the part that a work item stands for.
pub(super) async fn load_part(claimer: &Claimer, work_item: &str) -> Result<Loaded, StoreError> {
    let segment = work_item.rsplit('/').next().unwrap_or(work_item);
    let Some((_, id)) = keys::parse_work_item(segment) else {
        tracing::warn!(work_item, "a work item has an unknown form and is left alone");
        return Ok(Loaded::Quarantined);
    };
    let objects = &*claimer.env.ports.objects;
    let prefix = keys::part_prefix(&id, &claimer.tenant);
    let (notification, entries) = futures::join!(
        notifications::load(objects, &id),
        audience::entries(objects, &prefix)
    );
    let notification = match notification {
        Ok((notification, _)) => notification,
        Err(LoadError::Missing) => return Ok(Loaded::Nothing(id)),
        Err(LoadError::Record(error)) => {
            tracing::error!(notification_id = %id, %error, "a notification is quarantined");
            return Ok(Loaded::Quarantined);
        }
        Err(LoadError::Store(error)) => return Err(error),
    };
    let planned = notification
        .plan
        .as_ref()
        .and_then(|plan| plan.part(&claimer.tenant));
    let Some(planned) = planned.filter(|_| !notification.is_over()) else {
        return Ok(Loaded::Nothing(id));
    };
    let chunks = planned.chunks;
    let entries = entries?;
    let done = keys::done(&id, &claimer.tenant);
    if let Some(done) = entries.iter().find(|entry| entry.name == done) {
        let sums = done_sums(objects, done).await?.unwrap_or_default();
        return Ok(Loaded::Ended(id, Box::new(sums)));
    }
    let expired = claimer.env.ports.clock.wall() >= notification.expires_at;
    let goes_on = notification.cancelled_at.is_some() || expired;
    if notification.is_stopped_for(&claimer.tenant).is_some() && !goes_on {
        return Ok(Loaded::Stopped(id));
    }
    let prefix = format!("{prefix}ledger/");
    let written = entries
        .iter()
        .filter(|entry| entry.name.starts_with(&prefix) && entry.length > 0)
        .count();
    let written = u32::try_from(written).unwrap_or(u32::MAX);
    let mut part = new_part(work_item, notification, chunks);
    for number in written.saturating_sub(2)..written {
        let open = open_chunk(claimer, &part.notification, number, Sums::default()).await?;
        part.base = open.base;
        part.next_chunk = number + 1;
        part.open.push(open);
    }
    part.close_chunks();
    Ok(Loaded::Part(Box::new(part)))
}

fn new_part(work_item: &str, notification: Notification, chunks: u32) -> Part {
    let message = match notification.kind {
        NotificationKind::Delete(_) => Message::NotNeeded,
        NotificationKind::Send | NotificationKind::Update(_) => Message::Composing,
    };
    Part {
        work_item: work_item.to_owned(),
        notification: Box::new(notification),
        message,
        chunks,
        open: Vec::new(),
        next_chunk: 0,
        base: Sums::default(),
        finals: BTreeMap::new(),
        opening: OpenState::Idle,
        stage: Stage::Working,
        served: 0,
        refusals: 0,
        held: Vec::new(),
        reference_updates: 0,
        stopping: StopState::NotRequested,
    }
}

/// Opens a chunk with what its ledger says; a ledger with lines gets a fencing record, so that no earlier owner can
/// append any more.
pub(super) async fn open_chunk(
    claimer: &Claimer,
    notification: &Notification,
    number: u32,
    base: Sums,
) -> Result<OpenChunk, StoreError> {
    let objects = &*claimer.env.ports.objects;
    let name = keys::ledger(&notification.id, &claimer.tenant, number);
    let audience = audience::read(objects, &notification.id, &claimer.tenant, number);
    let ledger = async {
        match objects.read(&name, ReadIf::Any).await? {
            Read::Found(object) => Ok(object.body),
            Read::Missing | Read::Unchanged => {
                objects.create_append(&name).await?;
                Ok(Bytes::new())
            }
        }
    };
    let (audience, mut body) = futures::try_join!(audience, ledger)?;
    let mut audience = Some(audience);
    for _ in 0..MAX_FENCING_ATTEMPTS {
        let rows = audience
            .take()
            .ok_or_else(|| StoreError::unavailable("an audience chunk was lost on the way"))?;
        let mut open = rebuild(claimer, notification, number, base, rows, &body, &name)?;
        if body.is_empty() {
            return Ok(open);
        }
        #[cfg(feature = "planted-bugs")]
        if claimer.env.settings.planted == crate::planted_bugs::Planted::NoFencingRecord {
            return Ok(open);
        }
        let line = open.line(&claimer.owner, Vec::new(), claimer.env.ports.clock.wall())?;
        match append(&claimer.env.ports, &line).await {
            AppendEnd::Written(length) => {
                open.written(length);
                return Ok(open);
            }
            AppendEnd::Refused => {
                return Err(StoreError::Refused(format!("{name} takes no fencing record")));
            }
            AppendEnd::Fenced => {
                // The old owner's last append came in: read again what it says.
                let again = audience::read(objects, &notification.id, &claimer.tenant, number).await?;
                audience = Some(again);
                body = match objects.read(&name, ReadIf::Any).await? {
                    Read::Found(object) => object.body,
                    Read::Missing | Read::Unchanged => Bytes::new(),
                };
            }
        }
    }
    Err(StoreError::unavailable("a ledger stayed contended"))
}

fn rebuild(
    claimer: &Claimer,
    notification: &Notification,
    number: u32,
    base: Sums,
    audience: Chunk,
    body: &[u8],
    name: &str,
) -> Result<OpenChunk, StoreError> {
    let replay = Replay::read(body, audience.first, audience.rows.len())?;
    let clock = &claimer.env.ports.clock;
    let (now, wall) = (clock.now(), clock.wall());
    let (base, sums) = replay
        .last
        .as_ref()
        .map_or((base, Sums::default()), |last| (last.base.sums, last.sums.sums));
    let mut open = OpenChunk {
        number,
        first: audience.first,
        rows: Vec::with_capacity(audience.rows.len()),
        cursor: 0,
        waiting: BinaryHeap::new(),
        making: 0,
        made: VecDeque::new(),
        version: notification.version,
        name: name.to_owned(),
        position: replay.length,
        sequence: 0,
        base,
        sums,
        buffer: Buffer::default(),
        buffered_since: None,
        appending: AppendState::Idle,
        active: 0,
        answered: 0,
        answered_appending: 0,
        unsettled: audience.rows.len(),
        intending: Vec::new(),
    };
    let mut ambiguous = Vec::new();
    for (recipient, log) in audience.rows.into_iter().zip(replay.rows) {
        let n = recipient.n;
        let mut row = Row {
            recipient: Arc::new(recipient),
            state: State::Fresh,
            attempts: log.attempts,
            ambiguous_attempts: log.ambiguous_attempts,
            reopened: None,
            second_attempt: SecondAttempt::Available,
        };
        match log.state {
            RowState::Fresh => {}
            RowState::Settled(_) => {
                row.state = State::Settled;
                open.unsettled -= 1;
            }
            RowState::Waiting(due) => {
                row.state = State::Waiting;
                let due = later(due, now, wall.as_millisecond());
                open.waiting.push(std::cmp::Reverse((due, n)));
            }
            RowState::Intended => {
                row.state = State::Intended;
                row.attempts += 1;
                open.active += 1;
                ambiguous.push((n, log.ambiguous_attempts + 1));
            }
        }
        open.rows.push(row);
    }
    for (n, ambiguous_attempts) in ambiguous {
        if notification.on_uncertain == OnUncertain::Report || ambiguous_attempts >= MAX_AMBIGUOUS_ATTEMPTS {
            open.settle(n, End::plain(Outcome::Uncertain, "interrupted"), now, wall);
        } else {
            open.give_back(n, Certainty::Ambiguous, now, now, wall);
        }
    }
    Ok(open)
}

/// A wall time of an earlier owner on this process's clock. What lies too far ahead is due now: a clock was set back in
/// between, and a wait that every owner counts anew would not end before it is as late again.
fn later(due: i64, now: Moment, wall: i64) -> Moment {
    let wait = u64::try_from(due.saturating_sub(wall)).unwrap_or(0);
    now.after(Duration::from_millis(if wait > LONGEST_WAIT { 0 } else { wait }))
}
