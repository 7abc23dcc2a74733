//! Ids that a repeated request derives again, and the digest that tells the same body from another.

use crate::ids::{BotId, NotificationId};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sha2::{Digest, Sha256};
use std::fmt::Write as _;

/// What makes a request the same one when it is repeated. `Debug` prints no caller's key.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum NotificationSource {
    /// The caller's `Idempotency-Key`.
    Key(String),
    /// The host's invocation id: its proxy may repeat a POST.
    Invocation(String),
    /// One occurrence of a timer.
    Timer {
        /// The function.
        function: String,
        /// When it was due.
        occurrence: Timestamp,
    },
    /// A child notification (edit or recall), by the request that asked for it.
    Child {
        /// The parent.
        of: NotificationId,
        /// `Idempotency-Key` or invocation id.
        request: String,
    },
}

impl std::fmt::Debug for NotificationSource {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Key(key) => write!(f, "Key({} bytes)", key.len()),
            Self::Invocation(id) => write!(f, "Invocation({} bytes)", id.len()),
            Self::Timer { function, occurrence } => write!(f, "Timer({function}, {occurrence})"),
            Self::Child { of, request } => write!(f, "Child({of}, {} bytes)", request.len()),
        }
    }
}

impl NotificationSource {
    /// Longest key of a caller, characters.
    pub const LONGEST_KEY: usize = 255;

    /// The notification id for this bot: a UUID made of a SHA-256, the same for every repetition.
    pub fn notification_id(&self, bot: &BotId) -> NotificationId {
        let mut hash = Sha256::new();
        let mut part = |text: &str| {
            hash.update((text.len() as u64).to_be_bytes());
            hash.update(text.as_bytes());
        };
        part(bot.as_str());
        match self {
            Self::Key(key) => {
                part("key");
                part(key);
            }
            Self::Invocation(id) => {
                part("invocation");
                part(id);
            }
            Self::Timer { function, occurrence } => {
                part("timer");
                part(function);
                part(&occurrence.to_string());
            }
            Self::Child { of, request } => {
                part("child");
                part(of.as_str());
                part(request);
            }
        }
        let digest = hash.finalize();
        let mut bytes = [0_u8; 16];
        bytes.copy_from_slice(&digest[..16]);
        // Version 8 (free form) and the usual variant, so that tools take it for a UUID.
        bytes[6] = (bytes[6] & 0x0f) | 0x80;
        bytes[8] = (bytes[8] & 0x3f) | 0x80;
        let hex = hex(&bytes);
        NotificationId::from(format!(
            "{}-{}-{}-{}-{}",
            &hex[..8],
            &hex[8..12],
            &hex[12..16],
            &hex[16..20],
            &hex[20..]
        ))
    }
}

/// SHA-256 of a JSON body in canonical form: members sorted, no blanks.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Fingerprint(String);

impl Fingerprint {
    /// The digest of a body; pass `{}` for an empty one.
    pub fn of(body: &Value) -> Self {
        let mut text = String::new();
        canonical(body, &mut text);
        Self(hex(&Sha256::digest(text.as_bytes())))
    }
}

fn canonical(value: &Value, out: &mut String) {
    match value {
        Value::Object(members) => {
            let mut names: Vec<&String> = members.keys().collect();
            names.sort_unstable();
            out.push('{');
            for (index, name) in names.into_iter().enumerate() {
                if index > 0 {
                    out.push(',');
                }
                let _ = write!(out, "{}:", Value::from(name.as_str()));
                if let Some(member) = members.get(name) {
                    canonical(member, out);
                }
            }
            out.push('}');
        }
        Value::Array(items) => {
            out.push('[');
            for (index, item) in items.iter().enumerate() {
                if index > 0 {
                    out.push(',');
                }
                canonical(item, out);
            }
            out.push(']');
        }
        other => {
            let _ = write!(out, "{other}");
        }
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_repeated_request_derives_the_same_id_and_another_bot_does_not() {
        let source = NotificationSource::Key("k".to_owned());
        let id = source.notification_id(&BotId::from("a"));
        assert_eq!(id, source.notification_id(&BotId::from("a")));
        assert_ne!(id, source.notification_id(&BotId::from("b")));
        assert_ne!(
            id,
            NotificationSource::Invocation("k".to_owned()).notification_id(&BotId::from("a"))
        );
        assert_eq!(id.as_str().len(), 36);
    }

    #[test]
    fn the_order_of_members_does_not_matter_but_values_do() {
        let one: Value = serde_json::from_str(r#"{"a":1,"b":{"c":[1,2],"d":"x"}}"#).unwrap();
        let two: Value = serde_json::from_str(r#"{"b":{"d":"x","c":[1,2]},"a":1}"#).unwrap();
        assert_eq!(Fingerprint::of(&one), Fingerprint::of(&two));
        assert_ne!(Fingerprint::of(&one), Fingerprint::of(&json!({"a":1})));
    }
}
