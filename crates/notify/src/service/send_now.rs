//! Small audiences don't wait for a queue: the accepting request plans and sends them itself.
//!
//! This is the one place in the domain that spawns a task: a client that hangs up must not cancel what it began.

use super::NotificationService;
use crate::{
    accept::{AcceptError, Accepted},
    identity::NotificationSource,
    ids::NotificationId,
    lane::Lane,
    notification::{Notification, PlannedPart},
    plan::{Planned, PlannedHere, SmallPlan, announce, as_store_error, delete_planning_item, plan_small},
    ports::StoreError,
    request::{Audience, Request},
    store::notifications::{self, Known},
    store::record::Version,
    worker::{self, FreshPart, FreshRun, Slice, WorkerRun},
};
use futures::{
    FutureExt,
    future::{BoxFuture, join_all},
};
use std::time::Duration;

/// The caller waits at most so long, and posts start at most so long.
const SEND_LIMIT: Duration = Duration::from_secs(2);
/// The wake-up comes after that: by then there is nothing to do, unless this process died.
const HINT_DELAY: Duration = Duration::from_secs(5);

/// Where the posts of a small audience are made.
enum Sending {
    /// The task that planned it has done what it can.
    Over,
    /// Another job of this process holds a lane of it, or another planner its plan.
    ElsewhereHere,
}

impl NotificationService {
    /// Stores a request; a small audience is planned and sent at once in a task of its own, which is waited for at most
    /// 2 s. To be called inside a tokio runtime.
    ///
    /// # Errors
    /// When the key was used for another body, or the store fails.
    pub async fn submit(
        &self,
        source: NotificationSource,
        request: Request,
    ) -> Result<Accepted, AcceptError> {
        let small = request.audience.as_ref().is_some_and(Audience::is_small);
        if !small {
            return self.accept(source, request).await;
        }
        let kind = crate::request::NotificationKind::Send;
        let (mut accepted, known) =
            crate::accept::accept(&self.env, kind, Version::NEWEST, source, request).await?;
        self.wake_planner(&accepted.id, HINT_DELAY).await;
        let watched = self.env.watch(&accepted.id);
        let (service, id) = (self.clone(), accepted.id.clone());
        tokio::spawn(async move {
            match service.send_now(&id, known).await {
                Ok(Sending::Over) => service.env.finished(&id),
                // That lane says when it is finished.
                Ok(Sending::ElsewhereHere) => {}
                Err(error) => {
                    tracing::warn!(notification_id = %id, %error, "a small audience is left to the queue");
                    service.env.finished(&id);
                }
            }
        });
        let clock = &self.env.ports.clock;
        tokio::select! {
            biased;
            () = watched.over() => {}
            () = clock.sleep_until(clock.now().after(SEND_LIMIT)) => {}
        }
        self.env.unwatch(&accepted.id);
        accepted.progress = watched.progress();
        Ok(accepted)
    }

    async fn send_now(&self, id: &NotificationId, known: Known) -> Result<Sending, StoreError> {
        let (notification, etag) = known;
        match plan_small(&self.env, notification, etag).await? {
            PlannedHere::Own(planned) => self.send_fresh(planned).await,
            PlannedHere::Left(known) => match self.plan_known(id, known).await? {
                // Another planner's: the lane that gets it says when it is finished, if it is one of this process.
                (Planned::Busy, _) => Ok(Sending::ElsewhereHere),
                (_, Some((notification, _))) => self.send_announced(&notification).await,
                // Another planner was quicker: what it stored is sent here all the same.
                (Planned::NothingToPlan, None) => self.send_announced(&self.stored(id).await?).await,
                (_, None) => Ok(Sending::Over),
            },
        }
    }

    /// Sends what was planned here and is announced to nobody. The planning item stands until it has ended, or is
    /// announced after all: after a crash the planner that finds it announces it.
    async fn send_fresh(&self, planned: SmallPlan) -> Result<Sending, StoreError> {
        let SmallPlan {
            notification,
            etag,
            parts,
            begun,
        } = planned;
        self.env.note_progress(&notification);
        let runs = parts.into_iter().map(|part| {
            let part = FreshPart {
                lane: Lane::Connector(part.tenant),
                notification: notification.clone(),
                version: etag.clone(),
                rows: part.rows,
                planned: begun,
            };
            worker::run_fresh(&self.env, part, Slice(SEND_LIMIT)).boxed()
        });
        let mut left = FreshRun::Ended;
        for run in join_all(runs).await {
            let run = run.unwrap_or_else(|error| {
                tracing::warn!(notification_id = %notification.id, %error, "a lane could not be worked on at once");
                FreshRun::NotBegun
            });
            left = left.max(run);
        }
        if left != FreshRun::Ended {
            announce(&self.env.ports, &self.env.settings, &notification).await?;
            self.wake_lanes(&notification);
        }
        delete_planning_item(&self.env.ports, &notification.id).await?;
        match left {
            FreshRun::Ended | FreshRun::SliceOver => Ok(Sending::Over),
            FreshRun::NotBegun => self.send_announced(&notification).await,
        }
    }

    /// Sends what was announced, in lanes that are free.
    async fn send_announced(&self, notification: &Notification) -> Result<Sending, StoreError> {
        self.env.note_progress(notification);
        if notification.is_over() {
            return Ok(Sending::Over);
        }
        let parts = notification.plan.iter().flat_map(|plan| &plan.parts);
        let lanes: Vec<Lane> = parts.map(PlannedPart::lane).collect();
        let runs: Vec<BoxFuture<'_, _>> = lanes
            .iter()
            .map(|lane| self.run_worker(lane, Slice(SEND_LIMIT)).boxed())
            .collect();
        let mut sending = Sending::Over;
        for run in join_all(runs).await {
            if run? == WorkerRun::BusyHere {
                sending = Sending::ElsewhereHere;
            }
        }
        Ok(sending)
    }

    async fn stored(&self, id: &NotificationId) -> Result<Notification, StoreError> {
        let loaded = notifications::load(&*self.env.ports.objects, id).await;
        let (notification, _) = loaded.map_err(as_store_error)?;
        Ok(notification)
    }
}
