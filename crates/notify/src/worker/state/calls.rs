//! Starting calls to Teams: as many as permits, the lease and the limit in flight allow.

use super::{
    Now, Phase, State,
    chunk::{End, RowState},
    event::{Call, Slot},
    window_size::MOST_IN_FLIGHT,
};
use crate::{ids::NotificationId, lane::Lane, ports::Moment, rate_limiter::Permit};
use std::time::Duration;

/// No intents are open during a pause of the tenant that is this long.
const LONG_PAUSE: Duration = Duration::from_secs(2);

/// Whether a call may start.
pub(in crate::worker) enum NextCall {
    /// This one, now; its permit is used.
    Start(StartedCall),
    /// None before this moment.
    At(Moment),
    /// None before something happens.
    None,
}

/// A call that starts now.
pub(in crate::worker) struct StartedCall {
    pub(in crate::worker) slot: Slot,
    /// The recipients that the slot is one of: a chat that is opened again may be another's.
    pub(in crate::worker) audience: AudienceOf,
}

/// The recipients of one part.
pub(in crate::worker) struct AudienceOf {
    pub(in crate::worker) notification: NotificationId,
    pub(in crate::worker) lane: Lane,
    pub(in crate::worker) chunks: u32,
}

impl State {
    /// During a long pause nothing stays intended.
    pub(super) fn take_back_in_long_pause(&mut self, now: Now) {
        let pause = self.rate_limiter.paused_until();
        if pause > now.at.after(LONG_PAUSE) && !self.windows.ready.is_empty() {
            self.take_back(pause, now);
        }
    }

    /// The next call that may start. Asked again after each, with the time of then: permits are dated one by one.
    pub(in crate::worker) fn next_call(&mut self, now: Now) -> NextCall {
        while self.windows.in_flight < MOST_IN_FLIGHT
            && self.phase == Phase::Working
            && now.at < self.lease.safe_until
            && self.knows_enough(now.at)
        {
            let Some(slot) = self.windows.ready.pop_front() else {
                return NextCall::None;
            };
            if let Some(end) = self.opted_out(&slot) {
                self.settle_slot(&slot, end, now);
                continue;
            }
            let permit = match slot.call {
                Call::Open => self.rate_limiter.permit_call(now.at),
                Call::Post | Call::Update | Call::Delete => {
                    self.rate_limiter.permit(&slot.recipient.conversation, now.at)
                }
            };
            match permit {
                Permit::Granted => {
                    self.windows.last_permit = Some(now.at);
                    if let Some(call) = self.start(slot) {
                        return NextCall::Start(call);
                    }
                }
                Permit::Conversation(until)
                    if slot.call == Call::Post || until > now.at.after(LONG_PAUSE) =>
                {
                    self.return_slot(&slot, until, now);
                }
                Permit::Conversation(until) | Permit::Tenant(until) => {
                    self.windows.ready.push_front(slot);
                    return NextCall::At(until);
                }
            }
        }
        NextCall::None
    }

    fn settle_slot(&mut self, slot: &Slot, end: End, now: Now) {
        let part = self.parts.get_mut(&slot.part);
        if let Some(chunk) = part.and_then(|part| part.chunk(slot.chunk)) {
            chunk.settle(slot.n, end, now);
        }
    }

    /// `None` for a slot whose part is no longer here.
    fn start(&mut self, slot: Slot) -> Option<StartedCall> {
        let part = self.parts.get_mut(&slot.part)?;
        let audience = AudienceOf {
            notification: part.id().clone(),
            lane: self.lane.clone(),
            chunks: part.chunks,
        };
        if let Some(row) = part.chunk(slot.chunk).and_then(|chunk| chunk.row(slot.n)) {
            row.state = RowState::Posting;
            row.attempts += u32::from(slot.call != Call::Open);
        }
        self.windows.in_flight += 1;
        Some(StartedCall { slot, audience })
    }
}
