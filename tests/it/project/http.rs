//! HTTP functions of the project, in each way that it runs: its own routes, prefix and card.

use super::{Bot, PREFIX, card, dev, json, of_project, room, serve, texts};
use crate::support::{
    activities::{Teams, personal},
    connector::Connector,
    handler::Handler,
    http::{Answer, client},
    wait,
};
use reqwest::Method;
use serde_json::{Value, json as body};

fn alert() -> Value {
    body!({ "title": "Disk is full", "severity": "critical" })
}

#[tokio::test]
async fn a_route_with_a_parameter_sends_the_projects_own_card() {
    let bot = Bot::start().await;
    bot.acknowledges(&bot.teams.personal_install(1, 0)).await;
    bot.says(&personal(1), 1).await;
    let answer = bot
        .post("/alerts/pay%20ments?audience=all&code=planted", &alert())
        .await;
    let id = answer.expect(202).json()["id"].as_str().unwrap().to_owned();
    let status = bot.ends(&id).await;
    assert_eq!(
        (&status["total"], &status["counts"]["delivered"]),
        (&body!(1), &body!(1))
    );
    let said = bot.says(&personal(1), 2).await;
    assert_eq!(
        texts(card(&said[1].body)),
        ["Disk is full", "critical for pay ments"]
    );
    assert_eq!(said[1].body["summary"], "Disk is full");

    // Links lead to where the project has the API, and its report adds up.
    let links = &status["links"];
    assert_eq!(links["self"], format!("{PREFIX}/notices/{id}"));
    let report = Answer::to(
        bot.handler
            .request(Method::GET, links["report"].as_str().unwrap()),
    )
    .await;
    let lines: Vec<Value> = report
        .expect(200)
        .body
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(lines.len(), 1, "{lines:?}");
    assert_eq!(lines[0]["conversationId"], personal(1));
    assert_eq!(lines[0]["outcome"], "delivered");
}

#[tokio::test]
async fn the_query_says_whom_the_alert_is_for_and_the_body_is_checked() {
    let bot = Bot::start().await;
    bot.acknowledges(&bot.teams.personal_install(1, 0)).await;
    bot.says(&personal(1), 1).await;
    let answer = bot
        .post("/alerts/19:nobody@thread.tacv2?audience=team", &alert())
        .await;
    let id = answer.expect(202).json()["id"].as_str().unwrap().to_owned();
    let status = bot.ends(&id).await;
    assert_eq!(status["counts"]["delivered"], 0, "{status}");
    let problem = bot
        .post("/alerts/payments", &body!({ "title": 7 }))
        .await
        .problem(400);
    assert!(
        problem["detail"].as_str().unwrap().contains("line 1"),
        "{problem}"
    );
    assert_eq!(bot.connector.messages().len(), 1, "nothing but the welcome");
}

#[tokio::test]
async fn nothing_is_left_at_the_usual_addresses() {
    let bot = Bot::start().await;
    for path in ["/api/messages", "/api/notification", "/api/alerts/x", "/notices"] {
        let answer = Answer::to(bot.handler.post(path, &alert())).await;
        assert_eq!(answer.status, 404, "{path}: {answer:#?}");
    }
    assert_eq!(
        Answer::to(bot.request(Method::PUT, "/bot/messages")).await.status,
        405
    );
    let health = Answer::to(bot.request(Method::GET, "/health")).await.expect(200);
    assert_eq!(health.json()["status"], "ok");
    let description = Answer::to(bot.request(Method::GET, "/openapi.json"))
        .await
        .expect(200)
        .json();
    let paths = description["paths"].as_object().unwrap();
    assert!(
        paths.keys().all(|path| path.starts_with(PREFIX)) && paths.contains_key("/ops/v2/notices"),
        "{:?}",
        paths.keys().collect::<Vec<_>>()
    );
    let anything = bot.post("/what/ever", &alert()).await.expect(200);
    assert!(
        anything.body.starts_with("nothing but HTTP at what/ever"),
        "{anything:#?}"
    );
}

#[tokio::test]
async fn files_and_code_fit_together() {
    let bot = Bot::start().await;
    bot.acknowledges(&bot.teams.personal_install(1, 0)).await;
    bot.says(&personal(1), 1).await;
    let warnings: Vec<_> = bot
        .handler
        .output
        .events()
        .into_iter()
        .filter(|event| event["level"] == "WARN" || event["level"] == "ERROR")
        .collect();
    assert!(warnings.is_empty(), "{warnings:#?}");
}

/// Under the local host, which knows the verbs and the key.
async fn behind_the_local_host(handler: &Handler) {
    let ask = |method: Method, path: &str| handler.request(method, &format!("{PREFIX}{path}"));
    let sent = ask(Method::POST, "/alerts/payments").body(alert().to_string());
    let id = Answer::to(sent).await.expect(202).json()["id"]
        .as_str()
        .unwrap()
        .to_owned();
    let status = wait::until("the notification ends", async || {
        let status = Answer::to(ask(Method::GET, &format!("/notices/{id}")))
            .await
            .expect(200)
            .json();
        (status["state"] == "finished").then_some(status)
    })
    .await;
    assert_eq!(status["links"]["self"], format!("{PREFIX}/notices/{id}"));
    assert_eq!(status["counts"]["delivered"], status["total"], "{status}");
    assert!(status["total"].as_u64().unwrap() > 0, "{status}");
    // The catch-all takes GET and POST; nobody takes this.
    assert_eq!(Answer::to(ask(Method::PUT, "/alerts/payments")).await.status, 404);
    assert_eq!(
        Answer::to(ask(Method::GET, "/bot/messages")).await.body,
        "nothing but HTTP at bot/messages, 0 bytes"
    );
    let keyless = client().post(handler.url(&format!("{PREFIX}/alerts/payments")));
    assert_eq!(Answer::to(keyless.body(alert().to_string())).await.status, 401);
}

#[tokio::test]
async fn it_runs_by_itself() {
    let connector = Connector::start().await;
    let handler = of_project(serve(room())).start().await;
    let messages = handler.url(&format!("{PREFIX}/bot/messages"));
    let install = Teams::at(&connector.service_url()).personal_install(1, 0);
    Answer::to(json(Method::POST, &messages, &install))
        .await
        .expect(200);
    behind_the_local_host(&handler).await;
    assert!(
        connector
            .messages()
            .iter()
            .any(|call| texts_of(&call.body).contains(&"critical for payments".to_owned())),
        "{:#?}",
        connector.messages()
    );
}

fn texts_of(activity: &Value) -> Vec<String> {
    let content = &activity["attachments"][0]["content"];
    let body = content["body"].as_array().cloned().unwrap_or_default();
    body.iter()
        .filter_map(|element| element["text"].as_str().map(str::to_owned))
        .collect()
}

#[tokio::test]
async fn dev_knows_where_the_project_has_its_routes() {
    let handler = of_project(dev(room())).start().await;
    behind_the_local_host(&handler).await;
    let hello = handler.output.text();
    assert!(hello.contains(&format!("{PREFIX}/notices -H")), "{hello}");
    assert!(!hello.contains("/api/"), "{hello}");
}
