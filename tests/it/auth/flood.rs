//! Hundreds of requests that nobody signed: they cost no memory to speak of, and keep no good one out.

use super::Bot;
use crate::support::{
    activities::{Teams, personal},
    connector::Connector,
    entra::Entra,
    handler::{Handler, Start, custom, serve},
    http::{Answer, client},
    references::conversations,
    room::Room,
    rsa, wait,
};
use reqwest::{Client, Method};
use serde_json::Value;
use std::time::Duration;

/// What the handler may need at most, whoever asks: bytes.
const MOST_MEMORY: u64 = 96 * 1024 * 1024;
/// Requests of one flood.
const FLOOD: usize = 200;
/// Size of each, bytes: the largest that is read.
const SIZE: usize = 256 * 1024;

/// A handler that has read no keys yet, whose keys take a second.
struct Cold {
    handler: Handler,
    entra: Entra,
    connector: Connector,
    teams: Teams,
}

impl Cold {
    async fn start(start: fn(Room) -> Start) -> Self {
        let entra = Entra::start().await;
        let connector = Connector::start().await;
        let handler = start(Room::new())
            .settings(entra.settings(connector.host()))
            .start()
            .await;
        entra.take_time_for_keys(Duration::from_secs(1));
        Self {
            teams: Teams::at(&connector.service_url()),
            handler,
            entra,
            connector,
        }
    }

    fn token(&self) -> crate::support::jwt::Token {
        Entra::token(&self.connector.service_url())
    }
}

/// JSON of so many bytes, a tree of a hundred times that.
fn bulk(bytes: usize) -> String {
    let piece = r#"{"":0}"#;
    format!("[{}]", vec![piece; bytes / (piece.len() + 1)].join(","))
}

/// A request as large as may be.
fn bulky() -> String {
    format!(r#"{{"type":"message","x":{}}}"#, bulk(SIZE - 32))
}

/// Sends one request `count` times at once; `authorization` says what the nth one shows.
fn flood(
    handler: &Handler,
    count: usize,
    authorization: impl Fn(usize) -> Option<String>,
) -> Vec<tokio::task::JoinHandle<u16>> {
    let body = bytes::Bytes::from(bulky());
    let (client, url): (Client, _) = (client(), handler.url("/api/messages"));
    (0..count)
        .map(|n| {
            let mut request = client
                .request(Method::POST, &url)
                .header("x-azure-functions-invocationid", uuid::Uuid::new_v4().to_string())
                .header("content-type", "application/json")
                .body(body.clone());
            if let Some(authorization) = authorization(n) {
                request = request.header("authorization", authorization);
            }
            tokio::spawn(async move { Answer::to(request).await.status })
        })
        .collect()
}

async fn statuses(flood: Vec<tokio::task::JoinHandle<u16>>) -> Vec<u16> {
    let joined = futures::future::join_all(flood).await;
    joined.into_iter().map(Result::unwrap).collect()
}

#[track_caller]
fn stayed_small(handler: &Handler) {
    let peak = handler.peak_memory();
    assert!(
        peak <= MOST_MEMORY,
        "the handler needed {:.1} MiB",
        peak as f64 / 1_048_576.0
    );
}

/// Everything in these tokens is right but the signature: only the keys can tell.
async fn forged_tokens_at_a_cold_start(start: fn(Room) -> Start, count: usize) {
    let cold = Cold::start(start).await;
    let forged = cold.token();
    let flood = flood(&cold.handler, count, |n| {
        let token = forged.clone().claim("n", n).signed_by(&rsa::FOREIGN);
        Some(format!("Bearer {token}"))
    });
    // The flood has brought the keys' first reading about: now all wait.
    wait::until("the keys are asked for", async || {
        (cold.entra.metadata_reads() > 0).then_some(())
    })
    .await;
    let install = cold.teams.personal_install(1, 0);
    let bearer = format!("Bearer {}", cold.token().signed());
    cold.handler.receives_with(&install, &bearer).await.expect(200);
    let statuses = statuses(flood).await;
    assert!(
        statuses.iter().all(|status| [401, 503].contains(status)),
        "{statuses:?}"
    );
    assert_eq!(conversations(&cold.handler.room), [personal(1)]);
    assert_eq!(
        (cold.entra.metadata_reads(), cold.entra.key_reads()),
        (1, 1),
        "one reading serves all"
    );
    stayed_small(&cold.handler);
}

#[tokio::test]
async fn forged_tokens_at_a_cold_start_need_no_memory_and_keep_nobody_out() {
    forged_tokens_at_a_cold_start(custom, FLOOD).await;
}

#[tokio::test]
async fn the_same_through_serve() {
    forged_tokens_at_a_cold_start(serve, FLOOD).await;
}

#[tokio::test]
async fn many_more_forged_tokens_do_not_keep_a_good_one_out_either() {
    forged_tokens_at_a_cold_start(custom, 5 * FLOOD).await;
}

#[tokio::test]
async fn without_a_token_or_with_garbage_nothing_is_read_and_no_key_is_asked_for() {
    let tokens: [fn(&Cold) -> Option<String>; 4] = [
        |_| None,
        |_| Some("Bearer x.y.z".to_owned()),
        |cold| {
            let expired = cold.token().claim("exp", 1_000_000_000);
            Some(format!("Bearer {}", expired.signed_by(&rsa::FOREIGN)))
        },
        |cold| {
            let elsewhere = cold.token().claim("aud", "another");
            Some(format!("Bearer {}", elsewhere.signed_by(&rsa::FOREIGN)))
        },
    ];
    for start in [custom, serve] {
        for token in tokens {
            let cold = Cold::start(start).await;
            let shown = token(&cold);
            let statuses = statuses(flood(&cold.handler, FLOOD, |_| shown.clone())).await;
            assert!(statuses.iter().all(|status| *status == 401), "{statuses:?}");
            assert_eq!(cold.entra.metadata_reads(), 0);
            stayed_small(&cold.handler);
        }
    }
}

/// Keys that are known go on being known, whatever names others make up.
#[tokio::test]
async fn made_up_keys_make_nobody_wait() {
    let bot = Bot::start().await;
    let bearer = format!("Bearer {}", bot.token().signed());
    let install = bot.teams.personal_install(1, 0);
    bot.handler.receives_with(&install, &bearer).await.expect(200);
    bot.entra.take_time_for_keys(Duration::from_secs(600));
    let made_up = bot.token();
    let flood = flood(&bot.handler, FLOOD, |n| {
        let token = made_up.clone().kid(&format!("made-up-{n}"));
        Some(format!("Bearer {}", token.signed_by(&rsa::FOREIGN)))
    });
    for n in 2..6 {
        let install = bot.teams.personal_install(n, 0);
        bot.handler.receives_with(&install, &bearer).await.expect(200);
    }
    let statuses = statuses(flood).await;
    assert!(statuses.iter().all(|status| *status == 401), "{statuses:?}");
    stayed_small(&bot.handler);
}

/// The refusal comes from the headers: a body that was never sent is not waited for to decide, and one that is sent
/// is heard out, so that its sender hears the answer.
#[tokio::test]
async fn a_refusal_is_heard_by_those_who_send_first_and_read_later() {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    let bot = Bot::start().await;
    for length in [SIZE, 3 << 20] {
        let mut socket = tokio::net::TcpStream::connect(("127.0.0.1", bot.handler.port))
            .await
            .unwrap();
        let head = format!(
            "POST /api/messages HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-length: {length}\r\n\r\n"
        );
        socket.write_all(head.as_bytes()).await.unwrap();
        let piece = vec![b'x'; SIZE];
        for _ in 0..length / piece.len() {
            socket.write_all(&piece).await.unwrap();
        }
        let mut answer = String::new();
        socket.read_to_string(&mut answer).await.unwrap();
        assert!(answer.starts_with("HTTP/1.1 401"), "{length}: {answer}");
    }
}

/// A caller without a valid token is answered so first, whatever the body is.
#[tokio::test]
async fn headers_are_judged_before_the_body() {
    let bot = Bot::start().await;
    let post = |body: Vec<u8>| {
        bot.handler
            .request(Method::POST, "/api/messages")
            .header("content-type", "application/json")
            .body(body)
    };
    let good = format!("Bearer {}", bot.token().signed());
    let expired = format!("Bearer {}", bot.token().claim("exp", 1_000_000_000).signed());
    for (body, with_good) in [(b"{".to_vec(), 400), (vec![b' '; SIZE + 1], 413)] {
        Answer::to(post(body.clone())).await.expect(401);
        Answer::to(post(body.clone()).header("authorization", &expired))
            .await
            .expect(401);
        Answer::to(post(body).header("authorization", &good))
            .await
            .expect(with_good);
    }
    let value: Value = bot.teams.personal_install(1, 0);
    let elsewhere = bot
        .token()
        .claim("serviceurl", "https://evil.example.com/")
        .signed();
    let answer = bot
        .handler
        .receives_with(&value, &format!("Bearer {elsewhere}"))
        .await;
    answer.expect(403);
    let verb = bot
        .handler
        .request(Method::PUT, "/api/messages")
        .body(vec![b' '; SIZE]);
    Answer::to(verb).await.expect(405);
}

/// Whoever is let in (in local development that is anybody on this machine) waits for the store with all that they
/// brought: activities are bounded together, and whoever finds no room is asked to try again.
#[tokio::test]
async fn activities_that_wait_for_the_store_are_bounded_together() {
    // A storage account that takes connections and never answers.
    let silent = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let endpoint = format!("http://{}/devstoreaccount1", silent.local_addr().unwrap());
    let account = format!(
        "DefaultEndpointsProtocol=http;AccountName=devstoreaccount1;AccountKey=c2VjcmV0;BlobEndpoint={endpoint};QueueEndpoint={endpoint}"
    );
    let handler = custom(Room::new())
        .set("AzureWebJobsStorage", account)
        .start()
        .await;
    let teams = Teams::at("http://127.0.0.1:1/");
    let requests = (1..=60).map(|n| {
        let mut install = teams.personal_install(n, 0);
        install["x"] = "HERE".into();
        let install = install.to_string();
        let body = install.replace("\"HERE\"", &bulk(SIZE - install.len()));
        let request = handler.request(Method::POST, "/api/messages").body(body);
        async move { Answer::to(request).await.status }
    });
    let statuses = futures::future::join_all(requests).await;
    assert!(statuses.iter().all(|status| *status == 503), "{statuses:?}");
    stayed_small(&handler);
}
