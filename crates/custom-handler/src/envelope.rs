//! The JSON body of a non-HTTP invocation: `Data` (one entry per input binding) and `Metadata`.
//!
//! Only the wire form lives here; what a timer or a queue item means is in `trigger`.

mod error;
mod members;
mod payload;
#[cfg(test)]
mod tests;

use std::fmt;
use std::sync::Arc;

pub use error::EnvelopeError;
pub(crate) use members::Members;
pub(crate) use payload::from_json as payload_json;
pub use payload::{Payload, PayloadError};

/// One decoded invocation body, kept verbatim and read on demand. Cloning is cheap.
///
/// `Debug` prints names and sizes, never content.
#[derive(Clone)]
pub struct Envelope(Arc<Inner>);

struct Inner {
    data: Members,
    metadata: Members,
}

impl Envelope {
    /// Reads the body of an invocation.
    ///
    /// `Data` must be an object with at least one member. A missing `Metadata` counts as an empty one, because
    /// the documentation's samples leave it out; the host itself always sends both.
    ///
    /// # Errors
    /// Says where the body stops being an envelope. The message never quotes content.
    pub fn parse(body: &[u8]) -> Result<Self, EnvelopeError> {
        let text = std::str::from_utf8(body).map_err(|e| EnvelopeError::NotUtf8 { at: e.valid_up_to() })?;
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        if text.trim().is_empty() {
            return Err(EnvelopeError::Empty);
        }
        let top = Members::parse(text).map_err(|e| EnvelopeError::not_json(&e, text))?;
        let top = top.ok_or(EnvelopeError::NotAnObject {
            what: "the body",
            found: payload::kind(text),
        })?;
        let data = match top.get("Data") {
            None => return Err(EnvelopeError::NoData { found: top.names() }),
            Some(raw) => object(raw.get(), "`Data`")?,
        };
        if data.is_empty() {
            return Err(EnvelopeError::EmptyData);
        }
        let metadata = match top.get("Metadata") {
            None => Members::default(),
            Some(raw) if raw.get() == "null" => Members::default(),
            Some(raw) => object(raw.get(), "`Metadata`")?,
        };
        Ok(Self(Arc::new(Inner { data, metadata })))
    }

    /// Names of the input bindings, in the order in which they arrived (the host sends the trigger first).
    pub fn bindings(&self) -> impl Iterator<Item = &str> {
        self.0.data.iter().map(|(name, _)| name)
    }

    /// The value of one input binding. Binding names are unique without regard to case, so case is ignored.
    pub fn data(&self, binding: &str) -> Option<Payload<'_>> {
        self.0.data.get(binding).map(Payload::new)
    }

    /// The trigger's own value: the binding of that name, or the first one when the name is not known.
    ///
    /// # Errors
    /// [`EnvelopeError::NoBinding`] when `Data` has no such name.
    pub fn trigger(&self, binding: Option<&str>) -> Result<(&str, Payload<'_>), EnvelopeError> {
        let mut entries = self.0.data.iter();
        let found = match binding {
            None => entries.next(),
            Some(wanted) => entries.find(|(name, _)| name.eq_ignore_ascii_case(wanted)),
        };
        found
            .map(|(name, raw)| (name, Payload::new(raw)))
            .ok_or_else(|| EnvelopeError::NoBinding {
                wanted: binding.unwrap_or_default().to_owned(),
                found: self.0.data.names(),
            })
    }

    /// One metadata value. **Untrusted**: the host copies the top-level properties of a JSON message over its own
    /// metadata of the same name, so a message with a property `dequeueCount` decides what this returns.
    pub fn metadata(&self, name: &str) -> Option<Payload<'_>> {
        self.0.metadata.get(name).map(Payload::new)
    }

    /// Names of all metadata entries.
    pub fn metadata_names(&self) -> impl Iterator<Item = &str> {
        self.0.metadata.iter().map(|(name, _)| name)
    }
}

fn object(text: &str, what: &'static str) -> Result<Members, EnvelopeError> {
    match Members::parse(text) {
        Ok(Some(members)) => Ok(members),
        Ok(None) => Err(EnvelopeError::NotAnObject {
            what,
            found: payload::kind(text),
        }),
        Err(e) => Err(EnvelopeError::not_json(&e, text)),
    }
}

impl fmt::Debug for Envelope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut map = f.debug_map();
        for (name, raw) in self.0.data.iter() {
            map.entry(&name, &format_args!("{} bytes", raw.get().len()));
        }
        map.finish_non_exhaustive()
    }
}
