//! The service: everything that callers, wake-ups and operators ask of the domain. The binary knows only this.

mod cancel_pause_resume;
mod edits;
mod erase_person;
mod newest;
mod persons;
mod queries;
mod reconcile;
mod retention;
mod send_now;
mod timers;
mod waits;

pub use erase_person::{ErasureCounts, ErasureMode};
pub use newest::{Item, NewestPage, NewestQuery, NoPosition, Position, Summary};
pub use persons::{Inbound, Unblock};
pub use reconcile::{Idle, Reconciled};
pub use retention::RetentionRun;
pub use timers::TimerRun;

use crate::{
    accept::{AcceptError, Accepted, accept},
    env::Env,
    identity::NotificationSource,
    ids::NotificationId,
    lane::Lane,
    notification::Notification,
    plan::{self, NextCheck, Planned},
    ports::{Ports, StoreError, WakeUp},
    report::{self, ReportRow, Verification},
    request::{NotificationKind, Request},
    settings::Settings,
    status::{self, Status},
    store::keys,
    store::notifications::{self, Known, LoadError},
    store::record::RecordError,
    store::record::Version,
    worker::{self, Slice, WorkerRun},
};
use futures::stream::BoxStream;
use std::{sync::Arc, time::Duration};
use tracing::Instrument as _;

/// Why the service could not do what was asked.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ServiceError {
    /// No such notification.
    #[error("there is no notification {0}")]
    Unknown(NotificationId),
    /// Its state does not allow it.
    #[error("{0}")]
    State(&'static str),
    /// It was written by a newer version and is left alone.
    #[error(transparent)]
    Quarantined(#[from] RecordError),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl ServiceError {
    /// For those who can only say that the store failed.
    fn into_store_error(self) -> StoreError {
        match self {
            Self::Store(error) => error,
            other => StoreError::unavailable(other.to_string()),
        }
    }
}

/// The facade of the domain. Cheap to clone.
#[derive(Clone)]
pub struct NotificationService {
    env: Arc<Env>,
}

/// A page of notifications, newest last.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notifications {
    /// Ids in the order of acceptance.
    pub ids: Vec<NotificationId>,
    /// Where to go on; `None` ends it.
    pub next: Option<String>,
}

impl NotificationService {
    /// A service over these ports.
    pub fn new(ports: Ports, settings: Settings) -> Self {
        Self {
            env: Arc::new(Env::new(ports, settings)),
        }
    }

    /// The settings it works with.
    pub fn settings(&self) -> &Settings {
        &self.env.settings
    }

    /// Stores a request and sends its wake-up. After this it can't be lost. [`NotificationService::submit`] also sees to small audiences.
    ///
    /// # Errors
    /// When the key was used for another body, or the store fails.
    pub async fn accept(
        &self,
        source: NotificationSource,
        request: Request,
    ) -> Result<Accepted, AcceptError> {
        let (accepted, _) = accept(
            &self.env,
            NotificationKind::Send,
            Version::NEWEST,
            source,
            request,
        )
        .await?;
        self.wake_planner(&accepted.id, Duration::ZERO).await;
        Ok(accepted)
    }

    async fn wake_planner(&self, id: &NotificationId, delay: Duration) {
        let wake_up = WakeUp::Plan {
            notification: id.clone(),
        };
        self.env.ports.wake_ups.send(wake_up, delay).await;
    }

    /// Plans a notification; harmless when repeated.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn plan(&self, id: &NotificationId) -> Result<Planned, StoreError> {
        let (planned, _) = self.plan_known(id, None).await?;
        Ok(planned)
    }

    /// Plans a notification that was read before, perhaps. Returns also what is stored of one that goes on.
    async fn plan_known(
        &self,
        id: &NotificationId,
        known: Option<Known>,
    ) -> Result<(Planned, Option<Known>), StoreError> {
        let (planned, stored) = plan::plan(&self.env, id, known)
            .instrument(tracing::error_span!("plan", notification_id = %id))
            .await?;
        match planned {
            Planned::Waiting(NextCheck::ByPlanner) => self.wake_planner(id, plan::ASK_AGAIN).await,
            // The reconciler asks again.
            Planned::Waiting(NextCheck::ByReconciler) => {}
            _ => {
                if let Some((notification, _)) = &stored {
                    self.wake_lanes(notification);
                }
            }
        }
        Ok((planned, stored))
    }

    /// Rings in this process what was rung in the store.
    fn wake_lanes(&self, notification: &Notification) {
        for part in notification.plan.iter().flat_map(|plan| &plan.parts) {
            self.env.wake_lane(&part.lane());
        }
    }

    /// Ends the work of this process: lanes start no more posts, wait for the answers of those under way, write what
    /// became of them and let go of their leases. Returns when that is done, or after `limit`.
    pub async fn stop(&self, limit: Duration) {
        self.env.stop();
        let clock = &self.env.ports.clock;
        let end = clock.now().after(limit);
        while self.env.holds_lanes() && clock.now() < end {
            clock
                .sleep_until(clock.now().after(Duration::from_millis(20)))
                .await;
        }
    }

    /// Runs the worker of a lane for one slice.
    ///
    /// # Errors
    /// When the store fails before the lane is held.
    pub async fn run_worker(&self, lane: &Lane, slice: Slice) -> Result<WorkerRun, StoreError> {
        worker::run(&self.env, lane, slice).await
    }

    /// Where a notification stands.
    ///
    /// # Errors
    /// When there is none, it can't be read, or the store fails.
    pub async fn status(&self, id: &NotificationId) -> Result<Status, ServiceError> {
        let notification = self.load(id).await?;
        Ok(status::status(&self.env, notification).await?)
    }

    /// One row a recipient, streamed in constant memory.
    ///
    /// # Errors
    /// When there is no such notification, it can't be read, or the store fails; later failures are items.
    pub async fn report(
        &self,
        id: &NotificationId,
    ) -> Result<BoxStream<'static, Result<ReportRow, StoreError>>, ServiceError> {
        let notification = self.load(id).await?;
        let waits = status::tenant_waits(&self.env, &notification).await?;
        Ok(Box::pin(report::report(self.env.clone(), notification, waits)))
    }

    /// Counts a notification from audience and ledgers, without any stored counter.
    ///
    /// # Errors
    /// When there is no such notification, it can't be read, or the store fails.
    pub async fn verify(&self, id: &NotificationId) -> Result<Verification, ServiceError> {
        let notification = self.load(id).await?;
        Ok(report::verify(&self.env, &notification).await?)
    }

    /// Lists notifications in the order of acceptance, oldest first. Those not planned yet are not in.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn list(&self, from: Option<&str>, limit: u32) -> Result<Notifications, StoreError> {
        let prefix = keys::timeline(&self.env.settings.bot);
        let page = self
            .env
            .ports
            .objects
            .list(&prefix, from, limit.clamp(1, 5_000))
            .await?;
        let id = |name: &str| {
            let (_, id) = name.strip_prefix(&prefix)?.split_once('-')?;
            Some(NotificationId::from(id))
        };
        Ok(Notifications {
            ids: page.entries.iter().filter_map(|entry| id(&entry.name)).collect(),
            next: page.next,
        })
    }

    async fn load(&self, id: &NotificationId) -> Result<Notification, ServiceError> {
        match notifications::load(&*self.env.ports.objects, id).await {
            Ok((notification, _)) if notification.bot == self.env.settings.bot => Ok(notification),
            Ok(_) | Err(LoadError::Missing) => Err(ServiceError::Unknown(id.clone())),
            Err(LoadError::Record(error)) => Err(error.into()),
            Err(LoadError::Store(error)) => Err(error.into()),
        }
    }
}

/// What a failed load means to whoever asked.
fn unknown_or(id: &NotificationId, error: LoadError) -> ServiceError {
    match error {
        LoadError::Missing => ServiceError::Unknown(id.clone()),
        LoadError::Record(error) => error.into(),
        LoadError::Store(error) => error.into(),
    }
}
