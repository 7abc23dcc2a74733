//! Signing keys from a JSON web key set.

use jsonwebtoken::DecodingKey;
use serde_json::{Map, Value};
use std::{collections::HashMap, sync::Arc};

/// One signing key.
pub(super) struct Key {
    pub(super) public: DecodingKey,
    /// Channels that it may vouch for; empty means any.
    pub(super) endorsements: Arc<[String]>,
}

/// Usable keys by key id (`kid`).
pub(super) type KeySet = HashMap<String, Arc<Key>>;

/// Reads a key set; keys that are not RSA signing keys, or lack `n` or `e`, are skipped.
pub(super) fn read(document: &Value) -> KeySet {
    let mut keys = KeySet::new();
    let listed = document.get("keys").and_then(Value::as_array);
    for raw in listed.into_iter().flatten().filter_map(Value::as_object) {
        if let Some((kid, key)) = key(raw) {
            keys.entry(kid).or_insert_with(|| Arc::new(key));
        }
    }
    keys
}

fn key(raw: &Map<String, Value>) -> Option<(String, Key)> {
    let text = |property| raw.get(property).and_then(Value::as_str);
    let fits = |property, wanted| text(property).is_none_or(|is| is == wanted);
    if text("kty") != Some("RSA") || !fits("use", "sig") || !fits("alg", "RS256") {
        return None;
    }
    let public = DecodingKey::from_rsa_components(text("n")?, text("e")?).ok()?;
    let endorsements = raw.get("endorsements").and_then(Value::as_array);
    let endorsements = endorsements
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .map(str::to_owned)
        .collect();
    Some((text("kid")?.to_owned(), Key { public, endorsements }))
}
