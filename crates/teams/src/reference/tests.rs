//! References as other software writes them.

use super::*;
use serde_json::json;

fn map(value: &Value) -> Map<String, Value> {
    value.as_object().unwrap().clone()
}

fn me() -> Identity {
    Identity::new("0b07a111-1111-4111-8111-000000000001", None)
}

#[test]
fn a_thread_id_is_made_and_replaced() {
    let threaded = ConversationId::from("19:c@thread.tacv2;messageid=1");
    assert_eq!(thread(&threaded, "22").as_str(), "19:c@thread.tacv2;messageid=22");
    assert_eq!(
        thread(&"19:c@thread.tacv2".into(), "22").as_str(),
        "19:c@thread.tacv2;messageid=22"
    );
}

#[test]
fn a_reference_of_the_agents_sdk_is_read() {
    let stored = map(&json!({
        "ActivityId": "f:1", "agent": {"id": "28:0B07A111-1111-4111-8111-000000000001", "name": "Notifier"},
        "user": {"id": "29:1aB", "aadObjectId": "5e3a"}, "serviceUrl": "https://smba.trafficmanager.net/emea/",
        "conversation": {"conversationType": "personal", "tenantId": "7E4A", "id": "a:1P"},
        "channelId": "msteams", "somethingNew": 1
    }));
    let read = installation(stored, &me(), Timestamp::UNIX_EPOCH).unwrap();
    assert_eq!(read.target.key.bot, me().bot);
    assert_eq!(read.target.key.tenant.as_str(), "7e4a");
    assert_eq!(read.target.user.unwrap().as_str(), "29:1aB");
    assert_eq!(read.reference["bot"]["name"], "Notifier");
    assert_eq!(read.reference["activityId"], "f:1");
    assert_eq!(read.reference["somethingNew"], 1);
    assert!(!read.reference.contains_key("agent"));
    assert_eq!(teamsfx_key(&read.reference), "_7E4A_a:1P");
}

#[test]
fn a_reference_of_another_bot_keeps_that_bots_key() {
    let stored =
        map(&json!({"bot": {"id": "28:other"}, "serviceUrl": "https://x", "conversation": {"id": "a:1"}}));
    let read = installation(stored.clone(), &me(), Timestamp::UNIX_EPOCH).unwrap();
    assert_eq!(read.target.key.bot.as_str(), "other");
    assert_eq!(read.target.key.tenant.as_str(), TargetKey::UNKNOWN_TENANT);
    assert_eq!(teamsfx_key(&read.reference), "_undefined_a:1");
    let local = installation(stored, &Identity::new("", None), Timestamp::UNIX_EPOCH).unwrap();
    assert_eq!(local.target.key.bot.as_str(), "");
}

#[test]
fn a_useless_reference_says_what_it_lacks() {
    let error = |value| installation(map(&value), &me(), Timestamp::UNIX_EPOCH).unwrap_err();
    assert_eq!(
        error(json!({"serviceUrl": "https://x"})),
        ReferenceError::NoConversation
    );
    assert_eq!(
        error(json!({"conversation": {"id": "a:1"}})),
        ReferenceError::NoServiceUrl
    );
}

#[test]
fn the_scope_is_found_without_a_type_too() {
    let scope = |value| scope(&map(&value), None);
    assert_eq!(scope(json!({"id": "19:x@thread.tacv2"})), Scope::Team);
    assert_eq!(scope(json!({"id": "19:x@thread.v2"})), Scope::GroupChat);
    assert_eq!(
        scope(json!({"id": "19:meeting_x@thread.v2", "isGroup": true})),
        Scope::GroupChat
    );
    assert_eq!(scope(json!({"id": "a:1"})), Scope::Personal);
    assert_eq!(scope(json!({"id": "19:a_b@unq.gbl.spaces"})), Scope::Personal);
    assert_eq!(
        scope(json!({"id": "19:x@thread.v2", "conversationType": "GROUPCHAT"})),
        Scope::GroupChat
    );
}
