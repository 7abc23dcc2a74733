//! A lane that waits: when the wait begins, whom it is probed with, and when it is looked at again.

use super::{
    Now, State,
    chunk::{AppendState, OpenChunk, Probe},
    event::PartKey,
    noting::AfterNote,
    part::{Mode, Part, Stage},
};
use crate::{
    evidence::{Waiting, later, numbers},
    request::Priority,
};
use jiff::Timestamp;
use std::{collections::BTreeMap, time::Duration};

/// A wait that is over sooner is not worth giving the lane away for.
const SHORT: Duration = Duration::from_secs(3);

impl State {
    /// Begins a wait once there is evidence for one and every call is answered.
    pub(super) fn consider_waiting(&mut self, now: Now) {
        if self.evidence.is_suspected(now.at) {
            self.take_back(now.at, now);
        }
        // Whoever is about to be intended comes back first, like those who were.
        if self.windows.is_busy() {
            return;
        }
        if let Some(waiting) = self.evidence.begin_wait(now) {
            log(waiting, &self.parts);
        } else if let Some(waiting) = self.evidence.due_report(now) {
            log(waiting, &self.parts);
        }
    }

    /// The next owner, and whoever reads the status, learns at once that the wait is over.
    pub(super) fn wait_is_over(&mut self, now: Now) {
        self.write_note(AfterNote::Nothing, now);
    }

    /// Forms a window of one: nothing else is sent while the lane waits.
    pub(super) fn form_probe(&mut self, now: Now) {
        let Some(waiting) = self.evidence.waiting() else {
            return;
        };
        if self.windows.is_busy() || next_look(waiting, self.parts.values()) > now.wall {
            return;
        }
        let (probed, reached) = (waiting.probed.clone(), waiting.reached.clone());
        let lane = &self.lane;
        let mut best: Option<(Probe, Priority, PartKey, u32)> = None;
        for (key, part) in &mut self.parts {
            let sends = part.stage == Stage::Working && part.mode(lane, now.wall) == Mode::Sending;
            // What is being made is the probe.
            if part.is_making() {
                return;
            }
            let priority = part.notification.priority;
            for chunk in part
                .open
                .iter_mut()
                .filter(|chunk| sends && chunk.appending == AppendState::Idle)
            {
                if let Some(probe) = chunk.choose_probe(&probed, &reached, now.at) {
                    let candidate = (probe, priority, *key, chunk.number);
                    best = Some(best.map_or(candidate, |known| known.min(candidate)));
                }
            }
        }
        if let Some((_, _, key, number)) = best {
            self.form_window(key, number, 1, now);
        }
    }

    /// How long a lane that waits can be left alone, if nothing of it is open.
    pub(super) fn wait_of_lane(&self, now: Now) -> Option<Duration> {
        let waiting = self.evidence.waiting()?;
        let parts = || self.parts.values();
        let at_rest = parts().all(|part| {
            part.stage == Stage::Working
                && matches!(part.mode(&self.lane, now.wall), Mode::Sending | Mode::NotReady)
                && part.open.iter().all(is_at_rest)
        });
        if !at_rest {
            return None;
        }
        let expires = parts().map(|part| part.notification.expires_at).min()?;
        let next = next_look(waiting, parts()).min(expires);
        let wait = next.duration_since(now.wall).try_into().unwrap_or_default();
        (wait > SHORT).then_some(wait)
    }
}

fn is_at_rest(chunk: &OpenChunk) -> bool {
    chunk.is_written() && chunk.appending == AppendState::Idle
}

/// When the next probe is due: as the wait says, sooner for what is urgent and younger than the last probe, and at once
/// for what was resumed since. A time too far ahead was written by a clock that has been set back since.
fn next_look<'p>(waiting: &Waiting, parts: impl Iterator<Item = &'p Part>) -> Timestamp {
    let latest = later(waiting.probed_at, numbers::LONGEST_PAUSE);
    let mut next = waiting.next.min(latest);
    for part in parts {
        let notification = &part.notification;
        if notification.priority == Priority::Urgent && notification.created_at > waiting.probed_at {
            let soonest = later(waiting.probed_at, numbers::URGENT_PROBE);
            next = next.min(soonest.max(notification.created_at));
        }
        if let Some(resumed) = notification.resumed_at.filter(|at| *at > waiting.probed_at) {
            next = next.min(resumed);
        }
    }
    next
}

fn log(waiting: &Waiting, parts: &BTreeMap<PartKey, Part>) {
    let first = parts.values().next().map(|part| part.id().as_str());
    tracing::warn!(
        notification_id = first,
        notifications = parts.len(),
        reason = waiting.cause.as_str(),
        code = waiting.code.as_deref(),
        since = %waiting.since,
        next = %waiting.next,
        tries = waiting.tries,
        "all that goes to a tenant waits: {}",
        waiting.cause.public_message(),
    );
}
