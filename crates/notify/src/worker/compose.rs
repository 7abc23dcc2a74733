//! Composing a part's message, and making what differs by recipient: work that takes its time, beside the lane's own.

use super::{
    event::{Contents, Event, Job, PartKey},
    event_loop::Worker,
    part::{Message, Part},
};
use crate::{
    content::{ActionFacts, Composed, ContentError, NotificationFacts},
    ports::{Clock, Moment},
    recipient::Recipient,
};
use jiff::Timestamp;
use std::{sync::Arc, time::Duration};
use tracing::Instrument as _;

/// After so long a job gives back what it has made. Nothing of it is durable: a slice that ends or a part that is
/// cancelled loses no more than this, and contents that take long are posted as they come.
const PORTION: Duration = Duration::from_millis(250);

impl Worker {
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
                action: Some(ActionFacts::of(&notification.kind, &notification.id)),
            };
            let span = tracing::error_span!("compose", notification_id = %facts.id);
            let result = composer
                .compose(&notification.message, &facts)
                .instrument(span)
                .await;
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
                tracing::warn!(notification_id = %part.id(), code = error.code(), "the message can't be made");
                Message::Unsendable(error.code())
            }
        };
    }

    pub(super) fn contents_made(
        &mut self,
        key: PartKey,
        number: u32,
        (contents, unmade): (Contents, Vec<u32>),
        now: Moment,
        wall: Timestamp,
    ) {
        if let Some(chunk) = self.parts.get_mut(&key).and_then(|part| part.chunk(number)) {
            chunk.take_made(contents, now, wall);
            chunk.take_unmade(&unmade, now);
        }
    }
}

/// Makes the contents of a window, one after the other: others have their turns in between. Ends after [`PORTION`] with
/// what it has, one at least.
pub(super) fn make(
    clock: Arc<dyn Clock>,
    message: Arc<dyn Composed>,
    part: PartKey,
    chunk: u32,
    recipients: Vec<Arc<Recipient>>,
) -> Job {
    Box::pin(async move {
        let begun = clock.now();
        let mut contents = Vec::with_capacity(recipients.len());
        let mut recipients = recipients.into_iter();
        for recipient in recipients.by_ref() {
            contents.push((recipient.n, message.make(&recipient).await));
            if clock.now().since(begun) >= PORTION {
                break;
            }
        }
        Event::Made {
            part,
            chunk,
            contents,
            unmade: recipients.map(|recipient| recipient.n).collect(),
        }
    })
}
