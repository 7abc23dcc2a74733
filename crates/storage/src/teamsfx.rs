//! Conversation references as TeamsFx and botbuilder keep them, read as targets. Versions 2 and 3 say `bot`,
//! version 4 says `agent`. The keys are TeamsFx's: `_{tenant}_{conversation.id}`, `undefined` for a missing part.

use jiff::Timestamp;
use notify::{
    ids::{BotId, ConversationId, TenantId},
    target::{ChannelState, DeliveryStatus, Scope, Target, TargetKey},
};
use serde_json::{Map, Value};

/// A conversation reference's properties.
pub(crate) type Reference = Map<String, Value>;

/// Whose references they are, and what to assume where they don't tell.
#[derive(Clone, Debug)]
pub struct Owner {
    /// The bot; empty in local development, where every reference belongs to it.
    pub bot: BotId,
    /// Tenant of references that name none.
    pub tenant: Option<TenantId>,
}

/// Why a reference is no target.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Unusable {
    /// It names no conversation.
    #[error("it has no conversation.id")]
    NoConversation,
    /// It says not where to send to.
    #[error("it has no serviceUrl")]
    NoServiceUrl,
}

/// TeamsFx's key of a target.
pub(crate) fn file_key(key: &TargetKey) -> String {
    let tenant = if key.has_tenant() {
        key.tenant.as_str()
    } else {
        "undefined"
    };
    format!("_{tenant}_{}", key.root)
}

/// The target that a reference describes. `key` is its key in TeamsFx's store, where it has one.
///
/// The time of its event is unknown and taken as 1970, so that anything heard later is newer.
///
/// # Errors
/// [`Unusable`] when it lacks what sending needs.
pub fn target_of(
    key: Option<&str>,
    reference: &Map<String, Value>,
    owner: &Owner,
) -> Result<Target, Unusable> {
    let conversation = text(reference, &["conversation", "id"]).ok_or(Unusable::NoConversation)?;
    let service_url = text(reference, &["serviceUrl"]).ok_or(Unusable::NoServiceUrl)?;
    let root = conversation.split(";messageid=").next().unwrap_or(conversation);
    if root.is_empty() {
        return Err(Unusable::NoConversation);
    }
    let scope = scope_of(reference, root);
    let tenant = text(reference, &["conversation", "tenantId"])
        .or_else(|| tenant_in(key?, conversation))
        .map(TenantId::from)
        .or_else(|| owner.tenant.clone())
        .unwrap_or_else(|| TargetKey::UNKNOWN_TENANT.into());
    Ok(Target {
        key: TargetKey {
            bot: bot_of(reference, owner),
            tenant,
            root: root.into(),
        },
        scope,
        service_url: service_url.into(),
        user: text(reference, &["user", "id"]).map(Into::into),
        entra: text(reference, &["user", "aadObjectId"]).map(Into::into),
        name: name_of(scope, reference).map(str::to_owned),
        team: (scope == Scope::Team).then(|| root.into()),
        preferred_channel: None::<ConversationId>,
        preferred_channel_state: ChannelState::Present,
        locale: text(reference, &["locale"]).map(str::to_owned),
        time_zone: None,
        delivery_status: DeliveryStatus::Active,
        event_at: Timestamp::UNIX_EPOCH,
    })
}

/// The name of whom a reference reaches: the person of a personal chat, else the conversation.
fn name_of(scope: Scope, reference: &Reference) -> Option<&str> {
    match scope {
        Scope::Personal => text(reference, &["user", "name"]),
        Scope::GroupChat | Scope::Team => text(reference, &["conversation", "name"]),
    }
}

/// The bot that a reference belongs to.
pub(crate) fn bot_of(reference: &Reference, owner: &Owner) -> BotId {
    if owner.bot.as_str().is_empty() {
        return owner.bot.clone();
    }
    named_bot(reference).unwrap_or_else(|| owner.bot.clone())
}

/// The bot that a reference names, without the channel's prefix.
pub(crate) fn named_bot(reference: &Reference) -> Option<BotId> {
    let id = text(reference, &["bot", "id"]).or_else(|| text(reference, &["agent", "id"]))?;
    Some(id.strip_prefix("28:").unwrap_or(id).to_ascii_lowercase().into())
}

fn text<'a>(reference: &'a Reference, path: &[&str]) -> Option<&'a str> {
    let (first, rest) = path.split_first()?;
    let value = rest
        .iter()
        .try_fold(reference.get(*first)?, |value, property| value.get(property))?;
    value.as_str().filter(|text| !text.is_empty())
}

fn tenant_in<'a>(key: &'a str, conversation: &str) -> Option<&'a str> {
    let tenant = key
        .strip_prefix('_')?
        .strip_suffix(conversation)?
        .strip_suffix('_')?;
    (!tenant.is_empty() && tenant != "undefined").then_some(tenant)
}

/// From `conversationType`, else from the id's shape (Microsoft Learn and recorded activities).
fn scope_of(reference: &Reference, root: &str) -> Scope {
    match text(reference, &["conversation", "conversationType"])
        .map(str::to_ascii_lowercase)
        .as_deref()
    {
        Some("personal") => return Scope::Personal,
        Some("groupchat") => return Scope::GroupChat,
        Some("channel") => return Scope::Team,
        _ => {}
    }
    let is_group = reference
        .get("conversation")
        .and_then(|c| c.get("isGroup"))
        .and_then(Value::as_bool);
    if root.ends_with("@thread.tacv2") || root.ends_with("@thread.skype") {
        Scope::Team
    } else if root.starts_with("a:") || root.ends_with("@unq.gbl.spaces") {
        Scope::Personal
    } else if root.ends_with("@thread.v2") || root.starts_with("19:meeting_") || is_group == Some(true) {
        Scope::GroupChat
    } else {
        Scope::Personal
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn owner(bot: &str, tenant: Option<&str>) -> Owner {
        Owner {
            bot: bot.into(),
            tenant: tenant.map(Into::into),
        }
    }

    fn target(key: Option<&str>, value: &Value, owner: &Owner) -> Result<Target, Unusable> {
        target_of(key, value.as_object().unwrap(), owner)
    }

    fn reference() -> Value {
        json!({
            "activityId": "f:1", "channelId": "msteams", "locale": "it-IT",
            "user": {"id": "29:1a", "aadObjectId": "5e3a3333", "name": "A. User"},
            "bot": {"id": "28:0B07A111", "name": "Notifier"},
            "conversation": {"conversationType": "personal", "tenantId": "7e4a2222", "id": "a:1"},
            "serviceUrl": "https://smba.trafficmanager.net/emea/"
        })
    }

    #[test]
    fn a_personal_reference() {
        let target = target(Some("_7e4a2222_a:1"), &reference(), &owner("0b07a111", None)).unwrap();
        assert_eq!(target.key.bot.as_str(), "0b07a111");
        assert_eq!(target.key.tenant.as_str(), "7e4a2222");
        assert_eq!(target.conversation().as_str(), "a:1");
        assert_eq!(target.scope, Scope::Personal);
        assert_eq!(target.user.unwrap().as_str(), "29:1a");
        assert_eq!(target.entra.unwrap().as_str(), "5e3a3333");
        assert_eq!(target.locale.as_deref(), Some("it-IT"));
        assert_eq!(target.event_at, Timestamp::UNIX_EPOCH);
        assert_eq!(file_key(&target.key), "_7e4a2222_a:1");
    }

    #[test]
    fn version_four_says_agent() {
        let mut value = reference();
        let bot = value.as_object_mut().unwrap().remove("bot").unwrap();
        value["agent"] = bot;
        assert_eq!(
            target(None, &value, &owner("other", None))
                .unwrap()
                .key
                .bot
                .as_str(),
            "0b07a111"
        );
    }

    #[test]
    fn without_a_bot_id_of_our_own_everything_is_ours() {
        assert_eq!(
            target(None, &reference(), &owner("", None))
                .unwrap()
                .key
                .bot
                .as_str(),
            ""
        );
    }

    #[test]
    fn the_tenant_comes_from_the_reference_then_the_key_then_the_settings() {
        let mut value = reference();
        value["conversation"].as_object_mut().unwrap().remove("tenantId");
        let tenant = |key, fallback| {
            target(key, &value, &owner("b", fallback))
                .unwrap()
                .key
                .tenant
                .to_string()
        };
        assert_eq!(tenant(Some("_t1_a:1"), Some("t2")), "t1");
        assert_eq!(tenant(Some("_undefined_a:1"), Some("t2")), "t2");
        assert_eq!(tenant(None, Some("t2")), "t2");
        assert_eq!(tenant(Some("_undefined_a:1"), None), TargetKey::UNKNOWN_TENANT);
        assert_eq!(tenant(Some("something"), None), TargetKey::UNKNOWN_TENANT);
    }

    #[test]
    fn the_scope_comes_from_the_type_else_from_the_id() {
        for (kind, id, scope) in [
            (Some("channel"), "19:x@thread.tacv2;messageid=1", Scope::Team),
            (Some("groupChat"), "19:x@thread.v2", Scope::GroupChat),
            (None, "19:x@thread.tacv2", Scope::Team),
            (None, "19:x@thread.skype", Scope::Team),
            (None, "19:meeting_abc@thread.v2", Scope::GroupChat),
            (None, "19:u_b@unq.gbl.spaces", Scope::Personal),
            (None, "a:1", Scope::Personal),
            (None, "personal-chat-id", Scope::Personal),
        ] {
            let mut value = reference();
            value["conversation"] = json!({"id": id, "tenantId": "t", "conversationType": kind});
            let target = target(None, &value, &owner("b", None)).unwrap();
            assert_eq!(target.scope, scope, "{id}");
            assert!(!target.key.root.as_str().contains(";messageid="));
            assert_eq!(target.team.is_some(), scope == Scope::Team);
        }
    }

    #[test]
    fn what_sending_needs_must_be_there() {
        let mut value = reference();
        value.as_object_mut().unwrap().remove("serviceUrl");
        assert_eq!(
            target(None, &value, &owner("b", None)),
            Err(Unusable::NoServiceUrl)
        );
        value["conversation"] = json!("a:1");
        assert_eq!(
            target(None, &value, &owner("b", None)),
            Err(Unusable::NoConversation)
        );
    }
}
