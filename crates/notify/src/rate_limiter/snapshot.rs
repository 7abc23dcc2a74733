//! What a rate limiter hands to the next owner through the lease's object: pauses and busy conversations, in wall time
//! (a hand-over is seconds long; nothing here is needed for safety), and what it learnt of Teams' limiter.

use super::{RateLimiter, caution::Lessons, conversations::Hour};
use crate::ports::Moment;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// Fewer sends an hour than this are not worth handing over.
const WORTH_KEEPING: u32 = 60;

/// The state of a rate limiter that is worth handing over.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct Snapshot {
    /// The tenant pauses until then, milliseconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    paused_until: Option<i64>,
    /// Conversation digest, and sends by minute: (milliseconds, count).
    #[serde(skip_serializing_if = "Vec::is_empty")]
    busy: Vec<(u64, Vec<(i64, u32)>)>,
    /// What it learnt of Teams' limiter. Earlier versions drop it: it is learnt anew.
    #[serde(skip_serializing_if = "Option::is_none")]
    learnt: Option<Lessons>,
}

impl Snapshot {
    /// Whether there is anything to hand over.
    pub(crate) fn is_empty(&self) -> bool {
        self.paused_until.is_none() && self.busy.is_empty() && self.learnt.is_none()
    }
}

impl RateLimiter {
    /// What the next owner must know.
    pub(crate) fn remember(&self, now: Moment, wall: Timestamp) -> Snapshot {
        let wall = wall.as_millisecond();
        let past = |at: Moment| wall - i64::try_from(now.since(at).as_millis()).unwrap_or(0);
        let pause = self.paused_until.since(now);
        let busy = self.conversations.hours.iter().filter_map(|(key, hour)| {
            let minutes: Vec<(i64, u32)> = hour.iter().map(|(at, count)| (past(*at), *count)).collect();
            let total: u32 = minutes.iter().map(|(_, count)| count).sum();
            (total > WORTH_KEEPING).then_some((*key, minutes))
        });
        let mut busy: Vec<_> = busy.collect();
        busy.sort_unstable();
        Snapshot {
            paused_until: (!pause.is_zero())
                .then(|| wall + i64::try_from(pause.as_millis()).unwrap_or(i64::MAX / 2)),
            busy,
            learnt: self.pace.remember(),
        }
    }

    /// Takes over what an earlier owner knew.
    pub(crate) fn recall(&mut self, memory: &Snapshot, now: Moment, wall: Timestamp) {
        if let Some(lessons) = &memory.learnt {
            self.pace.recall(lessons);
        }
        let wall = wall.as_millisecond();
        if let Some(until) = memory.paused_until {
            let wait = u64::try_from(until - wall).unwrap_or(0).min(3_600_000);
            self.paused_until = self.paused_until.max(now.after(Duration::from_millis(wait)));
        }
        for (key, minutes) in &memory.busy {
            let hour: Hour = minutes
                .iter()
                .map(|(at, count)| {
                    let age = Duration::from_millis(u64::try_from(wall - at).unwrap_or(0));
                    // A process younger than the minute counts it as its own first moment: it is kept longer, not shorter.
                    (Moment::at(now.since_origin().saturating_sub(age)), *count)
                })
                .collect();
            self.conversations.hours.insert(*key, hour);
        }
    }
}
