//! The description is held against what is answered: every operation is called with inputs that can be meant and with
//! such that can't, and every answer is checked for its status, its type and its body.

use super::{described::Described, served};
use crate::support::{activities::entra, handler::Handler, http::Answer};
use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};
use std::{env, fs, path::Path};

const ALL: &str = "/api/notification";
const ONE: &str = "/api/notification/{id}";

/// Calls an operation and checks the answer.
async fn called(described: &Described, template: &str, request: RequestBuilder) -> Answer {
    let (client, request) = request.build_split();
    let request = request.unwrap();
    let method = request.method().clone();
    let answer = Answer::to(RequestBuilder::from_parts(client, request)).await;
    described.check(&method, template, &answer);
    answer
}

/// A stopped notification: the audience of nobody in particular is over its limit.
async fn stopped(handler: &Handler, described: &Described) -> String {
    let answer = called(described, ALL, handler.post(ALL, &json!({ "text": "to whom?" }))).await;
    let id = answer.expect(202).json()["id"].as_str().unwrap().to_owned();
    assert_eq!(handler.ends(&id).await["state"], "stopped");
    id
}

#[tokio::test]
async fn every_operation_answers_as_it_is_described() {
    let (handler, _connector) = served(3).await;
    let described = Described::by(&handler).await;
    let to = json!({ "users": [entra(1), "29:nobody"] });
    let sent = called(
        &described,
        ALL,
        handler
            .post(ALL, &json!({ "text": "hello", "audience": to }))
            .header("idempotency-key", "once"),
    )
    .await
    .expect(202);
    let id = sent.json()["id"].as_str().unwrap().to_owned();
    handler.ends(&id).await;
    let one = format!("{ALL}/{id}");
    let (report, cancel, pause, resume) = (
        format!("{one}/report"),
        format!("{one}/cancel"),
        format!("{one}/pause"),
        format!("{one}/resume"),
    );
    let template = |part: &str| format!("{ONE}/{part}");

    // What works.
    for path in [
        ALL.to_owned(),
        format!("{ALL}?state=finished&limit=1&since=2020-01-01T00:00:00Z"),
    ] {
        called(&described, ALL, handler.request(Method::GET, &path))
            .await
            .expect(200);
    }
    called(&described, ONE, handler.request(Method::GET, &one))
        .await
        .expect(200);
    let lines = called(
        &described,
        &template("report"),
        handler.request(Method::GET, &report),
    )
    .await;
    assert_eq!(lines.expect(200).body.lines().count(), 2);
    let csv = handler.request(Method::GET, &report).header("accept", "text/csv");
    called(&described, &template("report"), csv).await.expect(200);
    let edit = handler
        .request(Method::PUT, &one)
        .header("content-type", "application/json")
        .body(r#"{"text":"better"}"#);
    let edited = called(&described, ONE, edit).await.expect(202);
    handler.ends(edited.json()["id"].as_str().unwrap()).await;
    let recalled = called(&described, ONE, handler.request(Method::DELETE, &one))
        .await
        .expect(202);
    handler.ends(recalled.json()["id"].as_str().unwrap()).await;
    called(&described, ONE, handler.request(Method::GET, &one))
        .await
        .expect(200);
    called(&described, ALL, handler.request(Method::GET, ALL))
        .await
        .expect(200);

    // What doesn't.
    for (method, template, path, body, status) in [
        (Method::POST, ALL, ALL, r#"{"audiance":{}}"#, 400),
        (Method::POST, ALL, ALL, "{", 400),
        (Method::POST, ALL, "/api/notification?dry=1", "{}", 400),
        (Method::GET, ALL, "/api/notification?limit=0", "", 400),
        (Method::PUT, ONE, &one, "{}", 400),
        (Method::GET, ONE, &format!("{one}?x=1"), "", 400),
        (Method::DELETE, ONE, &format!("{one}?x=1"), "", 400),
        (
            Method::GET,
            &template("report"),
            &format!("{report}?x=1"),
            "",
            400,
        ),
        (
            Method::POST,
            &template("cancel"),
            &format!("{cancel}?x=1"),
            "",
            400,
        ),
        (Method::POST, &template("pause"), &format!("{pause}?x=1"), "", 400),
        (
            Method::POST,
            &template("resume"),
            &format!("{resume}?x=1"),
            "",
            400,
        ),
        (Method::GET, "/api/openapi.json", "/api/openapi.json?x=1", "", 400),
        (Method::GET, "/api/health", "/api/health?x=1", "", 400),
        (Method::POST, &template("cancel"), &cancel, "", 409),
        (Method::POST, &template("pause"), &pause, "", 409),
        (Method::POST, &template("resume"), &resume, "", 409),
        (Method::GET, ONE, "/api/notification/none", "", 404),
        (Method::PUT, ONE, "/api/notification/none", r#"{"text":"x"}"#, 404),
        (Method::DELETE, ONE, "/api/notification/none", "", 404),
        (
            Method::GET,
            &template("report"),
            "/api/notification/none/report",
            "",
            404,
        ),
        (
            Method::POST,
            &template("cancel"),
            "/api/notification/none/cancel",
            "",
            404,
        ),
        (
            Method::POST,
            &template("pause"),
            "/api/notification/none/pause",
            "",
            404,
        ),
        (
            Method::POST,
            &template("resume"),
            "/api/notification/none/resume",
            "",
            404,
        ),
    ] {
        let request = handler.request(method, path).body(body.to_owned());
        called(&described, template, request).await.expect(status);
    }
    let reused = handler
        .post(ALL, &json!({ "text": "another", "audience": to }))
        .header("idempotency-key", "once");
    called(&described, ALL, reused).await.expect(409);
    let huge = handler.post(ALL, &json!({ "text": "x".repeat(200_000), "audience": to }));
    called(&described, ALL, huge).await.expect(413);

    // Without the key, where one is needed.
    for (method, template, path) in [
        (Method::GET, ALL, ALL),
        (Method::POST, ALL, ALL),
        (Method::GET, ONE, one.as_str()),
        (Method::PUT, ONE, &one),
        (Method::DELETE, ONE, &one),
        (Method::GET, &template("report"), &report),
        (Method::POST, &template("cancel"), &cancel),
        (Method::POST, &template("pause"), &pause),
        (Method::POST, &template("resume"), &resume),
        (Method::GET, "/api/openapi.json", "/api/openapi.json"),
    ] {
        let request = handler.request(method, path).header("x-functions-key", "wrong");
        let answer = called(&described, template, without_first_key(request)).await;
        let problem = answer.problem(401);
        assert!(
            problem["detail"].as_str().unwrap().contains("x-functions-key"),
            "{problem}"
        );
    }
    called(
        &described,
        "/api/openapi.json",
        handler.request(Method::GET, "/api/openapi.json"),
    )
    .await
    .expect(200);
    called(
        &described,
        "/api/health",
        handler.request(Method::GET, "/api/health"),
    )
    .await
    .expect(200);
    let seen = described.seen();
    for (operation, statuses) in described.operations() {
        // What a healthy bot that is asked nothing impossible doesn't answer is left out.
        let others = ["304", "405", "408", "413", "414", "500", "503"];
        for status in statuses
            .iter()
            .filter(|status| !others.contains(&status.as_str()))
        {
            // Reading one that a newer version wrote; recalling twice by one key with different bodies, which have none.
            let changes = ["cancelNotification", "pauseNotification", "resumeNotification"];
            let changes_state = changes.contains(&&*operation);
            let rare = status == "409" && operation != "sendNotification" && !changes_state;
            // One that works has a test of its own below.
            let elsewhere = status == "202" && changes_state;
            let checked = seen.contains(&format!("{operation} {status}"));
            assert!(
                checked || rare || elsewhere,
                "{operation} {status} was not checked"
            );
        }
    }
}

/// A request's second header of a name is not looked at: this leaves only the last.
fn without_first_key(request: RequestBuilder) -> RequestBuilder {
    let (client, request) = request.build_split();
    let mut request = request.unwrap();
    let last = request
        .headers()
        .get_all("x-functions-key")
        .iter()
        .next_back()
        .cloned();
    if let Some(last) = last {
        request.headers_mut().insert("x-functions-key", last);
    }
    RequestBuilder::from_parts(client, request)
}

#[tokio::test]
async fn a_stopped_notification_is_resumed_and_cancelled_as_described() {
    let connector = crate::support::connector::Connector::start().await;
    let teams = crate::support::activities::Teams::at(&connector.service_url());
    let handler = crate::support::handler::serve(crate::support::room::Room::new())
        .set("NOTIFICATION_UNNAMED_LIMIT", "1")
        .start()
        .await;
    for n in 1..=2 {
        handler.receives(&teams.personal_install(n, 0)).await.expect(200);
    }
    let described = Described::by(&handler).await;
    let id = stopped(&handler, &described).await;
    let one = format!("{ALL}/{id}");
    called(&described, ONE, handler.request(Method::GET, &one))
        .await
        .expect(200);
    let list = called(
        &described,
        ALL,
        handler.request(Method::GET, "/api/notification?state=stopped"),
    )
    .await;
    assert_eq!(list.json()["notifications"][0]["id"], id);
    let resume = handler.request(Method::POST, &format!("{one}/resume"));
    called(&described, &format!("{ONE}/resume"), resume)
        .await
        .expect(202);
    let other = stopped(&handler, &described).await;
    let pause = handler.request(Method::POST, &format!("{ALL}/{other}/pause"));
    let paused = called(&described, &format!("{ONE}/pause"), pause).await;
    assert_eq!(paused.expect(202).json()["state"], "stopped");
    let cancel = handler.request(Method::POST, &format!("{ALL}/{other}/cancel"));
    called(&described, &format!("{ONE}/cancel"), cancel)
        .await
        .expect(202);
    assert_eq!(handler.ends(&other).await["state"], "cancelled");
}

/// What the schema of a body refuses is refused, and what it allows is not refused for its form.
#[tokio::test]
async fn the_schemas_of_bodies_say_what_is_accepted() {
    let (handler, _connector) = served(1).await;
    let described = Described::by(&handler).await;
    let schema = json!({ "$ref": "#/components/schemas/NotificationRequest" });
    let to = json!({ "users": [entra(1)] });
    for body in [
        json!({ "text": "x", "audience": to }),
        json!({ "card": "default", "data": {}, "summary": "s", "alert": true, "audience": to, "priority": "urgent",
            "onUncertain": "report", "expiresAt": "2126-11-25T10:00:00+01:00" }),
        json!({ "card": { "type": "AdaptiveCard", "version": "1.5", "body": [] }, "audience": { "all": true, "scopes": ["team"] } }),
        json!({ "text": "x", "card": null, "data": null, "priority": null, "audience": { "tenants": ["t"] } }),
    ] {
        described.allows(&schema, &body).unwrap();
        called(&described, ALL, handler.post(ALL, &body))
            .await
            .expect(202);
    }
    for body in [
        json!({ "audiance": to }),
        json!({ "text": "", "audience": to }),
        json!({ "text": 7 }),
        json!({ "card": 7 }),
        json!({ "data": "x" }),
        json!({ "alert": "yes" }),
        json!({ "summary": [] }),
        json!({ "priority": "high" }),
        json!({ "onUncertain": 1 }),
        json!({ "expiresAt": "tomorrow" }),
        json!({ "audience": {} }),
        json!({ "audience": null }),
        json!({ "audience": { "all": false } }),
        json!({ "text": "x", "card": "default", "audience": to }),
        json!({ "text": "x", "data": {}, "audience": to }),
        json!({ "audience": [] }),
        json!({ "audience": { "users": [] } }),
        json!({ "audience": { "users": null } }),
        json!({ "audience": { "users": [" "] } }),
        json!({ "audience": { "all": null } }),
        json!({ "audience": { "scopes": ["planet"] } }),
        json!({ "audience": { "user": ["u"] } }),
        json!([]),
    ] {
        assert!(described.allows(&schema, &body).is_err(), "{body}");
        called(&described, ALL, handler.post(ALL, &body))
            .await
            .expect(400);
    }
    // The examples are such bodies, and answers such answers.
    let examples =
        &described.document["paths"][ALL]["post"]["requestBody"]["content"]["application/json"]["examples"];
    for example in examples.as_object().unwrap().values() {
        described.allows(&schema, &example["value"]).unwrap();
    }
}

/// Schemas that are referred to are there, and those that are there are referred to.
#[tokio::test]
async fn the_description_is_whole() {
    let (handler, _connector) = served(0).await;
    let described = Described::by(&handler).await;
    let mut referred = Vec::new();
    collect(&described.document, &mut referred);
    for pointer in &referred {
        let found = described.document.pointer(pointer.trim_start_matches('#'));
        assert!(found.is_some(), "{pointer} leads nowhere");
    }
    for kind in ["schemas", "responses", "parameters", "headers"] {
        for name in described.document["components"][kind].as_object().unwrap().keys() {
            let pointer = format!("#/components/{kind}/{name}");
            assert!(referred.contains(&pointer), "nothing refers to {pointer}");
        }
    }
}

fn collect(value: &Value, found: &mut Vec<String>) {
    match value {
        Value::Object(properties) => {
            if let Some(pointer) = properties.get("$ref").and_then(Value::as_str) {
                found.push(pointer.to_owned());
            }
            properties.values().for_each(|value| collect(value, found));
        }
        Value::Array(items) => items.iter().for_each(|value| collect(value, found)),
        _ => {}
    }
}

#[tokio::test]
async fn the_golden_file_is_what_is_served() {
    let (handler, _connector) = served(0).await;
    let described = Described::by(&handler).await;
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/openapi.json");
    let text = serde_json::to_string_pretty(&described.document).unwrap() + "\n";
    if env::var_os("UPDATE_GOLDEN").is_some() {
        fs::write(&path, &text).unwrap();
    }
    assert!(
        fs::read_to_string(&path).unwrap() == text,
        "docs/openapi.json differs; if that is meant, run again with UPDATE_GOLDEN=1"
    );
    assert_eq!(described.document["info"]["version"], env!("CARGO_PKG_VERSION"));
}
