//! `keys/{bot}`: what this bot signs its cards' buttons with. Made once, by whoever needs it first.

use super::keys;
use crate::{
    ids::BotId,
    ports::{ObjectStore, Read, ReadIf, StoreError, WriteError, WriteIf},
};
use bytes::Bytes;
use std::collections::BTreeMap;

/// Bytes of a key.
pub const LENGTH: usize = 32;

/// A secret of the bot; never logged.
#[derive(Clone, PartialEq, Eq)]
pub struct SigningKey(pub [u8; LENGTH]);

impl std::fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SigningKey(…)")
    }
}

/// The bot's key; where there is none, `fresh` becomes it, unless another process is quicker.
///
/// # Errors
/// When the store fails or holds something else under that name.
pub async fn signing_key(
    objects: &dyn ObjectStore,
    bot: &BotId,
    fresh: SigningKey,
) -> Result<SigningKey, StoreError> {
    let name = keys::signing_key(bot);
    if let Some(key) = read(objects, &name).await? {
        return Ok(key);
    }
    let body = Bytes::copy_from_slice(&fresh.0);
    match objects
        .write(&name, body, &BTreeMap::new(), WriteIf::Absent)
        .await
    {
        Ok(_) => Ok(fresh),
        Err(WriteError::Conflict) => read(objects, &name)
            .await?
            .ok_or_else(|| StoreError::unavailable("the signing key was removed while it was read")),
        Err(WriteError::Store(error)) => Err(error),
    }
}

async fn read(objects: &dyn ObjectStore, name: &str) -> Result<Option<SigningKey>, StoreError> {
    match objects.read(name, ReadIf::Any).await? {
        Read::Found(object) => <[u8; LENGTH]>::try_from(&object.body[..])
            .map(|key| Some(SigningKey(key)))
            .map_err(|_| StoreError::Damaged(format!("{name} is no key of {LENGTH} bytes"))),
        Read::Missing | Read::Unchanged => Ok(None),
    }
}
