//! How much of the time that requests are likely on their way counts: all of it at first, less and less while Teams
//! doesn't mind, more again when it does.
//!
//! How Teams counts its 50 a second is documented nowhere. Its page on rate limits says that the values may change and
//! that there are 429s (learn.microsoft.com, platform/bots/how-to/rate-limit), its table of answers that a 429 says when
//! to try again (MicrosoftDocs/msteams-docs, PR 6335), its support that there are "different buckets" (#11559); no report
//! was found that tells a sliding second from seconds of the clock or from a token bucket. So it is tried, in four steps,
//! and each of the three is a guess. At log-normal latency, median 80 ms, p99 600 ms:
//!
//! - 1, all of it: a strict sliding second at arrival bears nothing less. At 0.85 it refuses one request in 500.
//! - 0.85: seconds of the clock refuse one in 20,000, which costs less than is won. Halving alone would have missed it.
//! - 0.5: for seconds of the clock where latency varies much more (200 ms, 2 s); here they refuse one in 800.
//! - 0, departures alone count: a bucket of ten tokens needs no more.
//!
//! The figures are from a model; docs/benchmarks.md has what the simulator says ("How Teams counts").

use crate::ports::Moment;
use serde::{Deserialize, Serialize};

/// The share that counts, step by step.
const SHARES: [f64; 4] = [1.0, 0.85, 0.5, 0.0];
/// So many answers without a 429, and the next step is tried.
const FIRST_TRY: u32 = 500;
/// By how much more after each try that was refused. Twice would mean nine tries in an hour's work instead of five, each
/// with a 429 and a second of silence.
const LONGER: u32 = 4;
/// Refused tries that still make it longer: a try each 128,000 answers, 43 minutes at 50 a second, is cheap enough to
/// notice that Teams counts in another way now.
const MOST_REFUSED: u8 = 4;
/// A 429 after so many answers without one is a price worth paying: a step is at least one percent, and a 429 costs
/// little more than the second in which nothing is sent.
const WORTH_IT: u32 = 5_000;

/// What the next owner begins with.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct Lessons {
    /// The rate that it was learnt at, permits a second: at another rate it means nothing.
    rate: u32,
    step: usize,
    /// By step, how often it was refused soon after it was tried. Other versions may have other steps.
    refused: Vec<u8>,
    /// Answers without a 429 since the step was tried, in hundreds.
    hundreds: u32,
}

#[derive(Debug)]
pub(super) struct Caution {
    step: usize,
    refused: [u8; SHARES.len()],
    /// Answers without a 429 on this step.
    answers: u32,
    /// What left before then says nothing of this step.
    since: Moment,
    changes: u32,
}

/// Whether a 429 is put down to what was tried.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Blame {
    /// The step was too bold, and is taken back.
    Step,
    /// Teams takes less than the rate.
    Rate,
}

impl Caution {
    pub(super) fn new(now: Moment) -> Self {
        Self {
            step: 0,
            refused: [0; SHARES.len()],
            answers: 0,
            since: now,
            changes: 0,
        }
    }

    /// The share of a likely delay that counts.
    pub(super) fn share(&self) -> f64 {
        SHARES[self.step]
    }

    /// Changes so far that the next owner should know of at once.
    pub(super) fn changes(&self) -> u32 {
        self.changes
    }

    /// Learns that a request was admitted while as many were on their way as may be.
    pub(super) fn admitted(&mut self, now: Moment) {
        self.answers = self.answers.saturating_add(1);
        let Some(refused) = self.refused.get(self.step + 1) else {
            return;
        };
        let enough = FIRST_TRY.saturating_mul(LONGER.saturating_pow(u32::from(*refused)));
        if self.answers >= enough {
            self.step_to(self.step + 1, now);
        }
    }

    /// Learns that a request that departed then was refused for the tenant's sake.
    pub(super) fn refused(&mut self, departed: Moment, now: Moment) -> Blame {
        if self.step == 0 || departed < self.since {
            return Blame::Rate;
        }
        let refused = &mut self.refused[self.step];
        if self.answers >= WORTH_IT {
            *refused = 0;
            self.step_to(self.step, now);
            return Blame::Rate;
        }
        *refused = (*refused + 1).min(MOST_REFUSED);
        self.step_to(self.step - 1, now);
        Blame::Step
    }

    fn step_to(&mut self, step: usize, now: Moment) {
        self.step = step;
        self.answers = 0;
        self.since = now;
        self.changes += 1;
    }

    /// What the next owner must know; `None` where nothing was learnt.
    pub(super) fn remember(&self, rate: u32) -> Option<Lessons> {
        let lessons = Lessons {
            rate,
            step: self.step,
            refused: self.refused.to_vec(),
            hundreds: self.answers / 100,
        };
        let nothing = lessons.step == 0 && lessons.hundreds == 0 && self.refused == [0; SHARES.len()];
        (!nothing).then_some(lessons)
    }

    /// Takes over what an earlier owner learnt.
    pub(super) fn recall(&mut self, lessons: &Lessons, rate: u32) {
        if lessons.rate != rate || lessons.step >= SHARES.len() {
            return;
        }
        self.step = lessons.step;
        for (known, refused) in self.refused.iter_mut().zip(&lessons.refused) {
            *known = (*refused).min(MOST_REFUSED);
        }
        self.answers = lessons.hundreds.saturating_mul(100);
    }
}
