//! A channel account (a person or a bot) in an activity.

use super::text;
use serde_json::{Map, Value};

/// Borrowed view of a channel account. `Debug` prints its size only.
#[derive(Clone, Copy)]
pub struct Account<'a>(&'a Map<String, Value>);

impl std::fmt::Debug for Account<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Account({} properties)", self.0.len())
    }
}

impl<'a> Account<'a> {
    pub(crate) fn new(raw: &'a Map<String, Value>) -> Self {
        Self(raw)
    }

    /// `29:…` for a person, `28:…` for a bot.
    pub fn id(&self) -> Option<&'a str> {
        text(self.0, "id")
    }

    /// Display name; often absent on installs.
    pub fn name(&self) -> Option<&'a str> {
        text(self.0, "name")
    }

    /// Entra object id; older payloads call it `objectId`.
    pub fn entra(&self) -> Option<&'a str> {
        text(self.0, "aadObjectId").or_else(|| text(self.0, "objectId"))
    }

    /// The whole account as received.
    pub fn raw(&self) -> &'a Map<String, Value> {
        self.0
    }
}
