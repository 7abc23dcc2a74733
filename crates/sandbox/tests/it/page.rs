//! The page is served whole, and its live stream tells what happens.

use sandbox::{Renderer, SandboxConfig};
use serde_json::Value;
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::TcpStream;

use crate::rig::{HELLO, Rig};

#[tokio::test]
async fn the_page_and_its_parts_are_served_from_here_only() {
    let rig = Rig::default().await;
    let (status, head, html) = rig.call("GET", "/", "", "").await;
    assert!(
        status == 200 && head.contains("text/html") && head.contains("content-security-policy"),
        "{head}"
    );
    let mut text = html;
    for part in [
        "page.css",
        "page.js",
        "cards.js",
        "look.js",
        "plain.js",
        "switches.js",
    ] {
        let (status, _, body) = rig.call("GET", &format!("/sandbox/{part}"), "", "").await;
        assert_eq!(status, 200, "{part}");
        text.push_str(&body);
    }
    assert!(!text.contains("src=\"http") && !text.contains("url(http") && !text.contains("from \"http"));
}

#[tokio::test]
async fn the_renderer_may_turn_up_later() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("adaptivecards.min.js");
    let config = SandboxConfig {
        renderer: Renderer::File(file.clone()),
        ..SandboxConfig::default()
    };
    let rig = Rig::start(config).await;
    let (_, state) = rig.json("GET", "/sandbox/renderer", "").await;
    assert_eq!(state["available"], false);
    assert!(state["hint"].as_str().unwrap().contains("npm"));
    assert_eq!(rig.json("GET", "/sandbox/adaptivecards.js", "").await.0, 404);
    std::fs::write(&file, "window.AdaptiveCards = {};").unwrap();
    assert_eq!(
        rig.json("GET", "/sandbox/renderer", "").await.1["available"],
        true
    );
    let (status, head, body) = rig.call("GET", "/sandbox/adaptivecards.js", "", "").await;
    assert!(status == 200 && head.contains("javascript") && body.contains("AdaptiveCards"));
}

/// Reads events of the live stream until one pleases.
async fn until(reader: &mut BufReader<TcpStream>, pleases: impl Fn(&Value) -> bool) -> Value {
    let wait = async {
        loop {
            let mut line = String::new();
            assert_ne!(reader.read_line(&mut line).await.unwrap(), 0, "the stream ended");
            let Some(data) = line.strip_prefix("data: ") else {
                continue;
            };
            let event: Value = serde_json::from_str(data).unwrap();
            if pleases(&event) {
                return event;
            }
        }
    };
    tokio::time::timeout(std::time::Duration::from_secs(10), wait)
        .await
        .expect("the event came")
}

#[tokio::test]
async fn the_live_stream_begins_with_everything_and_goes_on_with_changes() {
    let rig = Rig::default().await;
    let [personal, ..] = rig.ids();
    let path = Rig::path(&personal, "activities");
    rig.json("POST", &path, HELLO).await;
    let mut stream = TcpStream::connect(&rig.address).await.unwrap();
    stream
        .write_all(b"GET /sandbox/live HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n")
        .await
        .unwrap();
    let mut reader = BufReader::new(stream);
    let snapshot = until(&mut reader, |event| event["kind"] == "snapshot").await;
    assert_eq!(snapshot["conversations"].as_array().unwrap().len(), 4);
    assert_eq!(
        snapshot["switches"],
        rig.json("GET", "/sandbox/switches", "").await.1
    );
    let id = snapshot["conversations"][0]["entries"][0]["id"]
        .as_str()
        .unwrap()
        .to_owned();

    rig.json("POST", &path, HELLO).await;
    let entry = until(&mut reader, |event| event["kind"] == "entry").await;
    assert_eq!(
        (
            entry["conversation"].as_str(),
            entry["entry"]["activity"]["text"].as_str()
        ),
        (Some(&*personal), Some("hello"))
    );

    let one = Rig::path(&personal, &format!("activities/{id}"));
    rig.json("PUT", &one, &HELLO.replace("hello", "edited")).await;
    let edited = until(&mut reader, |event| event["entry"]["state"] == "edited").await;
    assert_eq!(edited["entry"]["activity"]["text"], "edited");
    rig.json("DELETE", &one, "").await;
    until(&mut reader, |event| {
        event["entry"]["state"] == "deleted" && event["entry"]["id"] == *id
    })
    .await;

    rig.json("POST", &Rig::control(&personal, "block"), "").await;
    until(&mut reader, |event| event["conversation"]["blocked"] == true).await;
    rig.json("POST", &path, HELLO).await;
    let refused = until(&mut reader, |event| event["entry"]["author"]["tone"] == "problem").await;
    assert!(
        refused["entry"]["activity"]["text"]
            .as_str()
            .unwrap()
            .contains("403 MessageWritesBlocked")
    );

    let once = serde_json::json!({ "conversation": personal }).to_string();
    rig.json("POST", "/sandbox/switches/strayNotFound", &once).await;
    let on = until(&mut reader, |event| event["kind"] == "switches").await;
    assert_eq!(
        (on["on"][0]["name"].as_str(), on["on"][0]["requestsLeft"].as_u64()),
        (Some("strayNotFound"), Some(1))
    );
    rig.json("POST", &path, HELLO).await;
    let off = until(&mut reader, |event| event["kind"] == "switches").await;
    assert_eq!(off["on"], serde_json::json!([]));

    rig.sandbox.close_streams();
    let mut rest = String::new();
    let end = tokio::io::AsyncReadExt::read_to_string(&mut reader, &mut rest);
    tokio::time::timeout(std::time::Duration::from_secs(10), end)
        .await
        .expect("the stream ended")
        .unwrap();
}
