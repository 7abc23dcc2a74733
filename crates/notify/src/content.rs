//! What is sent, ready for the wire: text or a filled card. Templates are filled outside the domain ([`Composer`]).

use crate::recipient::Recipient;
use async_trait::async_trait;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::{collections::BTreeMap, sync::Arc};

/// Message limit of Teams: bytes counted as UTF-16 of the whole activity.
pub const MESSAGE_LIMIT: usize = 100_000;
/// From here on a message is accepted with a warning.
pub const MESSAGE_WARNING: usize = 80_000;

/// Whether the message raises a toast and an activity feed entry.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Alert {
    /// Arrives quietly.
    #[default]
    Quiet,
    /// Raises a toast; its text is the summary.
    Toast,
}

/// A message for one recipient (or for all, when nothing in it depends on the recipient). `Debug` prints no text.
#[derive(Clone, PartialEq)]
pub struct Content {
    /// The visible part.
    pub body: Body,
    /// Text of toast and feed when the message is only a card.
    pub summary: Option<Arc<str>>,
    /// Whether it raises a toast.
    pub alert: Alert,
}

impl std::fmt::Debug for Content {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Content")
            .field("body", &self.body)
            .field(
                "summary_bytes",
                &self.summary.as_ref().map(|summary| summary.len()),
            )
            .field("alert", &self.alert)
            .finish()
    }
}

/// The visible part of a message. Never both: Teams may split text with a card into two messages without an id. `Debug` prints no text.
#[derive(Clone, PartialEq)]
pub enum Body {
    /// Markdown text.
    Text(Arc<str>),
    /// An Adaptive Card as JSON text, already filled.
    Card(Arc<str>),
}

impl std::fmt::Debug for Body {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Text(text) => write!(f, "Text({} bytes)", text.len()),
            Self::Card(card) => write!(f, "Card({} bytes)", card.len()),
        }
    }
}

/// A message as it was asked for and stored: templates resolved by name at acceptance, so that a later deploy
/// or another instance sends the same thing. `Debug` prints no text.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct MessageSpec {
    /// What to fill.
    #[serde(flatten)]
    pub form: Form,
    /// Data for the template.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub data: Option<Value>,
    /// Text of toast and feed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub summary: Option<String>,
    /// Whether it raises a toast.
    #[serde(default)]
    pub alert: Alert,
}

impl std::fmt::Debug for MessageSpec {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("MessageSpec")
            .field("form", &self.form)
            .field("summary_bytes", &self.summary.as_ref().map(String::len))
            .field("alert", &self.alert)
            .finish_non_exhaustive()
    }
}

/// Text or a card template. `Debug` prints no text.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Form {
    /// Markdown text, sent as it is.
    Text(String),
    /// A card template, with variants by locale (`de`, `de-AT`).
    Card {
        /// Name in `cards/`; none for an inline template.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        name: Option<String>,
        /// The template's JSON.
        template: Value,
        /// Templates for particular locales, lower-case keys.
        #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
        locales: BTreeMap<String, Value>,
    },
}

impl std::fmt::Debug for Form {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Text(text) => write!(f, "Text({} bytes)", text.len()),
            Self::Card { locales, .. } => write!(f, "Card({} locales)", locales.len()),
        }
    }
}

/// Turns a stored message into content. Implemented outside the domain (it knows the template language, and where its work
/// may run: a template can take long).
#[async_trait]
pub trait Composer: Send + Sync {
    /// Compiles the message once for a notification.
    ///
    /// # Errors
    /// When the template can't be parsed, or a recipient-independent message is too large.
    async fn compose(
        &self,
        spec: &MessageSpec,
        notification: &NotificationFacts,
    ) -> Result<Arc<dyn Composed>, ContentError>;
}

/// What templates may know of the notification (`$host.notification`).
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct NotificationFacts {
    /// Its id.
    pub id: crate::ids::NotificationId,
    /// When it was accepted.
    pub created_at: jiff::Timestamp,
    /// What its buttons are signed with, if they are; no matter of templates.
    #[serde(skip)]
    pub action: Option<ActionFacts>,
}

/// What the buttons of a message say of where they came from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ActionFacts {
    /// The notification that sent the message; of an edit, the one that is edited.
    pub notification: crate::ids::NotificationId,
    /// 1 as it was sent, 2 after an edit.
    pub version: u32,
}

impl ActionFacts {
    /// Of what a notification of this kind and id puts into its messages.
    pub fn of(kind: &crate::request::NotificationKind, id: &crate::ids::NotificationId) -> Self {
        use crate::request::NotificationKind;
        let (notification, version) = match kind {
            NotificationKind::Send => (id, 1),
            NotificationKind::Update(of) | NotificationKind::Delete(of) => (of, 2),
        };
        Self {
            notification: notification.clone(),
            version,
        }
    }
}

/// A compiled message.
#[async_trait]
pub trait Composed: Send + Sync {
    /// The content for one recipient where it is there already: the same `Arc` for all when nothing in it depends on the
    /// recipient. `None`: it has to be [made](Self::make).
    fn ready(&self, recipient: &Recipient) -> Option<Result<Arc<Content>, ContentError>>;

    /// Makes the content for one recipient.
    ///
    /// # Errors
    /// When the template can't be filled for this recipient, or the result is too large.
    async fn make(&self, recipient: &Recipient) -> Result<Arc<Content>, ContentError>;
}

/// Why a message can't be made. Ends as `rejected` with [`ContentError::code`]. `Display` may quote the template, which
/// is for whoever wrote it; `Debug` doesn't.
#[derive(Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum ContentError {
    /// Over Teams' limit.
    #[error(
        "the message has {bytes} bytes (UTF-16 of the whole activity); Teams takes at most {limit}. Shorten the text or the data"
    )]
    TooLarge {
        /// Measured size.
        bytes: usize,
        /// The limit.
        limit: usize,
    },
    /// The template is wrong.
    #[error("{message}")]
    Template {
        /// What, where and how to mend it.
        message: String,
        /// JSON pointer into the template.
        pointer: String,
    },
    /// What composing needs can't be read just now.
    #[error("{0}; try again")]
    Unavailable(String),
    /// Filling the template takes more work, memory or nesting than a card may.
    #[error("{message}")]
    Limit {
        /// Which limit, where and how to mend it.
        message: String,
        /// JSON pointer into the template.
        pointer: String,
    },
}

impl std::fmt::Debug for ContentError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::TooLarge { bytes, limit } => write!(f, "ContentError(too-large: {bytes} of {limit} bytes)"),
            Self::Template { .. } | Self::Unavailable(_) | Self::Limit { .. } => {
                write!(f, "ContentError({})", self.code())
            }
        }
    }
}

impl ContentError {
    /// The code in reports.
    pub fn code(&self) -> &'static str {
        match self {
            Self::TooLarge { .. } => "too-large",
            Self::Template { .. } => "template",
            Self::Limit { .. } => "card-limit",
            Self::Unavailable(_) => "unavailable",
        }
    }
}
