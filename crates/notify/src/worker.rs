//! The lane of a tenant: its single writer, for one slice of time.
//!
//! The owner of the lease takes windows of recipients from the notifications that wait, writes its intent to their
//! ledgers, posts at the rate limiter's pace, and appends the outcomes with the next intent. Whoever takes the lease after
//! a crash reads the ledgers and goes on.
//!
//! Two layers: [`state`] decides and knows neither ports nor clock, [`jobs`] performs, and [`event_loop`] is between.

mod event_loop;
mod jobs;
mod state;

use crate::{env::Env, ids::TenantId, ports::StoreError};
use event_loop::EventLoop;
use jobs::Context;
use state::{Start, State};
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
    let Some(held) = jobs::lease::acquire(env, tenant).await? else {
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
    let span = tracing::error_span!("worker", tenant_id = %tenant, owner = %held.owner);
    let settings = &env.settings;
    let start = Start {
        tenant: tenant.clone(),
        owner: held.owner.clone(),
        rate: settings.rate,
        lease: settings.lease,
        leased_at: held.asked,
        slice: slice.0,
        seed: settings.seed.wrapping_add(held.number),
        known: held.note.rate_limiter.clone(),
    };
    let context = Context {
        env: env.clone(),
        tenant: tenant.clone(),
        owner: held.owner,
        lease: held.lease,
        note: Arc::new(held.note),
    };
    let state = State::new(start, context.now());
    let worker = EventLoop::new(context, state, change_signal);
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
