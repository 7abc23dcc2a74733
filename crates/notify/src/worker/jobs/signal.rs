//! Reading a lane's change signal.

use crate::{
    env::Env,
    lane::Lane,
    ports::{Read, ReadIf, StoreError},
    store::{keys, lease_note::SignalVersion},
};

/// The signal's version, or `None` when it is still the one that is known.
pub(super) async fn read_if_changed(
    env: &Env,
    lane: &Lane,
    known: Option<&SignalVersion>,
) -> Result<Option<SignalVersion>, StoreError> {
    let name = keys::change_signal(&env.settings.bot, lane);
    let when = known
        .and_then(SignalVersion::etag)
        .map_or(ReadIf::Any, ReadIf::Changed);
    let version = match env.ports.objects.read(&name, when).await? {
        Read::Found(object) => SignalVersion::of(&object.etag),
        Read::Missing => SignalVersion::never(),
        Read::Unchanged => return Ok(None),
    };
    Ok(Some(version).filter(|version| known != Some(version)))
}
