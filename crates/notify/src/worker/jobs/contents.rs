//! Composing a part's message, and making what differs by recipient: work that takes its time, beside the lane's own.

use crate::{
    content::{ActionFacts, Composed, ContentError, NotificationFacts},
    env::Env,
    notification::Notification,
    ports::Clock,
    recipient::Recipient,
    worker::state::event::Contents,
};
use std::{sync::Arc, time::Duration};
use tracing::Instrument as _;

/// After so long a job gives back what it has made. Nothing of it is durable: a slice that ends or a part that is
/// cancelled loses no more than this, and contents that take long are posted as they come.
const PORTION: Duration = Duration::from_millis(250);

/// Composes a notification's message.
pub(super) async fn compose(
    env: &Env,
    notification: &Notification,
) -> Result<Arc<dyn Composed>, ContentError> {
    let facts = NotificationFacts {
        id: notification.id.clone(),
        created_at: notification.created_at,
        action: Some(ActionFacts::of(&notification.kind, &notification.id)),
    };
    let span = tracing::error_span!("compose", notification_id = %facts.id);
    let composer = &env.ports.composer;
    composer
        .compose(&notification.message, &facts)
        .instrument(span)
        .await
}

/// Makes the contents of a window, one after the other: others have their turns in between. Ends after [`PORTION`] with
/// what it has, one at least, and the numbers of those whose time did not come.
pub(super) async fn make(
    clock: &dyn Clock,
    message: &dyn Composed,
    recipients: Vec<Arc<Recipient>>,
) -> (Contents, Vec<u32>) {
    let begun = clock.now();
    let mut contents = Vec::with_capacity(recipients.len());
    let mut recipients = recipients.into_iter();
    for recipient in recipients.by_ref() {
        contents.push((recipient.n, message.make(&recipient).await));
        if clock.now().since(begun) >= PORTION {
            break;
        }
    }
    (contents, recipients.map(|recipient| recipient.n).collect())
}
