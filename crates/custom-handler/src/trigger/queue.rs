//! A storage queue message. Its text is exact; all other information about it is untrusted.

use std::fmt;

use serde::de::DeserializeOwned;

use super::Trigger;
use crate::envelope::{Envelope, EnvelopeError, Payload, PayloadError};

/// One queue message. `Debug` prints its size, never its text.
#[derive(Clone)]
#[non_exhaustive]
pub struct QueueItem {
    /// The message exactly as it was put on the queue (after the host's own base64 decoding).
    pub text: String,
    envelope: Envelope,
}

impl QueueItem {
    /// The text read as JSON.
    ///
    /// # Errors
    /// [`PayloadError::Json`] with line and column; it quotes nothing from the message.
    pub fn json<T: DeserializeOwned>(&self) -> Result<T, PayloadError> {
        crate::envelope::payload_json(&self.text)
    }

    /// How often this message was dequeued, from 1. **Untrusted**: the host lets a JSON message overwrite it with
    /// a property of its own named `dequeueCount`, in any case. Trust it only if your messages cannot have one.
    pub fn dequeue_count(&self) -> Option<u64> {
        self.untrusted("DequeueCount")?.trim().parse().ok()
    }

    /// The queue's id of the message. **Untrusted** as [`dequeue_count`](Self::dequeue_count): a property `id` of a
    /// JSON message replaces it.
    pub fn id(&self) -> Option<String> {
        self.untrusted("Id")
    }

    fn untrusted(&self, name: &str) -> Option<String> {
        self.envelope
            .metadata(name)
            .map(|value: Payload<'_>| value.text().into_owned())
    }
}

impl Trigger for QueueItem {
    fn decode(envelope: &Envelope, binding: Option<&str>) -> Result<Self, EnvelopeError> {
        let (_, payload) = envelope.trigger(binding)?;
        Ok(Self {
            text: payload.text().into_owned(),
            envelope: envelope.clone(),
        })
    }
}

impl fmt::Debug for QueueItem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "QueueItem({} bytes)", self.text.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn item(body: &str) -> QueueItem {
        QueueItem::decode(&Envelope::parse(body.as_bytes()).unwrap(), None).unwrap()
    }

    #[test]
    fn properties_of_the_message_may_shadow_metadata_but_never_the_text() {
        let q = item(
            r#"{"Data":{"job":"\"{\\\"id\\\":\\\"biz-7\\\",\\\"dequeueCount\\\":{}}\""},
               "Metadata":{"DequeueCount":{},"Id":"\"biz-7\"","sys":"\"mine\""}}"#,
        );
        assert_eq!(q.text, r#"{"id":"biz-7","dequeueCount":{}}"#);
        assert_eq!(q.id().unwrap(), "biz-7");
        assert_eq!(q.dequeue_count(), None);
    }

    #[test]
    fn the_count_is_read_stringified_and_bare() {
        for count in ["\"3\"", "3", r#""\"3\"""#] {
            let q = item(&format!(
                r#"{{"Data":{{"job":"\"x\""}},"Metadata":{{"DequeueCount":{count}}}}}"#
            ));
            assert_eq!(q.dequeue_count(), Some(3), "{count}");
        }
        assert_eq!(item(r#"{"Data":{"job":"\"x\""}}"#).dequeue_count(), None);
    }

    #[test]
    fn a_message_of_another_shape_is_refused_without_quoting_it() {
        let q = item(r#"{"Data":{"job":"\"{\\\"secret\\\":\\\"word\\\"}\""},"Metadata":{}}"#);
        let error = q.json::<Vec<u8>>().unwrap_err().to_string();
        assert!(error.contains("line 1") && !error.contains("word"), "{error}");
        assert_eq!(format!("{q:?}"), "QueueItem(17 bytes)");
    }
}
