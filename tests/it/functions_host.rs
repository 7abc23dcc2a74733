//! The binary as a child of the Functions host's double: HTTP forwarded and proxied, the timer.

use crate::support::{
    activities::{Teams, personal},
    connector::Connector,
    http::{Answer, client, json},
    local,
    room::Room,
    wait,
};
use functions_host::{
    ForwardingMode, FunctionsHost, HandlerLine, KeyPolicy, LineSink, LineSource, Running, Severity, StopMode,
    TimerStart,
};
use reqwest::Method;
use serde_json::Value;
use std::{
    sync::{Arc, Mutex},
    time::Duration,
};
use tokio::net::TcpListener;

const KEY: &str = "planted-host-key";

type Lines = Arc<Mutex<Vec<HandlerLine>>>;

/// A started host with the binary behind it.
struct Host {
    running: Option<Running>,
    base: String,
    lines: Lines,
    room: Room,
}

impl Host {
    async fn start(mode: ForwardingMode) -> Self {
        let room = Room::new();
        let lines: Lines = Arc::default();
        let sink = Arc::clone(&lines);
        let host = FunctionsHost::from_dir(room.folder())
            .settings(local::bare())
            .mode(mode)
            .keys(KeyPolicy::enforced(KEY))
            .timers(TimerStart::Off)
            .lines(LineSink::new(move |line| sink.lock().unwrap().push(line.clone())))
            .build()
            .unwrap();
        assert!(
            host.project().problems().is_empty(),
            "{:?}",
            host.project().problems()
        );
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        let router = host.router();
        tokio::spawn(functions_host::serve(listener, router, std::future::pending()));
        let running = host.start().unwrap();
        running.ready().await.unwrap();
        Self {
            running: Some(running),
            base,
            lines,
            room,
        }
    }

    fn running(&self) -> &Running {
        self.running.as_ref().unwrap()
    }
}

async fn a_whole_day(mode: ForwardingMode) {
    let connector = Connector::start().await;
    let teams = Teams::at(&connector.service_url());
    let mut host = Host::start(mode).await;
    let messages = format!("{}/api/messages", host.base);
    let notification = format!("{}/api/notification", host.base);

    // Anonymous, and the body arrives whole.
    for n in 1..=2 {
        Answer::to(json(Method::POST, &messages, &teams.personal_install(n, 0)))
            .await
            .expect(200);
    }
    assert_eq!(
        crate::support::references::conversations(&host.room),
        [personal(1), personal(2)]
    );
    // A verb that function.json doesn't list is not found; the key is demanded by the host.
    Answer::to(client().get(&messages)).await.expect(404);
    Answer::to(client().post(&notification)).await.expect(401);

    let post = client()
        .post(&notification)
        .header("x-functions-key", KEY)
        .body(r#"{"text":"hello"}"#);
    let accepted = Answer::to(post).await.expect(202).json();
    let path = accepted["links"]["self"].as_str().unwrap();
    wait::until("the notification ends", async || {
        let answer = Answer::to(client().get(format!("{}{path}?code={KEY}", host.base)))
            .await
            .expect(200);
        (answer.json()["state"] == "finished").then_some(())
    })
    .await;
    assert_eq!(connector.reached(), [personal(1), personal(2)]);
    // What the handler refuses passes through unchanged.
    let refused = client()
        .post(&notification)
        .header("x-functions-key", KEY)
        .body("{");
    Answer::to(refused).await.problem(400);

    let tick = host.running().trigger_timer("timerTrigger").await.unwrap();
    assert_eq!(tick.attempts, 1);
    wait::until("the timer's cards", async || {
        (connector.messages().len() == 4).then_some(())
    })
    .await;

    host.running
        .take()
        .unwrap()
        .stop(StopMode::Terminate {
            grace: Duration::from_secs(20),
        })
        .await;
    let lines = host.lines.lock().unwrap();
    for line in lines.iter() {
        assert_ne!(line.severity, Severity::Error, "{line:?}");
        assert!(!line.text.contains(KEY), "{line:?}");
    }
    let printed: Vec<_> = lines
        .iter()
        .filter(|line| line.source == LineSource::Stdout)
        .collect();
    assert!(!printed.is_empty());
    for line in printed {
        let event = serde_json::from_str::<Value>(&line.text);
        assert!(event.is_ok_and(|event| event.is_object()), "{line:?}");
    }
}

#[tokio::test]
async fn behind_a_host_that_forwards() {
    a_whole_day(ForwardingMode::Forward).await;
}

#[tokio::test]
async fn behind_a_host_that_proxies() {
    a_whole_day(ForwardingMode::Proxy).await;
}

#[tokio::test]
async fn behind_a_host_that_wraps_http_in_envelopes() {
    a_whole_day(ForwardingMode::Envelope).await;
}
