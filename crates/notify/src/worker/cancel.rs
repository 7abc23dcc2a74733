//! Ending recipients without an attempt (cancelled, expired, no message to send), and stopping a part.

use super::{
    event::{Event, PartKey},
    event_loop::Worker,
    open_chunk::{AppendState, End, State},
    part::{Mode, Stage, StopState},
    windows::pre_resolved,
};
use crate::{
    notification::{Notification, Stop, StopReason},
    outcome::Outcome,
    ports::Moment,
    store::notifications::{self, Edit},
};
use jiff::Timestamp;

impl Worker {
    /// Ends what is left of parts that are no longer sent.
    pub(super) fn cancel_in_bulk(&mut self, now: Moment, wall: Timestamp) {
        let tenant = self.tenant.clone();
        let cancelled_in_bulk: Vec<(PartKey, Outcome, &'static str)> = self
            .parts
            .iter()
            .filter(|(_, part)| part.stage == Stage::Working)
            .filter_map(|(key, part)| match part.mode(&tenant, wall) {
                Mode::Cancelled => Some((*key, Outcome::Cancelled, "cancelled")),
                Mode::Expired => Some((*key, Outcome::Skipped, "expired")),
                Mode::Unsendable(code) => Some((*key, Outcome::Rejected, code)),
                Mode::Sending | Mode::Stopped | Mode::Composing => None,
            })
            .collect();
        for (key, outcome, code) in cancelled_in_bulk {
            self.cancel_part(key, outcome, code, now, wall);
        }
    }

    fn cancel_part(
        &mut self,
        key: PartKey,
        outcome: Outcome,
        code: &'static str,
        now: Moment,
        wall: Timestamp,
    ) {
        // Intended but not posted, and now never: certain.
        self.ready.retain(|slot| slot.part != key);
        let Some(part) = self.parts.get_mut(&key) else {
            return;
        };
        part.held.clear();
        for chunk in part
            .open
            .iter_mut()
            .filter(|chunk| chunk.appending == AppendState::Idle)
        {
            let mut plain = Vec::new();
            for index in 0..chunk.rows.len() {
                let row = &chunk.rows[index];
                let n = row.recipient.n;
                match (row.state, row.recipient.settled) {
                    (State::Settled | State::Posting, _) => {}
                    (_, Some(reason)) => chunk.settle(n, pre_resolved(reason), now, wall),
                    // A message that may have arrived is not "not attempted".
                    (_, None) if row.ambiguous_attempts > 0 => {
                        chunk.settle(n, End::plain(Outcome::Uncertain, code), now, wall);
                    }
                    (_, None) => plain.push(n),
                }
            }
            chunk.cursor = chunk.rows.len();
            chunk.made.clear();
            if !plain.is_empty() {
                chunk.cancel_in_bulk(&mut plain, outcome, Some(code), now, wall);
            }
        }
    }

    /// Stops a part: nothing more is posted for it, nothing is lost, it can be resumed.
    pub(super) fn stop_part(&mut self, key: PartKey, reason: StopReason, now: Moment, wall: Timestamp) {
        let slots: Vec<_> = std::mem::take(&mut self.ready).into();
        for slot in slots {
            if slot.part == key {
                self.return_slot(&slot, now, now, wall);
            } else {
                self.ready.push_back(slot);
            }
        }
        let Some(part) = self.parts.get_mut(&key) else {
            return;
        };
        if part.stopping != StopState::NotRequested {
            return;
        }
        part.stopping = StopState::Requested;
        part.held.clear();
        tracing::error!(notification_id = %part.id(), reason = reason.public_message(), "a notification is stopped");
        let id = part.id().clone();
        let env = self.env.clone();
        self.work.push(Box::pin(async move {
            loop {
                let kept = crate::plan::keep_as_stopped(&env, &id).await;
                if let Err(error) = kept {
                    tracing::warn!(notification_id = %id, %error, "a stopped notification could not be listed as such");
                }
                let stored = notifications::change(&*env.ports.objects, &id, |notification| {
                    let known = notification.stops.iter().any(|stop| stop.tenant.is_none());
                    if known || notification.is_over() {
                        return Edit::LeaveAsIs;
                    }
                    notification.stops.push(Stop {
                        tenant: None,
                        reason,
                        at: wall,
                    });
                    Edit::Write
                })
                .await;
                match stored {
                    Ok(notification) => {
                        return Event::Stopped {
                            part: key,
                            notification: Box::new(notification),
                        };
                    }
                    Err(error) => {
                        tracing::warn!(notification_id = %id, %error, "a stop could not be stored yet");
                        let clock = &env.ports.clock;
                        clock
                            .sleep_until(clock.now().after(std::time::Duration::from_secs(1)))
                            .await;
                    }
                }
            }
        }));
    }

    /// The store knows of a stop. A resume may have come right after it, and its change signal may have been read before.
    pub(super) fn stopped(&mut self, key: PartKey, notification: Box<Notification>, now: Moment) {
        if let Some(part) = self.parts.get_mut(&key) {
            part.notification = notification;
            part.stopping = StopState::Stored(now);
            self.refresh_part(key, now);
        }
    }
}
