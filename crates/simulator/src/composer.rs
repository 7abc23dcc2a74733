//! A composer without templates: text as it is, a card as its JSON.

use notify::{
    content::{Body, Composed, Composer, Content, ContentError, Form, MessageSpec, NotificationFacts},
    recipient::Recipient,
};
use std::sync::Arc;

/// Composes text; a text that begins with `too-large` can't be made.
#[derive(Debug)]
pub struct PlainComposer;

struct Plain(Arc<Content>);

impl Composer for PlainComposer {
    fn compose(&self, spec: &MessageSpec, _: &NotificationFacts) -> Result<Arc<dyn Composed>, ContentError> {
        let body = match &spec.form {
            Form::Text(text) if text.starts_with("too-large") => {
                return Err(ContentError::TooLarge {
                    bytes: 100_001,
                    limit: notify::content::MESSAGE_LIMIT,
                });
            }
            Form::Text(text) => Body::Text(text.as_str().into()),
            Form::Card { template, .. } => Body::Card(template.to_string().into()),
        };
        Ok(Arc::new(Plain(Arc::new(Content {
            body,
            summary: spec.summary.as_deref().map(Into::into),
            alert: spec.alert,
        }))))
    }
}

impl Composed for Plain {
    fn content(&self, _: &Recipient) -> Result<Arc<Content>, ContentError> {
        Ok(self.0.clone())
    }
}
