//! Composing a part's message, and making what differs by recipient: work that takes its time, beside the lane's own.

use super::{
    event::{Event, Job, PartKey},
    part::{Message, Part},
    run::Lane,
};
use crate::{
    content::{Composed, Content, ContentError, NotificationFacts},
    ports::Moment,
    recipient::Recipient,
};
use jiff::Timestamp;
use std::sync::Arc;

impl Lane {
    /// Starts composing the message of a part that was just loaded.
    pub(super) fn compose(&mut self, key: PartKey, part: &Part) {
        if !matches!(part.message, Message::Composing) {
            return;
        }
        let composer = self.env.ports.composer.clone();
        let notification = part.notification.clone();
        self.work.push(Box::pin(async move {
            let facts = NotificationFacts {
                id: notification.id.clone(),
                created_at: notification.created_at,
            };
            let result = composer.compose(&notification.message, &facts).await;
            Event::Composed { part: key, result }
        }));
    }

    pub(super) fn composed(&mut self, key: PartKey, result: Result<Arc<dyn Composed>, ContentError>) {
        let Some(part) = self.parts.get_mut(&key) else {
            return;
        };
        part.message = match result {
            Ok(message) => Message::Composed(message),
            Err(error) => {
                tracing::warn!(notification = %part.id(), code = error.code(), "the message can't be made");
                Message::Unsendable(error.code())
            }
        };
    }

    pub(super) fn contents_made(
        &mut self,
        key: PartKey,
        number: u32,
        contents: Vec<(u32, Result<Arc<Content>, ContentError>)>,
        now: Moment,
        wall: Timestamp,
    ) {
        if let Some(chunk) = self.parts.get_mut(&key).and_then(|part| part.chunk(number)) {
            chunk.take_made(contents, now, wall);
        }
    }
}

/// Makes the contents of a window, one after the other: others have their turns in between.
pub(super) fn make(
    message: Arc<dyn Composed>,
    part: PartKey,
    chunk: u32,
    recipients: Vec<Arc<Recipient>>,
) -> Job {
    Box::pin(async move {
        let mut contents = Vec::with_capacity(recipients.len());
        for recipient in recipients {
            contents.push((recipient.n, message.make(&recipient).await));
        }
        Event::Made {
            part,
            chunk,
            contents,
        }
    })
}
