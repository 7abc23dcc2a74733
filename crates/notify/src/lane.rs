//! The lane of a tenant: its single writer, for one slice of time.
//!
//! The holder of the lease takes windows of recipients from the notifications that wait, writes its intent to their
//! ledgers, posts at the governor's pace, and appends the outcomes with the next intent. Whoever takes the lease after
//! a crash reads the ledgers and goes on. All that runs is in one list of futures of this task: nothing is spawned, and
//! dropping the lane stops it at once.

mod answers;
mod append;
mod chunk;
mod close;
mod compose;
mod event;
mod finish;
mod form;
mod hold;
mod load;
mod part;
mod post;
mod reopen;
mod run;
mod sweep;
mod take_up;
mod upkeep;
mod window;

use crate::{env::Env, ids::TenantId, ports::StoreError};
use std::{sync::Arc, time::Duration};

pub(crate) use finish::finish_notification;

/// How long a holder works before it hands over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Slice(pub Duration);

impl Slice {
    /// The longest slice.
    pub const LONGEST: Duration = Duration::from_secs(25 * 60);
    /// What a slice leaves of an invocation's time.
    pub const MARGIN: Duration = Duration::from_secs(60);

    /// The slice that fits an invocation of the host's `functionTimeout`.
    #[must_use]
    pub fn within(function_timeout: Duration) -> Self {
        let fitting = function_timeout.saturating_sub(Self::MARGIN);
        Self(fitting.clamp(Duration::from_secs(5), Self::LONGEST))
    }
}

/// What became of a hint to look after a lane.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Drained {
    /// Another process holds the lane and looks after it, or will: this process is ending.
    Busy,
    /// Another job of this process holds the lane and looks after it.
    BusyHere,
    /// Nothing is left to do.
    Empty,
    /// The slice is over, or all that is left must wait; a hint was sent.
    HandedOver,
    /// The lease was lost or another holder appended: it goes on there.
    Lost,
}

/// Looks after a lane for one slice.
///
/// # Errors
/// When the store fails before the lane is held; afterwards the lane deals with failures itself.
pub(crate) async fn drain(env: &Arc<Env>, tenant: &TenantId, slice: Slice) -> Result<Drained, StoreError> {
    if env.is_stopping() {
        return Ok(Drained::Busy);
    }
    let _asking = Asking::new(env, tenant);
    let Some(hold) = hold::acquire(env, tenant).await? else {
        return Ok(match env.others_ask(tenant) {
            true => Drained::BusyHere,
            false => Drained::Busy,
        });
    };
    let bell = env.hold_lane(tenant);
    // Also when this future is dropped: a later holder's doorbell must not be taken for ours.
    let _guard = Leave {
        env: env.clone(),
        tenant: tenant.clone(),
        bell: bell.clone(),
    };
    Ok(run::Lane::new(env.clone(), tenant.clone(), hold, slice, bell)
        .run()
        .await)
}

/// Keeps the word that this process asks for the lane, also when the job is dropped.
struct Asking {
    env: Arc<Env>,
    tenant: TenantId,
}

impl Asking {
    fn new(env: &Arc<Env>, tenant: &TenantId) -> Self {
        env.asks(tenant);
        Self {
            env: env.clone(),
            tenant: tenant.clone(),
        }
    }
}

impl Drop for Asking {
    fn drop(&mut self) {
        self.env.asks_no_more(&self.tenant);
    }
}

struct Leave {
    env: Arc<Env>,
    tenant: TenantId,
    bell: Arc<tokio::sync::Notify>,
}

impl Drop for Leave {
    fn drop(&mut self) {
        self.env.leave_lane(&self.tenant, &self.bell);
    }
}
