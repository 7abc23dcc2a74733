//! The report: a line per recipient, as NDJSON or CSV.

use super::LocalBot;
use crate::support::{
    activities::{TEAM, TENANT, group, personal},
    connector::Reply,
    http::Answer,
};
use reqwest::Method;
use serde_json::json;

#[tokio::test]
async fn each_recipient_has_a_line_with_what_became_of_it() {
    let bot = LocalBot::with_people(2, &[]).await;
    bot.acknowledges(&bot.teams.group_update(1, "add", 0)).await;
    bot.acknowledges(&bot.teams.team_update("add", TEAM, 0)).await;
    bot.connector.always(&personal(2), Reply::uninstalled());
    let id = bot.handler.accepts(&json!({ "text": "hello" })).await;
    bot.handler.ends(&id).await;

    let report = bot.handler.report(&id).await;
    assert_eq!(report.len(), 4, "{report:#?}");
    for line in &report {
        assert!(
            line["n"].is_u64() && line["attempts"].is_u64() && line["at"].is_string(),
            "{line}"
        );
        assert_eq!(line["tenant"], TENANT, "{line}");
    }
    for (conversation, scope) in [
        (personal(1), "personal"),
        (group(1), "groupChat"),
        (TEAM.to_owned(), "team"),
    ] {
        let line = bot.handler.outcome(&id, &conversation).await;
        assert_eq!(
            (&line["scope"], &line["outcome"]),
            (&json!(scope), &json!("delivered")),
            "{line}"
        );
        assert!(
            line["activityId"].as_str().is_some_and(|id| !id.is_empty()),
            "{line}"
        );
    }
    let line = bot.handler.outcome(&id, &personal(2)).await;
    assert_eq!(
        (&line["outcome"], &line["status"]),
        (&json!("uninstalled"), &json!(403)),
        "{line}"
    );
    assert_eq!(line["code"], "BotNotInConversationRoster", "{line}");
    assert!(line["activityId"].is_null(), "{line}");
}

#[tokio::test]
async fn as_csv_when_asked() {
    let bot = LocalBot::with_people(3, &[]).await;
    let id = bot.handler.accepts(&json!({ "text": "hello" })).await;
    bot.handler.ends(&id).await;
    let request = bot
        .handler
        .request(Method::GET, &format!("/api/notification/{id}/report"))
        .header("accept", "text/csv");
    let answer = Answer::to(request).await.expect(200);
    assert!(
        answer.header("content-type").starts_with("text/csv"),
        "{answer:#?}"
    );
    let lines: Vec<_> = answer.body.lines().collect();
    assert_eq!(lines.len(), 4, "a head and three: {lines:?}");
    let head: Vec<_> = lines[0].split(',').collect();
    for name in [
        "n",
        "tenant",
        "conversationId",
        "scope",
        "outcome",
        "activityId",
        "attempts",
        "status",
        "code",
        "at",
    ] {
        assert!(head.contains(&name), "{name}: {head:?}");
    }
    for line in &lines[1..] {
        assert_eq!(line.split(',').count(), head.len(), "{line}");
        assert!(line.contains("delivered") && line.contains(TENANT), "{line}");
    }
}

#[tokio::test]
async fn before_the_end_it_tells_what_is_known() {
    let bot = LocalBot::with_people(40, &[("NOTIFICATION_RATE", "5")]).await;
    let id = bot.handler.accepts(&json!({ "text": "hello" })).await;
    crate::support::wait::until("the first lines", async || {
        (!bot.handler.report(&id).await.is_empty()).then_some(())
    })
    .await;
    assert!(bot.handler.report(&id).await.len() <= 40);
}

#[tokio::test]
async fn its_head_can_be_asked_for() {
    let bot = LocalBot::with_people(1, &[]).await;
    let id = bot.handler.accepts(&json!({ "text": "hello" })).await;
    bot.handler.ends(&id).await;
    for path in [
        format!("/api/notification/{id}"),
        format!("/api/notification/{id}/report"),
    ] {
        let answer = Answer::to(bot.handler.request(Method::HEAD, &path))
            .await
            .expect(200);
        assert!(answer.body.is_empty(), "{answer:#?}");
    }
}
