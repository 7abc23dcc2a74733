//! The keys under which TeamsFx's stores hold references: `_{tenant}_{conversation.id}`, with the word `undefined` for a
//! part that is missing.

use crate::target::TargetKey;

const MISSING: &str = "undefined";

/// TeamsFx's key of a target.
pub fn store_key(key: &TargetKey) -> String {
    let tenant = if key.has_tenant() {
        key.tenant.as_str()
    } else {
        MISSING
    };
    format!("_{tenant}_{}", key.root)
}

/// The tenant in the key of a conversation; `None` where the key is of another form or names none.
pub fn tenant_in<'a>(key: &'a str, conversation: &str) -> Option<&'a str> {
    let tenant = key
        .strip_prefix('_')?
        .strip_suffix(conversation)?
        .strip_suffix('_')?;
    (!tenant.trim().is_empty() && tenant != MISSING).then_some(tenant)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_go_out_and_in() {
        let key = |tenant: &str, root: &str| TargetKey {
            bot: "bot".into(),
            tenant: tenant.into(),
            root: root.into(),
        };
        assert_eq!(store_key(&key("7e4a", "a:1")), "_7e4a_a:1");
        assert_eq!(store_key(&key("_unknown", "a:1")), "_undefined_a:1");
        assert_eq!(tenant_in("_7e4a_a:1", "a:1"), Some("7e4a"));
        for none in ["_undefined_a:1", "__a:1", "_7e4a_a:2", "7e4a_a:1", "a:1", ""] {
            assert_eq!(tenant_in(none, "a:1"), None, "{none}");
        }
    }
}
