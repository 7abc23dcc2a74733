//! The reconciler: wake-ups get lost, processes die; once a minute it looks at what waits and sends the wake-up again.

use super::NotificationService;
use crate::{
    ending::{self, EndedBy},
    ids::NotificationId,
    lane::Lane,
    notification::Plan,
    plan::as_store_error,
    ports::{Read, ReadIf, StoreError, WakeUp, WriteIf},
    status::at_of,
    store::audience::entries,
    store::keys,
    store::ledger::Sums,
    store::notifications::{self, Edit},
    store::timeline,
};
use jiff::{SignedDuration, Timestamp};
use std::{collections::BTreeSet, time::Duration};

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
}

/// Whether work of this age was left behind. What came in while we look has its own wake-up; but a clock that jumped far
/// back makes ages negative, and such work counts as old.
fn is_left(age: SignedDuration, old: SignedDuration) -> bool {
    age >= old || age <= -OLD
}

impl NotificationService {
    /// Looks at everything that waits.
    ///
    /// # Errors
    /// When the store fails; the next run looks again.
    pub async fn reconcile(&self) -> Result<Reconciled, StoreError> {
        let now = self.env.ports.clock.wall();
        let stopped = self.reconcile_stopped(now).await?;
        Ok(Reconciled {
            plans: self.reconcile_plans(now, OLD_WORK, &[Duration::ZERO]).await?,
            lanes: self.reconcile_lanes(now, OLD_WORK, &[Duration::ZERO]).await?,
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
            plans,
            lanes,
            ..Reconciled::default()
        })
    }

    async fn reconcile_plans(
        &self,
        now: Timestamp,
        old: SignedDuration,
        delays: &[Duration],
    ) -> Result<u32, StoreError> {
        let objects = &*self.env.ports.objects;
        let mut woken = 0;
        for entry in entries(objects, keys::PLANNING).await? {
            let id = NotificationId::from(entry.name.strip_prefix(keys::PLANNING).unwrap_or_default());
            let age = at_of(&entry).map_or(ORPHAN, |at| now.duration_since(at));
            let whose = entry.metadata.get("bot");
            let foreign = whose.is_some_and(|bot| *bot != self.env.settings.bot.as_str());
            if foreign || !is_left(age, old) {
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
            woken += 1;
        }
        Ok(woken)
    }

    async fn reconcile_lanes(
        &self,
        now: Timestamp,
        old: SignedDuration,
        delays: &[Duration],
    ) -> Result<u32, StoreError> {
        let prefix = keys::lanes(&self.env.settings.bot);
        let mut lanes: BTreeSet<String> = BTreeSet::new();
        for entry in entries(&*self.env.ports.objects, &prefix).await? {
            let rest = entry.name.strip_prefix(&prefix).unwrap_or_default();
            if let Some((lane, _)) = rest.split_once("/work/") {
                let age = at_of(&entry).map_or(OLD, |at| now.duration_since(at));
                if is_left(age, old) {
                    lanes.insert(lane.to_owned());
                }
            }
        }
        let mut woken = 0;
        for lane in &lanes {
            // A service that a newer version knows is left to it.
            let Some(lane) = Lane::of_segment(lane) else {
                continue;
            };
            for delay in delays {
                self.env
                    .ports
                    .wake_ups
                    .send(WakeUp::Lane(lane.clone()), *delay)
                    .await;
            }
            woken += 1;
        }
        Ok(woken)
    }

    /// `expiresAt` holds also while a notification is stopped, and so does a cancellation. Who resumed one may have died
    /// before any lane or planner knew of it: that is said once more.
    async fn reconcile_stopped(&self, now: Timestamp) -> Result<Reconciled, StoreError> {
        let objects = &*self.env.ports.objects;
        let mut done = Reconciled::default();
        let page = objects.list(keys::STOPPED, None, MOST_STOPPED).await?;
        for entry in page.entries {
            let id = NotificationId::from(entry.name.strip_prefix(keys::STOPPED).unwrap_or_default());
            let Ok(notification) = self.load(&id).await else {
                continue;
            };
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
                    Some(_) => self.go_on(&notification).await.is_ok(),
                    None => self.end_unplanned(&id).await.is_ok(),
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
