//! A sandbox and a bot on loopback sockets, and a plain HTTP client.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::routing::post;
use axum::{Json, Router};
use sandbox::{DeliveryPolicy, Sandbox, SandboxConfig};
use serde_json::Value;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

/// What the bot saw, and what it answers next (then 200).
#[derive(Clone, Default)]
pub(crate) struct Bot {
    pub(crate) seen: Arc<Mutex<Vec<(HeaderMap, Value)>>>,
    pub(crate) answers: Arc<Mutex<VecDeque<(u16, Value)>>>,
}

impl Bot {
    pub(crate) fn activities(&self) -> Vec<Value> {
        self.seen
            .lock()
            .unwrap()
            .iter()
            .map(|(_, activity)| activity.clone())
            .collect()
    }

    /// What came since the last call.
    pub(crate) fn take(&self) -> Vec<Value> {
        self.seen
            .lock()
            .unwrap()
            .drain(..)
            .map(|(_, activity)| activity)
            .collect()
    }

    pub(crate) fn answer(&self, status: u16, body: Value) {
        self.answers.lock().unwrap().push_back((status, body));
    }
}

async fn receive(
    State(bot): State<Bot>,
    headers: HeaderMap,
    Json(activity): Json<Value>,
) -> (StatusCode, Json<Value>) {
    bot.seen.lock().unwrap().push((headers, activity));
    let (status, body) = bot
        .answers
        .lock()
        .unwrap()
        .pop_front()
        .unwrap_or((200, Value::Null));
    (StatusCode::from_u16(status).unwrap(), Json(body))
}

pub(crate) struct Rig {
    pub(crate) sandbox: Sandbox,
    pub(crate) bot: Bot,
    pub(crate) address: String,
}

async fn serve(router: Router) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap().to_string();
    tokio::spawn(axum::serve(listener, router).into_future());
    address
}

impl Rig {
    pub(crate) async fn start(config: SandboxConfig) -> Self {
        let bot = Bot::default();
        let app = Router::new()
            .route("/api/messages", post(receive))
            .with_state(bot.clone());
        let bot_address = serve(app).await;
        let delivery = DeliveryPolicy {
            first_wait: std::time::Duration::from_millis(1),
            ..DeliveryPolicy::default()
        };
        let sandbox = Sandbox::new(SandboxConfig {
            bot_endpoint: format!("http://{bot_address}/api/messages"),
            delivery,
            ..config
        })
        .unwrap();
        let address = serve(sandbox.router()).await;
        sandbox
            .set_service_url(&format!("http://{address}/_connector/"))
            .unwrap();
        Self {
            sandbox,
            bot,
            address,
        }
    }

    pub(crate) async fn default() -> Self {
        Self::start(SandboxConfig::default()).await
    }

    /// personal, group, General, Alerts
    pub(crate) fn ids(&self) -> [String; 4] {
        self.sandbox.conversations(4).try_into().unwrap()
    }

    /// Sends one request on a connection of its own; everything that came back, or `None` if nothing did.
    pub(crate) async fn raw(&self, request: &[u8]) -> Option<String> {
        let mut stream = TcpStream::connect(&self.address).await.unwrap();
        stream.write_all(request).await.unwrap();
        let mut answer = Vec::new();
        let read = stream.read_to_end(&mut answer).await;
        (read.is_ok() && !answer.is_empty()).then(|| String::from_utf8_lossy(&answer).into_owned())
    }

    pub(crate) async fn call(
        &self,
        method: &str,
        path: &str,
        headers: &str,
        body: &str,
    ) -> (u16, String, String) {
        let request = format!(
            "{method} {path} HTTP/1.1\r\nhost: {}\r\nconnection: close\r\ncontent-length: {}\r\n{headers}\r\n{body}",
            self.address,
            body.len()
        );
        let answer = self.raw(request.as_bytes()).await.expect("an answer");
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        let status = head.split(' ').nth(1).unwrap().parse().unwrap();
        (status, head.to_lowercase(), body.to_owned())
    }

    pub(crate) async fn json(&self, method: &str, path: &str, body: &str) -> (u16, Value) {
        let (status, _, text) = self.call(method, path, "", body).await;
        (status, serde_json::from_str(&text).unwrap_or(Value::Null))
    }

    pub(crate) fn path(id: &str, rest: &str) -> String {
        let id = id
            .replace(':', "%3A")
            .replace('@', "%40")
            .replace(';', "%3B")
            .replace('=', "%3D");
        format!("/_connector/v3/conversations/{id}/{rest}")
    }

    pub(crate) fn control(id: &str, rest: &str) -> String {
        let id = id.replace(':', "%3A").replace('@', "%40");
        format!("/sandbox/conversations/{id}/{rest}")
    }
}

pub(crate) const HELLO: &str = r#"{"type":"message","from":{"id":"28:bot"},"text":"hello"}"#;
