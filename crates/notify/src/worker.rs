//! The lane of a tenant: its single writer, for one slice of time.
//!
//! The owner of the lease takes windows of recipients from the notifications that wait, writes its intent to their
//! ledgers, posts at the rate limiter's pace, and appends the outcomes with the next intent. Whoever takes the lease after
//! a crash reads the ledgers and goes on. All that runs is in one list of futures of this task: nothing is spawned, and
//! dropping the lane stops it at once.

mod append;
mod cancel;
mod compose;
mod event;
mod event_loop;
mod finalize;
mod handover;
mod lease;
mod lease_renewal;
mod load_parts;
mod open_chunk;
mod outcomes;
mod part;
mod post;
mod recovery;
pub(crate) mod reference_updates;
mod reopen;
mod window_size;
mod windows;

use crate::{env::Env, ids::TenantId, ports::StoreError};
use std::{sync::Arc, time::Duration};
use tracing::Instrument as _;

/// How long an owner works before it hands over.
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

/// What came of a wake-up for a lane.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum WorkerRun {
    /// Another process owns the lane and works on it, or will: this process is ending.
    Busy,
    /// Another job of this process owns the lane and works on it.
    BusyHere,
    /// Nothing is left to do.
    Empty,
    /// The slice is over, or all that is left must wait; a wake-up was sent.
    HandedOver,
    /// The lease was lost or another owner appended: it goes on there.
    Lost,
}

/// Runs the worker of a lane for one slice.
///
/// # Errors
/// When the store fails before the lane is held; afterwards the lane deals with failures itself.
pub(crate) async fn run(env: &Arc<Env>, tenant: &TenantId, slice: Slice) -> Result<WorkerRun, StoreError> {
    if env.is_stopping() {
        return Ok(WorkerRun::Busy);
    }
    let _asking = Asking::new(env, tenant);
    let Some(hold) = lease::acquire(env, tenant).await? else {
        return Ok(match env.others_ask(tenant) {
            true => WorkerRun::BusyHere,
            false => WorkerRun::Busy,
        });
    };
    let change_signal = env.hold_lane(tenant);
    // Also when this future is dropped: a later owner's local signal must not be taken for ours.
    let _guard = Leave {
        env: env.clone(),
        tenant: tenant.clone(),
        change_signal: change_signal.clone(),
    };
    // One span a run; its fields are on every line of the run, whatever part or job writes it.
    let span = tracing::error_span!("worker", tenant_id = %tenant, owner = %hold.owner);
    let worker = event_loop::Worker::new(env.clone(), tenant.clone(), hold, slice, change_signal);
    Ok(worker.run().instrument(span).await)
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
    change_signal: Arc<tokio::sync::Notify>,
}

impl Drop for Leave {
    fn drop(&mut self) {
        self.env.leave_lane(&self.tenant, &self.change_signal);
    }
}
