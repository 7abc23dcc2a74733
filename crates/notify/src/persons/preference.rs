//! What a person wants, stored so that it holds: their record, and the signal by which whoever sends to their tenant learns
//! of it.

use super::{Person, Preference, store};
use crate::{
    change::{self, Change, Event},
    lane::Lane,
    ports::{Ports, StoreError},
    target::TargetKey,
};
use jiff::Timestamp;

/// Stores what a person wants since then. When this returns it holds for every post that begins more than five seconds
/// later, in whichever of their chats. `chat` is where they said so; it need not be stored.
///
/// # Errors
/// When the store fails: it must not be confirmed then.
pub async fn set_preference(
    ports: &Ports,
    person: &Person,
    chat: Option<&TargetKey>,
    preference: Preference,
    at: Timestamp,
) -> Result<(), StoreError> {
    store::update(&*ports.objects, person, |record| record.prefer(preference, at)).await?;
    let lane = Lane::Connector(person.tenant.clone());
    crate::plan::ring(ports, &person.bot, &lane).await?;
    // Versions that know no persons, and exports, go by what a chat's reference says.
    let stored = person.chats(&*ports.references).await?;
    let mut chats: Vec<TargetKey> = stored.into_iter().map(|chat| chat.key).collect();
    chats.extend(chat.filter(|chat| !chats.contains(chat)).cloned());
    for key in chats {
        let event = match preference {
            Preference::OptedOut => Event::OptedOut,
            Preference::OptedIn => Event::OptedIn,
        };
        let change = Change { key, at, event };
        change::record(&*ports.references, &change, ports.clock.wall()).await?;
    }
    Ok(())
}
