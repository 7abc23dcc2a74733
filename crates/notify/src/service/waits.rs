//! Whether a notification waits for its tenants, and making room for a newer run of the same timer.

use super::{NotificationService, ServiceError};
use crate::{
    ids::NotificationId,
    notification::Notification,
    plan::as_store_error,
    status::{self, Waits},
    store::notifications::{self, Edit},
};

impl NotificationService {
    pub(super) async fn waits(&self, notification: &Notification) -> Result<Waits, ServiceError> {
        if notification.plan.is_none() || notification.is_over() {
            return Ok(Waits::None);
        }
        Ok(status::waits(&self.env, notification).await?)
    }

    /// Gives the place of what waits to a newer run of the same timer: it ends `skipped`, code `superseded`.
    pub(super) async fn supersede(&self, id: &NotificationId) -> Result<(), ServiceError> {
        let now = self.env.ports.clock.wall();
        let superseded = notifications::change(&*self.env.ports.objects, id, |notification| {
            if notification.is_over() || notification.superseded_at.is_some() {
                return Edit::LeaveAsIs;
            }
            notification.superseded_at = Some(now);
            Edit::Write
        })
        .await
        .map_err(as_store_error)?;
        if superseded.is_over() {
            return Ok(());
        }
        tracing::info!(notification_id = %id, "what waits of a timer's notification gives way to the next one");
        self.go_on(&superseded).await
    }
}
