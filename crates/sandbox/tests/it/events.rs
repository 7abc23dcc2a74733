//! What the bot hears: shapes of the activities, order, retries, signatures, and card buttons.

use std::sync::Arc;

use sandbox::{EventError, Mention, SandboxConfig, Signer, TeamsEvent};
use serde_json::{Value, json};

use crate::rig::{HELLO, Rig};

fn has_envelope(activity: &Value, rig: &Rig) {
    for pointer in [
        "/type",
        "/id",
        "/timestamp",
        "/from/id",
        "/from/aadObjectId",
        "/recipient/id",
        "/conversation/id",
        "/conversation/tenantId",
        "/conversation/conversationType",
        "/channelData/tenant/id",
    ] {
        let value = activity.pointer(pointer).and_then(Value::as_str);
        assert!(
            value.is_some_and(|text| !text.is_empty()),
            "{pointer} in {activity}"
        );
    }
    assert_eq!(activity["channelId"], "msteams");
    assert_eq!(
        activity["serviceUrl"],
        json!(format!("http://{}/_connector/", rig.address))
    );
    assert!(activity["from"]["id"].as_str().unwrap().starts_with("29:"));
    assert!(activity["recipient"]["id"].as_str().unwrap().starts_with("28:"));
}

#[tokio::test]
async fn every_installation_is_announced_once() {
    let rig = Rig::default().await;
    let first = rig.sandbox.announce_installed().await;
    assert_eq!((first.announced, first.failed.len()), (3, 0));
    let heard = rig.bot.take();
    assert_eq!(heard.len(), 6);
    heard.iter().for_each(|activity| has_envelope(activity, &rig));
    let installs = heard
        .iter()
        .filter(|a| a["type"] == "installationUpdate" && a["action"] == "add")
        .count();
    assert_eq!(installs, 3);
    assert_eq!(rig.sandbox.announce_installed().await.announced, 0);
    assert!(rig.bot.take().is_empty());
}

#[tokio::test]
async fn a_personal_install_is_a_pair_with_user_and_bot() {
    let rig = Rig::default().await;
    let personal = rig.ids()[0].clone();
    rig.sandbox
        .raise(&personal, None, &TeamsEvent::Install)
        .await
        .unwrap();
    let [install, update]: [Value; 2] = rig.bot.take().try_into().unwrap();
    assert_eq!(
        (&install["type"], &install["action"]),
        (&json!("installationUpdate"), &json!("add"))
    );
    assert_eq!(install["conversation"]["id"], json!(personal));
    assert!(install["conversation"].get("isGroup").is_none() && install["from"].get("name").is_none());
    assert!(install["id"].as_str().unwrap().starts_with("f:"));
    assert_eq!(install["channelData"]["source"]["name"], "message");
    assert!(install["locale"].is_string());
    assert_eq!(update["type"], "conversationUpdate");
    let added = update["membersAdded"].as_array().unwrap();
    assert_eq!((added.len(), &added[1]["id"]), (2, &install["recipient"]["id"]));
    assert!(update["timestamp"].as_str() > install["timestamp"].as_str());
}

#[tokio::test]
async fn a_team_install_carries_the_selected_channel_in_one_activity_only() {
    let rig = Rig::default().await;
    let [_, group, general, alerts] = rig.ids();
    rig.sandbox
        .raise(&alerts, None, &TeamsEvent::Install)
        .await
        .unwrap();
    let [install, update]: [Value; 2] = rig.bot.take().try_into().unwrap();
    assert_eq!(install["conversation"]["id"], json!(alerts));
    assert_eq!(
        install["channelData"]["settings"]["selectedChannel"]["id"],
        json!(alerts)
    );
    assert_eq!(install["channelData"]["team"]["id"], json!(general));
    assert!(install["channelData"]["team"]["aadGroupId"].is_string());
    assert_eq!(update["conversation"]["id"], json!(general));
    assert_eq!(update["channelData"]["eventType"], "teamMemberAdded");
    assert_eq!(
        update["membersAdded"],
        json!([{ "id": install["recipient"]["id"] }])
    );

    rig.sandbox
        .raise(&alerts, None, &TeamsEvent::Uninstall)
        .await
        .unwrap();
    let [remove, update]: [Value; 2] = rig.bot.take().try_into().unwrap();
    assert_eq!(
        (&remove["action"], &remove["conversation"]["id"]),
        (&json!("remove"), &json!(general))
    );
    assert_eq!(update["channelData"]["eventType"], "teamMemberRemoved");
    assert_eq!(
        update["membersRemoved"],
        json!([{ "id": install["recipient"]["id"] }])
    );

    rig.sandbox
        .raise(&group, None, &TeamsEvent::Upgrade)
        .await
        .unwrap();
    let [upgrade]: [Value; 1] = rig.bot.take().try_into().unwrap();
    assert_eq!(
        (&upgrade["action"], &upgrade["conversation"]["isGroup"]),
        (&json!("add-upgrade"), &json!(true))
    );
}

#[tokio::test]
async fn teams_channels_and_members_change() {
    let rig = Rig::default().await;
    let [_, group, general, alerts] = rig.ids();
    let name = || "New".to_owned();
    for (teams_event, event) in [
        (TeamsEvent::ChannelRenamed { name: name() }, "channelRenamed"),
        (TeamsEvent::ChannelDeleted, "channelDeleted"),
        (TeamsEvent::ChannelRestored, "channelRestored"),
        (TeamsEvent::TeamRenamed { name: name() }, "teamRenamed"),
        (TeamsEvent::TeamArchived, "teamArchived"),
        (TeamsEvent::TeamUnarchived, "teamUnarchived"),
        (TeamsEvent::TeamDeleted, "teamDeleted"),
        (TeamsEvent::TeamRestored, "teamRestored"),
        (TeamsEvent::TeamHardDeleted, "teamHardDeleted"),
    ] {
        rig.sandbox.raise(&alerts, None, &teams_event).await.unwrap();
        let [activity]: [Value; 1] = rig.bot.take().try_into().unwrap();
        has_envelope(&activity, &rig);
        let data = &activity["channelData"];
        assert_eq!(
            (&activity["type"], &data["eventType"]),
            (&json!("conversationUpdate"), &json!(event))
        );
        assert_eq!(
            (&activity["conversation"]["id"], &data["team"]["id"]),
            (&json!(general), &json!(general))
        );
        if event.starts_with("channel") {
            assert_eq!(
                (&data["channel"]["id"], &data["channel"]["name"]),
                (&json!(alerts), &json!("New"))
            );
        }
    }
    let colleague = rig.sandbox.person(0, 5).unwrap();
    let added = TeamsEvent::MemberAdded {
        member: colleague.upn.clone(),
    };
    rig.sandbox.raise(&group, None, &added).await.unwrap();
    let [activity]: [Value; 1] = rig.bot.take().try_into().unwrap();
    let account = json!([{ "id": colleague.id, "aadObjectId": colleague.aad_object_id }]);
    assert_eq!(
        (&activity["membersAdded"], &activity["conversation"]["id"]),
        (&account, &json!(group))
    );
}

#[tokio::test]
async fn people_write_with_and_without_a_mention() {
    let rig = Rig::default().await;
    let [personal, group, general, alerts] = rig.ids();
    let message = |mention| TeamsEvent::Message {
        text: "status & more".to_owned(),
        mention,
        thread: None,
    };
    let report = rig
        .sandbox
        .raise(&personal, None, &message(Mention::Auto))
        .await
        .unwrap();
    let [heard]: [Value; 1] = rig.bot.take().try_into().unwrap();
    has_envelope(&heard, &rig);
    assert_eq!(
        (&heard["text"], &heard["id"]),
        (&json!("status & more"), &json!(report.message_id.unwrap()))
    );
    assert_eq!(heard["attachments"][0]["content"], "<p>status &amp; more</p>");
    assert!(heard["from"]["name"].is_string() && heard["localTimezone"].is_string());

    let report = rig
        .sandbox
        .raise(&alerts, None, &message(Mention::Auto))
        .await
        .unwrap();
    let id = report.message_id.unwrap();
    let [heard]: [Value; 1] = rig.bot.take().try_into().unwrap();
    assert_eq!(
        heard["conversation"]["id"],
        json!(format!("{alerts};messageid={id}"))
    );
    assert_eq!(heard["text"], "<at>Notifier</at> status & more");
    assert_eq!(heard["entities"][0]["mentioned"]["id"], heard["recipient"]["id"]);
    assert_eq!(heard["channelData"]["teamsTeamId"], json!(general));
    assert_eq!(heard["channelData"]["channel"]["id"], json!(alerts));

    let reply = TeamsEvent::Message {
        text: "more".to_owned(),
        mention: Mention::With,
        thread: Some(id.clone()),
    };
    rig.sandbox.raise(&alerts, None, &reply).await.unwrap();
    let [heard]: [Value; 1] = rig.bot.take().try_into().unwrap();
    assert_eq!(
        heard["conversation"]["id"],
        json!(format!("{alerts};messageid={id}"))
    );
    assert_ne!(heard["id"], json!(id));

    let report = rig
        .sandbox
        .raise(&group, None, &message(Mention::Without))
        .await
        .unwrap();
    assert!(report.deliveries.is_empty() && report.note.is_some() && rig.bot.take().is_empty());

    rig.sandbox
        .raise(&personal, None, &TeamsEvent::Block)
        .await
        .unwrap();
    let refused = rig.sandbox.raise(&personal, None, &message(Mention::Auto)).await;
    assert_eq!(refused.unwrap_err(), EventError::Blocked);
}

#[tokio::test]
async fn edits_deletes_and_reactions_are_reported() {
    let rig = Rig::default().await;
    let personal = rig.ids()[0].clone();
    let write = TeamsEvent::Message {
        text: "help".to_owned(),
        mention: Mention::Auto,
        thread: None,
    };
    let id = rig
        .sandbox
        .raise(&personal, None, &write)
        .await
        .unwrap()
        .message_id
        .unwrap();
    let edit = TeamsEvent::MessageEdited {
        message_id: id.clone(),
        text: "stop".to_owned(),
    };
    rig.sandbox.raise(&personal, None, &edit).await.unwrap();
    rig.sandbox
        .raise(
            &personal,
            None,
            &TeamsEvent::MessageDeleted {
                message_id: id.clone(),
            },
        )
        .await
        .unwrap();
    let heard = rig.bot.take();
    assert_eq!(
        (&heard[1]["type"], &heard[1]["channelData"]["eventType"]),
        (&json!("messageUpdate"), &json!("editMessage"))
    );
    assert_eq!((&heard[1]["text"], &heard[1]["id"]), (&json!("stop"), &json!(id)));
    assert_eq!(heard[2]["channelData"]["eventType"], "softDeleteMessage");

    let (_, sent) = rig.json("POST", &Rig::path(&personal, "activities"), HELLO).await;
    let message_id = sent["id"].as_str().unwrap().to_owned();
    let like = TeamsEvent::ReactionAdded {
        message_id: message_id.clone(),
        reaction: "like".to_owned(),
    };
    rig.sandbox.raise(&personal, None, &like).await.unwrap();
    let [reaction]: [Value; 1] = rig.bot.take().try_into().unwrap();
    assert_eq!(
        (&reaction["type"], &reaction["replyToId"]),
        (&json!("messageReaction"), &json!(message_id))
    );
    assert_eq!(reaction["reactionsAdded"], json!([{ "type": "like" }]));
}

#[tokio::test]
async fn buttons_of_cards_reach_the_bot_and_the_answer_comes_back() {
    let rig = Rig::default().await;
    let alerts = rig.ids()[3].clone();
    let (_, sent) = rig.json("POST", &Rig::path(&alerts, "activities"), HELLO).await;
    let message_id = sent["id"].as_str().unwrap();
    let body = json!({ "messageId": message_id, "data": { "choice": "a" } }).to_string();
    assert_eq!(
        rig.json("POST", &Rig::control(&alerts, "submit"), &body).await.0,
        200
    );
    let [submit]: [Value; 1] = rig.bot.take().try_into().unwrap();
    assert_eq!(
        (&submit["type"], &submit["value"]),
        (&json!("message"), &json!({ "choice": "a" }))
    );
    assert_eq!(
        (submit.get("text"), &submit["replyToId"]),
        (None, &json!(message_id))
    );
    assert_eq!(
        submit["conversation"]["id"],
        json!(format!("{alerts};messageid={message_id}"))
    );

    let answer =
        json!({ "statusCode": 200, "type": "application/vnd.microsoft.activity.message", "value": "ok" });
    rig.bot.answer(200, answer.clone());
    let action = json!({ "verb": "ack", "data": { "id": 7 } });
    let body = json!({ "messageId": message_id, "action": action }).to_string();
    let (_, report) = rig.json("POST", &Rig::control(&alerts, "execute"), &body).await;
    assert_eq!(report["answer"], json!({ "status": 200, "body": answer }));
    let [invoke]: [Value; 1] = rig.bot.take().try_into().unwrap();
    assert_eq!(
        (&invoke["type"], &invoke["name"]),
        (&json!("invoke"), &json!("adaptiveCard/action"))
    );
    assert_eq!(
        invoke["value"]["action"],
        json!({ "type": "Action.Execute", "verb": "ack", "data": { "id": 7 } })
    );
}

#[tokio::test]
async fn activities_are_posted_again_until_taken_and_invokes_once() {
    let rig = Rig::default().await;
    let personal = rig.ids()[0].clone();
    rig.bot.answer(503, Value::Null);
    rig.bot.answer(500, Value::Null);
    let report = rig
        .sandbox
        .raise(&personal, None, &TeamsEvent::Upgrade)
        .await
        .unwrap();
    let delivery = &report.deliveries[0];
    assert_eq!(
        (delivery.status, delivery.attempts, delivery.is_delivered()),
        (Some(200), 3, true)
    );
    let heard = rig.bot.take();
    assert!(
        heard.len() == 3 && heard[0] == heard[2],
        "the same activity, with the same id"
    );

    (0..4).for_each(|_| rig.bot.answer(401, Value::Null));
    let report = rig
        .sandbox
        .raise(&personal, None, &TeamsEvent::Upgrade)
        .await
        .unwrap();
    assert_eq!(
        (report.deliveries[0].status, report.deliveries[0].attempts),
        (Some(401), 4)
    );
    let shown = rig.sandbox.messages(&personal).unwrap();
    assert!(String::from_utf8_lossy(&shown.last().unwrap().activity).contains("the bot answered 401"));

    rig.bot.take();
    let (_, sent) = rig.json("POST", &Rig::path(&personal, "activities"), HELLO).await;
    rig.bot.answer(500, Value::Null);
    let execute = TeamsEvent::Execute {
        message_id: sent["id"].as_str().unwrap().to_owned(),
        action: Value::Null,
    };
    let report = rig.sandbox.raise(&personal, None, &execute).await.unwrap();
    assert_eq!(
        (report.answer.unwrap().status, rig.bot.take().len()),
        (Some(500), 1)
    );
}

#[tokio::test]
async fn a_bot_that_is_not_there_is_reported() {
    let rig = Rig::default().await;
    rig.sandbox
        .set_bot_endpoint("http://127.0.0.1:1/api/messages")
        .unwrap();
    let announcement = rig.sandbox.announce_installed().await;
    assert_eq!(announcement.announced, 0);
    assert!(
        announcement.failed[0]
            .error
            .as_deref()
            .unwrap()
            .contains("nothing answers")
    );
    assert!(rig.sandbox.set_bot_endpoint("https://elsewhere/").is_err());
}

#[tokio::test]
async fn a_signer_gives_each_activity_its_authorization() {
    let signer: Arc<dyn Signer> =
        Arc::new(|activity: &Value| Some(format!("Bearer {}", activity["type"].as_str()?)));
    let rig = Rig::start(SandboxConfig {
        signer: Some(signer),
        ..SandboxConfig::default()
    })
    .await;
    rig.sandbox
        .raise(&rig.ids()[0], None, &TeamsEvent::Install)
        .await
        .unwrap();
    let seen = rig.bot.seen.lock().unwrap().clone();
    assert_eq!(seen[0].0["authorization"], "Bearer installationUpdate");
    assert_eq!(seen[1].0["authorization"], "Bearer conversationUpdate");
    let plain = Rig::default().await;
    plain
        .sandbox
        .raise(&plain.ids()[0], None, &TeamsEvent::Install)
        .await
        .unwrap();
    assert!(
        plain
            .bot
            .seen
            .lock()
            .unwrap()
            .iter()
            .all(|(headers, _)| !headers.contains_key("authorization"))
    );
    assert_eq!(plain.bot.activities().len(), 2);
}
