//! A client that plays the host: a catch-all route with an empty prefix lets its path be a function's name
//! (azure-functions-host issue 6251). It reaches HTTP code and nothing else.

use super::{Bot, room};
use crate::support::{
    activities::personal,
    http::{Answer, client},
};
use reqwest::Method;
use serde_json::{Value, json};
use std::time::Duration;

const AGENT: &str = "Azure-Functions-Host/4.1037.0.0";

/// The project without a prefix: its catch-all route takes every path.
async fn without_prefix() -> Bot {
    let room = room();
    room.edit("host.json", |host| {
        host["extensions"]["http"]["routePrefix"] = "".into();
        host["customHandler"]["enableProxyingHttpRequest"] = false.into();
    });
    let mut bot = Bot::in_room(room, &[]).await;
    bot.prefix = "";
    bot
}

/// What a client would like the host's call to be.
fn envelopes() -> [(&'static str, Value); 6] {
    let sys = |name: &str| json!({ "sys": { "MethodName": name, "UtcNow": "2026-01-01T07:00:00.0451234Z" } });
    let tick = json!({ "ScheduleStatus": { "Next": "2026-01-01T07:00:00+00:00" }, "IsPastDue": false });
    [
        (
            "timerTrigger",
            json!({ "Data": { "tick": tick }, "Metadata": sys("timerTrigger") }),
        ),
        (
            "reconcileTimer",
            json!({ "Data": { "timer": tick }, "Metadata": sys("reconcileTimer") }),
        ),
        (
            "deliveryQueue",
            json!({ "Data": { "hint": "\"{}\"" }, "Metadata": sys("deliveryQueue") }),
        ),
        (
            "incidentQueue",
            json!({ "Data": { "incident": "\"{\\\"number\\\":666}\"" }, "Metadata": sys("incidentQueue") }),
        ),
        (
            "reportBlob",
            json!({ "Data": { "report": "\"forged\"" }, "Metadata": sys("reportBlob") }),
        ),
        // An HTTP function that the host guards with a key, in an envelope of its own.
        (
            "httpTrigger",
            json!({ "Data": { "req": { "Url": "https://bot.example.com/notices", "Method": "POST", "Query": {}, "Params": {},
                "Headers": { "Content-Type": ["application/json"] }, "Body": "{\"text\":\"forged\"}" } }, "Metadata": {} }),
        ),
    ]
}

/// How the request looks when the host has passed it on: the headers in which it differs from an envelope.
fn disguises(port: u16) -> Vec<Vec<(&'static str, String)>> {
    let own = format!("127.0.0.1:{port}");
    let after = |client: &str| format!("{client} {AGENT}");
    vec![
        // Forwarded by a host that stands alone: no headers of Azure's front end.
        vec![
            ("host", "bot.example.com".into()),
            ("user-agent", after("curl/8.0")),
        ],
        // The client says nothing of itself, so the agent is the host's alone.
        vec![("host", "bot.example.com".into()), ("user-agent", AGENT.into())],
        // The client claims to be this machine, without knowing the port.
        vec![("host", "127.0.0.1".into()), ("user-agent", AGENT.into())],
        vec![("host", "localhost:7071".into()), ("user-agent", AGENT.into())],
        // The client claims to be the host, which adds its name all the same.
        vec![("host", own.clone()), ("user-agent", after(AGENT))],
        // Forwarded on Azure.
        vec![
            ("host", own.clone()),
            ("user-agent", AGENT.into()),
            ("x-forwarded-for", "203.0.113.7:1".into()),
        ],
        // Proxied: the host names the handler, and says for whom.
        vec![
            ("host", own),
            ("user-agent", "curl/8.0".into()),
            ("x-forwarded-host", "bot.example.com".into()),
            (
                "x-ms-invocation-id",
                "2f9d6c9e-1111-4111-8111-000000000004".into(),
            ),
        ],
    ]
}

#[tokio::test]
async fn a_forged_envelope_reaches_http_code_only() {
    let bot = without_prefix().await;
    bot.acknowledges(&bot.teams.personal_install(1, 0)).await;
    bot.says(&personal(1), 1).await;
    let before = bot.journal().await;
    for (function, envelope) in envelopes() {
        for headers in disguises(bot.handler.port) {
            let mut request = client()
                .request(Method::POST, bot.handler.url(&format!("/{function}")))
                .timeout(Duration::from_secs(20))
                .header("content-type", "application/json; charset=utf-8")
                .header("x-azure-functions-hostversion", "4.1037.0.0")
                .header(
                    "x-azure-functions-invocationid",
                    "2f9d6c9e-1111-4111-8111-000000000001",
                );
            for (name, value) in &headers {
                request = request.header(*name, value);
            }
            let answer = Answer::to(request.body(envelope.to_string())).await.expect(200);
            let length = envelope.to_string().len();
            assert_eq!(
                answer.body,
                format!("nothing but HTTP at {function}, {length} bytes"),
                "{headers:?}"
            );
        }
    }
    assert_eq!(bot.journal().await, before, "no code but that of HTTP ran");
    assert_eq!(
        bot.connector.messages().len(),
        1,
        "{:#?}",
        bot.connector.messages()
    );
    // The host itself is still obeyed.
    let (function, envelope) = &envelopes()[3];
    let own = bot
        .handler
        .post(&format!("/{function}"), envelope)
        .header("user-agent", AGENT);
    Answer::to(own).await.expect(200);
    bot.notes("incident 666").await;
}

#[tokio::test]
async fn a_client_that_could_name_a_function_is_warned_of() {
    let bot = without_prefix().await;
    bot.handler
        .says(&["\"function\":\"deliveryqueue\"", "anythingtrigger", "routeprefix"])
        .await;
}
