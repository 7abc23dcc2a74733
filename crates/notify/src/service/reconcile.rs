//! The reconciler: wake-ups get lost, processes die; once a minute it looks at what waits and sends the wake-up again.

mod lanes;

use super::{NotificationService, ServiceError};
use crate::{
    ending::{self, EndedBy},
    ids::NotificationId,
    lane::Lane,
    notification::Plan,
    plan::as_store_error,
    ports::{Read, ReadIf, StoreError, WakeUp, WriteIf},
    status::at_of,
    store::audience::entries,
    store::bot_signal::{self, BotSignal},
    store::keys,
    store::ledger::Sums,
    store::notifications::{self, Edit},
    store::timeline,
};
use jiff::{SignedDuration, Timestamp};
use std::time::Duration;

/// A younger stop may not be stored yet, and an older clock jumped.
const OLD: SignedDuration = SignedDuration::from_secs(60);
/// Younger work and younger plans have their own wake-up on the way. Short, as a wake-up of a lane or a plan that somebody
/// has the lease of costs next to nothing: the reconciler comes once a minute, and what it leaves lying as too young waits
/// a minute more.
const OLD_WORK: SignedDuration = SignedDuration::from_secs(15);
/// A planning item without a notification is a request that was never stored.
const ORPHAN: SignedDuration = SignedDuration::from_hours(24);
/// Stopped notifications looked at for expiry in one run.
const MOST_STOPPED: u32 = 200;

/// What a reconciler run did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Reconciled {
    /// Notifications woken to be planned.
    pub plans: u32,
    /// Lanes woken.
    pub lanes: u32,
    /// Expired or cancelled while stopped, and brought to their end.
    pub expired: u32,
    /// Resumed by a process that ended before it woke the lanes.
    pub resumed: u32,
    /// Notifications that wait for a planner or stand still, and lanes with work: whatever is unfinished, woken or not.
    pub unfinished: u32,
}

/// A listing showed nothing unfinished: until the bot's change signal is another one there is nothing to look at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Idle(BotSignal);

/// Plans or lanes of one listing.
#[derive(Clone, Copy, Debug, Default)]
struct Waiting {
    woken: u32,
    unfinished: u32,
}

/// Whether work of this age was left behind. What came in while we look has its own wake-up; but a clock that jumped far
/// back makes ages negative, and such work counts as old.
fn is_left(age: SignedDuration, old: SignedDuration) -> bool {
    age >= old || age <= -OLD
}

impl NotificationService {
    /// Looks at everything that waits, unless nothing did the last time and nothing was signalled since: then it is one
    /// read. Returns how the next look begins.
    ///
    /// # Errors
    /// When the store fails; the next run looks at everything.
    pub async fn reconcile(&self, idle: Option<Idle>) -> Result<(Reconciled, Option<Idle>), StoreError> {
        let (objects, bot) = (&*self.env.ports.objects, &self.env.settings.bot);
        // Before the listings: what is stored while they are read gives another signal.
        let known = idle.as_ref().map(|Idle(signal)| signal);
        let signal = bot_signal::read(objects, bot, known).await?;
        if known == Some(&signal) {
            return Ok((Reconciled::default(), idle));
        }
        let found = self.look_at_all().await?;
        Ok((found, (found.unfinished == 0).then_some(Idle(signal))))
    }

    async fn look_at_all(&self) -> Result<Reconciled, StoreError> {
        let now = self.env.ports.clock.wall();
        // In the order in which work moves on: a work item is written before the planning item is deleted, and the entry
        // of what stands still before its work item is. The way back, by a resumption, gives the signal.
        let plans = self.reconcile_plans(now, OLD_WORK, &[Duration::ZERO]).await?;
        let lanes = self.reconcile_lanes(now, OLD_WORK, &[Duration::ZERO]).await?;
        let stopped = self.reconcile_stopped(now).await?;
        Ok(Reconciled {
            plans: plans.woken,
            lanes: lanes.woken,
            unfinished: plans.unfinished + lanes.unfinished + stopped.unfinished,
            ..stopped
        })
    }

    /// What a process does at its start: whatever an earlier one left goes on now, whatever its age; what is accepted
    /// by this one is not that. A lease that died with the earlier one may still run, so plans and lanes are woken again
    /// when it has ended.
    ///
    /// # Errors
    /// When the store fails; the reconciler looks again.
    pub async fn recover(&self) -> Result<Reconciled, StoreError> {
        let start = self.env.started;
        // What is as old as this process is its own.
        let old = SignedDuration::from_millis(1);
        let after_lease = self.env.settings.lease + Duration::from_secs(1);
        let delays = [Duration::ZERO, after_lease];
        let plans = self.reconcile_plans(start, old, &delays).await?;
        let lanes = self.reconcile_lanes(start, old, &delays).await?;
        Ok(Reconciled {
            plans: plans.woken,
            lanes: lanes.woken,
            unfinished: plans.unfinished + lanes.unfinished,
            ..Reconciled::default()
        })
    }

    async fn reconcile_plans(
        &self,
        now: Timestamp,
        old: SignedDuration,
        delays: &[Duration],
    ) -> Result<Waiting, StoreError> {
        let objects = &*self.env.ports.objects;
        let mut waiting = Waiting::default();
        for entry in entries(objects, keys::PLANNING).await? {
            let id = NotificationId::from(entry.name.strip_prefix(keys::PLANNING).unwrap_or_default());
            let age = at_of(&entry).map_or(ORPHAN, |at| now.duration_since(at));
            let whose = entry.metadata.get("bot");
            let foreign = whose.is_some_and(|bot| *bot != self.env.settings.bot.as_str());
            if foreign {
                continue;
            }
            waiting.unfinished += 1;
            if !is_left(age, old) {
                continue;
            }
            if age >= ORPHAN
                && matches!(
                    objects.read(&keys::notification(&id), ReadIf::Any).await?,
                    Read::Missing
                )
            {
                let _ = objects.delete(&entry.name, WriteIf::Version(entry.etag)).await;
                continue;
            }
            for delay in delays {
                self.wake_planner(&id, *delay).await;
            }
            waiting.woken += 1;
        }
        Ok(waiting)
    }

    async fn reconcile_lanes(
        &self,
        now: Timestamp,
        old: SignedDuration,
        delays: &[Duration],
    ) -> Result<Waiting, StoreError> {
        let prefix = keys::lanes(&self.env.settings.bot);
        let listed = entries(&*self.env.ports.objects, &prefix).await?;
        let mut waiting = Waiting::default();
        for (segment, listed) in lanes::with_work(&prefix, &listed) {
            // A service that a newer version knows is left to it.
            let Some(lane) = Lane::of_segment(segment) else {
                continue;
            };
            waiting.unfinished += 1;
            let is_old = |at: &Option<Timestamp>| is_left(at.map_or(OLD, |at| now.duration_since(at)), old);
            if listed.rests(now) || !listed.work.iter().any(is_old) {
                continue;
            }
            for delay in delays {
                self.env
                    .ports
                    .wake_ups
                    .send(WakeUp::Lane(lane.clone()), *delay)
                    .await;
            }
            waiting.woken += 1;
        }
        Ok(waiting)
    }

    /// `expiresAt` holds also while a notification is stopped, and so does a cancellation. Who resumed one may have died
    /// before any lane or planner knew of it: that is said once more.
    async fn reconcile_stopped(&self, now: Timestamp) -> Result<Reconciled, StoreError> {
        let objects = &*self.env.ports.objects;
        let mut done = Reconciled::default();
        let page = objects.list(keys::STOPPED, None, MOST_STOPPED).await?;
        for entry in page.entries {
            let id = NotificationId::from(entry.name.strip_prefix(keys::STOPPED).unwrap_or_default());
            let notification = match self.load(&id).await {
                Ok(notification) => notification,
                // Another bot's, or gone.
                Err(ServiceError::Unknown(_)) => continue,
                Err(_) => {
                    done.unfinished += 1;
                    continue;
                }
            };
            done.unfinished += 1;
            // The entry is made before the stop is stored.
            let settled = is_left(at_of(&entry).map_or(OLD, |at| now.duration_since(at)), OLD);
            let goes_on = !notification.is_over() && notification.stops.is_empty();
            if goes_on && settled {
                if self.go_on(&notification).await.is_err() {
                    continue;
                }
                done.resumed += 1;
            }
            if notification.is_over() || (goes_on && settled) {
                let _ = objects.delete(&entry.name, WriteIf::Version(entry.etag)).await;
            } else if now >= notification.expires_at {
                let went_on = match &notification.plan {
                    // One that was only paused is planned, and its recipients are skipped.
                    None if !notification.is_only_paused() => self.end_unplanned(&id).await.is_ok(),
                    _ => self.go_on(&notification).await.is_ok(),
                };
                done.expired += u32::from(went_on);
            } else if notification.cancelled_at.is_some() && settled {
                done.expired += u32::from(self.go_on(&notification).await.is_ok());
            }
        }
        Ok(done)
    }

    /// A notification that stopped before it had recipients ends without any.
    async fn end_unplanned(&self, id: &NotificationId) -> Result<(), StoreError> {
        let known = notifications::load(&*self.env.ports.objects, id)
            .await
            .map_err(as_store_error)?;
        let (notification, ended_by) = ending::write(&self.env, known, |notification, at| {
            if notification.plan.is_some() || notification.is_over() {
                return Edit::LeaveAsIs;
            }
            notification.plan = Some(Plan::default());
            notification.finished_at = Some(at);
            Edit::Write
        })
        .await
        .map_err(as_store_error)?;
        if ended_by == EndedBy::This {
            ending::log(&notification, &Sums::default());
            timeline::complete(&self.env.ports, &notification, &Sums::default()).await;
        }
        Ok(())
    }
}
