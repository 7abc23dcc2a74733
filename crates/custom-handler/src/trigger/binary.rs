//! Bytes: any trigger whose binding says `"dataType": "binary"`.

use std::fmt;

use super::Trigger;
use crate::envelope::{Envelope, EnvelopeError};

/// The trigger's bytes. `Debug` prints their number only.
#[derive(Clone, PartialEq, Eq)]
pub struct Binary(pub Vec<u8>);

impl Trigger for Binary {
    fn decode(envelope: &Envelope, binding: Option<&str>) -> Result<Self, EnvelopeError> {
        let (name, payload) = envelope.trigger(binding)?;
        payload.bytes().map(Self).map_err(|_| EnvelopeError::WrongShape {
            binding: name.to_owned(),
            expected: "base64 (the trigger binding needs `\"dataType\": \"binary\"` in function.json)",
            found: match payload.kind() {
                "a string" => "a string that is not base64".to_owned(),
                other => other.to_owned(),
            },
        })
    }
}

impl fmt::Debug for Binary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Binary({} bytes)", self.0.len())
    }
}
