//! An index from people to their chats: `people/{bot}/{tenant}/{base64url(SHA-256(person))}` holds the roots of their
//! conversations, so that an alert to one person reads two objects instead of listing a tenant. It only helps: an entry
//! that is missing or wrong costs a listing, never a wrong recipient.
//!
//! Entries of version 1 hold one root, that of the chat that was stored last; a person may have several.

use super::names;
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use futures::{StreamExt, future::BoxFuture, stream};
use notify::{
    ids::{BotId, ConversationId, TenantId},
    person::PersonKey,
    ports::{Etag, ObjectStore, Read, ReadIf, StoreError, WriteError, WriteIf},
    target::Target,
};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;

const ROOT: &str = "people";
/// Entries written at a time.
const AT_ONCE: usize = 4;
/// Attempts at an entry that others write too.
const ATTEMPTS: u32 = 10;
/// Chats of one person that are kept, the latest first: nobody is known to have more than three.
const CHATS: usize = 8;

const VERSION: u32 = 2;

#[derive(Serialize)]
struct Entry<'a> {
    v: u32,
    roots: &'a [ConversationId],
}

/// An entry of any version that is known.
#[derive(Deserialize)]
struct Stored {
    v: u32,
    /// Of version 1.
    root: Option<ConversationId>,
    #[serde(default)]
    roots: Vec<ConversationId>,
}

impl Stored {
    fn roots(body: &[u8]) -> Vec<ConversationId> {
        match serde_json::from_slice::<Self>(body) {
            Ok(Self { v: 1, root, .. }) => root.into_iter().collect(),
            Ok(Self {
                v: VERSION, roots, ..
            }) => roots,
            _ => Vec::new(),
        }
    }
}

/// What the writer of an entry knows of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Known {
    /// The chat is new: most likely its person is.
    NewChat,
    /// Nothing.
    Nothing,
}

fn name(bot: &BotId, tenant: &TenantId, person: &PersonKey) -> String {
    let hash = URL_SAFE_NO_PAD.encode(Sha256::digest(person.as_str()));
    format!("{}{hash}", names::under(ROOT, bot, Some(tenant)))
}

/// Where the index says that a person's conversations are.
pub(super) async fn find(
    objects: &(impl ObjectStore + ?Sized),
    bot: &BotId,
    tenant: &TenantId,
    person: &PersonKey,
) -> Result<Vec<ConversationId>, StoreError> {
    match objects.read(&name(bot, tenant, person), ReadIf::Any).await? {
        Read::Found(object) => Ok(Stored::roots(&object.body)),
        Read::Missing | Read::Unchanged => Ok(Vec::new()),
    }
}

/// Enters a person's chat; a failure is logged and costs a listing later.
pub(super) async fn enter(objects: &(impl ObjectStore + ?Sized), target: &Target, known: Known) {
    let writes: Vec<BoxFuture<'_, Result<(), WriteError>>> = names_of(target)
        .map(|name| -> BoxFuture<'_, _> { Box::pin(enter_one(objects, name, &target.key.root, known)) })
        .collect();
    carry_out(writes).await;
}

/// Adds a root to an entry, conditionally on what was read, so that two chats that are stored at once are both in.
async fn enter_one(
    objects: &(impl ObjectStore + ?Sized),
    name: String,
    root: &ConversationId,
    known: Known,
) -> Result<(), WriteError> {
    let mut first = known == Known::NewChat;
    for _ in 0..ATTEMPTS {
        let (roots, when) = match std::mem::take(&mut first) {
            true => (Vec::new(), WriteIf::Absent),
            false => read_for_change(objects, &name).await?,
        };
        if roots.contains(root) {
            return Ok(());
        }
        let mut roots = roots;
        roots.insert(0, root.clone());
        roots.truncate(CHATS);
        match write(objects, &name, &roots, when).await {
            Err(WriteError::Conflict) => {}
            written => return written,
        }
    }
    Ok(())
}

async fn read_for_change(
    objects: &(impl ObjectStore + ?Sized),
    name: &str,
) -> Result<(Vec<ConversationId>, WriteIf), StoreError> {
    match objects.read(name, ReadIf::Any).await? {
        Read::Found(object) => {
            let etag: Etag = object.etag;
            Ok((Stored::roots(&object.body), WriteIf::Version(etag)))
        }
        Read::Missing | Read::Unchanged => Ok((Vec::new(), WriteIf::Absent)),
    }
}

async fn write(
    objects: &(impl ObjectStore + ?Sized),
    name: &str,
    roots: &[ConversationId],
    when: WriteIf,
) -> Result<(), WriteError> {
    let body = serde_json::to_vec(&Entry { v: VERSION, roots })
        .map_err(|error| StoreError::Refused(format!("no JSON: {error}")))?;
    objects
        .write(name, body.into(), &BTreeMap::new(), when)
        .await
        .map(drop)
}

/// Takes a person out: all of their chats, as those that are gone are not taken out one by one.
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
