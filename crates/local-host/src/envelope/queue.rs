//! A queue message as the handler gets it.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;
use serde_json::Value;

use super::Envelope;
use super::value::{literal, quoted, whole_seconds};
use functions_project::{DataType, FunctionName};

/// What the host knows of a queue's message at one delivery.
#[derive(Clone, Copy, Debug)]
pub struct MessageFacts<'a> {
    /// Its id.
    pub id: &'a str,
    /// Its content.
    pub body: &'a [u8],
    /// How often it has been delivered, this time too.
    pub dequeue_count: u32,
    /// When it was put on the queue.
    pub inserted: Timestamp,
    /// When it is given up.
    pub expires: Timestamp,
    /// When it is delivered again unless it is settled.
    pub next_visible: Timestamp,
    /// The receipt of this delivery.
    pub pop_receipt: &'a str,
}

pub(crate) fn queue_message(
    function: &FunctionName,
    trigger: &str,
    data_type: DataType,
    message: &MessageFacts<'_>,
    now: Timestamp,
) -> Envelope {
    let text = String::from_utf8_lossy(message.body);
    let data = match data_type {
        DataType::Text => quoted(&text),
        DataType::Binary => Value::String(STANDARD.encode(message.body)),
    };
    let mut envelope = Envelope::new(function, trigger, data, now);
    let metadata = envelope.metadata();
    metadata.set("DequeueCount", literal(message.dequeue_count));
    metadata.set("ExpirationTime", whole_seconds(message.expires));
    metadata.set("Id", quoted(message.id));
    metadata.set("InsertionTime", whole_seconds(message.inserted));
    metadata.set("NextVisibleTime", whole_seconds(message.next_visible));
    metadata.set("PopReceipt", quoted(message.pop_receipt));
    // The message's own properties overwrite the host's, in any case: a message with an "id" hides Id.
    metadata.lift(&text);
    envelope
}
