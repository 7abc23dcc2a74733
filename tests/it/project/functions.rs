//! The project's functions that are not HTTP: what their code gets of the host's envelopes.

use super::Bot;
use crate::support::{activities::personal, http::Answer, wait};
use reqwest::Method;
use serde_json::{Value, json};

/// A string as the host writes it into an envelope.
fn doubled(text: &str) -> Value {
    serde_json::to_string(text).unwrap().into()
}

fn envelope(function: &str, data: &Value) -> Value {
    json!({
        "Data": data,
        "Metadata": { "sys": { "MethodName": function, "UtcNow": "2026-01-01T07:00:00.0451234Z", "RandGuid": "0d5f7f0e-54be-4ba1-9a8e-0a5d3c0f6b77" } },
    })
}

#[tokio::test]
async fn each_kind_of_trigger_brings_its_data() {
    let bot = Bot::start().await;
    let incident = json!({ "incident": doubled(r#"{"number":4711}"#) });
    bot.invoke("incidentQueue", &envelope("incidentQueue", &incident))
        .await
        .expect(200);
    let events = json!({ "events": doubled(r#"[{"action":"read"},{"action":"write"}]"#) });
    bot.invoke("auditEvents", &envelope("auditEvents", &events))
        .await
        .expect(200);
    let report = json!({ "report": doubled("all is well") });
    bot.invoke("reportBlob", &envelope("reportBlob", &report))
        .await
        .expect(200);
    assert_eq!(
        bot.journal().await,
        [
            "incident 4711",
            "event \"read\"",
            "event \"write\"",
            "report [\"report\"] Some(\"all is well\")",
        ]
    );
}

#[tokio::test]
async fn a_timers_occurrence_is_sent_once() {
    let bot = Bot::start().await;
    bot.acknowledges(&bot.teams.personal_install(1, 0)).await;
    bot.says(&personal(1), 1).await;
    let tick = json!({ "tick": {
        "Schedule": { "AdjustForDST": true }, "IsPastDue": false,
        "ScheduleStatus": { "Last": "2025-01-01T07:00:00+00:00", "Next": "2026-01-01T07:00:00+00:00", "LastUpdated": "2025-01-01T07:00:00+00:00" },
    } });
    let fire = envelope("timerTrigger", &tick);
    bot.invoke("timerTrigger", &fire).await.expect(200);
    let said = bot.says(&personal(1), 2).await;
    // The timer's next notification would be skipped as long as this one isn't over.
    wait::until("the first notification is over", async || {
        let list = Answer::to(bot.request(Method::GET, "/notices?state=finished")).await;
        let list = list.expect(200).json();
        (list["notifications"].as_array().unwrap().len() == 1).then_some(())
    })
    .await;
    bot.invoke("timerTrigger", &fire).await.expect(200);
    assert_eq!(said[1].body["text"], "Good morning");
    let noted = "tick 2026-01-01T07:00:00Z";
    assert_eq!(
        bot.journal().await.iter().filter(|line| *line == noted).count(),
        2
    );
    // A later notification is behind a second one of the timer, if there was one.
    let alert = json!({ "title": "Later", "severity": "low" });
    bot.post("/alerts/x", &alert).await.expect(202);
    let said = bot.says(&personal(1), 3).await;
    assert_eq!(said[2].body["summary"], "Later", "{said:#?}");
}
