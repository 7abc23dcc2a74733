//! What becomes of a notification that code sends: accepted, or why not.

use crate::{api::Problem, audience::EmptyAudience, notification::NotificationError, templates::CardError};
use axum::{
    Json,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use notify::{
    accept::{AcceptError, Accepted, Novelty, Progress},
    content::ContentError,
    ids::NotificationId,
    service::ServiceError,
};
use serde_json::json;

/// A notification that is accepted: it is stored, and is being sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sent {
    id: NotificationId,
    novelty: Novelty,
    progress: Option<Progress>,
}

impl Sent {
    pub(crate) fn of(accepted: Accepted) -> Self {
        Self {
            id: accepted.id,
            novelty: accepted.novelty,
            progress: accepted.progress,
        }
    }

    /// Its id, for status and report.
    pub fn id(&self) -> &NotificationId {
        &self.id
    }

    /// How far it is, where that is known without reading it.
    pub(crate) fn progress(&self) -> Option<Progress> {
        self.progress
    }

    /// Whether it was accepted now, or before by a request with the same key.
    pub fn is_new(&self) -> bool {
        self.novelty == Novelty::New
    }
}

/// 202 with the notification's id.
impl IntoResponse for Sent {
    fn into_response(self) -> Response {
        (StatusCode::ACCEPTED, Json(json!({ "id": self.id }))).into_response()
    }
}

/// Why something was not accepted. Nothing was sent then.
#[derive(Debug, thiserror::Error)]
pub enum SendError {
    /// The card template can't be read.
    #[error(transparent)]
    Card(#[from] CardError),
    /// Its audience is empty.
    #[error(transparent)]
    Audience(#[from] EmptyAudience),
    /// Its key is empty or too long.
    #[error("a notification's key has 1 to 255 characters")]
    Key,
    /// The message can't be made of it.
    #[error(transparent)]
    Content(#[from] ContentError),
    /// It could not be stored, or its key was used for something else.
    #[error(transparent)]
    Accept(#[from] AcceptError),
}

impl From<NotificationError> for SendError {
    fn from(error: NotificationError) -> Self {
        match error {
            NotificationError::Card(error) => error.into(),
            NotificationError::Audience(error) => error.into(),
            NotificationError::Key => Self::Key,
        }
    }
}

impl From<SendError> for Problem {
    fn from(error: SendError) -> Self {
        match error {
            SendError::Card(error) => error.into(),
            SendError::Audience(error) => Self::bad_body("/audience", error.to_string()),
            SendError::Key => Self::bad_request(error.to_string()),
            SendError::Content(error @ ContentError::Unavailable(_)) => Self::unavailable(error.to_string()),
            SendError::Content(error @ ContentError::TooLarge { .. }) => Self::too_large(error.to_string()),
            SendError::Content(
                ContentError::Template { message, pointer } | ContentError::Limit { message, pointer },
            ) => Self::bad_body(format!("/card{pointer}"), message),
            SendError::Content(other) => Self::bad_body("/card", other.to_string()),
            SendError::Accept(error) => error.into(),
        }
    }
}

impl From<AcceptError> for Problem {
    fn from(error: AcceptError) -> Self {
        match error {
            AcceptError::Parent(error) => error.into(),
            error @ (AcceptError::KeyReused(_) | AcceptError::InvocationReused(_)) => {
                Self::conflict(error.to_string())
            }
            error => {
                tracing::error!(%error, "a notification could not be stored");
                Self::unavailable(
                    "the notification could not be stored, so it was not accepted; send it again",
                )
            }
        }
    }
}

impl From<ServiceError> for Problem {
    fn from(error: ServiceError) -> Self {
        match error {
            ServiceError::Unknown(_) => Self::not_found(error.to_string()),
            ServiceError::State(_) | ServiceError::Quarantined(_) => Self::conflict(error.to_string()),
            error => {
                tracing::error!(%error, "the store failed");
                Self::unavailable("the store can't be reached; try again")
            }
        }
    }
}
