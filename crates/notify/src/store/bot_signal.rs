//! The bot's change signal: one small object that is overwritten by whoever makes unfinished work, so that the
//! maintenance of an idle bot reads one object a minute and lists nothing. A version that doesn't write it costs up to ten
//! minutes where its own wake-up got lost.

use crate::{
    ids::BotId,
    ports::{Etag, ObjectStore, Ports, Read, ReadIf, StoreError, WriteError, WriteIf},
    store::keys,
};
use bytes::Bytes;
use std::collections::BTreeMap;

/// The signal as it was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum BotSignal {
    /// Nobody ever gave it.
    Never,
    /// This version.
    At(Etag),
}

/// Gives the signal. What it is about is stored before.
pub(crate) async fn give(ports: &Ports, bot: &BotId) -> Result<(), StoreError> {
    let metadata = BTreeMap::from([("at".to_owned(), ports.clock.wall().as_millisecond().to_string())]);
    let name = keys::bot_signal(bot);
    match ports
        .objects
        .write(&name, Bytes::new(), &metadata, WriteIf::Any)
        .await
    {
        Ok(_) | Err(WriteError::Conflict) => Ok(()),
        Err(WriteError::Store(error)) => Err(error),
    }
}

/// Reads the signal, by one request.
pub(crate) async fn read(
    objects: &dyn ObjectStore,
    bot: &BotId,
    known: Option<&BotSignal>,
) -> Result<BotSignal, StoreError> {
    let when = match known {
        Some(BotSignal::At(etag)) => ReadIf::Changed(etag.clone()),
        Some(BotSignal::Never) | None => ReadIf::Any,
    };
    match (objects.read(&keys::bot_signal(bot), when).await?, known) {
        (Read::Found(object), _) => Ok(BotSignal::At(object.etag)),
        (Read::Unchanged, Some(known)) => Ok(known.clone()),
        (Read::Missing | Read::Unchanged, _) => Ok(BotSignal::Never),
    }
}
