//! CPU per card through the whole connector, against a trivial server in another process.
//!
//! `cargo run --release -p teams --example post_cpu -- [cards] [in flight]` starts itself a second time as the server,
//! so that the figure is the sender's alone. Reads CPU time from /proc, so Linux only.

#![allow(
    clippy::print_stdout,
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a measurement, not a product"
)]

use axum::http::StatusCode;
use futures::stream::{self, StreamExt};
use notify::{
    content::{Alert, Body, Content},
    ids::{ConversationId, ServiceUrl, UserId},
    ports::{Clock, Connector, Moment, Verdict},
    recipient::Recipient,
    target::Scope,
};
use std::{
    io::{BufRead, BufReader},
    process::{Command, Stdio},
    sync::Arc,
    time::{Duration, Instant},
};
use teams::{connector::TeamsConnector, settings::BotSettings, transport};

struct RealClock(Instant);

#[async_trait::async_trait]
impl Clock for RealClock {
    fn wall(&self) -> jiff::Timestamp {
        jiff::Timestamp::now()
    }
    fn now(&self) -> Moment {
        Moment::at(self.0.elapsed())
    }
    async fn sleep_until(&self, moment: Moment) {
        tokio::time::sleep(moment.since(self.now())).await;
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.first().map(String::as_str) {
        Some("serve") => serve(arguments[1].parse().unwrap()).await,
        first => {
            measure(
                first.map_or(50_000, |n| n.parse().unwrap()),
                arguments.get(1).map_or(64, |n| n.parse().unwrap()),
            )
            .await
        }
    }
}

async fn serve(latency_ms: u64) {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    println!("{}", listener.local_addr().unwrap());
    let answer = move |_: axum::body::Bytes| async move {
        if latency_ms > 0 {
            tokio::time::sleep(Duration::from_millis(latency_ms)).await;
        }
        (StatusCode::CREATED, "{\"id\":\"1767603800789\"}")
    };
    axum::serve(listener, axum::Router::new().fallback(answer))
        .await
        .unwrap();
}

async fn measure(cards: u32, in_flight: usize) {
    let latency = std::env::var("LATENCY_MS").unwrap_or_else(|_| "0".to_owned());
    let mut server = Command::new(std::env::current_exe().unwrap())
        .args(["serve", &latency])
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut address = String::new();
    BufReader::new(server.stdout.take().unwrap())
        .read_line(&mut address)
        .unwrap();
    let settings = BotSettings::read(&|_| None).unwrap();
    let http = transport::client(&|_| None).unwrap();
    let connector = TeamsConnector::new(&settings, None, &http, Arc::new(RealClock(Instant::now())));
    let service_url = ServiceUrl::from(format!("http://{}/emea/", address.trim()));
    let line =
        "{\"type\":\"TextBlock\",\"text\":\"Something happened that somebody should look at\",\"wrap\":true}";
    let card = format!(
        "{{\"type\":\"AdaptiveCard\",\"version\":\"1.5\",\"body\":[{}]}}",
        [line; 20].join(",")
    );
    let content = Content {
        body: Body::Card(card.as_str().into()),
        summary: Some("News".into()),
        alert: Alert::Toast,
    };
    let to = |n: u32| Recipient {
        n,
        tenant: "7e4a2222-2222-4222-8222-000000000002".into(),
        conversation: ConversationId::from(format!("a:1PersonalConversation{n:08}")),
        root: None,
        fallback: notify::recipient::Fallback::None,
        service_url: service_url.clone(),
        scope: Scope::Personal,
        user: Some(UserId::from(format!("29:1aBcUserPairwise{n:08}"))),
        entra: None,
        team: None,
        name: None,
        locale: None,
        version: None,
        certainty: notify::recipient::Certainty::Known,
        block: notify::recipient::BlockMark::None,
        activity: None,
        settled: None,
    };
    // Connections and caches first.
    stream::iter(0..1000)
        .for_each_concurrent(in_flight, |n| post(&connector, to(n), &content))
        .await;
    let (cpu, wall) = (cpu_ticks(), Instant::now());
    stream::iter(0..cards)
        .for_each_concurrent(in_flight, |n| post(&connector, to(n), &content))
        .await;
    let (cpu, wall) = (cpu_ticks() - cpu, wall.elapsed());
    server.kill().unwrap();
    server.wait().unwrap();
    let micros = f64::from(u32::try_from(cpu).unwrap()) * 10_000.0 / f64::from(cards);
    println!(
        "{cards} cards of {} bytes, {in_flight} in flight, latency {latency} ms",
        card.len()
    );
    println!(
        "{micros:.1} µs CPU per card, {:.0} cards/s",
        f64::from(cards) / wall.as_secs_f64()
    );
}

async fn post(connector: &TeamsConnector, to: Recipient, content: &Content) {
    let answer = connector.post(&to, content).await;
    assert!(
        matches!(answer.verdict, Verdict::Delivered(Some(_))),
        "{answer:?}"
    );
}

/// User and system time of this process, in ticks of 10 ms.
fn cpu_ticks() -> u64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap();
    let fields: Vec<&str> = stat.rsplit_once(')').unwrap().1.split_whitespace().collect();
    fields[11].parse::<u64>().unwrap() + fields[12].parse::<u64>().unwrap()
}
