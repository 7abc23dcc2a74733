//! JavaScript's order of object keys: array indices ascending, then the rest as inserted.

use super::Json;
use std::borrow::Cow;
use std::collections::HashMap;

/// The array index that a key spells (`"0"`, `"17"`, not `"01"`), if it does.
pub(crate) fn array_index(key: &str) -> Option<u32> {
    let bytes = key.as_bytes();
    match bytes {
        [b'0'] => Some(0),
        [b'1'..=b'9', ..] if bytes.len() <= 10 => key.parse().ok().filter(|&n| n != u32::MAX),
        _ => None,
    }
}

/// The index at which a new key is inserted into `keys`, which are in order.
pub(crate) fn insert_position<'k>(keys: impl ExactSizeIterator<Item = &'k str>, key: &str) -> usize {
    let len = keys.len();
    match array_index(key) {
        None => len,
        Some(index) => {
            let mut keys = keys;
            keys.position(|k| array_index(k).is_none_or(|other| other > index))
                .unwrap_or(len)
        }
    }
}

/// Removes duplicates (the last value wins, at the first key's position) and sorts index keys to the front.
pub(super) fn normalise<'a>(properties: &mut Vec<(Cow<'a, str>, Json<'a>)>) {
    if properties.len() <= 16 {
        let mut at = 1;
        while at < properties.len() {
            let earlier = properties[..at].iter().position(|(k, _)| *k == properties[at].0);
            match earlier {
                Some(first) => properties[first].1 = properties.remove(at).1,
                None => at += 1,
            }
        }
    } else {
        let mut seen: HashMap<Cow<'a, str>, usize> = HashMap::with_capacity(properties.len());
        let mut kept: Vec<(Cow<'a, str>, Json<'a>)> = Vec::with_capacity(properties.len());
        for (key, value) in properties.drain(..) {
            match seen.get(&key) {
                Some(&at) => kept[at].1 = value,
                None => {
                    seen.insert(key.clone(), kept.len());
                    kept.push((key, value));
                }
            }
        }
        *properties = kept;
    }
    if properties
        .iter()
        .any(|(k, _)| k.as_bytes().first().is_some_and(u8::is_ascii_digit))
    {
        properties.sort_by_key(|(k, _)| array_index(k).map_or(u64::MAX, u64::from));
    }
}
