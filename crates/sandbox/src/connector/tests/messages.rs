//! Sends, updates and deletes, and what stands in their way.

use super::{NOW, Rig, code, message};
use crate::{History, Operation, Request, Sandbox, SandboxConfig, TeamsEvent, WorldSpec};
use bytes::Bytes;
use serde_json::{Value, json};
use std::time::Duration;

#[test]
fn sends_get_ids_that_are_epoch_milliseconds_and_never_repeat() {
    let rig = Rig::free();
    for conversation in rig.ids() {
        assert_eq!(rig.send(&conversation), (201, json!({ "id": NOW.to_string() })));
        assert_eq!(
            rig.send(&conversation),
            (201, json!({ "id": (NOW + 1).to_string() }))
        );
        assert_eq!(rig.sandbox.accepted(&conversation).unwrap(), 2);
    }
}

#[test]
fn ids_have_teams_forms() {
    let [personal, group, general, alerts] = Rig::free().ids();
    assert!(personal.starts_with("a:1"), "{personal}");
    assert!(
        group.starts_with("19:") && group.ends_with("@thread.v2"),
        "{group}"
    );
    assert!(general.ends_with("@thread.tacv2") && alerts.ends_with("@thread.tacv2") && general != alerts);
}

#[test]
fn a_reply_names_the_activity_and_an_unknown_one_is_ignored() {
    let rig = Rig::free();
    let conversation = rig.ids()[0].clone();
    let reply = Operation::Reply {
        conversation: conversation.into(),
        activity: "no-such-id".into(),
    };
    assert_eq!(rig.reply(reply, &message()).0, 201);
}

#[test]
fn the_json_is_kept_as_received() {
    let rig = Rig::free();
    let conversation = rig.ids()[0].clone();
    let raw = "{ \"type\":\"message\", \"from\":{\"id\":\"x\"},\"text\":\"1.50\", \"value\": 1.50 }";
    let _ = rig
        .sandbox
        .connector()
        .handle(Duration::from_millis(NOW), &Request::send(&conversation, raw));
    let messages = rig.sandbox.messages(&conversation).unwrap();
    assert_eq!(messages[0].activity, raw);
}

#[test]
fn ids_that_lead_nowhere_are_distinguished() {
    let rig = Rig::free();
    let other_bot = Sandbox::new(SandboxConfig {
        world: WorldSpec::default().with_bot("11111111-1111-4111-8111-111111111111", "Other"),
        ..SandboxConfig::default()
    });
    let foreign = other_bot.unwrap().personal_conversation(0, 0).unwrap();
    assert_eq!(code(&rig.send(&foreign)), (403, "BadArgument"));
    assert_eq!(
        rig.send(&foreign).1["error"]["message"],
        "Failed to decrypt conversation id"
    );
    for unknown in [
        "19:ffff@thread.v2",
        "a:1unknown",
        "19:x@unq.gbl.spaces",
        "19:f_b@unq.gbl.spaces",
    ] {
        let got = rig.send(unknown);
        assert!(
            matches!(code(&got), (404, "ConversationNotFound") | (400, "BadSyntax")),
            "{unknown}: {got:?}"
        );
    }
    assert_eq!(
        code(&rig.send("19:ffff@thread.v2")),
        (404, "ConversationNotFound")
    );
    for broken in ["garbage", "a:", ":", "19:x@thread.v2;messageid=abc"] {
        assert_eq!(code(&rig.send(broken)), (400, "BadSyntax"), "{broken}");
    }
}

#[test]
fn graphs_name_of_a_personal_chat_works_too() {
    let rig = Rig::free();
    let person = rig.sandbox.person(0, 0).unwrap();
    let id = format!(
        "19:{}_{}@unq.gbl.spaces",
        person.aad_object_id,
        crate::DEFAULT_BOT_APP_ID
    );
    assert_eq!(rig.send(&id).0, 201);
    assert_eq!(rig.sandbox.accepted(&rig.ids()[0]).unwrap(), 1);
}

#[test]
fn after_an_uninstall_the_bot_is_not_in_the_roster() {
    let rig = Rig::free();
    for conversation in rig.ids() {
        rig.raise(&conversation, &TeamsEvent::Uninstall);
        assert_eq!(
            code(&rig.send(&conversation)),
            (403, "BotNotInConversationRoster")
        );
        let members = Operation::PagedMembers {
            conversation: (&*conversation).into(),
            page_size: None,
            continuation: None,
        };
        assert_eq!(
            code(&rig.reply(members, &Value::Null)),
            (403, "BotNotInConversationRoster")
        );
        rig.raise(&conversation, &TeamsEvent::Install);
        assert_eq!(rig.send(&conversation).0, 201);
    }
}

#[test]
fn a_blocked_bot_gets_json_within_a_text() {
    let rig = Rig::free();
    let personal = rig.ids()[0].clone();
    rig.raise(&personal, &TeamsEvent::Block);
    let (status, body) = rig.send(&personal);
    assert_eq!((status, &body["errorCode"]), (403, &json!(209)));
    let inner: Value = serde_json::from_str(body["message"].as_str().unwrap()).unwrap();
    assert_eq!(inner["subCode"], "MessageWritesBlocked");
    assert!(body.get("error").is_none());
    rig.raise(&personal, &TeamsEvent::Unblock);
    assert_eq!(rig.send(&personal).0, 201);
    assert_eq!(rig.sandbox.accepted(&personal).unwrap(), 1);
}

#[test]
fn tenants_teams_and_channels_can_be_closed() {
    let rig = Rig::free();
    let [personal, _, general, alerts] = rig.ids();
    rig.raise(&alerts, &TeamsEvent::ChannelDeleted);
    assert_eq!(code(&rig.send(&alerts)), (404, "ConversationNotFound"));
    assert_eq!(rig.send(&general).0, 201);
    rig.raise(&alerts, &TeamsEvent::ChannelRestored);
    rig.raise(&general, &TeamsEvent::TeamArchived);
    assert_eq!(code(&rig.send(&alerts)), (400, "BadArgument"));
    rig.raise(&general, &TeamsEvent::TeamDeleted);
    assert_eq!(code(&rig.send(&general)), (404, "ConversationNotFound"));
    rig.raise(&general, &TeamsEvent::TeamRestored);
    assert_eq!(rig.send(&alerts).0, 201);
    rig.raise(&personal, &TeamsEvent::DisableTenant);
    assert_eq!(code(&rig.send(&personal)), (403, "BotDisabledByAdmin"));
}

#[test]
fn a_policy_forbids_the_app_for_chosen_conversations() {
    let rig = Rig::free();
    let [personal, group, general, alerts] = rig.ids();
    for chosen in [&personal, &group, &general] {
        rig.raise(chosen, &TeamsEvent::DisableApp);
        assert_eq!(code(&rig.send(chosen)), (403, "BotDisabledByAdmin"));
    }
    assert_eq!(rig.send(&alerts).0, 201, "nobody else");
    rig.raise(&personal, &TeamsEvent::EnableApp);
    assert_eq!(rig.send(&personal).0, 201);
}

#[test]
fn bad_activities_are_refused_with_a_reason() {
    let rig = Rig::free();
    let conversation = rig.ids()[0].clone();
    let from = json!({ "id": "28:bot" });
    let long = "x".repeat(60_000);
    for (body, wanted) in [
        (Value::Null, (400, "BadSyntax")),
        (json!([]), (400, "BadSyntax")),
        (json!({ "from": from, "text": "x" }), (400, "BadSyntax")),
        (json!({ "type": "message", "text": "x" }), (400, "BadSyntax")),
        (json!({ "type": "message", "from": from }), (400, "BadSyntax")),
        (
            json!({ "type": "message", "from": from, "text": "  ", "attachments": [] }),
            (400, "BadSyntax"),
        ),
        (
            json!({ "type": "trace", "from": from, "text": "x" }),
            (400, "BadSyntax"),
        ),
        (
            json!({ "type": "message", "from": from, "text": long }),
            (413, "MessageSizeTooBig"),
        ),
    ] {
        let got = rig.reply(
            Operation::Send {
                conversation: (&*conversation).into(),
            },
            &body,
        );
        assert_eq!(code(&got), wanted, "{body}");
    }
    assert_eq!(rig.sandbox.accepted(&conversation).unwrap(), 0);
    let typing = json!({ "type": "typing", "from": from });
    assert_eq!(
        rig.reply(
            Operation::Send {
                conversation: conversation.into()
            },
            &typing
        )
        .0,
        202
    );
}

#[test]
fn updates_and_deletes_reach_the_message_and_unknown_ones_are_not_found() {
    let rig = Rig::free();
    for conversation in rig.ids() {
        let id = rig.send(&conversation).1["id"].as_str().unwrap().to_owned();
        let update = || Operation::Update {
            conversation: (&*conversation).into(),
            activity: (&*id).into(),
        };
        let delete = || Operation::Delete {
            conversation: (&*conversation).into(),
            activity: (&*id).into(),
        };
        let new = json!({ "type": "message", "from": { "id": "28:bot" }, "text": "new" });
        assert_eq!(rig.reply(update(), &new), (200, json!({ "id": id })));
        let shown = rig.sandbox.messages(&conversation).unwrap().pop().unwrap();
        assert_eq!(
            (shown.state, shown.activity),
            (crate::EntryState::Edited, Bytes::from(new.to_string()))
        );
        assert_eq!(rig.reply(delete(), &Value::Null).0, 200);
        assert_eq!(
            code(&rig.reply(update(), &new)),
            (404, "ActivityNotFoundInConversation")
        );
        assert_eq!(
            code(&rig.reply(delete(), &Value::Null)),
            (404, "ActivityNotFoundInConversation")
        );
        let unknown = Operation::Delete {
            conversation: (&*conversation).into(),
            activity: "1700000000000".into(),
        };
        assert_eq!(
            code(&rig.reply(unknown, &Value::Null)),
            (404, "ActivityNotFoundInConversation")
        );
    }
}

#[test]
fn without_a_history_messages_can_still_be_updated() {
    let rig = Rig::new(SandboxConfig {
        history: History::Off,
        ..SandboxConfig::default()
    });
    let conversation = rig.ids()[0].clone();
    let id = rig.send(&conversation).1["id"].as_str().unwrap().to_owned();
    let update = |activity: &str| {
        rig.reply(
            Operation::Update {
                conversation: (&*conversation).into(),
                activity: activity.to_owned().into(),
            },
            &message(),
        )
    };
    assert_eq!(update(&id).0, 200);
    assert_eq!(
        code(&update("9999999999999")),
        (404, "ActivityNotFoundInConversation")
    );
    assert!(rig.sandbox.messages(&conversation).unwrap().is_empty());
}

#[test]
fn a_channel_post_starts_a_thread_that_can_be_replied_to() {
    let rig = Rig::free();
    let alerts = rig.ids()[3].clone();
    let root = rig.send(&alerts).1["id"].as_str().unwrap().to_owned();
    let thread = format!("{alerts};messageid={root}");
    assert_eq!(rig.send(&thread).0, 201);
    assert_eq!(
        rig.sandbox.messages(&alerts).unwrap()[1].thread.as_deref(),
        Some(&*root)
    );
    assert_eq!(
        code(&rig.send(&format!("{alerts};messageid=17"))),
        (404, "ConversationNotFound")
    );
}
