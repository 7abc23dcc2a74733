//! Buttons of the project's card: whoever presses one acts on the notification that it came with, and on no other.

use super::{Bot, card, texts};
use crate::support::activities::group;
use reqwest::Method;
use serde_json::{Value, json};

/// An alert that was sent to a group chat: the notification's id, the message's, and the button as it was posted.
async fn alerted(bot: &Bot, title: &str) -> (String, String, Value) {
    let before = bot.connector.messages().len();
    let alert = json!({ "title": title, "severity": "critical" });
    let answer = bot.post("/alerts/payments", &alert).await.expect(202);
    let id = answer.json()["id"].as_str().unwrap().to_owned();
    bot.ends(&id).await;
    let said = bot.connector.messages();
    let button = card(&said[before].body)["actions"][0].clone();
    // The double's ids count up by one a message.
    let report =
        crate::support::http::Answer::to(bot.request(Method::GET, &format!("/notices/{id}/report"))).await;
    let line: Value = serde_json::from_str(report.body.lines().next().unwrap()).unwrap();
    let message = line["activityId"]
        .as_str()
        .unwrap_or_else(|| panic!("{line}"))
        .to_owned();
    (id, message, button)
}

/// Somebody in the group presses it: the invoke has what was posted.
fn pressed(bot: &Bot, button: &Value, message: &str) -> Value {
    let mut activity = bot.teams.group_message(1, "", 60);
    activity["type"] = "invoke".into();
    activity["name"] = "adaptiveCard/action".into();
    activity["from"]["name"] = "Kim".into();
    activity["replyToId"] = message.into();
    activity["value"] = json!({
        "action": { "type": "Action.Execute", "verb": button["verb"], "data": button["data"] },
        "trigger": "manual",
    });
    activity
}

async fn in_a_group() -> Bot {
    let bot = Bot::start().await;
    bot.acknowledges(&bot.teams.group_update(1, "add", 0)).await;
    bot.says(&group(1), 1).await;
    bot
}

#[tokio::test]
async fn a_pressed_button_knows_its_notification_and_its_card_changes_for_all() {
    let bot = in_a_group().await;
    let (id, message, button) = alerted(&bot, "Disk is full").await;
    assert_eq!(button["data"]["notification"], id);
    let taken = [
        "Disk is full",
        "critical for payments",
        &format!("Kim takes it ({id})"),
    ]
    .map(str::to_owned);

    let answer = bot
        .receives(&pressed(&bot, &button, &message))
        .await
        .expect(200)
        .json();
    assert_eq!(
        answer["type"], "application/vnd.microsoft.card.adaptive",
        "{answer}"
    );
    assert_eq!(texts(&answer["value"]), taken);
    let edits: Vec<_> = bot
        .connector
        .calls()
        .into_iter()
        .filter(|call| call.method == Method::PUT)
        .collect();
    assert_eq!(edits.len(), 1, "{edits:#?}");
    assert!(
        edits[0].path.ends_with(&format!("/activities/{message}")),
        "{edits:#?}"
    );
    assert_eq!(edits[0].conversation, group(1));
    assert_eq!(texts(card(&edits[0].body)), taken);
}

#[tokio::test]
async fn a_forged_button_belongs_to_no_notification() {
    let bot = in_a_group().await;
    let (id, message, button) = alerted(&bot, "Disk is full").await;
    let (other, _, foreign) = alerted(&bot, "Another one").await;
    assert_ne!(id, other);
    let change = |name: &str, value: Value| {
        let mut forged = button.clone();
        forged["data"][name] = value;
        forged
    };
    let mut unsigned = button.clone();
    unsigned["data"].as_object_mut().unwrap().remove("mac");
    let forgeries = [
        change("notification", json!(other)),
        change("mac", foreign["data"]["mac"].clone()),
        change("version", json!(2)),
        change("mac", json!("")),
        unsigned,
    ];
    for forged in &forgeries {
        let answer = bot
            .receives(&pressed(&bot, forged, &message))
            .await
            .expect(200)
            .json();
        assert_eq!(
            answer["value"], "This card is not one of mine.",
            "{forged}: {answer}"
        );
    }
    let edited = bot
        .connector
        .calls()
        .iter()
        .any(|call| call.method == Method::PUT);
    assert!(!edited, "{:#?}", bot.connector.calls());
    // The genuine one still counts, for its own notification, wherever it is pressed.
    let answer = bot
        .receives(&pressed(&bot, &foreign, &message))
        .await
        .expect(200)
        .json();
    assert!(texts(&answer["value"])[2].contains(&other), "{answer}");
}

#[tokio::test]
async fn an_edit_that_teams_refuses_is_told_to_whoever_pressed() {
    let bot = in_a_group().await;
    let (_, message, button) = alerted(&bot, "Disk is full").await;
    let before = bot.connector.messages().len();
    bot.connector.always(
        &group(1),
        crate::support::connector::Reply::error(403, "BotNotInConversationRoster"),
    );
    let answer = bot
        .receives(&pressed(&bot, &button, &message))
        .await
        .expect(200)
        .json();
    assert_eq!(answer["statusCode"], 500, "{answer}");
    bot.notes_begin("error Action(\"take\"): Teams did not edit the message")
        .await;
    let posted = bot.connector.messages();
    let there = posted.iter().filter(|call| call.conversation == group(1));
    assert_eq!(there.count(), before, "{posted:#?}");
}
