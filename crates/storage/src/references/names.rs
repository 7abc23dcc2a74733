//! Names of reference objects: `references/{bot}/{tenant}/{key}`. They are part of the contract between versions.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use notify::{
    ids::{BotId, TenantId},
    target::TargetKey,
};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use sha2::{Digest, Sha256};

const ROOT: &str = "references";
/// Longest segment that is written out; beyond it a hash stands for it.
const LONGEST: usize = 200;
/// What is encoded in a segment; ids as Entra issues them stay as they are.
const ENCODED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_');
/// Stands for an empty text, which could not be a segment.
const EMPTY: &str = "%";

/// Name of the object that holds a reference; the last part is base64url(SHA-256(team or conversation id)).
pub fn name_of(key: &TargetKey) -> String {
    let hash = URL_SAFE_NO_PAD.encode(Sha256::digest(key.root.as_str()));
    format!("{}{hash}", prefix(&key.bot, Some(&key.tenant)))
}

/// What all names of a bot, or of a bot's tenant, begin with.
pub(super) fn prefix(bot: &BotId, tenant: Option<&TenantId>) -> String {
    under(ROOT, bot, tenant)
}

/// The tenant whose references lie in a folder under `prefix`; `None` where the name is not the tenant's own text.
pub(super) fn tenant_in(prefix: &str, folder: &str) -> Option<TenantId> {
    let segment = folder.strip_prefix(prefix)?.strip_suffix('/')?;
    let plain = segment
        .bytes()
        .all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte));
    (plain && !segment.is_empty()).then(|| segment.into())
}

/// The same under another root.
pub(super) fn under(root: &str, bot: &BotId, tenant: Option<&TenantId>) -> String {
    let bot = segment(bot.as_str());
    match tenant {
        Some(tenant) => format!("{root}/{bot}/{}/", segment(tenant.as_str())),
        None => format!("{root}/{bot}/"),
    }
}

/// A text as one segment.
fn segment(text: &str) -> String {
    if text.is_empty() {
        return EMPTY.to_owned();
    }
    let out = utf8_percent_encode(text, ENCODED).to_string();
    if out.len() > LONGEST {
        return format!("%{}", URL_SAFE_NO_PAD.encode(Sha256::digest(text)));
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(bot: &str, tenant: &str, root: &str) -> String {
        name_of(&TargetKey {
            bot: bot.into(),
            tenant: tenant.into(),
            root: root.into(),
        })
    }

    #[test]
    fn ids_of_entra_are_readable_and_the_root_is_hashed() {
        assert_eq!(
            name("0b07a111-1111", "7e4a2222-2222", "19:abc@thread.tacv2"),
            "references/0b07a111-1111/7e4a2222-2222/q31Pz9NMi4qYB_OTdHdgnuIdEb6UNmiZDgbTDRhhchQ".replace(
                "q31Pz9NMi4qYB_OTdHdgnuIdEb6UNmiZDgbTDRhhchQ",
                &URL_SAFE_NO_PAD.encode(Sha256::digest("19:abc@thread.tacv2"))
            )
        );
        assert!(name("b", TargetKey::UNKNOWN_TENANT, "r").starts_with("references/b/_unknown/"));
    }

    #[test]
    fn segments_are_written_as_earlier_versions_wrote_them() {
        for (text, written) in [
            ("", "%"),
            (
                "0b07a111-1111-4111-8111-000000000001",
                "0b07a111-1111-4111-8111-000000000001",
            ),
            ("_unknown", "_unknown"),
            ("a.b", "a%2Eb"),
            ("a/b", "a%2Fb"),
            ("a%2Fb", "a%252Fb"),
            ("~!*'()", "%7E%21%2A%27%28%29"),
            (" +@:;=&?#\\", "%20%2B%40%3A%3B%3D%26%3F%23%5C"),
            ("\t\u{7f}", "%09%7F"),
            ("\u{fc}\u{1f389}", "%C3%BC%F0%9F%8E%89"),
        ] {
            assert_eq!(segment(text), written);
        }
        assert_eq!(segment(&"x".repeat(200)), "x".repeat(200));
        let hashed = format!("%{}", URL_SAFE_NO_PAD.encode(Sha256::digest("x".repeat(201))));
        assert_eq!(segment(&"x".repeat(201)), hashed);
    }

    #[test]
    fn odd_texts_stay_one_segment_and_apart() {
        let odd = [
            "",
            ".",
            "..",
            "a/b",
            "a%2Fb",
            "ü",
            " ",
            "%",
            &"x".repeat(300),
            &"x".repeat(301),
        ];
        let names: std::collections::BTreeSet<String> =
            odd.iter().map(|text| name("bot", text, "root")).collect();
        assert_eq!(names.len(), odd.len());
        for name in names {
            assert_eq!(name.split('/').count(), 4, "{name}");
            assert!(name.is_ascii() && name.len() < 600, "{name}");
        }
    }
}
