//! Cancelling, pausing and resuming.

use super::{NotificationService, ServiceError, unknown_or};
use crate::{
    accept::mark_planning,
    ids::NotificationId,
    notification::{Notification, Stop, StopReason},
    plan::{announce, keep_as_stopped, ring_all},
    status::Waits,
    store::bot_signal,
    store::notifications::{self, Edit, LoadError},
};
use std::time::Duration;

impl NotificationService {
    /// Cancels a notification: what was not posted is not going to be. Returns it as it is now.
    ///
    /// # Errors
    /// When it is unknown or already finished, or the store fails.
    pub async fn cancel(&self, id: &NotificationId) -> Result<Notification, ServiceError> {
        self.load(id).await?;
        let now = self.env.ports.clock.wall();
        let cancelled = notifications::change(&*self.env.ports.objects, id, |notification| {
            if notification.is_over() || notification.cancelled_at.is_some() {
                return Edit::LeaveAsIs;
            }
            notification.cancelled_at = Some(now);
            Edit::Write
        })
        .await
        .map_err(|error| unknown_or(id, error))?;
        if cancelled.cancelled_at.is_none() {
            return Err(ServiceError::State(
                "the notification is finished: nothing is left to cancel",
            ));
        }
        if !cancelled.is_over() {
            self.go_on(&cancelled).await?;
        }
        Ok(cancelled)
    }

    /// Has a notification stand still until it is resumed; its expiry holds all the same. No post of it begins more than
    /// five seconds after this returned. Planning goes on. Harmless when repeated.
    ///
    /// # Errors
    /// When it is unknown, finished or cancelled, or the store fails.
    pub async fn pause(&self, id: &NotificationId) -> Result<Notification, ServiceError> {
        const TOO_LATE: ServiceError =
            ServiceError::State("the notification is finished or cancelled: nothing is left to pause");
        let known = self.load(id).await?;
        if known.is_over() || known.is_called_off() {
            return Err(TOO_LATE);
        }
        // Ahead of the stop: what stands still is found there when it expires.
        keep_as_stopped(&self.env, id).await?;
        let now = self.env.ports.clock.wall();
        let paused = notifications::change(&*self.env.ports.objects, id, |notification| {
            if notification.is_over() || notification.is_called_off() || notification.is_paused() {
                return Edit::LeaveAsIs;
            }
            notification.stops.push(Stop {
                tenant: None,
                reason: StopReason::Paused,
                at: now,
            });
            Edit::Write
        })
        .await
        .map_err(|error| unknown_or(id, error))?;
        if !paused.is_paused() {
            return Err(TOO_LATE);
        }
        // Whoever sends it reads it again. A lane that gets it later reads it then.
        ring_all(&self.env.ports, &self.env.settings.bot, &paused).await?;
        self.wake_lanes(&paused);
        Ok(paused)
    }

    /// Lets a stopped notification go on; what its tenants wait for is tried now.
    ///
    /// # Errors
    /// When it is unknown or not stopped, or the store fails.
    pub async fn resume(&self, id: &NotificationId) -> Result<Notification, ServiceError> {
        let before = self.load(id).await?;
        let ends = before.is_over() || before.cancelled_at.is_some();
        let stands_still = !before.stops.is_empty() || self.waits(&before).await? != Waits::None;
        if ends || !stands_still {
            return Err(ServiceError::State(
                "only a stopped notification can be resumed, and this one is not stopped",
            ));
        }
        if self.is_replaced(&before).await? {
            return Err(ServiceError::State(
                "a later edit or recall replaced this one: it is not resumed",
            ));
        }
        // After a crash between this and the lanes' wake-ups, the reconciler finds it among those that stand still.
        let now = self.env.ports.clock.wall();
        let resumed = notifications::change(&*self.env.ports.objects, id, |notification| {
            notification.stops.clear();
            notification.resumed_at = Some(now);
            Edit::Write
        })
        .await
        .map_err(|error| unknown_or(id, error))?;
        self.go_on(&resumed).await?;
        Ok(resumed)
    }

    /// Whether a later edit or recall of the same parent was asked for.
    async fn is_replaced(&self, child: &Notification) -> Result<bool, ServiceError> {
        let Some(parent) = child.kind.parent() else {
            return Ok(false);
        };
        match notifications::load(&*self.env.ports.objects, parent).await {
            Ok((parent, _)) => Ok(parent.operations.last().is_some_and(|last| last.id != child.id)),
            Err(LoadError::Missing) => Ok(false),
            Err(error) => Err(unknown_or(parent, error)),
        }
    }

    /// Brings a changed notification back to the planner or to its lanes.
    pub(super) async fn go_on(&self, notification: &Notification) -> Result<(), ServiceError> {
        let (ports, settings) = (&self.env.ports, &self.env.settings);
        if notification.plan.is_some() {
            announce(ports, settings, notification).await?;
            bot_signal::give(ports, &settings.bot).await?;
            self.wake_lanes(notification);
        } else {
            mark_planning(&self.env, &notification.id).await?;
            bot_signal::give(ports, &settings.bot).await?;
            self.wake_planner(&notification.id, Duration::ZERO).await;
        }
        Ok(())
    }
}
