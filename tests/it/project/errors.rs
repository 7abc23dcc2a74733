//! `on_error` hears of the failure of each kind of code, with ids and nothing that somebody wrote.

use super::Bot;
use crate::support::{
    activities::{NAME, personal},
    http::Answer,
};
use reqwest::Method;
use serde_json::{Value, json};

fn pressed(bot: &Bot, verb: &str) -> Value {
    let mut activity = bot.teams.personal_message(1, "", 0);
    activity["type"] = "invoke".into();
    activity["name"] = "adaptiveCard/action".into();
    activity["replyToId"] = "1767603800001".into();
    activity["value"] = json!({ "action": { "type": "Action.Execute", "verb": verb, "data": { "planted": "planted-data" } } });
    activity
}

#[tokio::test]
async fn every_failure_is_heard_of() {
    let bot = Bot::start().await;
    let panicked = "it panicked; the log names the line";

    let unknown = json!({ "title": "planted-title", "severity": "unknown" });
    bot.post("/alerts/planted-team", &unknown).await.problem(503);
    bot.notes("error Function(\"alertTrigger\"): it answered 503")
        .await;
    let unheard = json!({ "title": "planted-title", "severity": "unheard of" });
    let answer = bot.post("/alerts/planted-team", &unheard).await.expect(500);
    assert!(!answer.body.contains("planted"), "{answer:#?}");
    bot.notes(&format!("error Function(\"alertTrigger\"): {panicked}"))
        .await;

    let tick = json!({ "Data": { "tick": { "ScheduleStatus": { "Next": "1999-01-01T07:00:00+00:00" } } },
        "Metadata": { "sys": { "UtcNow": "1999-01-01T07:00:00Z" } } });
    assert!(bot.invoke("timerTrigger", &tick).await.status >= 400);
    bot.notes("error Function(\"timerTrigger\"): the occurrence is of another century")
        .await;
    let item = json!({ "Data": { "incident": "\"planted-item\"" }, "Metadata": {} });
    assert!(
        bot.invoke("incidentQueue", &item).await.status >= 400,
        "the host brings it again"
    );
    bot.notes_begin("error Function(\"incidentQueue\"): ").await;

    bot.acknowledges(&bot.teams.personal_message(1, "break planted-words", 0))
        .await;
    bot.notes("error Command(\"break\"): the services can't be read")
        .await;
    let answer = bot.receives(&pressed(&bot, "break")).await.expect(200);
    assert_eq!(
        answer.json()["statusCode"],
        500,
        "the person is told: {answer:#?}"
    );
    bot.notes("error Action(\"break\"): the duty roster can't be read")
        .await;
    bot.acknowledges(&bot.teams.personal_message(1, "fail", 0)).await;
    bot.notes("error Hook(\"on_message\"): the answers can't be read")
        .await;
    bot.acknowledges(&bot.teams.personal_message(1, "panic", 0)).await;
    bot.notes(&format!("error Hook(\"on_message\"): {panicked}"))
        .await;

    // Nothing of it was Teams' fault, and nothing was said; no report has what was written.
    assert_eq!(
        bot.connector.messages().len(),
        0,
        "{:#?}",
        bot.connector.messages()
    );
    let heard = bot.journal().await.join("\n");
    for text in ["planted", NAME, &personal(1)] {
        assert!(!heard.contains(text), "{text}: {heard}");
    }
    let health = Answer::to(bot.request(Method::GET, "/health")).await;
    assert_eq!(health.status, 200, "it lives on");
}
