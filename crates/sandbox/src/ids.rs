//! Ids in Teams' form that are computed, not stored: a number is encoded as an opaque id and decoded again.
//!
//! Pairwise ids (`29:…`) and personal conversations (`a:…`) are bound to the bot, as in Teams: an id made
//! for another bot has the right form and "fails to decrypt" here. Pure functions, no state.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

/// A person: position of the tenant, and number in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct PersonKey {
    /// Position of the tenant in the world.
    pub tenant: u32,
    /// Number of the person in the tenant, from 0.
    pub number: u32,
}

/// What an opaque id identifies; the two kinds never decode as each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum OpaqueIdKind {
    Person = 0x29,
    PersonalChat = 0xA1,
}

/// Result of decoding an opaque id.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Decoded {
    MessageLookup(PersonKey),
    /// The right form, made for another bot or tenant.
    Foreign,
    /// Not the form of such an id.
    Malformed,
}

/// Final step of splitmix64: every input bit reaches every output bit.
pub(crate) const fn mix(value: u64) -> u64 {
    let mut z = value.wrapping_add(0x9E37_79B9_7F4A_7C15);
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}

/// A 64-bit digest of a string (FNV-1a, then mixed), ignoring ASCII case.
pub(crate) fn key_of(text: &str) -> u64 {
    let start = 0xCBF2_9CE4_8422_2325_u64;
    mix(text.bytes().fold(start, |hash, byte| {
        (hash ^ u64::from(byte.to_ascii_lowercase())).wrapping_mul(0x0100_0000_01B3)
    }))
}

fn place(key: PersonKey) -> u64 {
    (u64::from(key.tenant) << 32) | u64::from(key.number)
}

fn seal(kind: OpaqueIdKind, bot: u64, tenant: u64, key: PersonKey) -> u64 {
    mix(mix(mix(bot ^ kind as u64) ^ tenant) ^ place(key))
}

/// The opaque part of a `29:…` or `a:…` id: 32 characters of url-safe base64.
pub(crate) fn encode(kind: OpaqueIdKind, bot: u64, tenant: u64, key: PersonKey) -> String {
    let first = seal(kind, bot, tenant, key);
    let second = mix(first ^ 0x5A);
    let masked = place(key) ^ mix(first ^ second);
    let mut bytes = [0_u8; 24];
    bytes[..8].copy_from_slice(&first.to_be_bytes());
    bytes[8..16].copy_from_slice(&second.to_be_bytes());
    bytes[16..].copy_from_slice(&masked.to_be_bytes());
    URL_SAFE_NO_PAD.encode(bytes)
}

/// Reads what [`encode`] wrote; `tenant_key` looks a tenant's key up by its position.
pub(crate) fn decode(
    kind: OpaqueIdKind,
    bot: u64,
    text: &str,
    tenant_key: impl Fn(u32) -> Option<u64>,
) -> Decoded {
    let mut bytes = [0_u8; 24];
    match URL_SAFE_NO_PAD.decode_slice(text, &mut bytes) {
        Ok(24) => {}
        _ => return Decoded::Malformed,
    }
    let word = |at: usize| {
        bytes[at..at + 8]
            .iter()
            .fold(0_u64, |sum, byte| (sum << 8) | u64::from(*byte))
    };
    let (first, second, masked) = (word(0), word(8), word(16));
    let place = masked ^ mix(first ^ second);
    let key = PersonKey {
        tenant: (place >> 32) as u32,
        number: (place & 0xFFFF_FFFF) as u32,
    };
    match tenant_key(key.tenant) {
        Some(tenant) if seal(kind, bot, tenant, key) == first && mix(first ^ 0x5A) == second => {
            Decoded::MessageLookup(key)
        }
        _ => Decoded::Foreign,
    }
}

/// The GUID form of 16 bytes, as version 4.
pub(crate) fn guid(high: u64, low: u64) -> String {
    let high = (high & !0xF000) | 0x4000;
    let low = (low & !(0b11 << 62)) | (0b10 << 62);
    format!(
        "{:08x}-{:04x}-{:04x}-{:04x}-{:012x}",
        high >> 32,
        (high >> 16) & 0xFFFF,
        high & 0xFFFF,
        low >> 48,
        low & 0xFFFF_FFFF_FFFF
    )
}

/// A GUID derived from a string.
pub(crate) fn guid_of(text: &str) -> String {
    let key = key_of(text);
    guid(key, mix(key ^ 1))
}

/// True for `xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx` in hexadecimal.
pub(crate) fn is_guid(text: &str) -> bool {
    text.len() == 36
        && text.bytes().enumerate().all(|(at, byte)| match at {
            8 | 13 | 18 | 23 => byte == b'-',
            _ => byte.is_ascii_hexdigit(),
        })
}

/// A person's Entra object id: the same for every bot, and decodable.
pub(crate) fn object_id(tenant: u64, key: PersonKey) -> String {
    let low = (mix(mix(tenant ^ 0xAAD) ^ place(key)) & !(0b11 << 62)) | (0b10 << 62);
    let mask = mix(low);
    let number = u64::from(key.number ^ (mask >> 32) as u32);
    let tenant_bits = (u64::from(key.tenant) & 0xFFFF) ^ (mask & 0xFFFF);
    guid((number << 32) | (tenant_bits << 16) | (mix(mask) & 0xFFF), low)
}

/// The person whose [`object_id`] this is.
pub(crate) fn person_of_object_id(text: &str, tenant_key: impl Fn(u32) -> Option<u64>) -> Option<PersonKey> {
    if !is_guid(text) {
        return None;
    }
    let hex: String = text.chars().filter(|c| *c != '-').collect();
    let high = u64::from_str_radix(hex.get(..16)?, 16).ok()?;
    let low = u64::from_str_radix(hex.get(16..)?, 16).ok()?;
    let mask = mix(low);
    let key = PersonKey {
        tenant: (((high >> 16) & 0xFFFF) ^ (mask & 0xFFFF)) as u32,
        number: ((high >> 32) as u32) ^ (mask >> 32) as u32,
    };
    let again = object_id(tenant_key(key.tenant)?, key);
    again.eq_ignore_ascii_case(text).then_some(key)
}

/// `19:{32 hex}@{suffix}`: a group chat (`thread.v2`) or a channel (`thread.tacv2`).
pub(crate) fn thread_id(seed: &str, suffix: &str) -> String {
    let key = key_of(seed);
    format!("19:{:016x}{:016x}@{suffix}", key, mix(key ^ 0x19))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys(tenant: u32) -> Option<u64> {
        [11, 22].get(tenant as usize).copied()
    }

    #[test]
    fn opaque_ids_read_back_and_belong_to_one_bot() {
        for number in [0, 1, 299_999, u32::MAX] {
            let key = PersonKey { tenant: 1, number };
            let chat = encode(OpaqueIdKind::PersonalChat, 7, 22, key);
            assert_eq!(chat.len(), 32);
            assert_eq!(
                decode(OpaqueIdKind::PersonalChat, 7, &chat, keys),
                Decoded::MessageLookup(key)
            );
            assert_eq!(
                decode(OpaqueIdKind::PersonalChat, 8, &chat, keys),
                Decoded::Foreign
            );
            assert_eq!(decode(OpaqueIdKind::Person, 7, &chat, keys), Decoded::Foreign);
        }
        assert_eq!(decode(OpaqueIdKind::Person, 7, "short", keys), Decoded::Malformed);
        assert_eq!(
            decode(OpaqueIdKind::Person, 7, &"*".repeat(32), keys),
            Decoded::Malformed
        );
    }

    #[test]
    fn object_ids_are_guids_that_read_back() {
        for number in [0, 5, 1_000_000] {
            let key = PersonKey { tenant: 1, number };
            let id = object_id(22, key);
            assert!(is_guid(&id), "{id}");
            assert_eq!(person_of_object_id(&id, keys), Some(key));
            assert_eq!(person_of_object_id(&id.to_uppercase(), keys), Some(key));
        }
        assert_eq!(
            person_of_object_id("00000000-0000-4000-8000-000000000000", keys),
            None
        );
        assert_eq!(person_of_object_id("nobody@contoso.example", keys), None);
    }

    #[test]
    fn thread_ids_have_teams_form() {
        let id = thread_id("x", "thread.v2");
        assert!(
            id.starts_with("19:") && id.ends_with("@thread.v2") && id.len() == 3 + 32 + 10,
            "{id}"
        );
    }
}
