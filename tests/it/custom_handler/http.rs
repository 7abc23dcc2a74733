//! HTTP functions, as the host forwards, proxies or wraps them.

use super::bot;
use crate::support::{
    activities::{Teams, personal},
    connector::Connector,
    handler::custom,
    http::{Answer, chunked, client},
    references::conversations,
    room::Room,
};
use reqwest::Method;
use serde_json::json;
use std::{net::TcpListener, time::Duration};

#[tokio::test]
async fn the_ping_is_answered_before_anything_slow() {
    // A storage account that takes connections and never answers.
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let endpoint = format!("http://{}/devstoreaccount1", silent.local_addr().unwrap());
    let account = format!(
        "DefaultEndpointsProtocol=http;AccountName=devstoreaccount1;AccountKey=c2VjcmV0;BlobEndpoint={endpoint};QueueEndpoint={endpoint}"
    );
    let handler = custom(Room::new())
        .set("AzureWebJobsStorage", account)
        .start()
        .await;
    assert!(
        handler.started.elapsed() < Duration::from_secs(10),
        "{:?}",
        handler.started.elapsed()
    );
    // Pings come again later, and are no user's traffic.
    for _ in 0..3 {
        Answer::to(client().get(handler.url("/")).timeout(Duration::from_secs(5))).await;
    }
}

#[tokio::test]
async fn only_this_machine_is_listened_to() {
    let (handler, _, _) = bot().await;
    let port = format!(":{:04X}", handler.port);
    let listening = |table: &str| -> Vec<String> {
        let text = std::fs::read_to_string(table).unwrap_or_default();
        let sockets = text
            .lines()
            .filter_map(|line| line.split_whitespace().nth(1).map(str::to_owned));
        sockets.filter(|local| local.ends_with(&port)).collect()
    };
    assert!(
        listening("/proc/net/tcp")
            .iter()
            .all(|local| local.starts_with("0100007F:"))
    );
    assert_eq!(listening("/proc/net/tcp6"), Vec::<String>::new());
}

#[tokio::test]
async fn what_the_host_adds_to_a_forwarded_request_is_taken() {
    let (handler, connector, teams) = bot().await;
    handler.receives(&teams.personal_install(1, 0)).await.expect(200);
    let request = client()
        .post(handler.url("/api/notification?code=planted-code&clientId=a%2Cb"))
        .header("host", "bot.example.com")
        .header("user-agent", "curl/8.0 Azure-Functions-Host/4.1037.0.0")
        .header("x-azure-functions-hostversion", "4.1037.0.0")
        .header(
            "x-azure-functions-invocationid",
            "made-up-by-the-client, 2f9d6c9e-1111-4111-8111-000000000001",
        )
        .header("x-forwarded-for", "203.0.113.7:1234")
        .header("x-forwarded-proto", "https")
        .header("x-functions-key", "planted-key")
        .body("");
    let answer = Answer::to(request).await.expect(202);
    handler.ends(answer.json()["id"].as_str().unwrap()).await;
    assert_eq!(connector.reached(), [personal(1)]);
}

#[tokio::test]
async fn a_chunked_body_as_a_proxy_streams_it_is_taken() {
    let (handler, _connector, teams) = bot().await;
    let text = teams.personal_install(1, 0).to_string();
    let (head, tail) = text.split_at(text.len() / 2);
    let answer = chunked(handler.port, vec![head.to_owned(), tail.to_owned()]).await;
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    assert_eq!(conversations(&handler.room), [personal(1)]);
}

#[tokio::test]
async fn an_unknown_path_is_not_found_and_a_wrong_verb_is_refused() {
    let (handler, _, _) = bot().await;
    for path in ["/api/nothing", "/nothing", "/api/notification/x/y/z"] {
        let answer = Answer::to(handler.post(path, &json!({}))).await;
        assert!((400..500).contains(&answer.status), "{path}: {answer:#?}");
    }
    for verb in [Method::GET, Method::PUT, Method::DELETE, Method::HEAD] {
        let answer = Answer::to(handler.request(verb.clone(), "/api/messages")).await;
        assert_eq!(answer.status, 405, "{verb}");
    }
}

#[tokio::test]
async fn http_in_an_envelope_is_answered_in_one() {
    let connector = Connector::start().await;
    let handler = custom(Room::new()).start().await;
    let activity = Teams::at(&connector.service_url()).personal_install(1, 0);
    let envelope = json!({
        "Data": { "req": {
            "Url": "https://bot.example.com/api/messages", "Method": "POST", "Query": {}, "Params": {},
            "Headers": { "Host": ["bot.example.com"], "Content-Type": ["application/json"] },
            "Identities": [], "Body": activity.to_string(),
        } },
        "Metadata": { "sys": { "MethodName": "messageHandler", "UtcNow": "2026-11-22T10:00:00.1234567Z", "RandGuid": "5b1f6c1e-7c1d-4c39-9a52-3f1f0f5d8e11" } },
    });
    let answer = Answer::to(handler.post("/messageHandler", &envelope))
        .await
        .expect(200);
    assert!(
        answer.header("content-type").starts_with("application/json"),
        "{answer:#?}"
    );
    let status = answer.json()["Outputs"]["res"]["statusCode"].clone();
    assert!(status == 200 || status == "200", "{answer:#?}");
    assert_eq!(conversations(&handler.room), [personal(1)]);
}
