//! More half-sent requests than the process may have files open.

use super::Half;
use crate::support::{
    activities::Teams,
    connector::Connector,
    handler::{Handler, LOCAL_KEY, dev, serve},
    http::{Answer, client},
    room::Room,
};
use reqwest::Method;
use serde_json::json;
use std::time::{Duration, Instant};
use tokio::{io::AsyncWriteExt, net::TcpStream};

/// What an honest client waits at most, on a machine that runs much else. Without a limit it waits for ever.
const PROMPT: Duration = Duration::from_secs(10);

/// Each of these connections is its caller's first.
async fn honest_calls_are_answered(handler: &Handler, teams: &Teams, what: &str) {
    let begun = Instant::now();
    let asked = client()
        .get(handler.url("/api/notification/none"))
        .header("x-functions-key", LOCAL_KEY)
        .timeout(PROMPT);
    let answer = Answer::try_to(asked).await;
    assert_eq!(answer.map(|answer| answer.status).ok(), Some(404), "{what}");
    let installs = handler
        .post("/api/messages", &teams.personal_install(1, 0))
        .timeout(PROMPT);
    let answer = Answer::try_to(installs).await;
    assert_eq!(answer.map(|answer| answer.status).ok(), Some(200), "{what}");
    assert!(begun.elapsed() < 2 * PROMPT, "{what}: {:?}", begun.elapsed());
}

async fn crowd(descriptors: u32, clients: usize) {
    let connector = Connector::start().await;
    let teams = Teams::at(&connector.service_url());
    let handler = serve(Room::new()).descriptors(descriptors).start().await;
    for half in Half::ALL {
        let mut open = Vec::with_capacity(clients);
        for _ in 0..clients {
            // A kept connection needs an answer, which is what the others must get too.
            open.push(half.open(handler.port).await);
        }
        honest_calls_are_answered(&handler, &teams, &format!("{clients} times {half:?}")).await;
    }
    // It works on, and what it acknowledged is stored.
    let answer = Answer::to(handler.request(Method::GET, "/api/notification/none")).await;
    answer.problem(404);
    let status = handler
        .sends(&json!({ "text": "hello", "audience": { "all": true } }))
        .await;
    assert_eq!(status["counts"]["delivered"], 1, "{status}");
}

#[tokio::test]
async fn eleven_hundred_half_sent_requests_disturb_nobody() {
    crowd(1024, 1100).await;
}

#[tokio::test]
async fn nor_do_a_hundred_where_files_are_few() {
    crowd(64, 100).await;
}

#[tokio::test]
async fn all_kinds_together_disturb_nobody() {
    let connector = Connector::start().await;
    let teams = Teams::at(&connector.service_url());
    let handler = serve(Room::new()).descriptors(1024).start().await;
    let mut open = Vec::new();
    for _ in 0..200 {
        for half in Half::ALL {
            open.push(half.open(handler.port).await);
        }
    }
    honest_calls_are_answered(&handler, &teams, "200 of each").await;
}

/// The page's streams are no half-sent requests; but where too many are open, one goes for a newcomer.
#[tokio::test]
async fn nor_do_eleven_hundred_pages() {
    let handler = dev(Room::new()).descriptors(1024).start().await;
    let mut open = Vec::new();
    for _ in 0..1100 {
        let mut page = TcpStream::connect(("127.0.0.1", handler.port)).await.unwrap();
        page.write_all(b"GET /sandbox/live HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
            .await
            .unwrap();
        open.push(page);
    }
    let asked = client().get(handler.url("/nothing")).timeout(2 * PROMPT);
    let answer = Answer::try_to(asked).await;
    assert_eq!(answer.map(|answer| answer.status).ok(), Some(404));
}
