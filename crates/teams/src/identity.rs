//! The bot's identity: its app id and its home tenant. No credentials here.

use notify::ids::{BotId, TenantId};

/// The bot's identity, as the keys of references need it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity {
    /// App id, lower-case, without `28:`; empty in local development.
    pub bot: BotId,
    /// Tenant of references that carry none: `BOT_TENANT_ID`, not for MultiTenant bots.
    pub home_tenant: Option<TenantId>,
}

impl Identity {
    /// Accepts an app id in any case, with or without the channel's prefix `28:`.
    pub fn new(app_id: &str, home_tenant: Option<TenantId>) -> Self {
        Self {
            bot: BotId::of_account(app_id),
            home_tenant,
        }
    }

    /// Whether there is no registration (local development).
    pub fn is_local(&self) -> bool {
        self.bot.as_str().is_empty()
    }

    /// Whether an account id of Teams is this bot: the recipient of the activity, or `28:{app id}`.
    pub fn is_me(&self, account: &str, recipient: Option<&str>) -> bool {
        recipient.is_some_and(|recipient| recipient == account)
            || (!self.is_local() && BotId::of_account(account) == self.bot)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bot_knows_itself_in_any_case_and_with_or_without_prefix() {
        let me = Identity::new("28:0B07A111-1111-4111-8111-000000000001", None);
        assert_eq!(me.bot.as_str(), "0b07a111-1111-4111-8111-000000000001");
        assert!(me.is_me("28:0b07a111-1111-4111-8111-000000000001", None));
        assert!(me.is_me("0B07A111-1111-4111-8111-000000000001", None));
        assert!(!me.is_me("29:someone", Some("28:0b07a111-1111-4111-8111-000000000001")));
    }

    #[test]
    fn without_a_registration_only_the_recipient_is_the_bot() {
        let me = Identity::new("", None);
        assert!(me.is_me("bot-1", Some("bot-1")));
        assert!(!me.is_me("28:", None));
        assert!(!me.is_me("", None));
    }
}
