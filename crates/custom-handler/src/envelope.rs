//! The JSON body of a non-HTTP invocation: `Data` (one entry per input binding) and `Metadata`.
//!
//! Only the wire format; timers, queue items and other triggers are in `trigger`.

mod error;
mod payload;
mod raw_object;
#[cfg(test)]
mod tests;

use std::fmt;
use std::sync::Arc;

pub use error::EnvelopeError;
pub(crate) use payload::from_json as payload_json;
pub use payload::{Payload, PayloadError};
pub(crate) use raw_object::RawObject;

/// The body of an invocation, kept verbatim and decoded on demand. Cloning is cheap.
///
/// `Debug` prints names and sizes, never content.
#[derive(Clone)]
pub struct Envelope(Arc<Inner>);

struct Inner {
    data: RawObject,
    metadata: RawObject,
}

impl Envelope {
    /// Reads the body of an invocation.
    ///
    /// `Data` must be an object with at least one property. A missing `Metadata` counts as an empty one, because
    /// the documentation's samples omit it; the host always sends both.
    ///
    /// # Errors
    /// What is wrong, and where. The message never quotes content.
    pub fn parse(body: &[u8]) -> Result<Self, EnvelopeError> {
        let text = std::str::from_utf8(body).map_err(|e| EnvelopeError::NotUtf8 { at: e.valid_up_to() })?;
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        if text.trim().is_empty() {
            return Err(EnvelopeError::Empty);
        }
        let top = RawObject::parse(text).map_err(|e| EnvelopeError::not_json(&e, text))?;
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
            None => RawObject::default(),
            Some(raw) if raw.get() == "null" => RawObject::default(),
            Some(raw) => object(raw.get(), "`Metadata`")?,
        };
        Ok(Self(Arc::new(Inner { data, metadata })))
    }

    /// Names of the input bindings, in the order in which they arrived (the host sends the trigger first).
    pub fn bindings(&self) -> impl Iterator<Item = &str> {
        self.0.data.iter().map(|(name, _)| name)
    }

    /// The value of one input binding. Binding names are unique case-insensitively, so case is ignored.
    pub fn data(&self, binding: &str) -> Option<Payload<'_>> {
        self.0.data.get(binding).map(Payload::new)
    }

    /// The trigger's value: the binding of that name, or the first one when no name is given.
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
    /// metadata of the same name, so a message with a property `dequeueCount` determines what this returns.
    pub fn metadata(&self, name: &str) -> Option<Payload<'_>> {
        self.0.metadata.get(name).map(Payload::new)
    }

    /// Names of all metadata entries.
    pub fn metadata_names(&self) -> impl Iterator<Item = &str> {
        self.0.metadata.iter().map(|(name, _)| name)
    }
}

fn object(text: &str, what: &'static str) -> Result<RawObject, EnvelopeError> {
    match RawObject::parse(text) {
        Ok(Some(object)) => Ok(object),
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
