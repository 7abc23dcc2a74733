//! A string: an Event Hubs or Service Bus event with cardinality one, an Event Grid event, a text blob.

use std::fmt;

use serde::de::DeserializeOwned;

use super::Trigger;
use crate::envelope::{Envelope, EnvelopeError, PayloadError};

/// The trigger's text, exact. `Debug` prints its size only.
#[derive(Clone, PartialEq, Eq)]
pub struct Text(pub String);

impl Text {
    /// The text read as JSON.
    ///
    /// # Errors
    /// [`PayloadError::Json`].
    pub fn json<T: DeserializeOwned>(&self) -> Result<T, PayloadError> {
        crate::envelope::payload_json(&self.0)
    }
}

impl Trigger for Text {
    fn decode(envelope: &Envelope, binding: Option<&str>) -> Result<Self, EnvelopeError> {
        Ok(Self(envelope.trigger(binding)?.1.text().into_owned()))
    }
}

impl fmt::Debug for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Text({} bytes)", self.0.len())
    }
}
