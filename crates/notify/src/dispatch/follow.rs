//! The one way in which a wake-up is acted on. Who may wait for a lease, or send the wake-up again, is the callers'.

use crate::{
    plan::Planned,
    ports::{StoreError, WakeUp},
    service::NotificationService,
    worker::{Slice, WorkerRun},
};

/// What a wake-up led to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Followed {
    /// A planner ran.
    Planned(Planned),
    /// A worker ran, or found the lane taken.
    Worker(WorkerRun),
}

impl NotificationService {
    /// Acts on a wake-up, for at most a slice.
    ///
    /// # Errors
    /// When the store fails: the wake-up may be repeated, and the reconciler sends another one.
    pub async fn follow(&self, wake_up: &WakeUp, slice: Slice) -> Result<Followed, StoreError> {
        match wake_up {
            WakeUp::Plan { notification } => {
                let planned = self.plan(notification).await?;
                tracing::debug!(notification_id = %notification, ?planned, "planner run ended");
                Ok(Followed::Planned(planned))
            }
            WakeUp::Lane(lane) => {
                let run = self.run_worker(lane, slice).await?;
                tracing::debug!(tenant_id = wake_up.tenant_id(), ?run, "worker run ended");
                Ok(Followed::Worker(run))
            }
        }
    }
}
