//! From a trigger to the domain: what can be sent, and why it may not be accepted.

use crate::{api::Problem, templates::CardError};
use notify::{
    accept::AcceptError,
    content::{Alert, ContentError, Form, MessageSpec},
    identity::Fingerprint,
    request::{Audience, OnUncertain, Priority, Request},
    service::ServiceError,
};
use serde_json::{Value, json};

/// A card on its way to becoming a notification, for triggers.
#[derive(Clone, Debug)]
pub struct Draft {
    form: Form,
    data: Option<Value>,
}

impl Draft {
    pub(crate) fn new(form: Form) -> Self {
        Self { form, data: None }
    }

    /// Data for the template's `${…}`.
    pub fn data(mut self, data: Value) -> Self {
        self.data = Some(data);
        self
    }

    /// For everybody, as long as that is not more than NOTIFICATION_UNNAMED_LIMIT.
    pub fn for_everyone(self) -> Request {
        self.request(None)
    }

    fn request(self, audience: Option<Audience>) -> Request {
        let fingerprint = Fingerprint::of(&json!({ "data": self.data, "audience": audience }));
        Request {
            message: MessageSpec {
                form: self.form,
                data: self.data,
                summary: None,
                alert: Alert::Quiet,
            },
            audience,
            priority: Priority::Normal,
            on_uncertain: OnUncertain::Resend,
            expires_at: None,
            fingerprint,
        }
    }
}

/// Why something was not accepted. Nothing was sent then.
#[derive(Debug, thiserror::Error)]
pub enum SendError {
    /// The card template can't be read.
    #[error(transparent)]
    Card(#[from] CardError),
    /// The message can't be made of it.
    #[error(transparent)]
    Content(#[from] ContentError),
    /// It could not be stored, or its key was used for something else.
    #[error(transparent)]
    Accept(#[from] AcceptError),
}

impl From<SendError> for Problem {
    fn from(error: SendError) -> Self {
        match error {
            SendError::Card(error) => error.into(),
            SendError::Content(error @ ContentError::TooLarge { .. }) => Self::too_large(error.to_string()),
            SendError::Content(
                ContentError::Template { message, pointer } | ContentError::Limit { message, pointer },
            ) => Self::body(format!("/card{pointer}"), message),
            SendError::Content(other) => Self::body("/card", other.to_string()),
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
