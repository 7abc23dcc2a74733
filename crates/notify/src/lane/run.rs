//! The lane's loop: start what can be started, wait for the next event, take it in.

use super::{
    Drained, Slice,
    append::AppendEnd,
    event::{Event, Job, PartKey, Slot},
    finish,
    hold::Hold,
    load::{Loaded, Taker, load_part, open_chunk},
    part::{Opening, Part, Stage},
};
use crate::{
    env::Env,
    governor::{Governor, Jitter},
    ids::TenantId,
    names,
    ports::{Etag, LeaseError, Moment, Read, ReadIf, StoreError},
    recipient::Recipient,
    stored::{self, LoadError},
};
use futures::{FutureExt, StreamExt, stream::FuturesUnordered};
use jiff::Timestamp;
use std::{
    collections::{BTreeMap, VecDeque},
    sync::Arc,
    time::Duration,
};
use tokio::sync::Notify;

/// The bell is read this often: a window at the rates that Teams allows.
const BELL: Duration = Duration::from_secs(1);
const RENEW_AGAIN: Duration = Duration::from_secs(1);
/// Parts in memory at a time; the rest waits as markers.
const MOST_PARTS: usize = 32;
/// So few fresh recipients left, and the next chunk is read.
const READ_AHEAD: usize = 1_500;
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
    /// Someone else is the holder now.
    Lost,
    Over,
}

/// What is known of a work marker.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Marker {
    Waiting,
    /// Its part is loaded or being loaded; or loading failed and is tried again then.
    Taken,
    Again(Moment),
    Parked,
}

impl Marker {
    pub(super) fn is_open(self) -> bool {
        self != Self::Parked
    }
    pub(super) fn is_parked(self) -> bool {
        self == Self::Parked
    }
}

pub(super) struct Lane {
    pub(super) env: Arc<Env>,
    pub(super) tenant: TenantId,
    pub(super) hold: Hold,
    pub(super) governor: Governor,
    pub(super) jitter: Jitter,
    pub(super) parts: BTreeMap<PartKey, Part>,
    pub(super) markers: BTreeMap<String, Marker>,
    pub(super) work: FuturesUnordered<Job>,
    pub(super) ready: VecDeque<Slot>,
    /// Slots in appends under way.
    pub(super) intending: usize,
    pub(super) in_flight: usize,
    pub(super) marks: VecDeque<Arc<Recipient>>,
    pub(super) marking: usize,
    /// Jobs that may bring work: listings and loads.
    pub(super) side_jobs: usize,
    /// Parts of the first listing that are still being taken over: nothing is posted before.
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
    taken: Asked,
    next_part: PartKey,
    bell: Option<Etag>,
    bell_at: Moment,
    bell_reading: Asked,
    listing: Asked,
    renewing: Asked,
    doorbell: Arc<Notify>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Asked {
    No,
    Yes,
    /// Asked once more while it was under way.
    Again,
}

impl Lane {
    pub(super) fn new(
        env: Arc<Env>,
        tenant: TenantId,
        hold: Hold,
        slice: Slice,
        doorbell: Arc<Notify>,
    ) -> Self {
        let clock = &env.ports.clock;
        let (now, wall) = (clock.now(), clock.wall());
        let mut governor = Governor::new(env.settings.rate, now);
        governor.recall(&hold.note.governor, now, wall);
        let jitter = Jitter::new(env.settings.seed.wrapping_add(hold.number));
        Self {
            tenant,
            governor,
            jitter,
            parts: BTreeMap::new(),
            markers: BTreeMap::new(),
            work: FuturesUnordered::new(),
            ready: VecDeque::new(),
            intending: 0,
            in_flight: 0,
            marks: VecDeque::new(),
            marking: 0,
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
            taken: Asked::No,
            next_part: 0,
            bell: None,
            bell_at: now,
            bell_reading: Asked::No,
            listing: Asked::No,
            renewing: Asked::No,
            doorbell,
            hold,
            env,
        }
    }

    /// Runs to the end of the slice or of the work.
    pub(super) async fn run(mut self) -> Drained {
        self.list_markers();
        loop {
            let wake = self.step();
            if matches!(self.phase, Phase::Over | Phase::Lost) {
                return self.release().await;
            }
            self.wait(wake).await;
        }
    }

    /// Starts everything that can be started; tells when to look again at the latest.
    fn step(&mut self) -> Moment {
        let clock = self.env.ports.clock.clone();
        let (now, wall) = (clock.now(), clock.wall());
        self.consider_the_end(now, wall);
        self.renew(now);
        if self.phase == Phase::Working {
            self.read_bell(now);
            self.load_parts(now);
            self.sweep(now, wall);
            self.settle_held(now, wall);
            self.form_windows(now, wall);
        }
        let posts = self.start_posts(now, wall);
        self.flush(now, wall);
        self.end_parts(now);
        self.open_chunks(now);
        self.retire_stopped();
        self.start_marks();
        self.consider_the_end(now, wall);
        self.next_wake(now, posts)
    }

    fn next_wake(&self, now: Moment, posts: Option<Moment>) -> Moment {
        let mut wake = now
            .after(BELL)
            .min(self.hold.renew_at.max(now.after(Duration::from_millis(50))));
        let mut consider = |moment: Moment| {
            if moment > now {
                wake = wake.min(moment);
            }
        };
        posts.into_iter().for_each(&mut consider);
        self.silent_at().into_iter().for_each(&mut consider);
        self.patient_until().into_iter().for_each(&mut consider);
        consider(self.slice_end);
        consider(self.bell_at);
        consider(self.governor.paused_until());
        for part in self.parts.values() {
            for chunk in &part.open {
                chunk.next_due().into_iter().for_each(&mut consider);
                if let Some(since) = chunk.buffered_since {
                    consider(since.after(Duration::from_secs(1)));
                }
            }
        }
        wake
    }

    async fn wait(&mut self, wake: Moment) {
        let clock = self.env.ports.clock.clone();
        let doorbell = self.doorbell.clone();
        let event = if self.work.is_empty() {
            tokio::select! {
                biased;
                () = doorbell.notified() => None,
                () = clock.sleep_until(wake) => return,
            }
        } else {
            tokio::select! {
                biased;
                event = self.work.next() => event,
                () = doorbell.notified() => None,
                () = clock.sleep_until(wake) => return,
            }
        };
        let Some(event) = event else {
            // Rung in this process: no need to read the stored bell first.
            self.list_markers();
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
            Event::Opened { slot, result } => self.opened(slot, result, now, wall),
            Event::Appended {
                part,
                chunk,
                started,
                end,
            } => self.appended(part, chunk, started, end, now),
            Event::Renewed { started, result } => self.renewed(started, result, now),
            Event::Bell(result) => self.bell_read(result),
            Event::Markers(result) => self.markers_listed(result, now),
            Event::Loaded { marker, result } => self.loaded(marker, result, now),
            Event::Refreshed { part, result } => self.refreshed(part, result),
            Event::ChunkOpened { part, number, result } => self.chunk_opened(part, number, *result, now),
            Event::PartEnded { part, result } => self.part_ended(part, result, now),
            Event::Marked => self.marking = self.marking.saturating_sub(1),
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
                tracing::warn!(holder = %self.hold.holder, "another holder appended: the lane is left to it");
                self.phase = Phase::Lost;
            }
            AppendEnd::Refused => {
                tracing::error!(holder = %self.hold.holder, "the ledger refuses appends: the lane is left");
                self.phase = Phase::Lost;
            }
        }
    }

    fn renew(&mut self, now: Moment) {
        if self.renewing != Asked::No || now < self.hold.renew_at || self.phase == Phase::Over {
            return;
        }
        self.renewing = Asked::Yes;
        let env = self.env.clone();
        let lease = self.hold.lease.clone();
        self.work.push(Box::pin(async move {
            let result = env.ports.objects.renew_lease(&lease).await;
            Event::Renewed { started: now, result }
        }));
    }

    fn renewed(&mut self, started: Moment, result: Result<(), LeaseError>, now: Moment) {
        self.renewing = Asked::No;
        match result {
            Ok(()) => self.hold.renewed(started),
            Err(LeaseError::Store(error)) => {
                tracing::warn!(%error, "the lease could not be renewed yet");
                self.hold.renew_at = now.after(RENEW_AGAIN);
            }
            Err(error) => {
                tracing::warn!(%error, holder = %self.hold.holder, "the lease is lost");
                self.phase = Phase::Lost;
            }
        }
    }

    fn read_bell(&mut self, now: Moment) {
        if now < self.bell_at || self.bell_reading != Asked::No {
            return;
        }
        self.bell_at = now.after(BELL);
        self.bell_reading = Asked::Yes;
        let env = self.env.clone();
        let name = names::bell(&env.settings.bot, &self.tenant);
        let when = self.bell.clone().map_or(ReadIf::Any, ReadIf::Changed);
        self.work.push(Box::pin(async move {
            let read = env.ports.objects.read(&name, when).await;
            Event::Bell(read.map(|read| match read {
                Read::Found(object) => Some(object.etag),
                Read::Missing | Read::Unchanged => None,
            }))
        }));
    }

    fn bell_read(&mut self, result: Result<Option<Etag>, StoreError>) {
        self.bell_reading = Asked::No;
        match result {
            Ok(None) => {}
            Ok(Some(etag)) => {
                let first = self.bell.is_none() && self.taken == Asked::Yes;
                self.bell = Some(etag);
                // The first listing is later than this bell only if it was asked for later: list again to be sure.
                let _ = first;
                self.list_markers();
            }
            Err(error) => tracing::warn!(%error, "the bell could not be read"),
        }
    }

    fn list_markers(&mut self) {
        if self.listing != Asked::No {
            self.listing = Asked::Again;
            return;
        }
        self.listing = Asked::Yes;
        self.side_jobs += 1;
        let env = self.env.clone();
        let prefix = names::work(&env.settings.bot, &self.tenant);
        self.work.push(Box::pin(async move {
            let entries = crate::plan::chunk::entries(&*env.ports.objects, &prefix).await;
            Event::Markers(entries.map(|entries| entries.into_iter().map(|entry| entry.name).collect()))
        }));
    }

    fn markers_listed(&mut self, result: Result<Vec<String>, StoreError>, now: Moment) {
        self.side_jobs -= 1;
        let again = self.listing == Asked::Again;
        self.listing = Asked::No;
        match result {
            Ok(names) => {
                let mut fresh = BTreeMap::new();
                for name in names {
                    let known = self.markers.get(&name).copied().unwrap_or(Marker::Waiting);
                    fresh.insert(name, known);
                }
                self.markers.retain(|_, known| *known == Marker::Taken);
                self.markers.extend(fresh);
                let first = self.taken == Asked::No;
                self.taken = Asked::Yes;
                if first {
                    self.take_over(now);
                } else {
                    self.refresh_parts();
                }
            }
            Err(error) => {
                tracing::warn!(%error, "the work markers could not be listed");
                self.bell = None;
                self.bell_at = now.after(BELL);
            }
        }
        if again {
            self.list_markers();
        }
    }

    /// Every part is looked at before the first post, so that no earlier holder can append to any of them any more.
    fn take_over(&mut self, now: Moment) {
        self.load_parts(now);
        self.loading = self.side_jobs;
    }

    /// Loads parts from markers, the first by name first.
    fn load_parts(&mut self, now: Moment) {
        let mut room = MOST_PARTS.saturating_sub(self.parts.len() + self.side_jobs);
        let mut names = Vec::new();
        for (name, known) in &mut self.markers {
            if room == 0 {
                break;
            }
            let due = match known {
                Marker::Waiting => true,
                Marker::Again(at) => now >= *at,
                Marker::Taken | Marker::Parked => false,
            };
            if due {
                *known = Marker::Taken;
                names.push(name.clone());
                room -= 1;
            }
        }
        for marker in names {
            self.side_jobs += 1;
            let taker = self.taker();
            self.work.push(Box::pin(async move {
                let result = load_part(&taker, &marker).await;
                let result = match result {
                    Ok(Loaded::Ended(id)) => finish::conclude(&taker.env, &id, &marker)
                        .await
                        .map(|()| Loaded::Nothing(id)),
                    Ok(Loaded::Nothing(id)) => finish::forget_marker(&taker.env.ports, &marker)
                        .await
                        .map(|()| Loaded::Nothing(id)),
                    other => other,
                };
                Event::Loaded { marker, result }
            }));
        }
    }

    pub(super) fn taker(&self) -> Taker {
        Taker {
            env: self.env.clone(),
            tenant: self.tenant.clone(),
            holder: self.hold.holder.clone(),
        }
    }

    fn loaded(&mut self, marker: String, result: Result<Loaded, StoreError>, now: Moment) {
        self.side_jobs -= 1;
        self.loading = self.loading.saturating_sub(1);
        match result {
            Ok(Loaded::Part(part)) => {
                self.parts.insert(self.next_part, *part);
                self.next_part += 1;
            }
            Ok(Loaded::Ended(_) | Loaded::Nothing(_)) => {
                self.markers.remove(&marker);
            }
            Ok(Loaded::Parked) => {
                self.markers.insert(marker, Marker::Parked);
            }
            Err(error) => {
                tracing::warn!(marker, %error, "a part could not be taken up yet");
                let known = match error {
                    StoreError::Damaged(_) => Marker::Parked,
                    _ => Marker::Again(now.after(RENEW_AGAIN)),
                };
                self.markers.insert(marker, known);
            }
        }
    }

    /// The bell rang: a loaded part may have been cancelled.
    fn refresh_parts(&mut self) {
        let parts = self.parts.iter().filter(|(_, part)| part.stage == Stage::Working);
        let jobs: Vec<Job> = parts
            .map(|(key, part)| {
                let (key, id, env) = (*key, part.id().clone(), self.env.clone());
                let job: Job = Box::pin(async move {
                    let result = match stored::load(&*env.ports.objects, &id).await {
                        Ok((notification, _)) => Ok(Some(Box::new(notification))),
                        Err(LoadError::Missing) => Ok(None),
                        Err(error) => Err(crate::plan::as_store_error(error)),
                    };
                    Event::Refreshed { part: key, result }
                });
                job
            })
            .collect();
        self.work.extend(jobs);
    }

    fn refreshed(
        &mut self,
        key: PartKey,
        result: Result<Option<Box<crate::notification::Notification>>, StoreError>,
    ) {
        match result {
            Ok(Some(notification)) => {
                if let Some(part) = self.parts.get_mut(&key) {
                    part.notification = notification;
                }
            }
            Ok(None) => {}
            Err(error) => {
                tracing::warn!(%error, "a notification could not be read again");
                // Ask again with the next bell.
                self.bell = None;
            }
        }
    }

    fn open_chunks(&mut self, now: Moment) {
        if self.phase != Phase::Working {
            return;
        }
        let mut opened = Vec::new();
        for (key, part) in &mut self.parts {
            let soon = part.open.last().is_none_or(|last| last.fresh() < READ_AHEAD);
            let stopped = part.stopping.is_some();
            if soon && !stopped && part.stage == Stage::Working && part.may_open(now) {
                part.opening = Opening::Yes;
                opened.push((*key, part.notification.clone(), part.next_chunk, part.next_base()));
            }
        }
        for (key, notification, number, base) in opened {
            let taker = self.taker();
            self.work.push(Box::pin(async move {
                let result = open_chunk(&taker, &notification, number, base).await;
                Event::ChunkOpened {
                    part: key,
                    number,
                    result: Box::new(result),
                }
            }));
        }
    }

    fn chunk_opened(
        &mut self,
        key: PartKey,
        number: u32,
        result: Result<super::chunk::OpenChunk, StoreError>,
        now: Moment,
    ) {
        let Some(part) = self.parts.get_mut(&key) else {
            return;
        };
        match result {
            Ok(chunk) => {
                part.opening = Opening::No;
                part.base = chunk.base;
                part.next_chunk = number + 1;
                part.open.push(chunk);
            }
            Err(error) => {
                tracing::warn!(notification = %part.id(), number, %error, "an audience chunk could not be opened yet");
                part.opening = Opening::Again(now.after(RENEW_AGAIN));
            }
        }
    }
}
