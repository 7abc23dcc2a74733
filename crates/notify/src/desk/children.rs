//! Child notifications: editing or recalling a whole notification.

use super::{Desk, DeskError};
use crate::{
    accept::{AcceptError, Accepted, accept},
    identity::Source,
    ids::NotificationId,
    request::{Kind, Request},
};
use std::time::Duration;

impl Desk {
    /// Replaces the messages of a finished notification.
    ///
    /// # Errors
    /// When the parent is unknown or not at an end ([`DeskError::State`]), the key was used for another body, or the
    /// store fails.
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
            return Err(DeskError::State(error).into());
        }
        self.accept_child(Kind::Update(parent.clone()), parent, request_id, request)
            .await
    }

    /// Deletes the messages of a notification; one that is still being sent is cancelled first.
    ///
    /// # Errors
    /// When the parent is unknown, the key was used for another body, or the store fails.
    pub async fn recall(
        &self,
        parent: &NotificationId,
        request_id: &str,
        request: Request,
    ) -> Result<Accepted, AcceptError> {
        let known = self.load(parent).await?;
        if !known.is_over() && known.cancelled_at.is_none() {
            self.cancel(parent).await?;
        }
        self.accept_child(Kind::Delete(parent.clone()), parent, request_id, request)
            .await
    }

    async fn accept_child(
        &self,
        kind: Kind,
        parent: &NotificationId,
        request_id: &str,
        request: Request,
    ) -> Result<Accepted, AcceptError> {
        let source = Source::Child {
            of: parent.clone(),
            request: request_id.to_owned(),
        };
        let accepted = accept(&self.env, kind, source, request).await?;
        self.hint_plan(&accepted.id, Duration::ZERO).await;
        Ok(accepted)
    }
}
