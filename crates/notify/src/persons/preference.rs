//! What a person wants, stored so that it holds: their record, and the signal by which whoever sends to their tenant learns
//! of it.

use super::{Person, Preference, store};
use crate::{
    change::{self, Change},
    lane::Lane,
    ports::{Expected, Ports, ReferenceStore, StoreError, WriteError},
    target::{DeliveryStatus, ReferenceRecord, TargetKey},
};
use jiff::Timestamp;

/// Attempts at a reference that others write too.
const ATTEMPTS: u32 = 5;

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
    let known = store::update(&*ports.objects, person, |record| record.prefer(preference, at)).await?;
    let lane = Lane::Connector(person.tenant.clone());
    crate::plan::ring(ports, &person.bot, &lane).await?;
    // Versions that know no persons, and exports, go by what a chat's reference says.
    if let Some(key) = chat {
        let change = Change {
            key: key.clone(),
            at,
            event: preference.event(),
        };
        change::record(&*ports.references, &change, ports.clock.wall()).await?;
    }
    let others = person.chats(&*ports.references).await?;
    for other in others.into_iter().filter(|other| Some(&other.key) != chat) {
        if !known.was_removed_since(other.event_at) {
            mirror(&*ports.references, &other.key, preference).await?;
        }
    }
    Ok(())
}

/// Says the same in the reference of a chat where nothing happened.
async fn mirror(
    references: &dyn ReferenceStore,
    key: &TargetKey,
    preference: Preference,
) -> Result<(), StoreError> {
    for _ in 0..ATTEMPTS {
        let Some(stored) = references.read(key).await? else {
            return Ok(());
        };
        let ReferenceRecord::Installed(mut installation) = stored.record else {
            return Ok(());
        };
        let status = &mut installation.target.delivery_status;
        let next = match (preference, *status) {
            (Preference::OptedOut, DeliveryStatus::Active | DeliveryStatus::Blocked) => {
                DeliveryStatus::OptedOut
            }
            (Preference::OptedIn, DeliveryStatus::OptedOut) => DeliveryStatus::Active,
            _ => return Ok(()),
        };
        *status = next;
        let record = ReferenceRecord::Installed(installation);
        match references
            .write(key, &record, &Expected::Version(stored.version))
            .await
        {
            Ok(_) => return Ok(()),
            Err(WriteError::Conflict) => {}
            Err(WriteError::Store(error)) => return Err(error),
        }
    }
    // It only helps; the person's record is what counts.
    Ok(())
}
