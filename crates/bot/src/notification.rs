//! A notification as code writes it, on its way to the domain.

use crate::{
    audience::{Audience, EmptyAudience},
    http::HttpRequest,
    message::Message,
    templates::{CardError, Cards},
};
use jiff::Timestamp;
use notify::{
    content::Alert,
    identity::NotificationSource,
    request::{OnUncertain, Priority, Request},
};
use serde_json::Value;
use sha2::{Digest as _, Sha256};

/// A message, whom it is for, and how it is sent. [`Bot::send`](crate::Bot::send) accepts it. `Debug` prints no text
/// and no names.
///
/// ```
/// use serde_json::json;
/// use teams_notify::{Audience, Notification};
///
/// let notification = Notification::card("alert")
///     .data(json!({ "title": "Disk is full", "severity": "critical" }))
///     .summary("Disk is full")
///     .with_toast()
///     .urgent()
///     .to(Audience::all());
/// ```
#[derive(Clone)]
pub struct Notification {
    message: Message,
    alert: Alert,
    audience: Option<Audience>,
    priority: Priority,
    on_uncertain: OnUncertain,
    expires_at: Option<Timestamp>,
    key: Option<NotificationSource>,
}

impl std::fmt::Debug for Notification {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Notification")
            .field("message", &self.message)
            .field("audience", &self.audience)
            .field("priority", &self.priority)
            .finish_non_exhaustive()
    }
}

const LONGEST_KEY: usize = NotificationSource::LONGEST_KEY;

/// Why a notification can't be made.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum NotificationError {
    #[error(transparent)]
    Card(#[from] CardError),
    #[error(transparent)]
    Audience(#[from] EmptyAudience),
    #[error("a notification's key has 1 to {LONGEST_KEY} characters")]
    Key,
}

impl Notification {
    /// Markdown text.
    #[must_use]
    pub fn text(text: impl Into<String>) -> Self {
        Self::new(Message::text(text))
    }

    /// A card template by its name in `cards/`.
    #[must_use]
    pub fn card(name: impl Into<String>) -> Self {
        Self::new(Message::card(name))
    }

    /// A card template, or a finished card, that is no file.
    #[must_use]
    pub fn inline_card(template: Value) -> Self {
        Self::new(Message::inline_card(template))
    }

    fn new(message: Message) -> Self {
        Self {
            message,
            alert: Alert::Quiet,
            audience: None,
            priority: Priority::Normal,
            on_uncertain: OnUncertain::Resend,
            expires_at: None,
            key: None,
        }
    }

    /// Data for the template's `${…}`.
    #[must_use]
    pub fn data(mut self, data: Value) -> Self {
        self.message = self.message.data(data);
        self
    }

    /// Text of toast and activity feed for a card.
    #[must_use]
    pub fn summary(mut self, summary: impl Into<String>) -> Self {
        self.message = self.message.summary(summary);
        self
    }

    /// Raises a toast and an entry in the activity feed.
    #[must_use]
    pub fn with_toast(mut self) -> Self {
        self.alert = Alert::Toast;
        self
    }

    /// Whom it is for. Without this: every installation, as long as there are not more than
    /// `NOTIFICATION_UNNAMED_LIMIT`.
    #[must_use]
    pub fn to(mut self, audience: Audience) -> Self {
        self.audience = Some(audience);
        self
    }

    /// Goes before notifications of a lower priority.
    #[must_use]
    pub fn urgent(mut self) -> Self {
        self.priority = Priority::Urgent;
        self
    }

    /// Goes after notifications of a higher priority.
    #[must_use]
    pub fn low_priority(mut self) -> Self {
        self.priority = Priority::Low;
        self
    }

    /// A post that may have arrived is not repeated: its recipient ends as `uncertain`. Without this it is repeated.
    #[must_use]
    pub fn never_twice(mut self) -> Self {
        self.on_uncertain = OnUncertain::Report;
        self
    }

    /// What is not sent by then is `skipped`. Without this: 72 hours from now.
    #[must_use]
    pub fn expires_at(mut self, at: Timestamp) -> Self {
        self.expires_at = Some(at);
        self
    }

    /// Accepted once for each key, however often it is sent: 1 to 255 characters that the same event always has, for
    /// instance an alert's id.
    #[must_use]
    pub fn key(mut self, key: impl Into<String>) -> Self {
        self.key = Some(NotificationSource::Key(key.into()));
        self
    }

    /// Accepted once for each content of an event that has no id of its own: what comes again after a failure of its batch
    /// is not sent again, and neither is another event of the same content.
    #[must_use]
    pub fn once_for_content(mut self, event: &Value) -> Self {
        let digest = Sha256::digest(event.to_string());
        self.key = Some(NotificationSource::Key(format!("content:{digest:x}")));
        self
    }

    /// Accepted once for an HTTP request, by its `Idempotency-Key` or the host's invocation id: callers repeat requests
    /// whose answer they missed, and the host's proxy does so too.
    #[must_use]
    pub fn once_for(mut self, request: &HttpRequest) -> Self {
        self.key = Some(request.source());
        self
    }

    /// As the domain takes it, with what makes it the same one when it is sent again.
    pub(crate) fn into_request(
        self,
        cards: &Cards,
    ) -> Result<(NotificationSource, Request), NotificationError> {
        let source = match self.key {
            Some(NotificationSource::Key(key)) if key.is_empty() || key.chars().count() > LONGEST_KEY => {
                return Err(NotificationError::Key);
            }
            Some(source) => source,
            None => NotificationSource::Invocation(uuid::Uuid::new_v4().to_string()),
        };
        let audience = self.audience.map(Audience::into_request).transpose()?;
        let fingerprint = self.message.fingerprint(audience.as_ref());
        let request = Request {
            message: self.message.into_spec(cards, self.alert)?,
            audience,
            priority: self.priority,
            on_uncertain: self.on_uncertain,
            expires_at: self.expires_at,
            fingerprint,
        };
        Ok((source, request))
    }
}
