//! Measures the local host: how long it takes to start, and what it adds to a request.
//! `cargo run --release -p local-host --example proxy_speed`
#![allow(clippy::print_stdout, reason = "a command's output")]

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use axum::Router;
use axum::body::Body;
use functions_project::Settings;
use http_body_util::BodyExt as _;
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use local_host::{ForwardingMode, Handler, LineSink, LocalHost, TimerStart};

const REQUESTS: u32 = 5_000;
const CLIENTS: u32 = 32;

type Failure = Box<dyn std::error::Error + Send + Sync>;

#[tokio::main]
async fn main() -> Result<(), Failure> {
    let folder = std::env::temp_dir().join(format!("local-host-speed-{}", std::process::id()));
    std::fs::create_dir_all(folder.join("f"))?;
    std::fs::write(
        folder.join("host.json"),
        r#"{"version":"2.0","customHandler":{"description":{"defaultExecutablePath":"h"},"enableProxyingHttpRequest":true}}"#,
    )?;
    std::fs::write(
        folder.join("f/function.json"),
        r#"{"bindings":[{"type":"httpTrigger","direction":"in","name":"req","authLevel":"anonymous"},
            {"type":"http","direction":"out","name":"res"}]}"#,
    )?;
    let outcome = measure(&folder).await;
    std::fs::remove_dir_all(&folder)?;
    outcome
}

async fn measure(folder: &std::path::Path) -> Result<(), Failure> {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
    let handler = listener.local_addr()?;
    let router = Router::new().fallback(|body: axum::body::Bytes| async move { body });
    tokio::spawn(local_host::serve(listener, router, std::future::pending()));
    report("handler alone", handler).await?;
    for mode in [ForwardingMode::Proxy, ForwardingMode::Forward] {
        let began = Instant::now();
        let host = LocalHost::from_dir(folder)
            .settings(Settings::none())
            .handler(Handler::At(handler))
            .lines(LineSink::new(|_| {}))
            .timers(TimerStart::Off)
            .mode(mode)
            .build()?;
        let listener = local_host::bind(([127, 0, 0, 1], 0).into(), "nothing").await?;
        let address = listener.local_addr()?;
        tokio::spawn(local_host::serve(listener, host.router(), std::future::pending()));
        let running = host.start().await?;
        running.ready().await?;
        println!("start until ready: {:.2} ms", began.elapsed().as_secs_f64() * 1e3);
        report(&format!("{mode:?}"), address).await?;
    }
    Ok(())
}

async fn report(name: &str, address: SocketAddr) -> Result<(), Failure> {
    let one = requests(address, 1, REQUESTS / 5).await?;
    let many = requests(address, CLIENTS, REQUESTS).await?;
    println!(
        "{name}: {:.0} µs a request one after the other, {:.0} requests/s from {CLIENTS} clients",
        one.as_secs_f64() * 1e6 / f64::from(REQUESTS / 5),
        f64::from(REQUESTS) / many.as_secs_f64()
    );
    Ok(())
}

async fn requests(address: SocketAddr, clients: u32, count: u32) -> Result<Duration, Failure> {
    let mut connector = HttpConnector::new();
    connector.set_nodelay(true);
    let client: Client<_, Body> = Client::builder(TokioExecutor::new()).build(connector);
    let began = Instant::now();
    let mut tasks = Vec::new();
    for _ in 0..clients {
        let client = client.clone();
        tasks.push(tokio::spawn(async move {
            for _ in 0..count / clients {
                let request =
                    http::Request::post(format!("http://{address}/api/f")).body(Body::from("hello"))?;
                client.request(request).await?.into_body().collect().await?;
            }
            Ok::<(), Failure>(())
        }));
    }
    for task in tasks {
        task.await??;
    }
    Ok(began.elapsed())
}
