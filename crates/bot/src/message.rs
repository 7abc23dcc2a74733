//! A message that answers somebody: text, or a card that is filled for them in their language.

use crate::{bot::NotificationBot, notification::ContentSource, origin::Origin, send::SendError};
use notify::{
    content::{ActionFacts, Alert, Composer, Content, MessageSpec, NotificationFacts},
    ids::NotificationId,
};
use serde_json::Value;
use std::sync::Arc;

/// A message, not yet filled.
#[derive(Clone, Debug)]
pub struct Message {
    content: ContentSource,
    data: Option<Value>,
    summary: Option<String>,
}

impl Message {
    /// Markdown text.
    #[must_use]
    pub fn text(text: impl Into<String>) -> Self {
        Self::new(ContentSource::Text(text.into()))
    }

    /// A card template by its name in `cards/`; a variant for the person's language is taken where there is one.
    #[must_use]
    pub fn card(name: impl Into<String>) -> Self {
        Self::new(ContentSource::Named(name.into()))
    }

    /// A card template, or a finished card, that is no file.
    #[must_use]
    pub fn inline_card(template: Value) -> Self {
        Self::new(ContentSource::Inline(template))
    }

    fn new(content: ContentSource) -> Self {
        Self {
            content,
            data: None,
            summary: None,
        }
    }

    /// Data for the template's `${…}`.
    #[must_use]
    pub fn data(mut self, data: Value) -> Self {
        self.data = Some(data);
        self
    }

    /// Text of toast and activity feed for a card.
    #[must_use]
    pub fn summary(mut self, summary: impl Into<String>) -> Self {
        self.summary = Some(summary.into());
        self
    }

    /// Fills it for whoever an activity came from. `notification` is the one that the message belongs to.
    pub(crate) async fn fill(
        self,
        bot: &NotificationBot,
        to: &Origin,
        notification: Option<&NotificationId>,
    ) -> Result<Arc<Content>, SendError> {
        let spec = MessageSpec {
            form: self.content.form(bot.cards())?,
            data: self.data,
            summary: self.summary,
            alert: Alert::Quiet,
        };
        let facts = NotificationFacts {
            id: notification.cloned().unwrap_or_else(|| NotificationId::from("")),
            created_at: bot.clock().wall(),
            action: notification.map(|notification| ActionFacts {
                notification: notification.clone(),
                version: 2,
            }),
        };
        let composed = bot.composer().compose(&spec, &facts).await?;
        Ok(composed.make(&to.recipient()).await?)
    }
}

impl<T: Into<String>> From<T> for Message {
    fn from(text: T) -> Self {
        Self::text(text)
    }
}
