//! The lane's loop: start what can be started, wait for the next event, take it in.

use super::{
    Slice, WorkerRun,
    append::AppendEnd,
    event::{Event, Job, PartKey, Slot},
    lease::HeldLease,
    lease_renewal::SIGNAL_INTERVAL,
    part::Part,
    windows::FLUSH,
};
use crate::{
    env::Env,
    ids::TenantId,
    ports::{Etag, Moment},
    rate_limiter::{Jitter, RateLimiter},
    recipient::Recipient,
    worker::reference_updates::ReferenceUpdate,
};
use futures::{FutureExt, StreamExt, stream::FuturesUnordered};
use jiff::Timestamp;
use std::{
    collections::{BTreeMap, VecDeque},
    sync::Arc,
    time::Duration,
};
use tokio::sync::Notify;

/// Events taken in before anything new is started.
const MOST_EVENTS: usize = 256;

/// Where a lane is in its slice.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Phase {
    Working,
    /// Nothing new is started; what is open is written.
    Closing {
        since: Moment,
    },
    /// Someone else is the owner now.
    Lost,
    Over,
}

/// What is known of a work item.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum WorkItemState {
    Waiting,
    /// Its part is loaded or being loaded; or loading failed and is tried again then.
    Taken,
    Again(Moment),
    Quarantined,
}

impl WorkItemState {
    pub(super) fn is_open(self) -> bool {
        self != Self::Quarantined
    }
    pub(super) fn is_quarantined(self) -> bool {
        self == Self::Quarantined
    }
}

pub(super) struct Worker {
    pub(super) env: Arc<Env>,
    pub(super) tenant: TenantId,
    pub(super) hold: HeldLease,
    pub(super) rate_limiter: RateLimiter,
    pub(super) jitter: Jitter,
    pub(super) parts: BTreeMap<PartKey, Part>,
    pub(super) work_items: BTreeMap<String, WorkItemState>,
    pub(super) work: FuturesUnordered<Job>,
    pub(super) ready: VecDeque<Slot>,
    /// Slots in appends under way.
    pub(super) intending: usize,
    pub(super) in_flight: usize,
    pub(super) reference_updates: VecDeque<(PartKey, Arc<Recipient>, ReferenceUpdate)>,
    pub(super) keeping: usize,
    /// Jobs that may bring work: listings and loads.
    pub(super) side_jobs: usize,
    /// Parts of the first listing that are still being claimed: nothing is posted before.
    pub(super) loading: usize,
    /// Seconds, moving averages.
    pub(super) latency: f64,
    pub(super) append_latency: f64,
    pub(super) windows: u64,
    pub(super) throttled: u64,
    pub(super) last_permit: Option<Moment>,
    pub(super) phase: Phase,
    pub(super) slice: Duration,
    pub(super) slice_end: Moment,
    pub(super) taken: JobState,
    pub(super) next_part: PartKey,
    pub(super) change_signal: Option<Etag>,
    pub(super) signal_at: Moment,
    pub(super) signal_reading: JobState,
    pub(super) listing: JobState,
    pub(super) renewing: JobState,
    local_signal: Arc<Notify>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum JobState {
    Idle,
    Running,
    /// Asked for once more while it was running.
    RunningAndRequested,
}

impl Worker {
    pub(super) fn new(
        env: Arc<Env>,
        tenant: TenantId,
        hold: HeldLease,
        slice: Slice,
        local_signal: Arc<Notify>,
    ) -> Self {
        let clock = &env.ports.clock;
        let (now, wall) = (clock.now(), clock.wall());
        let mut rate_limiter = RateLimiter::new(env.settings.rate, now);
        #[cfg(feature = "planted-bugs")]
        if env.settings.planted == crate::planted_bugs::Planted::RateLimiterReset {
            rate_limiter = RateLimiter::new(env.settings.rate, now);
        } else {
            rate_limiter.recall(&hold.note.rate_limiter, now, wall);
        }
        #[cfg(not(feature = "planted-bugs"))]
        rate_limiter.recall(&hold.note.rate_limiter, now, wall);
        let jitter = Jitter::new(env.settings.seed.wrapping_add(hold.number));
        Self {
            tenant,
            rate_limiter,
            jitter,
            parts: BTreeMap::new(),
            work_items: BTreeMap::new(),
            work: FuturesUnordered::new(),
            ready: VecDeque::new(),
            intending: 0,
            in_flight: 0,
            reference_updates: VecDeque::new(),
            keeping: 0,
            side_jobs: 0,
            loading: 0,
            latency: 0.1,
            append_latency: 0.02,
            windows: 0,
            throttled: 0,
            last_permit: None,
            phase: Phase::Working,
            slice: slice.0,
            slice_end: now.after(slice.0),
            taken: JobState::Idle,
            next_part: 0,
            change_signal: None,
            signal_at: now,
            signal_reading: JobState::Idle,
            listing: JobState::Idle,
            renewing: JobState::Idle,
            local_signal,
            hold,
            env,
        }
    }

    /// Runs to the end of the slice or of the work.
    pub(super) async fn run(mut self) -> WorkerRun {
        self.list_work_items();
        loop {
            let wake = self.step();
            if matches!(self.phase, Phase::Over | Phase::Lost) {
                return self.release().await;
            }
            self.wait(wake).await;
        }
    }

    /// Starts everything that can be started; returns when to look again at the latest.
    fn step(&mut self) -> Moment {
        let clock = self.env.ports.clock.clone();
        let (now, wall) = (clock.now(), clock.wall());
        self.consider_the_end(now, wall);
        self.renew(now);
        if self.phase == Phase::Working {
            self.read_change_signal(now);
            self.load_parts(now);
            self.cancel_in_bulk(now, wall);
            self.settle_held(now, wall);
            self.form_windows(now, wall);
        }
        let posts = self.start_posts(now, wall);
        self.flush(now, wall);
        self.end_parts(now);
        self.open_chunks(now);
        self.retire_stopped();
        self.apply_reference_updates();
        self.consider_the_end(now, wall);
        self.next_wake(now, posts)
    }

    fn next_wake(&self, now: Moment, posts: Option<Moment>) -> Moment {
        let mut wake = now
            .after(SIGNAL_INTERVAL)
            .min(self.hold.renew_at.max(now.after(Duration::from_millis(50))));
        let mut consider = |moment: Moment| {
            if moment > now {
                wake = wake.min(moment);
            }
        };
        posts.into_iter().for_each(&mut consider);
        self.silent_at().into_iter().for_each(&mut consider);
        self.closing_until().into_iter().for_each(&mut consider);
        consider(self.slice_end);
        consider(self.signal_at);
        consider(self.rate_limiter.paused_until());
        for part in self.parts.values() {
            for chunk in &part.open {
                chunk.next_due().into_iter().for_each(&mut consider);
                if let Some(since) = chunk.buffered_since {
                    consider(since.after(FLUSH));
                }
            }
        }
        wake
    }

    async fn wait(&mut self, wake: Moment) {
        let clock = self.env.ports.clock.clone();
        let local_signal = self.local_signal.clone();
        let event = if self.work.is_empty() {
            tokio::select! {
                biased;
                () = local_signal.notified() => None,
                () = clock.sleep_until(wake) => return,
            }
        } else {
            tokio::select! {
                biased;
                event = self.work.next() => event,
                () = local_signal.notified() => None,
                () = clock.sleep_until(wake) => return,
            }
        };
        let Some(event) = event else {
            // Signalled within this process: no need to read the stored change signal first.
            self.list_work_items();
            return;
        };
        self.take_in(event);
        for _ in 0..MOST_EVENTS {
            match self.work.next().now_or_never() {
                Some(Some(event)) => self.take_in(event),
                _ => return,
            }
        }
    }

    fn take_in(&mut self, event: Event) {
        let clock = self.env.ports.clock.clone();
        let (now, wall) = (clock.now(), clock.wall());
        match event {
            Event::Answered {
                slot,
                started,
                answer,
            } => self.answered(slot, started, answer, now, wall),
            Event::Opened {
                slot,
                started,
                result,
            } => self.opened(slot, started, result, now, wall),
            Event::Appended {
                part,
                chunk,
                started,
                end,
            } => self.appended(part, chunk, started, end, now),
            Event::Renewed { started, result } => self.renewed(started, result, now),
            Event::ChangeSignal(result) => self.change_signal_read(result),
            Event::WorkItems(result) => self.work_items_listed(result, now),
            Event::Loaded { work_item, result } => self.loaded(work_item, result, now),
            Event::Refreshed { part, asked, result } => self.refreshed(part, asked, result),
            Event::Stopped { part, notification } => self.stopped(part, notification, now),
            Event::Retired { work_item, left } => self.retired(work_item, left),
            Event::ChunkOpened { part, number, result } => self.chunk_opened(part, number, *result, now),
            Event::PartEnded { part, result } => self.part_ended(part, result, now),
            Event::Composed { part, result } => self.composed(part, result),
            Event::Made {
                part,
                chunk,
                contents,
                unmade,
            } => self.contents_made(part, chunk, (contents, unmade), now, wall),
            Event::Kept { part } => self.kept(part),
            Event::Noted => {}
        }
    }

    fn appended(&mut self, key: PartKey, number: u32, started: Moment, end: AppendEnd, now: Moment) {
        let took = now.since(started).as_secs_f64();
        self.append_latency += (took - self.append_latency) * 0.2;
        let Some(chunk) = self.parts.get_mut(&key).and_then(|part| part.chunk(number)) else {
            return;
        };
        match end {
            AppendEnd::Written(length) => {
                let slots = chunk.written(length);
                self.intending -= slots.len();
                self.ready.extend(slots);
                if self.phase != Phase::Working {
                    let wall: Timestamp = self.env.ports.clock.wall();
                    self.take_back(now, now, wall);
                }
            }
            AppendEnd::Fenced => {
                tracing::warn!("another owner appended: the lane is left to it");
                self.phase = Phase::Lost;
            }
            AppendEnd::Refused => {
                tracing::error!("the ledger refuses appends: the lane is left");
                self.phase = Phase::Lost;
            }
        }
    }
}
