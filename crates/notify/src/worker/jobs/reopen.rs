//! A personal chat is opened again, and Teams names the chat: it may be one that the same audience reaches already, as
//! after a crash between the two writes of a move. Its person gets one message.

use super::reference_updates::key_of;
use crate::{
    env::Env,
    ids::ConversationId,
    ports::{Answer, StoreError, Verdict},
    recipient::Recipient,
    store::audience,
    target::{ReferenceRecord, TargetKey},
    worker::state::{AudienceOf, event::Reopened},
};

/// Opens a recipient's chat again.
///
/// # Errors
/// The answer of Teams when it can't be opened, or one of ours while the store fails: nothing was posted then.
pub(super) async fn open(
    env: &Env,
    audience: &AudienceOf,
    recipient: &Recipient,
) -> Result<Reopened, Answer> {
    let chat = env.ports.connector.open(recipient).await?;
    if chat == recipient.conversation {
        return Ok(Reopened::Chat(chat));
    }
    match is_taken(env, audience, recipient, &chat).await {
        Ok(true) => Ok(Reopened::Taken),
        Ok(false) => Ok(Reopened::Chat(chat)),
        Err(error) => {
            tracing::warn!(notification_id = %audience.notification, %error, "it could not be read whether a chat has a row of its own; the chat is tried again");
            Err(Answer {
                verdict: Verdict::NotNow { retry_after: None },
                status: None,
                code: Some(Answer::STORE.into()),
            })
        }
    }
}

/// Whether another row of the part goes to the chat. Only a chat that has a reference can have one, and almost none has.
async fn is_taken(
    env: &Env,
    audience: &AudienceOf,
    recipient: &Recipient,
    chat: &ConversationId,
) -> Result<bool, StoreError> {
    let key = TargetKey {
        root: chat.clone(),
        ..key_of(&env.settings, recipient)
    };
    let known = env.ports.references.read(&key).await?;
    if !known.is_some_and(|stored| matches!(stored.record, ReferenceRecord::Installed(_))) {
        return Ok(false);
    }
    for number in 0..audience.chunks {
        let objects = &*env.ports.objects;
        let chunk = audience::read(objects, &audience.notification, &audience.lane, number).await?;
        let goes_there = |row: &Recipient| row.n != recipient.n && row.conversation == *chat;
        if chunk.rows.iter().any(goes_there) {
            return Ok(true);
        }
    }
    Ok(false)
}
