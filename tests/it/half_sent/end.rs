//! Asked to end amid half-sent requests: within 10 s, with nothing lost.

use super::{Half, some_of_each};
use crate::support::{
    connector::Connector,
    handler::{Handler, LOCAL_KEY, Signal, Start, custom, dev, run, serve},
    references::teamsfx,
    room::Room,
    wait,
};
use serde_json::json;
use std::{
    collections::HashSet,
    time::{Duration, Instant},
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

const PEOPLE: u32 = 300;
/// Container runtimes kill after 10 s; the rest is for a machine that runs much else.
const GRANTED: Duration = Duration::from_secs(14);

/// Ends it; its folder.
async fn ends_in_time(handler: Handler, signal: Signal) -> Room {
    let asked = Instant::now();
    let (status, room, output) = handler.stop(signal).await;
    let taken = asked.elapsed();
    assert_eq!(status.code(), Some(0), "{}", output.text());
    assert!(taken < GRANTED, "{taken:?}: {}", output.text());
    room
}

async fn room_of_everyone(connector: &Connector) -> Room {
    let room = Room::new();
    room.write("everyone.json", &teamsfx(&connector.service_url(), PEOPLE));
    run(&room, &["references", "import", "everyone.json"], &[], "")
        .await
        .success();
    room
}

async fn nothing_is_lost(start: impl Fn(Room) -> Start) {
    let connector = Connector::start().await;
    // Some posts are always under way.
    connector.take_time(Duration::from_millis(300));
    let start = |room| start(room).set("NOTIFICATION_RATE", "50");
    let handler = start(room_of_everyone(&connector).await).start().await;
    let id = handler
        .accepts(&json!({ "text": "hello", "audience": { "all": true }, "onUncertain": "report" }))
        .await;
    let open = some_of_each(&handler).await;
    wait::until("a part of the messages", async || {
        (connector.messages().len() >= 80).then_some(())
    })
    .await;
    let room = ends_in_time(handler, Signal::Term).await;
    drop(open);
    assert!(
        connector.messages().len() < PEOPLE as usize,
        "it was asked too late"
    );

    let handler = start(room).start().await;
    let status = handler.ends(&id).await;
    assert_eq!(status["counts"]["delivered"], PEOPLE, "{status}");
    assert_eq!(status["counts"]["uncertain"], 0, "{status}");
    let reached = connector.reached();
    let everyone: HashSet<_> = reached.iter().collect();
    assert_eq!(
        (reached.len(), everyone.len()),
        (PEOPLE as usize, PEOPLE as usize),
        "each once"
    );
}

#[tokio::test]
async fn serve_loses_nothing() {
    nothing_is_lost(serve).await;
}

#[tokio::test]
async fn the_custom_handler_loses_nothing() {
    nothing_is_lost(custom).await;
}

#[tokio::test]
async fn dev_ends_with_its_page_open() {
    for signal in [Signal::Term, Signal::Int] {
        let handler = dev(Room::new()).start().await;
        let mut open = some_of_each(&handler).await;
        let mut page = TcpStream::connect(("127.0.0.1", handler.port)).await.unwrap();
        page.write_all(b"GET /sandbox/live HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
            .await
            .unwrap();
        page.read_exact(&mut [0; 64]).await.unwrap();
        open.push(page);
        ends_in_time(handler, signal).await;
    }
}

/// What was sent whole before the end was asked for is answered and stored, whoever has read it by then.
#[tokio::test]
async fn complete_requests_are_answered_and_stored() {
    const CALLS: usize = 12;
    let connector = Connector::start().await;
    let handler = serve(room_of_everyone(&connector).await).start().await;
    let mut kept = Vec::new();
    for _ in 0..CALLS / 2 {
        kept.push(Half::Idle.open(handler.port).await);
    }
    let open = some_of_each(&handler).await;
    let mut calls = kept;
    while calls.len() < CALLS {
        calls.push(TcpStream::connect(("127.0.0.1", handler.port)).await.unwrap());
    }
    let body = json!({ "text": "hello", "audience": { "all": true } }).to_string();
    let request = format!(
        "POST /api/notification HTTP/1.1\r\nHost: x\r\nx-functions-key: {LOCAL_KEY}\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    );
    for call in &mut calls {
        call.write_all(request.as_bytes()).await.unwrap();
    }
    handler.signal(Signal::Term);
    let mut ids = Vec::new();
    for mut call in calls {
        let mut answer = String::new();
        let _ = call.read_to_string(&mut answer).await;
        let accepted = answer
            .split("HTTP/1.1 202 ")
            .nth(1)
            .unwrap_or_else(|| panic!("no 202: {answer:?}"));
        let body = accepted.split_once("\r\n\r\n").unwrap().1;
        let body: serde_json::Value = serde_json::from_str(body).unwrap();
        ids.push(body["id"].as_str().unwrap().to_owned());
    }
    let (status, room, output) = handler.after_signal().await;
    assert_eq!(status.code(), Some(0), "{}", output.text());
    drop(open);

    let handler = serve(room).set("NOTIFICATION_RATE", "1000").start().await;
    for id in ids {
        handler.status(&id).await;
    }
}

/// An answer of Teams that never comes takes the whole time; a second signal takes none.
#[tokio::test]
async fn a_second_signal_ends_at_once() {
    let connector = Connector::start().await;
    let handler = serve(room_of_everyone(&connector).await).start().await;
    connector.take_time(Duration::from_secs(600));
    handler
        .accepts(&json!({ "text": "hello", "audience": { "all": true } }))
        .await;
    let _open = some_of_each(&handler).await;
    handler.signal(Signal::Term);
    handler.says(&["stopping"]).await;
    let asked = Instant::now();
    let (status, ..) = handler.stop(Signal::Int).await;
    assert_eq!(status.code(), Some(0));
    assert!(asked.elapsed() < Duration::from_secs(6), "{:?}", asked.elapsed());
}

#[tokio::test]
async fn posts_that_never_end_and_half_sent_requests_together_have_the_same_bound() {
    let connector = Connector::start().await;
    let handler = serve(room_of_everyone(&connector).await).start().await;
    connector.take_time(Duration::from_secs(600));
    handler
        .accepts(&json!({ "text": "hello", "audience": { "all": true } }))
        .await;
    let _open = some_of_each(&handler).await;
    ends_in_time(handler, Signal::Term).await;
}
