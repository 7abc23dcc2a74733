//! An index from people to their installations: `people/{bot}/{tenant}/{base64url(SHA-256(person))}` holds the root of
//! the conversation, so that an alert to one person reads two objects instead of listing a tenant. It only helps: an
//! entry that is missing or wrong costs a listing, never a wrong recipient.

use super::names;
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use bytes::Bytes;
use futures::{StreamExt, future::BoxFuture, stream};
use notify::{
    ids::{BotId, ConversationId, TenantId},
    person::PersonKey,
    ports::{ObjectStore, Read, ReadIf, StoreError, WriteError, WriteIf},
    target::Target,
};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;

const ROOT: &str = "people";
/// Entries written at a time.
const AT_ONCE: usize = 4;

#[derive(Serialize, Deserialize)]
struct Entry {
    v: u32,
    root: ConversationId,
}

const VERSION: u32 = 1;

fn name(bot: &BotId, tenant: &TenantId, person: &PersonKey) -> String {
    let hash = URL_SAFE_NO_PAD.encode(Sha256::digest(person.as_str()));
    format!("{}{hash}", names::under(ROOT, bot, Some(tenant)))
}

/// Where the index says that a person's conversation is.
pub(super) async fn find(
    objects: &(impl ObjectStore + ?Sized),
    bot: &BotId,
    tenant: &TenantId,
    person: &PersonKey,
) -> Result<Option<ConversationId>, StoreError> {
    let Read::Found(object) = objects.read(&name(bot, tenant, person), ReadIf::Any).await? else {
        return Ok(None);
    };
    let entry: Option<Entry> = serde_json::from_slice(&object.body).ok();
    Ok(entry.filter(|entry| entry.v == VERSION).map(|entry| entry.root))
}

/// Enters a person's installation; a failure is logged and costs a listing later.
pub(super) async fn enter(objects: &(impl ObjectStore + ?Sized), target: &Target) {
    let root = target.key.root.clone();
    let Ok(body) = serde_json::to_vec(&Entry { v: VERSION, root }) else {
        return;
    };
    let body = Bytes::from(body);
    let writes: Vec<BoxFuture<'_, Result<(), WriteError>>> = names_of(target)
        .map(|name| -> BoxFuture<'_, _> {
            let body = body.clone();
            Box::pin(async move {
                let written = objects.write(&name, body, &BTreeMap::new(), WriteIf::Any).await;
                written.map(|_| ())
            })
        })
        .collect();
    carry_out(writes).await;
}

/// Takes a person's entries out.
pub(super) async fn forget(objects: &(impl ObjectStore + ?Sized), target: &Target) {
    let deletions: Vec<BoxFuture<'_, Result<(), WriteError>>> = names_of(target)
        .map(|name| -> BoxFuture<'_, _> {
            Box::pin(async move { objects.delete(&name, WriteIf::Any).await })
        })
        .collect();
    carry_out(deletions).await;
}

fn names_of(target: &Target) -> impl Iterator<Item = String> {
    let key = &target.key;
    target
        .person_keys()
        .map(|person| name(&key.bot, &key.tenant, &person))
}

async fn carry_out(changes: Vec<BoxFuture<'_, Result<(), WriteError>>>) {
    let mut changes = stream::iter(changes).buffer_unordered(AT_ONCE);
    while let Some(changed) = changes.next().await {
        if let Err(WriteError::Store(error)) = changed {
            tracing::warn!(%error, "the index of people could not be changed; a listing is read instead");
        }
    }
}
