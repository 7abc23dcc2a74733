//! The end of a slice: the note that this owner is ending, a second without posts, the release, the wake-up for what is left.

use super::{
    WorkerRun,
    event::Event,
    event_loop::{Phase, WorkItemState, Worker},
    lease::OwnerState,
    part::{Mode, OpenState, Stage},
};
use crate::{
    ports::{Moment, Ports, StoreError, WakeUp},
    store::keys,
};
use jiff::Timestamp;
use std::{collections::BTreeMap, time::Duration};

/// No clocks are compared between owners: each leaves a second without posts at its end.
const SILENCE: Duration = Duration::from_millis(1_005);
/// What must wait longer than this is not worth holding the lane for.
const LONG_WAIT: Duration = Duration::from_secs(20);
/// The successor is woken so long before the end.
const NOTICE: Duration = Duration::from_secs(10);
/// Slices shorter than this end without the note.
const NOTICED: Duration = Duration::from_secs(25);
/// Answers are waited for at most so long at the end.
const LAST_ANSWERS: Duration = Duration::from_secs(12);

impl Worker {
    /// Moves on to the end when it is time for it.
    pub(super) fn consider_the_end(&mut self, now: Moment, wall: Timestamp) {
        match self.phase {
            Phase::Working => {
                if now >= self.slice_end || self.env.is_stopping() {
                    self.begin_closing(now, wall);
                } else if self.slice > NOTICED && now.after(NOTICE) >= self.slice_end && !self.noticed() {
                    self.give_notice();
                } else if self.long_wait(now, wall).is_some() {
                    self.begin_closing(now, wall);
                } else if self.is_idle() && self.silent(now) {
                    self.phase = Phase::Over;
                }
            }
            Phase::Closing { since } => {
                let quiet = self.is_quiet() && self.silent(now);
                if quiet || now.since(since) > LAST_ANSWERS {
                    self.phase = Phase::Over;
                }
            }
            Phase::Lost | Phase::Over => {}
        }
    }

    fn begin_closing(&mut self, now: Moment, wall: Timestamp) {
        self.phase = Phase::Closing { since: now };
        self.take_back(now, now, wall);
    }

    /// A second has passed since the last permit.
    fn silent(&self, now: Moment) -> bool {
        #[cfg(feature = "planted-bugs")]
        if self.env.settings.planted == crate::planted_bugs::Planted::RateLimiterReset {
            return true;
        }
        self.last_permit.is_none_or(|last| now.since(last) >= SILENCE)
    }

    /// The end of the second without posts, while it lasts.
    pub(super) fn silent_at(&self) -> Option<Moment> {
        self.last_permit.map(|last| last.after(SILENCE))
    }

    /// When the worker stops waiting for answers, if it is closing.
    pub(super) fn closing_until(&self) -> Option<Moment> {
        match self.phase {
            Phase::Closing { since } => Some(since.after(LAST_ANSWERS)),
            _ => None,
        }
    }

    fn is_idle(&self) -> bool {
        self.parts.is_empty()
            && self.work_items.values().all(|known| !known.is_open())
            && self.side_jobs == 0
            && self.keeping == 0
            && self.in_flight == 0
    }

    /// How long all that is left must wait, when that is long and nothing is open.
    fn long_wait(&self, now: Moment, wall: Timestamp) -> Option<Duration> {
        if self.in_flight > 0 || !self.ready.is_empty() || self.side_jobs > 0 || self.parts.is_empty() {
            return None;
        }
        let mut earliest: Option<Moment> = None;
        for part in self.parts.values() {
            let waits = part.stage == Stage::Working
                && part.mode(&self.tenant, wall) == Mode::Sending
                && part.opening == OpenState::Idle
                && !part.may_open(now)
                && part.open.iter().all(|chunk| {
                    chunk.fresh() == 0
                        && !chunk.has_contents()
                        && !chunk.has_buffer()
                        && chunk.uncertain() == 0
                });
            if !waits {
                // With the whole tenant paused, fresh rows wait as well.
                let paused = self.rate_limiter.paused_until();
                let still = part
                    .open
                    .iter()
                    .all(|chunk| chunk.making == 0 && !chunk.has_buffer() && chunk.uncertain() == 0);
                if part.stage != Stage::Working
                    || !still
                    || paused.since(now) < LONG_WAIT
                    || part.mode(&self.tenant, wall) != Mode::Sending
                    || part.open.is_empty()
                {
                    return None;
                }
                earliest = Some(earliest.map_or(paused, |known| known.min(paused)));
                continue;
            }
            let paused = self.rate_limiter.paused_until();
            let due = part
                .open
                .iter()
                .filter_map(|chunk| chunk.next_due())
                .min()?
                .max(paused);
            earliest = Some(earliest.map_or(due, |known| known.min(due)));
        }
        // What expires sooner ends then, also while Teams throttles.
        let expires = self
            .parts
            .values()
            .map(|part| part.notification.expires_at)
            .min()?;
        let lives = Duration::try_from(expires.duration_since(wall)).unwrap_or_default();
        let wait = earliest?.since(now).min(lives);
        (wait > LONG_WAIT).then_some(wait)
    }

    fn noticed(&self) -> bool {
        self.hold.note.state == OwnerState::Ending
    }

    /// Notes that this owner is ending, and wakes the successor, which will wait.
    fn give_notice(&mut self) {
        self.hold.note.state = OwnerState::Ending;
        if self.parts.is_empty() && self.work_items.is_empty() {
            return;
        }
        let env = self.env.clone();
        let lease = self.hold.lease.clone();
        let note = self.hold.note.clone();
        let wake_up = WakeUp::Lane {
            tenant: self.tenant.clone(),
        };
        self.work.push(Box::pin(async move {
            match note.bytes() {
                Ok(body) => {
                    if let Err(error) = env
                        .ports
                        .objects
                        .write_leased(&lease, body, &BTreeMap::new())
                        .await
                    {
                        tracing::warn!(%error, "the lane's note could not be written");
                    }
                }
                Err(error) => tracing::warn!(%error, "the lane's note could not be made"),
            }
            env.ports.wake_ups.send(wake_up, Duration::ZERO).await;
            Event::Noted
        }));
    }

    /// Releases the lane and wakes whoever does what is left.
    pub(super) async fn release(mut self) -> WorkerRun {
        let ports = self.env.ports.clone();
        let clock = &ports.clock;
        let lost = self.phase == Phase::Lost;
        let wait = self.long_wait(clock.now(), clock.wall());
        let memory = self.rate_limiter.remember(clock.now(), clock.wall());
        if !lost && (!memory.is_empty() || !self.hold.note.rate_limiter.is_empty()) {
            self.hold.note.rate_limiter = memory;
            self.hold.note.state = OwnerState::Working;
            if let Ok(body) = self.hold.note.bytes()
                && let Err(error) = ports
                    .objects
                    .write_leased(&self.hold.lease, body, &BTreeMap::new())
                    .await
            {
                tracing::warn!(%error, "the lane's note could not be written");
            }
        }
        if let Err(error) = ports.objects.release_lease(&self.hold.lease).await {
            tracing::debug!(%error, "the lane's lease was not released by this worker");
        }
        // Dropping what is open before looking for the rest: it would be counted as ours.
        self.work.clear();
        let prefix = keys::work(&self.env.settings.bot, &self.tenant);
        match left(&ports, &prefix, &self.work_items).await {
            Ok(Left::Nothing) => WorkerRun::Empty,
            Ok(Left::Work) => {
                let tenant = self.tenant.clone();
                ports
                    .wake_ups
                    .send(WakeUp::Lane { tenant }, wait.unwrap_or_default())
                    .await;
                if lost {
                    WorkerRun::Lost
                } else {
                    WorkerRun::HandedOver
                }
            }
            Err(error) => {
                tracing::warn!(%error, "what is left in the lane could not be listed; the reconciler looks again");
                if lost {
                    WorkerRun::Lost
                } else {
                    WorkerRun::HandedOver
                }
            }
        }
    }
}

/// Work that this owner does not know to be quarantined.
async fn left(
    ports: &Ports,
    prefix: &str,
    work_items: &BTreeMap<String, WorkItemState>,
) -> Result<Left, StoreError> {
    let mut from: Option<String> = None;
    loop {
        let page = ports.objects.list(prefix, from.as_deref(), 1_000).await?;
        let quarantined = |name: &str| work_items.get(name).is_some_and(|known| known.is_quarantined());
        if page.entries.iter().any(|entry| !quarantined(&entry.name)) {
            return Ok(Left::Work);
        }
        from = page.next;
        if from.is_none() {
            return Ok(Left::Nothing);
        }
    }
}

enum Left {
    Work,
    Nothing,
}
