//! Forming windows: which notification is next, and which of its recipients.

use super::{
    Now, Phase, State,
    chunk::{AppendState, End, RowState},
    effect::Effect,
    event::{Call, PartKey, Slot},
    part::{Message, Mode, Stage},
    window_size,
};
use crate::{
    content::{Alert, Body, Content},
    outcome::Outcome,
    ports::Moment,
    recipient::PreResolved,
    request::{NotificationKind, Priority},
    store::ledger::Certainty,
};
use std::{
    collections::{BTreeMap, VecDeque},
    sync::Arc,
    time::Duration,
};

/// One window in so many goes to a lower priority that waits.
const TURN_OF_THE_LOWER: u64 = 10;
/// Outcomes are written after so long also without a window to travel with. Longer than a window takes, also where
/// answers are slow: an append of its own for what the next window would have taken along doubles the price.
pub(super) const FLUSH: Duration = Duration::from_secs(2);
/// In a pause of the tenant that is longer, no window is formed.
const SHORT_PAUSE: Duration = Duration::from_millis(250);

/// Recipients on their way from their ledger to Teams.
#[derive(Default)]
pub(super) struct Windows {
    /// Intended, in the order in which they are posted.
    pub(super) ready: VecDeque<Slot>,
    /// How many are in lines under way.
    intending: usize,
    /// Calls that Teams has not answered.
    pub(super) in_flight: usize,
    pub(super) last_permit: Option<Moment>,
}

impl Windows {
    /// Whether anybody is on the way.
    pub(super) fn is_busy(&self) -> bool {
        self.in_flight > 0 || self.intending > 0 || !self.ready.is_empty()
    }

    /// A line is written: its slots may be posted.
    pub(super) fn intended(&mut self, slots: Vec<Slot>) {
        self.intending -= slots.len();
        self.ready.extend(slots);
    }
}

/// Whether another window may follow.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Forming {
    MayContinue,
    NoRoom,
}

impl State {
    /// Forms windows while there is room for them, and starts their appends.
    pub(super) fn form_windows(&mut self, now: Now) {
        if self.phase != Phase::Working || self.work_items.are_being_claimed() || self.updates.are_many() {
            return;
        }
        let paused = self.rate_limiter.paused_until() > now.at.after(SHORT_PAUSE);
        if paused || now.at >= self.lease.safe_until || !self.knows_enough(now.at) {
            return;
        }
        if self.evidence.waiting().is_some() {
            return self.form_probe(now);
        }
        if self.evidence.is_suspected(now.at) {
            return;
        }
        let rate = self.rate_limiter.rate();
        let size = window_size::size(rate, self.statistics.latency);
        let refill = window_size::refill_at(rate, self.statistics.append_latency, size);
        // Bounded: every turn intends rows, has their contents made, or leaves.
        for _ in 0..size.max(64) {
            if self.windows.ready.len() + self.windows.intending > refill {
                return;
            }
            let Some((key, number)) = self.pick(now) else {
                return;
            };
            if self.form_window(key, number, size, now) == Forming::NoRoom {
                return;
            }
        }
    }

    /// The part and chunk that have the next window.
    fn pick(&mut self, now: Now) -> Option<(PartKey, u32)> {
        let lane = &self.lane;
        let mut best: BTreeMap<Priority, (u64, PartKey, u32)> = BTreeMap::new();
        for (key, part) in &self.parts {
            let sends = part.stage == Stage::Working && part.mode(lane, now.wall) == Mode::Sending;
            // What is being made belongs into the next window.
            if !sends || part.is_making() {
                continue;
            }
            let chunk = part
                .open
                .iter()
                .find(|chunk| chunk.appending == AppendState::Idle && chunk.has_ready(now.at));
            if let Some(chunk) = chunk {
                let candidate = (part.served, *key, chunk.number);
                let slot = best.entry(part.notification.priority).or_insert(candidate);
                *slot = (*slot).min(candidate);
            }
        }
        let lower_turn = self.statistics.windows % TURN_OF_THE_LOWER == TURN_OF_THE_LOWER - 1;
        let skip = usize::from(lower_turn && best.len() > 1);
        let (_, key, number) = *best.values().nth(skip)?;
        Some((key, number))
    }

    pub(super) fn form_window(&mut self, key: PartKey, number: u32, size: usize, now: Now) -> Forming {
        let uncertain: usize = self.uncertain();
        let Some(part) = self.parts.get_mut(&key) else {
            return Forming::MayContinue;
        };
        let call = call_of(&part.notification.kind);
        let message = part.message.clone();
        let Some(chunk) = part.chunk(number) else {
            return Forming::MayContinue;
        };
        // What is answered becomes certain with the very line that holds the new intent.
        let room = (2 * size).saturating_sub(uncertain - chunk.unwritten.answers);
        let wanted = size.min(chunk.made.len() + chunk.fresh() + chunk.waiting.len());
        if room < wanted.min(size.div_ceil(2)) || room == 0 {
            return Forming::NoRoom;
        }
        let most = size.min(room);
        let mut slots: Vec<Slot> = Vec::with_capacity(most.min(wanted));
        let mut to_make = Vec::new();
        while slots.len() + to_make.len() < most
            && let Some((n, made)) = chunk.next_to_send(now.at)
        {
            let Some(row) = chunk.row(n) else { continue };
            let recipient = row.recipient.clone();
            if let Some(reason) = recipient.settled {
                chunk.settle(n, pre_resolved(reason), now);
                continue;
            }
            let free = self
                .rate_limiter
                .conversation_ready_at(&recipient.conversation, now.at);
            if free > now.at {
                chunk.postpone(n, free);
                continue;
            }
            let content = match (made, &message) {
                (Some(content), _) => Some(Ok(content)),
                (None, Message::Composed(message)) => message.ready(&recipient),
                (None, _) => Some(Ok(nothing())),
            };
            match content {
                None => {
                    row.state = RowState::Making;
                    to_make.push(recipient);
                }
                Some(Ok(content)) => slots.push(Slot {
                    part: key,
                    chunk: number,
                    n,
                    content,
                    call,
                    recipient: row.detour.addressed(recipient),
                }),
                Some(Err(error)) => {
                    chunk.settle(n, End::plain(Outcome::Rejected, error.code()), now);
                }
            }
        }
        chunk.making = to_make.len();
        let has_unwritten = chunk.has_unwritten();
        if let Message::Composed(message) = message
            && !to_make.is_empty()
        {
            self.effects.push(Effect::Make {
                part: key,
                chunk: number,
                message,
                recipients: to_make,
            });
        }
        if !slots.is_empty() {
            self.statistics.windows += 1;
            part.served = self.statistics.windows;
        }
        if !slots.is_empty() || has_unwritten {
            self.append_line(key, number, slots, now);
        }
        Forming::MayContinue
    }

    /// Appends what a chunk has not written, with the intent for these slots.
    fn append_line(&mut self, key: PartKey, number: u32, slots: Vec<Slot>, now: Now) {
        let count = slots.len();
        let Some(chunk) = self.parts.get_mut(&key).and_then(|part| part.chunk(number)) else {
            return;
        };
        match chunk.line(&self.lease.owner, slots, now) {
            Ok(line) => {
                self.windows.intending += count;
                self.effects.push(Effect::Append {
                    part: key,
                    chunk: number,
                    line,
                });
            }
            Err(error) => {
                tracing::error!(%error, "a ledger line could not be made");
                self.phase = Phase::Lost;
            }
        }
    }

    /// Recipients without a durable outcome, over all parts.
    fn uncertain(&self) -> usize {
        let parts = self.parts.values();
        parts
            .flat_map(|part| &part.open)
            .map(|chunk| chunk.uncertain())
            .sum()
    }

    /// Appends what waits without a window to travel with: at the end of a burst, or after a while.
    pub(super) fn flush(&mut self, now: Now) {
        let closing = self.phase != Phase::Working;
        let due: Vec<(PartKey, u32)> = self
            .parts
            .iter()
            .flat_map(|(key, part)| part.open.iter().map(move |chunk| (*key, chunk)))
            .filter(|(_, chunk)| {
                let old = chunk
                    .buffered_since()
                    .is_some_and(|since| now.at.since(since) >= FLUSH);
                chunk.has_unwritten()
                    && chunk.appending == AppendState::Idle
                    && (closing
                        || old
                        || (chunk.active == 0 && chunk.making == 0 && !chunk.has_ready(now.at)))
            })
            .map(|(key, chunk)| (key, chunk.number))
            .collect();
        for (key, number) in due {
            self.append_line(key, number, Vec::new(), now);
        }
    }

    /// Takes intended slots back when they can't be posted soon: they are certain, whatever happens.
    pub(super) fn take_back(&mut self, due: Moment, now: Now) {
        for slot in std::mem::take(&mut self.windows.ready) {
            self.return_slot(&slot, due, now);
        }
    }

    pub(super) fn return_slot(&mut self, slot: &Slot, due: Moment, now: Now) {
        let part = self.parts.get_mut(&slot.part);
        if let Some(chunk) = part.and_then(|part| part.chunk(slot.chunk))
            && chunk
                .row(slot.n)
                .is_some_and(|row| row.state == RowState::Intended)
        {
            chunk.give_back(slot.n, Certainty::Certain, due, now);
        }
    }
}

fn call_of(kind: &NotificationKind) -> Call {
    match kind {
        NotificationKind::Send => Call::Post,
        NotificationKind::Update(_) => Call::Update,
        NotificationKind::Delete(_) => Call::Delete,
    }
}

fn nothing() -> Arc<Content> {
    Arc::new(Content {
        body: Body::Text("".into()),
        summary: None,
        alert: Alert::Quiet,
    })
}

/// The end of a row that needed no attempt.
pub(super) fn pre_resolved(reason: PreResolved) -> End {
    match reason {
        PreResolved::UnknownTarget => End::plain(Outcome::Rejected, "unknown-target"),
        PreResolved::KnownBlocked => End::plain(Outcome::Blocked, "blocked"),
        PreResolved::OptedOut => End::plain(Outcome::Skipped, "opted-out"),
        PreResolved::Suspended => End::plain(Outcome::Skipped, "suspended"),
        PreResolved::NoActivityId => End::plain(Outcome::Skipped, "no-activity-id"),
    }
}
