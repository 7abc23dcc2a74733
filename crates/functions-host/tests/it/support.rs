//! A function app in a temporary folder, a host for it, and requests to that.

use std::net::SocketAddr;
use std::path::Path;

use axum::body::Body;
use axum::response::Response;
use functions_host::{FunctionsHost, FunctionsHostBuilder, HandlerProcess, Running};
use functions_project::Settings;

pub(crate) const HOST: &str = r#"{"version":"2.0","customHandler":{"description":{"defaultExecutablePath":"handler"},
    "enableProxyingHttpRequest":true,"enableForwardingHttpRequest":true},
    "extensionBundle":{"id":"Microsoft.Azure.Functions.ExtensionBundle","version":"[4.*, 5.0.0)"}}"#;

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

pub(crate) fn json(status: u16, body: &str) -> Response {
    Response::builder()
        .status(status)
        .header("content-type", "application/json")
        .body(Body::from(body.to_owned()))
        .unwrap()
}

/// A host for an app with no settings, attached to a handler.
pub(crate) fn attached(dir: &tempfile::TempDir, address: SocketAddr) -> FunctionsHostBuilder {
    FunctionsHost::from_dir(dir.path())
        .settings(Settings::none())
        .process(HandlerProcess::Attached(address))
}

/// The started host and its public address.
pub(crate) async fn serve_host(host: FunctionsHost) -> (Running, SocketAddr) {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(functions_host::serve(
        listener,
        host.router(),
        std::future::pending(),
    ));
    (host.start().unwrap(), address)
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
