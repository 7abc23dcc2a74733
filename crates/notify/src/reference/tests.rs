//! References read and edited, and what a conversation says of itself.

use super::*;
use crate::ids::TenantId;
use serde_json::json;

fn reference(value: &Value) -> ConversationReference {
    ConversationReference::new(value.as_object().unwrap().clone())
}

/// A reference as TeamsFx 2 stores it.
fn personal() -> Value {
    json!({
        "activityId": "f:1", "channelId": "msteams", "locale": "it-IT",
        "user": {"id": "29:1a", "aadObjectId": "5e3a3333", "name": "A. User"},
        "bot": {"id": "28:0B07A111", "name": "Notifier"},
        "conversation": {"conversationType": "personal", "tenantId": "7E4A2222", "id": "a:1"},
        "serviceUrl": "https://smba.trafficmanager.net/emea/",
        "unknown": {"of": ["a", 1.50, null]}
    })
}

#[test]
fn a_reference_is_written_as_it_was_read() {
    let text = personal().to_string();
    let read: ConversationReference = serde_json::from_str(&text).unwrap();
    assert_eq!(serde_json::to_string(&read).unwrap(), text);
}

#[test]
fn the_scope_is_the_type_then_the_team_then_the_form_then_is_group() {
    let team = Origin {
        team: Some("19:t@thread.tacv2"),
        ..Origin::default()
    };
    let nothing = Origin::default();
    for (conversation, origin, scope) in [
        (
            json!({"id": "19:x@thread.v2", "conversationType": "CHANNEL"}),
            nothing,
            Scope::Team,
        ),
        (
            json!({"id": "19:x@thread.tacv2", "conversationType": "groupChat"}),
            team,
            Scope::GroupChat,
        ),
        (
            json!({"id": "19:x@thread.tacv2", "conversationType": "Personal"}),
            team,
            Scope::Personal,
        ),
        (json!({"id": "x", "conversationType": "new"}), team, Scope::Team),
        (json!({"id": "19:x@thread.v2"}), team, Scope::Team),
        (json!({"id": "a:1", "isGroup": true}), nothing, Scope::Personal),
        (
            json!({"id": "19:u_b@unq.gbl.spaces", "isGroup": true}),
            nothing,
            Scope::Personal,
        ),
        (
            json!({"id": "19:x@thread.tacv2", "isGroup": false}),
            nothing,
            Scope::Team,
        ),
        (
            json!({"id": "made-up", "isGroup": true}),
            nothing,
            Scope::GroupChat,
        ),
        (json!({"id": "made-up"}), nothing, Scope::Personal),
        (
            json!({"id": "19:to-come@thread.v9", "isGroup": false}),
            nothing,
            Scope::Personal,
        ),
        (json!({"id": "19:to-come@thread.v9"}), nothing, Scope::GroupChat),
        (json!({}), nothing, Scope::Personal),
    ] {
        let read = Conversation::new(conversation.as_object());
        assert_eq!(read.scope(&origin), scope, "{conversation}");
    }
}

#[test]
fn the_root_is_the_team_for_a_teams_channels_only() {
    let origin = Origin {
        team: Some("19:team@thread.tacv2"),
        ..Origin::default()
    };
    let root = |value: Value| Conversation::new(value.as_object()).root(&origin);
    let channel = json!({"id": "19:chan@thread.tacv2;messageid=1", "conversationType": "channel"});
    assert_eq!(root(channel), Some("19:team@thread.tacv2".into()));
    let group = json!({"id": "19:g@thread.v2;messageid=1", "conversationType": "groupChat"});
    assert_eq!(root(group), Some("19:g@thread.v2".into()));
    for none in [
        json!({}),
        json!({"id": " "}),
        json!({"id": 1}),
        json!({"id": null}),
    ] {
        assert_eq!(
            Conversation::new(none.as_object()).root(&Origin::default()),
            None,
            "{none}"
        );
    }
    let only_thread = json!({"id": ";messageid=1"});
    assert_eq!(
        Conversation::new(only_thread.as_object()).root(&Origin::default()),
        None
    );
}

#[test]
fn the_tenant_is_the_conversations_then_the_activitys_then_home_then_unknown() {
    let home = TenantId::from("HOME");
    let tenant = |value: &Value, named, home_tenant| {
        let origin = Origin {
            team: None,
            tenant: named,
            home_tenant,
        };
        let target = reference(value).target("bot".into(), &origin);
        target.unwrap().key.tenant.to_string()
    };
    let mut named = personal();
    named["channelData"] = json!({"tenant": {"id": "DATA"}});
    assert_eq!(tenant(&named, Some("key"), Some(&home)), "7e4a2222");
    named["conversation"]["tenantId"] = "".into();
    assert_eq!(tenant(&named, Some("key"), Some(&home)), "data");
    named["channelData"] = json!({"tenant": null});
    assert_eq!(tenant(&named, Some("KEY"), Some(&home)), "key");
    assert_eq!(tenant(&named, None, Some(&home)), "home");
    assert_eq!(tenant(&named, None, None), TargetKey::UNKNOWN_TENANT);
}

#[test]
fn the_bot_is_under_either_name_in_any_case() {
    let mut old = personal();
    assert_eq!(reference(&old).bot(), Some("0b07a111".into()));
    let bot = old.as_object_mut().unwrap().remove("bot").unwrap();
    assert_eq!(reference(&old).bot(), None);
    assert_eq!(reference(&old).bot_or(&"own".into()).as_str(), "own");
    old["agent"] = bot;
    assert_eq!(reference(&old).bot(), Some("0b07a111".into()));
    assert_eq!(reference(&old).bot_or(&"own".into()).as_str(), "0b07a111");
    assert_eq!(
        reference(&old).bot_or(&"".into()).as_str(),
        "",
        "local: all are its own"
    );
}

#[test]
fn the_person_is_named_in_several_places() {
    let mut value = personal();
    assert_eq!(reference(&value).entra(Scope::Personal), Some("5e3a3333"));
    value["user"] = json!({"id": "29:1a", "objectId": "old"});
    assert_eq!(reference(&value).entra(Scope::Personal), Some("old"));
    value["user"] = json!({"id": "29:1a"});
    value["conversation"]["aadObjectId"] = "chat".into();
    assert_eq!(reference(&value).entra(Scope::Personal), Some("chat"));
    assert_eq!(reference(&value).entra(Scope::GroupChat), None);
}

#[test]
fn a_forgotten_person_is_nowhere_in_it() {
    let mut value = personal();
    value["conversation"]["aadObjectId"] = "5e3a3333".into();
    let mut edited = reference(&value);
    edited.without_person();
    let text = serde_json::to_string(&edited).unwrap();
    for named in ["29:1a", "5e3a3333", "A. User"] {
        assert!(!text.contains(named), "{text}");
    }
    assert_eq!(edited.conversation().id(), Some("a:1"));
}

#[test]
fn a_move_changes_the_id_and_nothing_else() {
    let mut expected = personal();
    let mut edited = reference(&expected);
    edited.move_to(&"a:2".into());
    expected["conversation"]["id"] = "a:2".into();
    assert_eq!(edited, reference(&expected));
    edited.rename("New");
    assert_eq!(edited.conversation().name(), Some("New"));
}

#[test]
fn a_reference_that_stands_for_a_team_has_no_channels_name() {
    let key = TargetKey {
        bot: "bot".into(),
        tenant: "t1".into(),
        root: "19:team@thread.tacv2".into(),
    };
    let named = json!({"conversation": {"id": "19:chan@thread.tacv2", "name": "Alerts"}});
    let after = |named: &Value, name| {
        let mut edited = reference(named);
        edited.stand_for(&key, Scope::Team, name);
        edited["conversation"].clone()
    };
    assert_eq!(
        after(&named, None),
        json!({"id": "19:team@thread.tacv2", "tenantId": "t1"})
    );
    assert_eq!(after(&named, Some("Ops"))["name"], "Ops");
    let team = json!({"conversation": {"id": "19:team@thread.tacv2", "name": "Ops", "tenantId": "T1"}});
    assert_eq!(after(&team, None), team["conversation"]);
    let none = json!({"conversation": "odd"});
    assert_eq!(after(&none, None)["id"], "19:team@thread.tacv2");
}

#[test]
fn gaps_are_filled_and_what_is_named_stands() {
    let older = json!({
        "activityId": "f:1", "ActivityId": "f:1", "locale": "it-IT", "agent": {"id": "28:b"},
        "user": {"id": "29:1", "name": "A. User"}, "conversation": {"id": "old", "name": "Ops", "isGroup": true}
    });
    let newer = json!({"locale": null, "user": {"id": "29:1"}, "conversation": {"id": "new", "name": null}});
    let mut filled = reference(&newer);
    filled.fill_gaps_from(&reference(&older));
    let expected = json!({
        "locale": "it-IT", "agent": {"id": "28:b"}, "user": {"id": "29:1"},
        "conversation": {"id": "new", "name": "Ops", "isGroup": true}
    });
    assert_eq!(filled, reference(&expected));
}

#[test]
fn an_activity_gives_its_reference_as_botbuilder_does() {
    let activity = json!({
        "id": "f:1", "type": "message", "from": {"id": "29:1"}, "recipient": {"id": "28:b"}, "text": "hi",
        "conversation": {"id": "a:1", "extra": 1}, "channelId": "msteams", "locale": null,
        "serviceUrl": "https://smba.trafficmanager.net/emea/", "channelData": {"tenant": {"id": "t"}}
    });
    let made = ConversationReference::of_activity(activity.as_object().unwrap());
    let expected = json!({
        "activityId": "f:1", "user": {"id": "29:1"}, "bot": {"id": "28:b"},
        "conversation": {"id": "a:1", "extra": 1}, "channelId": "msteams",
        "serviceUrl": "https://smba.trafficmanager.net/emea/"
    });
    assert_eq!(made, reference(&expected));
}
