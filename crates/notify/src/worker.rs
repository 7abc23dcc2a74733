//! The lane of a tenant: its single writer, for one slice of time.
//!
//! The owner of the lease takes windows of recipients from the notifications that wait, writes its intent to their
//! ledgers, posts at the rate limiter's pace, and appends the outcomes with the next intent. Whoever takes the lease after
//! a crash reads the ledgers and goes on.
//!
//! Two layers: `state` decides and knows neither ports nor clock, `jobs` performs, and `event_loop` is between.

mod event_loop;
mod jobs;
mod state;

use crate::{
    env::Env,
    ids::TenantId,
    lane::Lane,
    notification::Notification,
    ports::{Etag, Moment, StoreError},
    recipient::Recipient,
};
pub(crate) use jobs::lease::has_work;

use event_loop::EventLoop;
use jobs::{
    Context,
    lease::{Acquired, NewLane},
};
use state::{Start, State, Unlisted, Work};
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
    /// All that is in the lane must wait, and a wake-up for then was sent.
    Resting,
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
pub(crate) async fn run(env: &Arc<Env>, lane: &Lane, slice: Slice) -> Result<WorkerRun, StoreError> {
    if env.is_stopping() {
        return Ok(WorkerRun::Busy);
    }
    let _asking = Asking::new(env, lane);
    let held = match jobs::lease::acquire(env, lane, NewLane::MakeForWork).await? {
        Acquired::Held(held) => held,
        Acquired::NoLane => {
            tracing::warn!(
                tenant_id = lane.tenant().map(TenantId::as_str),
                "a wake-up names a lane that doesn't exist"
            );
            return Ok(WorkerRun::Empty);
        }
        Acquired::Resting => return Ok(WorkerRun::Resting),
        Acquired::Busy => return Ok(busy(env, lane)),
    };
    let (context, seed) = Context::new(env, lane, *held);
    let (run, _) = work(&context, seed, slice, Work::Unknown).await;
    Ok(run)
}

/// A part that its planner stored and nobody knows of yet but by the planning item.
pub(crate) struct FreshPart {
    pub(crate) lane: Lane,
    pub(crate) notification: Notification,
    /// The version of the notification.
    pub(crate) version: Etag,
    /// Its only chunk, as it is stored.
    pub(crate) rows: Vec<Recipient>,
    /// Before it was read what its people want.
    pub(crate) planned: Moment,
}

/// What came of a fresh part.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum FreshRun {
    /// Its end is written.
    Ended,
    /// The slice is over: it goes on in the lane once it is announced.
    SliceOver,
    /// The lane has an owner, must rest, or may have other work: it begins once it is announced.
    NotBegun,
}

/// Sends a fresh part in a lane that is free and has no other work, for one slice. No work item stands for it meanwhile:
/// its planner keeps the planning item, and announces what is left. Saves the requests of an announcement and of a
/// listing.
///
/// # Errors
/// When the store fails before the lane is held.
pub(crate) async fn run_fresh(env: &Arc<Env>, part: FreshPart, slice: Slice) -> Result<FreshRun, StoreError> {
    if env.is_stopping() {
        return Ok(FreshRun::NotBegun);
    }
    let lane = part.lane.clone();
    let _asking = Asking::new(env, &lane);
    let Acquired::Held(held) = jobs::lease::acquire(env, &lane, NewLane::Make).await? else {
        return Ok(FreshRun::NotBegun);
    };
    let (empty_at, planned) = (held.note.empty_at.clone(), part.planned);
    let (context, seed) = Context::new(env, &lane, *held);
    let opened = match empty_at {
        Some(signal) => jobs::open_fresh(&context, part)
            .await
            .map(|part| part.zip(Some(signal))),
        // It may have work, or an owner that died: those who work there list it.
        None => Ok(None),
    };
    match opened {
        Ok(Some((part, signal))) => {
            let part = Box::new(part);
            let work_of = Work::Only {
                part,
                signal,
                planned,
            };
            let (_, unlisted) = work(&context, seed, slice, work_of).await;
            Ok(match unlisted {
                Unlisted::None => FreshRun::Ended,
                Unlisted::Left => FreshRun::SliceOver,
            })
        }
        Ok(None) => {
            jobs::release::unused(&context).await;
            Ok(FreshRun::NotBegun)
        }
        Err(error) => {
            jobs::release::unused(&context).await;
            Err(error)
        }
    }
}

fn busy(env: &Env, lane: &Lane) -> WorkerRun {
    match env.others_ask(lane) {
        true => WorkerRun::BusyHere,
        false => WorkerRun::Busy,
    }
}

/// Works on a held lane.
async fn work(context: &Context, seed: u64, slice: Slice, work: Work) -> (WorkerRun, Unlisted) {
    let (env, lane) = (&context.env, &context.lane);
    let change_signal = env.hold_lane(lane);
    // Also when this future is dropped: a later owner's local signal must not be taken for ours.
    let _guard = Leave {
        env: env.clone(),
        lane: lane.clone(),
        change_signal: change_signal.clone(),
    };
    // One span a run; its fields are on every line of the run, whatever part or job writes it.
    let span = tracing::error_span!("worker", tenant_id = lane.tenant().map(TenantId::as_str), owner = %context.owner);
    let start = Start {
        lane: lane.clone(),
        owner: context.owner.clone(),
        rate: lane.rate(env.settings.rate),
        lease: env.settings.lease,
        leased_at: context.leased_at,
        slice: slice.0,
        seed,
        known: context.note.rate_limiter.clone(),
        waiting: context.note.waiting.clone(),
        work,
    };
    let state = State::new(start, context.now());
    let worker = EventLoop::new(context.clone(), state, change_signal);
    worker.run().instrument(span).await
}

/// Keeps the word that this process asks for the lane, also when the job is dropped.
struct Asking {
    env: Arc<Env>,
    lane: Lane,
}

impl Asking {
    fn new(env: &Arc<Env>, lane: &Lane) -> Self {
        env.asks(lane);
        Self {
            env: env.clone(),
            lane: lane.clone(),
        }
    }
}

impl Drop for Asking {
    fn drop(&mut self) {
        self.env.asks_no_more(&self.lane);
    }
}

struct Leave {
    env: Arc<Env>,
    lane: Lane,
    change_signal: Arc<tokio::sync::Notify>,
}

impl Drop for Leave {
    fn drop(&mut self) {
        self.env.leave_lane(&self.lane, &self.change_signal);
    }
}
