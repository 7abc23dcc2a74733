//! The connector's double: takes posts as Teams does, answers as a test scripts it, remembers every call with its time.

use super::wait;
use axum::{
    Router,
    body::{Body, Bytes},
    extract::State,
    http::{HeaderMap, Method, Uri},
    response::Response,
};
use serde_json::{Value, json};
use std::{
    collections::{HashMap, VecDeque},
    sync::{
        Arc, Mutex,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};
use tokio::net::TcpListener;

/// One call of the bot.
#[derive(Clone, Debug)]
pub(crate) struct Call {
    /// When it arrived.
    pub(crate) at: Instant,
    pub(crate) method: Method,
    /// As it came, percent-encoded.
    pub(crate) path: String,
    /// Conversation id in the path, decoded; empty for other calls.
    pub(crate) conversation: String,
    pub(crate) authorization: Option<String>,
    pub(crate) body: Value,
    /// Status that it got.
    pub(crate) status: u16,
}

/// What a call is answered.
#[derive(Clone, Debug)]
pub(crate) struct Reply {
    status: u16,
    headers: Vec<(&'static str, String)>,
    body: String,
}

/// The status of a call that gets no answer.
pub(crate) const UNANSWERED: u16 = 0;

impl Reply {
    /// None at all, as long as the caller waits.
    pub(crate) fn never() -> Self {
        Self::empty(UNANSWERED)
    }

    /// A status with a JSON body.
    pub(crate) fn json(status: u16, body: &Value) -> Self {
        Self {
            status,
            headers: vec![("content-type", "application/json".to_owned())],
            body: body.to_string(),
        }
    }

    /// A status without a body.
    pub(crate) fn empty(status: u16) -> Self {
        Self {
            status,
            headers: Vec::new(),
            body: String::new(),
        }
    }

    /// An error as the connector words it.
    pub(crate) fn error(status: u16, code: &str) -> Self {
        Self::json(
            status,
            &json!({ "error": { "code": code, "message": "scripted" } }),
        )
    }

    /// The person has blocked the bot.
    pub(crate) fn blocked() -> Self {
        let inner = json!({ "subCode": "MessageWritesBlocked", "details": null, "errorCode": null, "errorSubCode": null });
        Self::json(403, &json!({ "errorCode": 209, "message": inner.to_string() }))
    }

    /// The bot is no longer in the conversation.
    pub(crate) fn uninstalled() -> Self {
        Self::error(403, "BotNotInConversationRoster")
    }

    /// The app is not allowed for this person, or for anybody of the tenant.
    pub(crate) fn disabled() -> Self {
        Self::error(403, "BotDisabledByAdmin")
    }

    /// A page, as a gateway, a proxy or a captive portal answers instead of Teams.
    pub(crate) fn html(status: u16) -> Self {
        Self::raw(status, "<!DOCTYPE html><html><body>Please sign in</body></html>")
            .with("content-type", "text/html")
    }

    /// A status with these very bytes and no word about their type.
    pub(crate) fn raw(status: u16, body: &str) -> Self {
        Self {
            status,
            headers: Vec::new(),
            body: body.to_owned(),
        }
    }

    /// Too many requests; try again after so many seconds.
    pub(crate) fn throttled(seconds: u64) -> Self {
        Self::error(429, "TooManyRequests").with("retry-after", seconds.to_string())
    }

    /// Adds a header.
    pub(crate) fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }
}

type Demand = Arc<dyn Fn(&str) -> bool + Send + Sync>;

/// A running double; its server ends with the test's runtime.
#[derive(Clone)]
pub(crate) struct Connector {
    address: String,
    shared: Arc<Shared>,
}

struct Shared {
    calls: Mutex<Vec<Call>>,
    scripts: Mutex<HashMap<String, VecDeque<Reply>>>,
    always: Mutex<HashMap<String, Reply>>,
    everything: Mutex<Option<Reply>>,
    latency: Mutex<Duration>,
    demand: Option<Demand>,
    next_id: AtomicU64,
}

impl Connector {
    /// Starts one that wants no token.
    pub(crate) async fn start() -> Self {
        Self::launch("127.0.0.1:0", None).await
    }

    /// Starts one that wants no token, at an address of its own; waits while another run has it.
    pub(crate) async fn at(address: &str) -> Self {
        Self::launch(address, None).await
    }

    /// Starts one that wants a bearer token for which `accepts` says yes.
    pub(crate) async fn demanding(accepts: impl Fn(&str) -> bool + Send + Sync + 'static) -> Self {
        Self::launch("127.0.0.1:0", Some(Arc::new(accepts))).await
    }

    async fn launch(address: &str, demand: Option<Demand>) -> Self {
        let free = format!("{address} is free");
        let listener = wait::within(Duration::from_secs(120), &free, async || {
            TcpListener::bind(address).await.ok()
        })
        .await;
        let shared = Arc::new(Shared {
            calls: Mutex::default(),
            scripts: Mutex::default(),
            always: Mutex::default(),
            everything: Mutex::default(),
            latency: Mutex::default(),
            demand,
            next_id: AtomicU64::new(1_767_603_800_000),
        });
        let connector = Self {
            address: listener.local_addr().unwrap().to_string(),
            shared,
        };
        let router = Router::new().fallback(serve).with_state(connector.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        connector
    }

    /// `host:port`.
    pub(crate) fn host(&self) -> &str {
        &self.address
    }

    /// The service URL, with a base path as Teams' has one.
    pub(crate) fn service_url(&self) -> String {
        format!("http://{}/emea/", self.address)
    }

    /// The next posts to a conversation get these answers, in order; then it is as before.
    pub(crate) fn script(&self, conversation: &str, replies: impl IntoIterator<Item = Reply>) {
        let mut scripts = self.shared.scripts.lock().unwrap();
        scripts
            .entry(conversation.to_owned())
            .or_default()
            .extend(replies);
    }

    /// Every post to a conversation gets this answer.
    pub(crate) fn always(&self, conversation: &str, reply: Reply) {
        self.shared
            .always
            .lock()
            .unwrap()
            .insert(conversation.to_owned(), reply);
    }

    /// Every call gets this answer, whatever it is for; `None`: as before.
    pub(crate) fn everything(&self, reply: Option<Reply>) {
        *self.shared.everything.lock().unwrap() = reply;
    }

    /// Back to taking posts to a conversation.
    pub(crate) fn relent(&self, conversation: &str) {
        self.shared.always.lock().unwrap().remove(conversation);
    }

    /// Every call takes so long.
    pub(crate) fn take_time(&self, latency: Duration) {
        *self.shared.latency.lock().unwrap() = latency;
    }

    /// All calls so far.
    pub(crate) fn calls(&self) -> Vec<Call> {
        self.shared.calls.lock().unwrap().clone()
    }

    /// Messages posted to conversations and taken, in the order of arrival.
    pub(crate) fn messages(&self) -> Vec<Call> {
        let posted = |call: &Call| call.method == Method::POST && !call.conversation.is_empty();
        let taken = |call: &Call| (200..300).contains(&call.status);
        self.calls()
            .into_iter()
            .filter(|call| posted(call) && taken(call))
            .collect()
    }

    /// Conversations of the taken messages, sorted.
    pub(crate) fn reached(&self) -> Vec<String> {
        let mut reached: Vec<_> = self
            .messages()
            .into_iter()
            .map(|call| call.conversation)
            .collect();
        reached.sort();
        reached
    }

    fn answer(&self, method: &Method, path: &str, conversation: &str, token: Option<&str>) -> Reply {
        let bearer = token.and_then(|value| value.strip_prefix("Bearer "));
        if let Some(demand) = &self.shared.demand
            && !bearer.is_some_and(|token| demand(token))
        {
            let message = json!({ "message": "Authorization has been denied for this request." });
            return Reply::json(401, &message);
        }
        if let Some(reply) = self.shared.everything.lock().unwrap().clone() {
            return reply;
        }
        if let Some(reply) = self
            .shared
            .scripts
            .lock()
            .unwrap()
            .get_mut(conversation)
            .and_then(VecDeque::pop_front)
        {
            return reply;
        }
        if let Some(reply) = self.shared.always.lock().unwrap().get(conversation) {
            return reply.clone();
        }
        let id = self.shared.next_id.fetch_add(1, Ordering::Relaxed);
        match (method.as_str(), path.rsplit('/').next().unwrap_or_default()) {
            ("POST", "conversations") => Reply::json(201, &json!({ "id": format!("a:created-{id}") })),
            ("POST" | "PUT", _) => Reply::json(201, &json!({ "id": id.to_string() })),
            ("DELETE", _) => Reply::empty(200),
            ("GET", "pagedmembers") => Reply::json(200, &json!({ "members": [] })),
            _ => Reply::error(404, "NotFound"),
        }
    }
}

async fn serve(
    State(connector): State<Connector>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let at = Instant::now();
    let path = uri.path().to_owned();
    let conversation = path
        .split_once("/v3/conversations/")
        .map(|(_, rest)| decoded(rest.split('/').next().unwrap_or_default()))
        .unwrap_or_default();
    let authorization = headers
        .get("authorization")
        .and_then(|value| value.to_str().ok())
        .map(str::to_owned);
    let latency = *connector.shared.latency.lock().unwrap();
    if !latency.is_zero() {
        tokio::time::sleep(latency).await;
    }
    let reply = connector.answer(&method, &path, &conversation, authorization.as_deref());
    let body = serde_json::from_slice(&body).unwrap_or(Value::Null);
    let status = reply.status;
    connector.shared.calls.lock().unwrap().push(Call {
        at,
        method,
        path,
        conversation,
        authorization,
        body,
        status,
    });
    if status == UNANSWERED {
        std::future::pending::<()>().await;
    }
    let mut response = Response::builder().status(status);
    for (name, value) in &reply.headers {
        response = response.header(*name, value);
    }
    response.body(Body::from(reply.body)).unwrap()
}

fn decoded(text: &str) -> String {
    let mut bytes = text.bytes();
    let mut out = Vec::new();
    while let Some(byte) = bytes.next() {
        if byte == b'%' {
            let digits = [bytes.next().unwrap(), bytes.next().unwrap()];
            out.push(u8::from_str_radix(std::str::from_utf8(&digits).unwrap(), 16).unwrap());
        } else {
            out.push(byte);
        }
    }
    String::from_utf8(out).unwrap()
}
