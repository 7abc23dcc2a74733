//! A composer without templates: text as it is, a card as its JSON.

use async_trait::async_trait;
use notify::{
    content::{Body, Composed, Composer, Content, ContentError, Form, MessageSpec, NotificationFacts},
    ports::Clock,
    recipient::Recipient,
};
use std::{sync::Arc, time::Duration};

/// Composes text; a text that begins with `too-large` can't be made, one that begins with `for-each` is made anew for each
/// recipient, in a little while; `for-each, slowly` takes longer.
pub struct PlainComposer {
    clock: Arc<dyn Clock>,
}

impl PlainComposer {
    /// A composer whose work takes this clock's time.
    pub fn new(clock: Arc<dyn Clock>) -> Self {
        Self { clock }
    }
}

/// How long it takes to make what differs by recipient.
const WHILE: Duration = Duration::from_millis(3);
const LONG_WHILE: Duration = Duration::from_millis(300);

enum Plain {
    Same(Arc<Content>),
    ForEach(Arc<dyn Clock>, Duration, Content),
}

#[async_trait]
impl Composer for PlainComposer {
    async fn compose(
        &self,
        spec: &MessageSpec,
        _: &NotificationFacts,
    ) -> Result<Arc<dyn Composed>, ContentError> {
        let takes = match &spec.form {
            Form::Text(text) if text.starts_with("for-each, slowly") => Some(LONG_WHILE),
            Form::Text(text) if text.starts_with("for-each") => Some(WHILE),
            _ => None,
        };
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
        let content = Content {
            body,
            summary: spec.summary.as_deref().map(Into::into),
            alert: spec.alert,
        };
        Ok(Arc::new(match takes {
            Some(time) => Plain::ForEach(self.clock.clone(), time, content),
            None => Plain::Same(Arc::new(content)),
        }))
    }
}

#[async_trait]
impl Composed for Plain {
    fn ready(&self, _: &Recipient) -> Option<Result<Arc<Content>, ContentError>> {
        match self {
            Plain::Same(content) => Some(Ok(content.clone())),
            Plain::ForEach(..) => None,
        }
    }

    async fn make(&self, _: &Recipient) -> Result<Arc<Content>, ContentError> {
        match self {
            Plain::Same(content) => Ok(content.clone()),
            Plain::ForEach(clock, time, content) => {
                clock.sleep_until(clock.now().after(*time)).await;
                Ok(Arc::new(content.clone()))
            }
        }
    }
}
