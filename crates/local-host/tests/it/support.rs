//! A function app in a temporary folder and a handler that records what it gets.

use std::net::SocketAddr;
use std::path::Path;
use std::pin::Pin;
use std::sync::{Arc, mpsc as blocking};
use std::time::Duration;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{Request, State};
use axum::response::Response;
use functions_project::{Project, Settings};
use http::{HeaderMap, Method};
use http_body_util::BodyExt as _;
use local_host::{Handler, InProcess, LocalHost, LocalHostBuilder, Running};
use tokio::sync::mpsc;

pub(crate) const HOST: &str = r#"{"version":"2.0","customHandler":{"description":{"defaultExecutablePath":"handler"},
    "enableProxyingHttpRequest":true,"enableForwardingHttpRequest":true},
    "extensionBundle":{"id":"Microsoft.Azure.Functions.ExtensionBundle","version":"[4.*, 5.0.0)"}}"#;

/// `HOST` with more properties at its end.
pub(crate) fn host_with(properties: &str) -> String {
    let open = HOST.trim_end().strip_suffix('}').unwrap();
    format!("{open},{properties}}}")
}

pub(crate) const HTTP: &str = r#"{"bindings":[
    {"type":"httpTrigger","direction":"in","name":"req","authLevel":"anonymous","route":"echo/{*rest}"},
    {"type":"http","direction":"out","name":"res"}]}"#;

pub(crate) fn app(host: &str, functions: &[(&str, &str)]) -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    write(dir.path(), host, functions);
    dir
}

pub(crate) fn write(dir: &Path, host: &str, functions: &[(&str, &str)]) {
    std::fs::write(dir.join("host.json"), host).unwrap();
    for (name, json) in functions {
        std::fs::create_dir_all(dir.join(name)).unwrap();
        std::fs::write(dir.join(name).join("function.json"), json).unwrap();
    }
}

/// A request as the handler got it.
#[derive(Clone, Debug)]
pub(crate) struct Got {
    pub(crate) method: Method,
    pub(crate) target: String,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

impl Got {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().unwrap())
    }

    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.body).unwrap()
    }
}

type Answer = Pin<Box<dyn Future<Output = Response> + Send>>;
type Script = Arc<dyn Fn(Got) -> Answer + Send + Sync>;

/// The port that `Host` names.
pub(crate) const PORT: u16 = 41_234;

/// A handler in this process.
pub(crate) struct Fake {
    handler: Arc<InProcess>,
    got: mpsc::UnboundedReceiver<Got>,
}

impl Fake {
    /// Answers every call with `script`.
    pub(crate) fn start<F>(script: impl Fn(Got) -> F + Send + Sync + 'static) -> Self
    where
        F: Future<Output = Response> + Send + 'static,
    {
        let (sender, got) = mpsc::unbounded_channel();
        let script: Script = Arc::new(move |got| Box::pin(script(got)));
        let router = Router::new().fallback(serve).with_state((sender, script));
        let handler = Arc::new(InProcess::new(router, PORT));
        Self { handler, got }
    }

    /// Answers every call with `{}`.
    pub(crate) fn agreeable() -> Self {
        Self::start(|_| async { json(200, "{}") })
    }

    pub(crate) fn handler(&self) -> Arc<dyn Handler> {
        Arc::clone(&self.handler) as Arc<dyn Handler>
    }

    pub(crate) async fn next(&mut self) -> Got {
        self.got.recv().await.unwrap()
    }

    /// A call that came already.
    pub(crate) fn waiting(&mut self) -> Option<Got> {
        self.got.try_recv().ok()
    }
}

async fn serve(
    State((sender, script)): State<(mpsc::UnboundedSender<Got>, Script)>,
    request: Request,
) -> Response {
    let (parts, body) = request.into_parts();
    let body = body
        .collect()
        .await
        .map(|body| body.to_bytes())
        .unwrap_or_default();
    let got = Got {
        method: parts.method,
        target: parts.uri.to_string(),
        headers: parts.headers,
        body,
    };
    let _ = sender.send(got.clone());
    script(got).await
}

pub(crate) fn json(status: u16, body: &str) -> Response {
    Response::builder()
        .status(status)
        .header("content-type", "application/json")
        .body(Body::from(body.to_owned()))
        .unwrap()
}

/// A local host for an app with no settings.
pub(crate) fn local(dir: &tempfile::TempDir) -> LocalHostBuilder {
    local_with(dir, &Settings::none())
}

pub(crate) fn local_with(dir: &tempfile::TempDir, settings: &Settings) -> LocalHostBuilder {
    let project = Project::load(dir.path(), settings).unwrap();
    LocalHost::builder(project, settings).unwrap()
}

/// The started host and its public address.
pub(crate) async fn serve_host(host: LocalHost) -> (Running, SocketAddr) {
    let listener = local_host::bind(([127, 0, 0, 1], 0).into(), "--port")
        .await
        .unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(local_host::serve(listener, host.router(), std::future::pending()));
    (host.start(), address)
}

/// Sends bytes as they are and reads everything until the connection ends.
pub(crate) async fn raw(address: SocketAddr, request: &str) -> String {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    let mut stream = tokio::net::TcpStream::connect(address).await.unwrap();
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await.unwrap();
    String::from_utf8(answer).unwrap()
}

/// A request with `Connection: close`, so that its answer has an end.
pub(crate) async fn send(address: SocketAddr, line: &str, headers: &str, body: &str) -> String {
    raw(
        address,
        &format!("{line} HTTP/1.1\r\nHost: bot.example\r\nConnection: close\r\n{headers}\r\n{body}"),
    )
    .await
}

pub(crate) fn status(answer: &str) -> u16 {
    answer
        .split(' ')
        .nth(1)
        .and_then(|code| code.parse().ok())
        .unwrap_or_else(|| panic!("no status in {answer:?}"))
}

pub(crate) fn body(answer: &str) -> &str {
    answer
        .split_once("\r\n\r\n")
        .map(|(_, body)| body)
        .unwrap_or_default()
}

/// Keeps paused time from running ahead while sockets are read: it then moves by `advance` only.
pub(crate) struct HeldTime(Option<blocking::Sender<()>>);

impl HeldTime {
    pub(crate) fn new() -> Self {
        let (sender, receiver) = blocking::channel::<()>();
        tokio::task::spawn_blocking(move || receiver.recv());
        Self(Some(sender))
    }

    pub(crate) async fn advance(&self, seconds: u64) {
        tokio::time::advance(Duration::from_secs(seconds)).await;
    }
}

impl Drop for HeldTime {
    fn drop(&mut self) {
        self.0.take();
    }
}
