//! Small audiences don't wait for a queue: the accepting request plans and sends them itself.
//!
//! This is the one place in the domain that spawns a task: a client that hangs up must not cancel what it began.

use super::NotificationService;
use crate::{
    accept::{AcceptError, Accepted},
    identity::NotificationSource,
    ids::{NotificationId, TenantId},
    notification::Notification,
    plan::{Planned, PlannedHere, announce, as_store_error, plan_small},
    ports::{StoreError, WriteIf},
    request::{Audience, Request},
    store::keys,
    store::notifications::{self, Known},
    store::record::Version,
    worker::{Slice, WorkerRun},
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
        let (accepted, known) =
            crate::accept::accept(&self.env, kind, Version::NEWEST, source, request).await?;
        self.wake_planner(&accepted.id, HINT_DELAY).await;
        let finished = self.env.watch(&accepted.id);
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
            () = finished.notified() => {}
            () = clock.sleep_until(clock.now().after(SEND_LIMIT)) => {}
        }
        self.env.unwatch(&accepted.id);
        Ok(accepted)
    }

    async fn send_now(&self, id: &NotificationId, known: Known) -> Result<Sending, StoreError> {
        let (notification, etag) = known;
        let notification = match plan_small(&self.env, notification, etag).await? {
            PlannedHere::Own(planned) => {
                announce(&self.env.ports, &self.env.settings, &planned.notification).await?;
                // A planner that has the lease deletes it itself.
                let _ = self
                    .env
                    .ports
                    .objects
                    .delete(&keys::planning(id), WriteIf::Any)
                    .await;
                planned.notification
            }
            PlannedHere::Left(known) => match self.plan_known(id, known).await? {
                (Planned::Busy, _) => return Ok(Sending::ElsewhereHere),
                (_, Some((notification, _))) => notification,
                // Another planner was quicker: what it stored is sent here all the same.
                (Planned::NothingToPlan, None) => self.stored(id).await?,
                (_, None) => return Ok(Sending::Over),
            },
        };
        if notification.is_over() {
            return Ok(Sending::Over);
        }
        let tenants = notification.plan.iter().flat_map(|plan| &plan.parts);
        let tenants: Vec<TenantId> = tenants.map(|part| part.tenant.clone()).collect();
        let lanes: Vec<BoxFuture<'_, _>> = tenants
            .iter()
            .map(|tenant| self.run_worker(tenant, Slice(SEND_LIMIT)).boxed())
            .collect();
        let mut sending = Sending::Over;
        for ended in join_all(lanes).await {
            if ended? == WorkerRun::BusyHere {
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
