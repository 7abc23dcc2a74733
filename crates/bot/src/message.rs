//! What people see: text, or a card that is filled for each of them in their language. By itself it answers somebody; a
//! notification sends one.

use crate::{
    bot::NotificationBot,
    origin::Origin,
    send::SendError,
    templates::{CardError, Cards},
};
use notify::{
    content::{ActionFacts, Alert, Composer, Content, Form, MessageSpec, NotificationFacts},
    identity::Fingerprint,
    ids::NotificationId,
    request,
};
use serde_json::{Value, json};
use std::{collections::BTreeMap, sync::Arc};

/// A message, not yet filled. `Debug` prints no text.
#[derive(Clone)]
pub struct Message {
    content: ContentSource,
    data: Option<Value>,
    summary: Option<String>,
}

impl std::fmt::Debug for Message {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match &self.content {
            ContentSource::Text(text) => write!(f, "Message(text of {} bytes", text.len())?,
            ContentSource::Named(_) => f.write_str("Message(card by name")?,
            ContentSource::Inline(_) => f.write_str("Message(inline card")?,
        }
        if self.data.is_some() {
            f.write_str(", with data")?;
        }
        if let Some(summary) = &self.summary {
            write!(f, ", summary of {} bytes", summary.len())?;
        }
        f.write_str(")")
    }
}

/// Where the visible part comes from.
#[derive(Clone)]
enum ContentSource {
    Text(String),
    Named(String),
    Inline(Value),
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

    /// As the domain takes it.
    pub(crate) fn into_spec(self, cards: &Cards, alert: Alert) -> Result<MessageSpec, CardError> {
        let form = match self.content {
            ContentSource::Text(text) => Form::Text(text),
            ContentSource::Named(name) => cards.load(&name)?,
            ContentSource::Inline(template) => Form::Card {
                name: None,
                template,
                locales: BTreeMap::new(),
            },
        };
        Ok(MessageSpec {
            form,
            data: self.data,
            summary: self.summary,
            alert,
        })
    }

    /// Tells it, with its audience, from another one.
    pub(crate) fn fingerprint(&self, audience: Option<&request::Audience>) -> Fingerprint {
        let content = match &self.content {
            ContentSource::Text(text) => json!({ "text": text }),
            ContentSource::Named(name) => json!({ "card": name }),
            ContentSource::Inline(template) => json!({ "card": template }),
        };
        Fingerprint::of(&json!({
            "content": content, "data": self.data, "audience": audience, "summary": self.summary,
        }))
    }

    /// Fills it for whoever an activity came from. `notification` is the one that the message belongs to.
    pub(crate) async fn fill(
        self,
        bot: &NotificationBot,
        to: &Origin,
        notification: Option<&NotificationId>,
    ) -> Result<Arc<Content>, SendError> {
        let spec = self.into_spec(bot.cards(), Alert::Quiet)?;
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
