//! What the object of a lane's lease says. Only the lane's owner writes it; anybody may read it.

use crate::{
    ports::StoreError,
    rate_limiter::Snapshot,
    store::record::{Version, Versioned, decode, encode},
};
use bytes::Bytes;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// The lease's object.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct LeaseNote {
    #[serde(rename = "holder")]
    pub(crate) owner: Arc<str>,
    pub(crate) state: OwnerState,
    #[serde(rename = "governor", skip_serializing_if = "Snapshot::is_empty")]
    pub(crate) rate_limiter: Snapshot,
}

/// Whether a waiting wake-up should wait.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) enum OwnerState {
    /// At work, or ended without noting it.
    #[default]
    Working,
    /// Releases within seconds.
    Ending,
}

impl LeaseNote {
    pub(crate) fn bytes(&self) -> Result<Bytes, StoreError> {
        encode(&Versioned::new(Version::V1, self))
    }

    /// A note of another version is no reason not to work: it only helps.
    pub(crate) fn parse(body: &[u8]) -> Self {
        decode(body).map(|(_, note)| note).unwrap_or_default()
    }
}
