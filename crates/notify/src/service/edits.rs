//! Child notifications: editing or recalling a whole notification.

use super::{NotificationService, ServiceError, unknown_or};
use crate::{
    accept::{AcceptError, Accepted, accept},
    identity::NotificationSource,
    ids::NotificationId,
    notification::{Notification, Operation, OperationKind},
    request::{NotificationKind, Request},
    store::notifications::{self, Edit},
};
use std::time::Duration;

impl NotificationService {
    /// Replaces the messages of a notification that is finished, stopped or cancelled.
    ///
    /// # Errors
    /// When the parent is unknown, still being sent or no sending itself ([`ServiceError::State`]), the key was used for
    /// another body, or the store fails.
    pub async fn update(
        &self,
        parent: &NotificationId,
        request_id: &str,
        request: Request,
    ) -> Result<Accepted, AcceptError> {
        let known = self.load(parent).await?;
        let at_an_end = known.is_over() || known.cancelled_at.is_some() || !known.stops.is_empty();
        if !at_an_end {
            let error = "the notification is still being sent: wait until it is finished, or cancel it first";
            return Err(ServiceError::State(error).into());
        }
        self.accept_child(&known, OperationKind::Update, request_id, request)
            .await
    }

    /// Deletes the messages of a notification; one that is still being sent is cancelled first, and its posts under way
    /// are waited for.
    ///
    /// # Errors
    /// When the parent is unknown or no sending itself ([`ServiceError::State`]), the key was used for another body, or
    /// the store fails.
    pub async fn recall(
        &self,
        parent: &NotificationId,
        request_id: &str,
        request: Request,
    ) -> Result<Accepted, AcceptError> {
        let known = self.load(parent).await?;
        sends(&known)?;
        if !known.is_over() && known.cancelled_at.is_none() {
            match self.cancel(parent).await {
                // It came to its end meanwhile: as good.
                Ok(_) | Err(ServiceError::State(_)) => {}
                Err(error) => return Err(error.into()),
            }
        }
        self.accept_child(&known, OperationKind::Delete, request_id, request)
            .await
    }

    async fn accept_child(
        &self,
        parent: &Notification,
        kind: OperationKind,
        request_id: &str,
        request: Request,
    ) -> Result<Accepted, AcceptError> {
        sends(parent)?;
        let source = NotificationSource::Child {
            of: parent.id.clone(),
            request: request_id.to_owned(),
        };
        let operation = Operation {
            id: source.notification_id(&self.env.settings.bot),
            kind,
            created_at: self.env.ports.clock.wall(),
        };
        self.enter(&parent.id, operation).await?;
        let kind = match kind {
            OperationKind::Update => NotificationKind::Update(parent.id.clone()),
            OperationKind::Delete => NotificationKind::Delete(parent.id.clone()),
        };
        // The parent's version: a program that reads one reads the other.
        let (accepted, _) = accept(&self.env, kind, parent.version, source, request).await?;
        self.wake_planner(&accepted.id, Duration::ZERO).await;
        Ok(accepted)
    }

    /// Enters an operation with its parent, once.
    async fn enter(&self, parent: &NotificationId, operation: Operation) -> Result<(), ServiceError> {
        notifications::change(&*self.env.ports.objects, parent, |notification| {
            let operations = &mut notification.operations;
            if operations.iter().any(|known| known.id == operation.id) {
                return Edit::LeaveAsIs;
            }
            operations.push(operation.clone());
            let surplus = operations.len().saturating_sub(Operation::KEPT);
            operations.drain(..surplus);
            Edit::Write
        })
        .await
        .map(|_| ())
        .map_err(|error| unknown_or(parent, error))
    }
}

/// Only messages that were sent can be edited or recalled.
fn sends(parent: &Notification) -> Result<(), ServiceError> {
    match parent.kind.parent() {
        None => Ok(()),
        Some(_) => Err(ServiceError::State(
            "this notification is an edit or a recall itself: edit or recall the one that it is of",
        )),
    }
}
