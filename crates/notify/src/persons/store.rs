//! Reading and changing the records of persons, conditionally on what was read. What a listing needs is in an object's
//! metadata; the body says the same.

use super::{Person, PersonRecord, status::Listed};
use crate::{
    ids::{BotId, TenantId},
    person::{PersonHash, PersonKey},
    ports::{Entry, Etag, ObjectStore, Read, ReadIf, StoreError, WriteError, WriteIf},
    store::keys,
    store::record::{RecordError, Version, Versioned, decode, encode},
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use bytes::Bytes;
use std::collections::BTreeMap;

/// Attempts at a contended record before giving up; each lost one means that another writer made progress.
pub(super) const ATTEMPTS: u32 = 50;
/// Longest record in metadata, bytes of base64; the service's cap is 8 KiB for all of it.
const LONGEST: usize = 6 * 1024;
/// Entries of a listing at a time.
pub(super) const PAGE: u32 = 5_000;
/// The record in an object's metadata.
const RECORD: &str = "record";

/// What is stored under one id, with its version.
struct Stored {
    record: PersonRecord,
    etag: Etag,
}

async fn read_one(
    objects: &dyn ObjectStore,
    (bot, tenant): (&BotId, &TenantId),
    hash: PersonHash,
) -> Result<Option<Stored>, StoreError> {
    let name = keys::person(bot, tenant, hash);
    match objects.read(&name, ReadIf::Any).await? {
        Read::Found(object) => Ok(Some(Stored {
            record: read_record(&object.body)?,
            etag: object.etag,
        })),
        Read::Missing | Read::Unchanged => Ok(None),
    }
}

/// What is stored under the hash of an id; a record that has moved is followed.
pub(crate) async fn read_by_hash(
    objects: &dyn ObjectStore,
    place: (&BotId, &TenantId),
    hash: PersonHash,
) -> Result<Option<PersonRecord>, StoreError> {
    let own = read_one(objects, place, hash).await?.map(|stored| stored.record);
    match own.as_ref().and_then(|record| record.moved_to) {
        Some(moved_to) => {
            let stored = read_one(objects, place, moved_to).await?;
            Ok(stored.map(|stored| stored.record))
        }
        None => Ok(own),
    }
}

/// A record that can't be read is logged and left alone: it keeps neither anybody's activity from being stored, nor
/// anybody else from being planned.
pub(crate) fn readable<T>(tenant: &TenantId, record: Result<T, StoreError>) -> Result<Option<T>, StoreError> {
    match record {
        Ok(record) => Ok(Some(record)),
        Err(StoreError::Damaged(error)) => {
            tracing::warn!(tenant_id = %tenant, error, "a person's record can't be read and is left alone");
            Ok(None)
        }
        Err(error) => Err(error),
    }
}

/// Changes what is stored of a person, again when another writer was quicker. Writes nothing when nothing changes. Returns
/// what is stored then.
///
/// # Errors
/// When the store fails or the record stays contended: whatever the change is from must not be acknowledged then.
pub async fn update(
    objects: &dyn ObjectStore,
    person: &Person,
    change: impl Fn(&mut PersonRecord) + Send,
) -> Result<PersonRecord, StoreError> {
    let place = (&person.bot, &person.tenant);
    let mut hash = person.key.hash();
    let mut other_hash = person.other.as_ref().map(PersonKey::hash);
    for _ in 0..ATTEMPTS {
        let other = async {
            match other_hash {
                Some(hash) => read_one(objects, place, hash).await,
                None => Ok(None),
            }
        };
        let (own, other) = futures::try_join!(read_one(objects, place, hash), other)?;
        // Somebody learnt their Entra id: the record is there.
        if let Some(moved_to) = own.as_ref().and_then(|stored| stored.record.moved_to) {
            (hash, other_hash) = (moved_to, None);
            continue;
        }
        let before = own.as_ref().map(|stored| &stored.record);
        let mut record = before.cloned().unwrap_or_default();
        let mut points_here = false;
        if let Some(other) = &other {
            points_here = other.record.moved_to == Some(hash);
            record.merge(other.record.clone());
        }
        change(&mut record);
        let is_default = record == PersonRecord::default();
        let changed = before.map_or(!is_default, |before| *before != record);
        if changed && !write(objects, place, hash, &record, own.map(|own| own.etag)).await? {
            continue;
        }
        // The other id's record points here, whether or not it said anything: who knows that id only obeys all the same.
        if let Some(other_hash) = other_hash.filter(|_| !points_here && !is_default) {
            let pointer = PersonRecord {
                moved_to: Some(hash),
                ..PersonRecord::default()
            };
            if !write(
                objects,
                place,
                other_hash,
                &pointer,
                other.map(|other| other.etag),
            )
            .await?
            {
                continue;
            }
        }
        return Ok(record);
    }
    Err(StoreError::unavailable("a person's record stayed contended"))
}

/// Whether it was written.
async fn write(
    objects: &dyn ObjectStore,
    (bot, tenant): (&BotId, &TenantId),
    hash: PersonHash,
    record: &PersonRecord,
    known: Option<Etag>,
) -> Result<bool, StoreError> {
    write_by_name(objects, &keys::person(bot, tenant, hash), record, known).await
}

pub(super) async fn write_by_name(
    objects: &dyn ObjectStore,
    name: &str,
    record: &PersonRecord,
    known: Option<Etag>,
) -> Result<bool, StoreError> {
    let body = encode(&Versioned::new(Version::V1, record))?;
    let when = known.map_or(WriteIf::Absent, WriteIf::Version);
    match objects.write(name, body.clone(), &metadata_of(&body), when).await {
        Ok(_) => Ok(true),
        // Our own write whose reply was lost, perhaps: what is there is looked at again.
        Err(WriteError::Conflict) => Ok(false),
        Err(WriteError::Store(error)) => Err(error),
    }
}

/// Only what this version knows, with what it doesn't know beside.
pub(super) fn read_record(text: &[u8]) -> Result<PersonRecord, RecordError> {
    let (version, mut record): (Version, PersonRecord) = decode(text)?;
    if version != Version::V1 {
        return Err(RecordError::UnknownVersion(version.into()));
    }
    record.rest.remove("v");
    Ok(record)
}

fn metadata_of(body: &Bytes) -> BTreeMap<String, String> {
    let text = URL_SAFE_NO_PAD.encode(body);
    match text.len() <= LONGEST {
        true => BTreeMap::from([(RECORD.to_owned(), text)]),
        false => BTreeMap::new(),
    }
}

/// Lists what is stored of a tenant's persons: one request for 5,000 of them.
pub(super) async fn list(
    objects: &dyn ObjectStore,
    bot: &BotId,
    tenant: &TenantId,
    take: &mut (dyn FnMut(PersonHash, Listed) + Send),
) -> Result<(), StoreError> {
    let prefix = keys::persons(bot, tenant);
    let mut from = None;
    loop {
        let page = objects.list(&prefix, from.as_deref(), PAGE).await?;
        for entry in page.entries {
            let hash = entry.name.strip_prefix(&prefix).and_then(PersonHash::parse);
            if let Some(hash) = hash {
                take(hash, listed(objects, &entry).await?);
            }
        }
        from = page.next;
        if from.is_none() {
            return Ok(());
        }
    }
}

pub(super) async fn listed(objects: &dyn ObjectStore, entry: &Entry) -> Result<Listed, StoreError> {
    let in_metadata = entry.metadata.get(RECORD);
    let text = in_metadata.and_then(|text| URL_SAFE_NO_PAD.decode(text).ok());
    let text = match text {
        Some(text) => Bytes::from(text),
        None => match objects.read(&entry.name, ReadIf::Any).await? {
            Read::Found(object) => object.body,
            Read::Missing | Read::Unchanged => return Ok(Listed::Known(PersonRecord::default())),
        },
    };
    Ok(match read_record(&text) {
        Ok(record) => Listed::Known(record),
        Err(error) => {
            tracing::warn!(object = %entry.name, %error, "a person's record can't be read: nothing is sent to them");
            Listed::Unreadable
        }
    })
}
