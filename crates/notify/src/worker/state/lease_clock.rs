//! Keeping the lane: how long posting is safe, and when the lease is renewed.

use super::{AGAIN, Phase, State, effect::Effect};
use crate::{
    ports::{LeaseError, Moment},
    store::lease_note::OwnerState,
};
use std::{sync::Arc, time::Duration};

/// Posts stop so long before the lease ends.
const MARGIN: Duration = Duration::from_secs(10);

/// The lease as this process's clock sees it.
pub(super) struct LeaseClock {
    pub(super) owner: Arc<str>,
    length: Duration,
    /// Posts start before this only.
    pub(super) safe_until: Moment,
    pub(super) renew_at: Moment,
    renewal: Renewal,
    /// What the lease's object says of this owner.
    pub(super) state: OwnerState,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Renewal {
    Idle,
    UnderWay,
}

impl LeaseClock {
    /// A lease that was asked for at `started`.
    pub(super) fn new(owner: Arc<str>, length: Duration, started: Moment) -> Self {
        let mut clock = Self {
            owner,
            length,
            safe_until: started,
            renew_at: started,
            renewal: Renewal::Idle,
            state: OwnerState::Working,
        };
        clock.renewed(started);
        clock
    }

    /// A renewal that was asked for at `started` succeeded.
    fn renewed(&mut self, started: Moment) {
        self.safe_until = started.after(self.length.saturating_sub(MARGIN));
        self.renew_at = started.after(renew_every(self.length));
    }
}

/// Every third, but early enough that a late answer doesn't stop the posts.
fn renew_every(length: Duration) -> Duration {
    (length / 3).min(length.saturating_sub(MARGIN) / 2)
}

impl State {
    pub(super) fn renew(&mut self, now: Moment) {
        if self.lease.renewal == Renewal::UnderWay || now < self.lease.renew_at || self.phase == Phase::Over {
            return;
        }
        self.lease.renewal = Renewal::UnderWay;
        self.effects.push(Effect::RenewLease);
    }

    pub(super) fn renewed(&mut self, started: Moment, result: Result<(), LeaseError>, now: Moment) {
        self.lease.renewal = Renewal::Idle;
        match result {
            Ok(()) => self.lease.renewed(started),
            Err(LeaseError::Store(error)) => {
                tracing::warn!(%error, "the lease could not be renewed yet");
                self.lease.renew_at = now.after(AGAIN);
            }
            Err(error) => {
                tracing::warn!(%error, "the lease is lost");
                self.phase = Phase::Lost;
            }
        }
    }
}
