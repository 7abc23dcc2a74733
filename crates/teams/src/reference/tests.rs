//! Threads and scopes.

use super::*;
use serde_json::json;

fn map(value: &Value) -> Map<String, Value> {
    value.as_object().unwrap().clone()
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
