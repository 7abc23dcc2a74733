//! Starting posts: as many as permits, the lease and the limit in flight allow.

use super::{
    event::{Call, Event, Slot},
    event_loop::{Phase, Worker},
    open_chunk::State,
    reopen::{self, Audience},
    window_size::MOST_IN_FLIGHT,
    windows::LONG_PAUSE,
};
use crate::{
    ports::{Answer, Moment},
    rate_limiter::Permit,
};
use jiff::Timestamp;
use std::time::Duration;

impl Worker {
    /// Starts what may start now; returns when it is worth asking again.
    pub(super) fn start_posts(&mut self, now: Moment, wall: Timestamp) -> Option<Moment> {
        let pause = self.rate_limiter.paused_until();
        if pause > now.after(LONG_PAUSE) && !self.ready.is_empty() {
            self.take_back(pause, now, wall);
            return None;
        }
        // Permits are dated by the time at which they are taken, post by post.
        let mut now = now;
        while self.in_flight < MOST_IN_FLIGHT && self.phase == Phase::Working {
            if now >= self.hold.safe_until {
                return None;
            }
            let slot = self.ready.pop_front()?;
            let permit = match slot.call {
                Call::Open => self.rate_limiter.permit_call(now),
                Call::Post | Call::Update | Call::Delete => {
                    self.rate_limiter.permit(&slot.recipient.conversation, now)
                }
            };
            match permit {
                Permit::Granted => {
                    self.last_permit = Some(now);
                    self.start(slot, now);
                }
                Permit::Conversation(until) if slot.call == Call::Post || until > now.after(LONG_PAUSE) => {
                    self.return_slot(&slot, until, now, wall);
                }
                Permit::Conversation(until) | Permit::Tenant(until) => {
                    self.ready.push_front(slot);
                    return Some(until);
                }
            }
            now = self.env.ports.clock.now();
        }
        None
    }

    fn start(&mut self, slot: Slot, started: Moment) {
        let Some(part) = self.parts.get_mut(&slot.part) else {
            return;
        };
        let audience = Audience {
            notification: part.id().clone(),
            chunks: part.chunks,
        };
        if let Some(row) = part.chunk(slot.chunk).and_then(|chunk| chunk.row(slot.n)) {
            row.state = State::Posting;
            row.attempts += u32::from(slot.call != Call::Open);
        }
        self.in_flight += 1;
        let env = self.env.clone();
        let connector = self.env.ports.connector.clone();
        self.work.push(Box::pin(async move {
            let answer: Answer = match slot.call {
                Call::Post => connector.post(&slot.recipient, &slot.content).await,
                Call::Update => connector.update(&slot.recipient, &slot.content).await,
                Call::Delete => connector.delete(&slot.recipient).await,
                Call::Open => {
                    let result = reopen::open(&env, &audience, &slot.recipient).await;
                    return Event::Opened {
                        slot,
                        started,
                        result,
                    };
                }
            };
            Event::Answered {
                slot,
                started,
                answer,
            }
        }));
    }

    /// A moving average of how long answers take, in seconds.
    pub(super) fn learn_latency(&mut self, took: Duration) {
        self.latency += (took.as_secs_f64() - self.latency) * 0.05;
    }
}
