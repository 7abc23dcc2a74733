//! Forming windows: which notification is next, and which of its recipients.

use super::{
    append::append,
    compose::make,
    event::{Call, Event, PartKey, Slot},
    event_loop::{Phase, Worker},
    open_chunk::{AppendState, End, State},
    part::{Message, Mode, Stage},
    window_size,
};
use crate::{
    content::{Alert, Body, Content},
    outcome::Outcome,
    ports::Moment,
    recipient::{PreResolved, Recipient},
    request::{NotificationKind, Priority},
};
use jiff::Timestamp;
use std::{collections::BTreeMap, sync::Arc, time::Duration};

/// One window in so many goes to a lower priority that waits.
const TURN_OF_THE_LOWER: u64 = 10;
/// Outcomes are written after so long also without a window to travel with. Longer than a window takes, also where
/// answers are slow: an append of its own for what the next window would have taken along doubles the price.
pub(super) const FLUSH: Duration = Duration::from_secs(2);
/// No intents are open during a pause of the tenant that is this long.
pub(super) const LONG_PAUSE: Duration = Duration::from_secs(2);
/// Reference updates that wait to be stored; with more of them, windows wait.
const MOST_FINDINGS: usize = 2_000;

impl Worker {
    /// Forms windows while there is room for them, and starts their appends.
    pub(super) fn form_windows(&mut self, now: Moment, wall: Timestamp) {
        if self.phase != Phase::Working || self.loading > 0 || self.reference_updates.len() > MOST_FINDINGS {
            return;
        }
        if self.rate_limiter.paused_until() > now.after(Duration::from_millis(250))
            || now >= self.hold.safe_until
        {
            return;
        }
        let size = window_size::size(self.rate_limiter.rate(), self.latency);
        let refill = window_size::refill_at(self.rate_limiter.rate(), self.append_latency, size);
        // Bounded: every turn intends rows, has their contents made, or leaves.
        for _ in 0..size.max(64) {
            if self.ready.len() + self.intending > refill {
                return;
            }
            let Some((key, number)) = self.pick(now, wall) else {
                return;
            };
            if self.form_window(key, number, size, now, wall) == Forming::NoRoom {
                return;
            }
        }
    }

    /// The part and chunk that have the next window.
    fn pick(&mut self, now: Moment, wall: Timestamp) -> Option<(PartKey, u32)> {
        let tenant = &self.tenant;
        let mut best: BTreeMap<Priority, (u64, PartKey, u32)> = BTreeMap::new();
        for (key, part) in &self.parts {
            let sends = part.stage == Stage::Working && part.mode(tenant, wall) == Mode::Sending;
            // What is being made belongs into the next window.
            if !sends || part.is_making() {
                continue;
            }
            let chunk = part
                .open
                .iter()
                .find(|chunk| chunk.appending == AppendState::Idle && chunk.has_ready(now));
            if let Some(chunk) = chunk {
                let candidate = (part.served, *key, chunk.number);
                let slot = best.entry(part.notification.priority).or_insert(candidate);
                *slot = (*slot).min(candidate);
            }
        }
        let lower_turn = self.windows % TURN_OF_THE_LOWER == TURN_OF_THE_LOWER - 1;
        let skip = usize::from(lower_turn && best.len() > 1);
        let (_, key, number) = *best.values().nth(skip)?;
        Some((key, number))
    }

    fn form_window(
        &mut self,
        key: PartKey,
        number: u32,
        size: usize,
        now: Moment,
        wall: Timestamp,
    ) -> Forming {
        let uncertain: usize = self.uncertain();
        let Some(part) = self.parts.get_mut(&key) else {
            return Forming::MayContinue;
        };
        let kind = part.notification.kind.clone();
        let message = part.message.clone();
        let Some(chunk) = part.chunk(number) else {
            return Forming::MayContinue;
        };
        // What is answered becomes certain with the very line that holds the new intent.
        let room = (2 * size).saturating_sub(uncertain - chunk.answered);
        let wanted = size.min(chunk.made.len() + chunk.fresh() + chunk.waiting.len());
        if room < wanted.min(size.div_ceil(2)) || room == 0 {
            return Forming::NoRoom;
        }
        let most = size.min(room);
        let mut slots: Vec<Slot> = Vec::with_capacity(most.min(wanted));
        let mut to_make = Vec::new();
        while slots.len() + to_make.len() < most
            && let Some((n, made)) = chunk.next_to_send(now)
        {
            let Some(row) = chunk.row(n) else { continue };
            let recipient = row.recipient.clone();
            if let Some(reason) = recipient.settled {
                chunk.settle(n, pre_resolved(reason), now, wall);
                continue;
            }
            let free = self
                .rate_limiter
                .conversation_ready_at(&recipient.conversation, now);
            if free > now {
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
                    row.state = State::Making;
                    to_make.push(recipient);
                }
                Some(Ok(content)) => slots.push(Slot {
                    part: key,
                    chunk: number,
                    n,
                    content,
                    call: call_of(&kind),
                    recipient: addressed(recipient, row.reopened.as_ref()),
                }),
                Some(Err(error)) => {
                    chunk.settle(n, End::plain(Outcome::Rejected, error.code()), now, wall);
                }
            }
        }
        chunk.making = to_make.len();
        let has_buffer = chunk.has_buffer();
        if let Message::Composed(message) = message
            && !to_make.is_empty()
        {
            let clock = self.env.ports.clock.clone();
            self.work.push(make(clock, message, key, number, to_make));
        }
        if slots.is_empty() && !has_buffer {
            return Forming::MayContinue;
        }
        if !slots.is_empty() {
            self.windows += 1;
            if let Some(part) = self.parts.get_mut(&key) {
                part.served = self.windows;
            }
        }
        self.append_line(key, number, slots, now, wall);
        Forming::MayContinue
    }

    /// Appends what a chunk has buffered, with the intent for these slots.
    pub(super) fn append_line(
        &mut self,
        key: PartKey,
        number: u32,
        slots: Vec<Slot>,
        now: Moment,
        wall: Timestamp,
    ) {
        let owner = self.hold.owner.clone();
        let count = slots.len();
        let Some(chunk) = self.parts.get_mut(&key).and_then(|part| part.chunk(number)) else {
            return;
        };
        match chunk.line(&owner, slots, wall) {
            Ok(line) => {
                self.intending += count;
                let env = self.env.clone();
                #[cfg(feature = "planted-bugs")]
                if env.settings.planted == crate::planted_bugs::Planted::IntentAfterPost {
                    self.intending -= count;
                    self.ready
                        .append(&mut std::mem::take(&mut chunk.intending).into());
                }
                self.work.push(Box::pin(async move {
                    #[cfg(feature = "planted-bugs")]
                    let line = &super::append::unfenced(&env, line).await;
                    #[cfg(not(feature = "planted-bugs"))]
                    let line = &line;
                    let end = append(&env.ports, line).await;
                    Event::Appended {
                        part: key,
                        chunk: number,
                        started: now,
                        end,
                    }
                }));
            }
            Err(error) => {
                tracing::error!(%error, "a ledger line could not be made");
                self.phase = Phase::Lost;
            }
        }
    }

    /// Recipients without a durable outcome, over all parts.
    pub(super) fn uncertain(&self) -> usize {
        let parts = self.parts.values();
        parts
            .flat_map(|part| &part.open)
            .map(|chunk| chunk.uncertain())
            .sum()
    }

    /// Appends what waits without a window to travel with: at the end of a burst, or after a while.
    pub(super) fn flush(&mut self, now: Moment, wall: Timestamp) {
        let closing = self.phase != Phase::Working;
        let due: Vec<(PartKey, u32)> = self
            .parts
            .iter()
            .flat_map(|(key, part)| part.open.iter().map(move |chunk| (*key, chunk)))
            .filter(|(_, chunk)| {
                let old = chunk
                    .buffered_since
                    .is_some_and(|since| now.since(since) >= FLUSH);
                chunk.has_buffer()
                    && chunk.appending == AppendState::Idle
                    && (closing || old || (chunk.active == 0 && chunk.making == 0 && !chunk.has_ready(now)))
            })
            .map(|(key, chunk)| (key, chunk.number))
            .collect();
        for (key, number) in due {
            self.append_line(key, number, Vec::new(), now, wall);
        }
    }

    /// Takes intended slots back when they can't be posted soon: they are certain, whatever happens.
    pub(super) fn take_back(&mut self, due: Moment, now: Moment, wall: Timestamp) {
        for slot in std::mem::take(&mut self.ready) {
            self.return_slot(&slot, due, now, wall);
        }
    }

    pub(super) fn return_slot(&mut self, slot: &Slot, due: Moment, now: Moment, wall: Timestamp) {
        let part = self.parts.get_mut(&slot.part);
        if let Some(chunk) = part.and_then(|part| part.chunk(slot.chunk))
            && chunk.row(slot.n).is_some_and(|row| row.state == State::Intended)
        {
            chunk.give_back(slot.n, crate::store::ledger::Certainty::Certain, due, now, wall);
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Forming {
    MayContinue,
    NoRoom,
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

/// The recipient at the conversation that was opened again, if one was.
fn addressed(recipient: Arc<Recipient>, reopened: Option<&crate::ids::ConversationId>) -> Arc<Recipient> {
    match reopened {
        None => recipient,
        Some(conversation) => Arc::new(recipient.moved_to(conversation.clone())),
    }
}

/// The end of a row that needed no attempt.
pub(super) fn pre_resolved(reason: PreResolved) -> End {
    match reason {
        PreResolved::UnknownTarget => End::plain(Outcome::Rejected, "unknown-target"),
        PreResolved::KnownBlocked => End::plain(Outcome::Skipped, "blocked"),
        PreResolved::OptedOut => End::plain(Outcome::Skipped, "opted-out"),
        PreResolved::Suspended => End::plain(Outcome::Skipped, "suspended"),
        PreResolved::NoActivityId => End::plain(Outcome::Skipped, "no-activity-id"),
    }
}
