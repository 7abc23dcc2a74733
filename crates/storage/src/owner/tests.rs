//! References of other software, read as targets of an owner.

use super::*;
use jiff::Timestamp;
use notify::target::Scope;
use serde_json::{Value, json};

fn owner(bot: &str, tenant: Option<&str>) -> Owner {
    Owner {
        bot: bot.into(),
        tenant: tenant.map(Into::into),
    }
}

fn target(key: Option<&str>, value: &Value, owner: &Owner) -> Result<Target, Unusable> {
    owner.target(
        key,
        &ConversationReference::new(value.as_object().unwrap().clone()),
    )
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
    assert_eq!(teamsfx::store_key(&target.key), "_7e4a2222_a:1");
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
    assert_eq!(
        tenant(Some("_T1_a:1"), Some("t2")),
        "t1",
        "as Teams' events are keyed"
    );
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
