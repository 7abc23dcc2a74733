//! What operators and the maintenance do to the records of persons: a bot's records are listed, and some are changed or
//! go.

use super::{
    status::Listed,
    store::{ATTEMPTS, PAGE, listed, read_record, write_by_name},
};
use crate::{
    ids::BotId,
    person::{PersonHash, PersonKey},
    ports::{ObjectStore, Read, ReadIf, StoreError, WriteError, WriteIf},
    service::ErasureMode,
    store::keys,
    target::Tombstone,
};
use jiff::Timestamp;
use std::collections::HashSet;

/// Ends the block mark of a person, or of all of a bot's. Returns how many were marked.
///
/// # Errors
/// When the store fails.
pub async fn lift_blocks(
    objects: &dyn ObjectStore,
    bot: &BotId,
    whom: Option<PersonHash>,
    now: Timestamp,
) -> Result<u32, StoreError> {
    let (mut lifted, mut from) = (0, None);
    // Who is named by another id than the one the record stands under.
    let mut also: Vec<String> = Vec::new();
    loop {
        let page = objects
            .list(&keys::persons_of_bot(bot), from.as_deref(), PAGE)
            .await?;
        for entry in page.entries {
            let Listed::Known(record) = listed(objects, &entry).await? else {
                continue;
            };
            let Some((place, hash)) = entry.name.rsplit_once('/') else {
                continue;
            };
            if whom.is_some_and(|whom| PersonHash::parse(hash) != Some(whom)) {
                continue;
            }
            match record.moved_to {
                Some(moved_to) if whom.is_some() => also.push(format!("{place}/{moved_to}")),
                _ => lifted += lift(objects, &entry.name, now).await?,
            }
        }
        from = page.next;
        if from.is_none() {
            break;
        }
    }
    for name in also {
        lifted += lift(objects, &name, now).await?;
    }
    Ok(lifted)
}

/// 1 if there was a mark.
async fn lift(objects: &dyn ObjectStore, name: &str, now: Timestamp) -> Result<u32, StoreError> {
    for _ in 0..ATTEMPTS {
        let Read::Found(object) = objects.read(name, ReadIf::Any).await? else {
            return Ok(0);
        };
        let before = read_record(&object.body)?;
        let mut record = before.clone();
        record.unblock(now);
        if record == before {
            return Ok(0);
        }
        if write_by_name(objects, name, &record, Some(object.etag)).await? {
            return Ok(1);
        }
    }
    Err(StoreError::unavailable("a person's record stayed contended"))
}

/// Erases what is stored of a person under these ids, what that points to, and what points there. Returns how many records
/// there were.
///
/// # Errors
/// When the store fails.
pub(crate) async fn erase(
    objects: &dyn ObjectStore,
    bot: &BotId,
    ids: impl Iterator<Item = &PersonKey>,
    mode: ErasureMode,
) -> Result<u32, StoreError> {
    let mut hashes: HashSet<PersonHash> = ids.map(PersonKey::hash).collect();
    let mut names: Vec<String> = Vec::new();
    // The first time round learns their other ids.
    for _ in 0..2 {
        names.clear();
        let mut from = None;
        loop {
            let page = objects
                .list(&keys::persons_of_bot(bot), from.as_deref(), PAGE)
                .await?;
            for entry in page.entries {
                let hash = entry.name.rsplit('/').next().and_then(PersonHash::parse);
                let moved_to = match listed(objects, &entry).await? {
                    Listed::Known(record) => record.moved_to,
                    Listed::Unreadable => None,
                };
                let known = |hash: &Option<PersonHash>| hash.is_some_and(|hash| hashes.contains(&hash));
                if known(&hash) || known(&moved_to) {
                    hashes.extend(hash.into_iter().chain(moved_to));
                    names.push(entry.name);
                }
            }
            from = page.next;
            if from.is_none() {
                break;
            }
        }
    }
    if mode == ErasureMode::Apply {
        for name in &names {
            match objects.delete(name, WriteIf::Any).await {
                Ok(()) | Err(WriteError::Conflict) => {}
                Err(WriteError::Store(error)) => return Err(error),
            }
        }
    }
    Ok(u32::try_from(names.len()).unwrap_or(u32::MAX))
}

/// Deletes records of a bot that say nothing any more, at most `most`: removals are remembered as long as those of
/// references. Returns how many.
///
/// # Errors
/// When the store fails.
pub async fn forget_removals(
    objects: &dyn ObjectStore,
    bot: &BotId,
    now: Timestamp,
    most: usize,
) -> Result<usize, StoreError> {
    let Ok(forgotten) = now.checked_sub(Tombstone::KEPT) else {
        return Ok(0);
    };
    let (mut deleted, mut from) = (0, None);
    loop {
        let page = objects
            .list(&keys::persons_of_bot(bot), from.as_deref(), PAGE)
            .await?;
        for entry in page.entries {
            if deleted >= most {
                return Ok(deleted);
            }
            let Listed::Known(record) = listed(objects, &entry).await? else {
                continue;
            };
            if record.says_nothing_since(forgotten) {
                match objects.delete(&entry.name, WriteIf::Version(entry.etag)).await {
                    Ok(()) => deleted += 1,
                    Err(WriteError::Conflict) => {}
                    Err(WriteError::Store(error)) => return Err(error),
                }
            }
        }
        from = page.next;
        if from.is_none() {
            return Ok(deleted);
        }
    }
}
