//! The sandbox's activities have every field that a recorded Teams client sends for the same event.

use std::collections::BTreeSet;

use sandbox::{Mention, TeamsEvent};
use serde_json::{Value, json};

use crate::rig::{HELLO, Rig};

/// Fields that the recorded client adds and Teams does not, or leaves to the event's circumstances.
const NOT_TEAMS: [&str; 2] = ["/channelData/settings", "/channelData/settings/selectedChannel"];

fn fields(value: &Value, at: &str, into: &mut BTreeSet<String>) {
    let Value::Object(object) = value else { return };
    for (key, value) in object {
        let path = format!("{at}/{key}");
        // What a card's author put into `value` is not part of the shape.
        let authored = path.starts_with("/value/action/data") || path == "/value/kind";
        if !authored {
            into.insert(path.clone());
            fields(value, &path, into);
        }
    }
}

fn shape(activity: &Value) -> BTreeSet<String> {
    let mut paths = BTreeSet::new();
    fields(activity, "", &mut paths);
    paths
}

fn recorded(name: &str) -> Value {
    let path = format!("{}/tests/recordings/{name}.json", env!("CARGO_MANIFEST_DIR"));
    let text = std::fs::read_to_string(&path).expect(&path);
    serde_json::from_str::<Value>(&text).unwrap()["activity"].take()
}

fn compare(ours: &Value, name: &str) {
    let theirs = recorded(name);
    for pointer in [
        "/type",
        "/action",
        "/name",
        "/channelData/eventType",
        "/conversation/conversationType",
    ] {
        assert_eq!(
            ours.pointer(pointer),
            theirs.pointer(pointer),
            "{pointer} of {name}"
        );
    }
    let update = theirs["type"] == "conversationUpdate";
    let missing: Vec<_> = shape(&theirs)
        .difference(&shape(ours))
        .filter(|path| !(update && NOT_TEAMS.iter().any(|extra| path.starts_with(extra))))
        .cloned()
        .collect();
    assert!(missing.is_empty(), "{name} has {missing:?}, ours is {ours}");
}

#[tokio::test]
async fn installs_and_uninstalls() {
    let rig = Rig::default().await;
    let [personal, group, general, alerts] = rig.ids();
    for (conversation, name) in [
        (&personal, "personal"),
        (&group, "group"),
        (&general, "channel-general"),
    ] {
        rig.sandbox
            .raise(conversation, None, &TeamsEvent::Install)
            .await
            .unwrap();
        let heard = rig.bot.take();
        compare(
            &heard[0],
            &format!("{name}--auto-on-first-open--installationUpdate"),
        );
        compare(
            &heard[1],
            &format!("{name}--auto-on-first-open--conversationUpdate"),
        );
    }
    rig.sandbox
        .raise(&alerts, None, &TeamsEvent::Install)
        .await
        .unwrap();
    let mut heard = rig.bot.take();
    // The recorded client names the channel in the conversation; Teams does not.
    heard[0]["conversation"]["name"] = json!("Alerts");
    compare(
        &heard[0],
        "channel-announcements--install-application--installationUpdate",
    );
    rig.sandbox
        .raise(&general, None, &TeamsEvent::Uninstall)
        .await
        .unwrap();
    let heard = rig.bot.take();
    compare(
        &heard[0],
        "channel-general--uninstall-application--installationUpdate",
    );
    compare(
        &heard[1],
        "channel-general--remove-application--conversationUpdate",
    );
}

#[tokio::test]
async fn members_channels_and_teams() {
    let rig = Rig::default().await;
    let [_, group, general, alerts] = rig.ids();
    let member = rig.sandbox.person(0, 5).unwrap().id;
    let name = || "New".to_owned();
    for (conversation, teams_event, recording) in [
        (
            &group,
            TeamsEvent::MemberAdded {
                member: member.clone(),
            },
            "group--add-user",
        ),
        (
            &general,
            TeamsEvent::MemberRemoved { member },
            "channel-general--remove-user",
        ),
        (
            &alerts,
            TeamsEvent::ChannelRenamed { name: name() },
            "channel-announcements--rename-channel",
        ),
        (
            &alerts,
            TeamsEvent::ChannelCreated { name: name() },
            "channel-announcements--add-channel",
        ),
        (
            &alerts,
            TeamsEvent::ChannelDeleted,
            "channel-announcements--remove-channel",
        ),
        (
            &general,
            TeamsEvent::TeamRenamed { name: name() },
            "channel-general--rename-team",
        ),
        (&general, TeamsEvent::TeamDeleted, "channel-general--remove-team"),
    ] {
        rig.sandbox.raise(conversation, None, &teams_event).await.unwrap();
        compare(&rig.bot.take()[0], &format!("{recording}--conversationUpdate"));
    }
}

#[tokio::test]
async fn messages_and_card_buttons() {
    let rig = Rig::default().await;
    let [personal, group, _, alerts] = rig.ids();
    let hello = TeamsEvent::Message {
        text: "hello".to_owned(),
        mention: Mention::Auto,
        thread: None,
    };
    for (conversation, name) in [
        (&personal, "personal"),
        (&group, "group"),
        (&alerts, "channel-announcements"),
    ] {
        rig.sandbox.raise(conversation, None, &hello).await.unwrap();
        compare(&rig.bot.take()[0], &format!("{name}--message-hello--message"));
        if name == "group" {
            continue;
        }
        let (_, sent) = rig
            .json("POST", &Rig::path(conversation, "activities"), HELLO)
            .await;
        let message_id = sent["id"].as_str().unwrap().to_owned();
        let submit = TeamsEvent::Submit {
            message_id: message_id.clone(),
            data: json!({ "kind": "submit" }),
        };
        rig.sandbox.raise(conversation, None, &submit).await.unwrap();
        compare(
            &rig.bot.take()[0],
            &format!("{name}--card-action-submit--message"),
        );
        let action = json!({ "title": "Ack", "verb": "ack", "data": { "id": 7 } });
        rig.sandbox
            .raise(conversation, None, &TeamsEvent::Execute { message_id, action })
            .await
            .unwrap();
        compare(
            &rig.bot.take()[0],
            &format!("{name}--card-action-execute--invoke"),
        );
    }
}
