//! Who gets it.

use super::LocalBot;
use crate::support::{
    activities::{OTHER_TENANT, TEAM, TENANT, entra, group, personal, user},
    notification::count,
};
use serde_json::{Value, json};

/// Two people, a group and a team; and one person of another tenant.
async fn everybody() -> LocalBot {
    let bot = LocalBot::with_people(2, &[]).await;
    bot.acknowledges(&bot.teams.group_update(1, "add", 0)).await;
    bot.acknowledges(&bot.teams.team_update("add", TEAM, 0)).await;
    bot.acknowledges(&bot.teams.in_tenant(OTHER_TENANT).personal_install(3, 0))
        .await;
    bot
}

/// Sends to an audience; who was reached by it, sorted.
async fn reached(bot: &LocalBot, audience: &Value) -> Vec<String> {
    let before = bot.connector.messages().len();
    let status = bot
        .handler
        .sends(&json!({ "text": "hello", "audience": audience }))
        .await;
    let mut reached: Vec<_> = bot
        .connector
        .messages()
        .into_iter()
        .skip(before)
        .map(|call| call.conversation)
        .collect();
    reached.sort();
    assert_eq!(
        (count(&status, "delivered"), status["total"].as_u64()),
        (reached.len() as u64, Some(reached.len() as u64))
    );
    reached
}

fn sorted(mut ids: Vec<String>) -> Vec<String> {
    ids.sort();
    ids
}

#[tokio::test]
async fn everyone_by_default_and_when_said() {
    let bot = everybody().await;
    let all = sorted(vec![
        personal(1),
        personal(2),
        personal(3),
        group(1),
        TEAM.to_owned(),
    ]);
    assert_eq!(reached(&bot, &json!({ "all": true })).await, all);
    let before = bot.connector.messages().len();
    bot.handler.sends(&json!({ "text": "hello" })).await;
    let unnamed = bot.connector.messages().split_off(before);
    assert_eq!(
        sorted(unnamed.into_iter().map(|call| call.conversation).collect()),
        all
    );
}

#[tokio::test]
async fn people_by_either_id_groups_and_teams() {
    let bot = everybody().await;
    assert_eq!(
        reached(&bot, &json!({ "users": [entra(1)] })).await,
        [personal(1)]
    );
    assert_eq!(
        reached(&bot, &json!({ "users": [entra(1).to_uppercase()] })).await,
        [personal(1)]
    );
    assert_eq!(reached(&bot, &json!({ "users": [user(2)] })).await, [personal(2)]);
    assert_eq!(
        reached(&bot, &json!({ "conversations": [group(1)] })).await,
        [group(1)]
    );
    assert_eq!(reached(&bot, &json!({ "teams": [TEAM] })).await, [TEAM]);
}

#[tokio::test]
async fn named_targets_are_united_and_each_gets_it_once() {
    let bot = everybody().await;
    let audience = json!({
        "users": [entra(1), user(1), entra(2)], "conversations": [personal(1), group(1), group(1)], "teams": [TEAM, TEAM],
    });
    let wanted = sorted(vec![personal(1), personal(2), group(1), TEAM.to_owned()]);
    assert_eq!(reached(&bot, &audience).await, wanted);
    let with_all = json!({ "all": true, "users": [entra(1)], "conversations": [group(1)] });
    assert_eq!(reached(&bot, &with_all).await.len(), 5);
}

#[tokio::test]
async fn scopes_and_tenants_narrow_and_alone_they_select() {
    let bot = everybody().await;
    let people = [personal(1), personal(2), personal(3)];
    assert_eq!(reached(&bot, &json!({ "scopes": ["personal"] })).await, people);
    assert_eq!(
        reached(&bot, &json!({ "scopes": ["groupChat", "team"] })).await,
        sorted(vec![group(1), TEAM.to_owned()])
    );
    assert_eq!(
        reached(&bot, &json!({ "tenants": [OTHER_TENANT] })).await,
        [personal(3)]
    );
    assert_eq!(
        reached(
            &bot,
            &json!({ "all": true, "tenants": [TENANT], "scopes": ["personal"] })
        )
        .await,
        people[..2]
    );
    let narrowed = json!({ "users": [entra(1)], "conversations": [group(1)], "scopes": ["groupChat"] });
    assert!(reached_of(&bot, &narrowed).await.contains(&group(1)));
    assert!(!reached_of(&bot, &narrowed).await.contains(&personal(1)));
}

/// Who was reached, whatever the counts say of those who were narrowed away.
async fn reached_of(bot: &LocalBot, audience: &Value) -> Vec<String> {
    let before = bot.connector.messages().len();
    bot.handler
        .sends(&json!({ "text": "hello", "audience": audience }))
        .await;
    bot.connector
        .messages()
        .into_iter()
        .skip(before)
        .map(|call| call.conversation)
        .collect()
}

#[tokio::test]
async fn an_unknown_target_is_a_rejected_recipient_and_the_others_get_it() {
    let bot = everybody().await;
    let audience = json!({ "users": [entra(1), entra(77)], "conversations": ["19:nowhere@thread.v2"], "teams": ["19:noteam@thread.tacv2"] });
    let id = bot
        .handler
        .accepts(&json!({ "text": "hello", "audience": audience }))
        .await;
    let status = bot.handler.ends(&id).await;
    assert_eq!(status["state"], "finished", "{status}");
    assert_eq!(
        (count(&status, "delivered"), count(&status, "rejected")),
        (1, 3),
        "{status}"
    );
    let report = bot.handler.report(&id).await;
    let unknown: Vec<_> = report
        .iter()
        .filter(|line| line["outcome"] == "rejected")
        .collect();
    assert!(
        unknown
            .iter()
            .all(|line| line["code"] == "unknown-target" && line["attempts"] == 0),
        "{report:#?}"
    );
}

#[tokio::test]
async fn an_audience_of_nobody_is_finished_at_once() {
    let bot = LocalBot::start().await;
    for audience in [json!({ "all": true }), json!({ "tenants": [TENANT] })] {
        let status = bot
            .handler
            .sends(&json!({ "text": "hello", "audience": audience }))
            .await;
        assert_eq!(
            (&status["state"], status["total"].as_u64()),
            (&json!("finished"), Some(0)),
            "{status}"
        );
    }
}

#[tokio::test]
async fn too_many_unnamed_installations_stop_it_and_nothing_is_sent() {
    let bot = LocalBot::with_people(4, &[("NOTIFICATION_UNNAMED_LIMIT", "3")]).await;
    let status = bot.handler.sends(&json!({ "text": "hello" })).await;
    assert_eq!(status["state"], "stopped", "{status}");
    assert!(
        status["reason"]
            .as_str()
            .is_some_and(|reason| reason.contains("audience")),
        "{status}"
    );
    assert!(bot.connector.calls().is_empty());
    let status = bot
        .handler
        .sends(&json!({ "text": "hello", "audience": { "all": true } }))
        .await;
    assert_eq!(count(&status, "delivered"), 4, "{status}");

    let bot = LocalBot::with_people(3, &[("NOTIFICATION_UNNAMED_LIMIT", "3")]).await;
    let status = bot.handler.sends(&json!({ "text": "hello" })).await;
    assert_eq!(
        count(&status, "delivered"),
        3,
        "just the limit is not more than it: {status}"
    );
}
