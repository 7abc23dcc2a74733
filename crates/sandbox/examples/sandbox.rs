//! Serves a sandbox with a small built-in bot, to look at the page: `cargo run -p sandbox --example sandbox`.
//!
//! Arguments: port (default 3979), path of `adaptivecards.min.js`, and a file with an activity to send to every
//! conversation (each optional). The bot takes every activity and answers an `Action.Execute` with a text.

use std::sync::Arc;

use axum::routing::post;
use axum::{Json, Router};
use sandbox::{Renderer, Request, Sandbox, SandboxConfig, SystemClock};
use serde_json::{Value, json};

async fn bot(Json(activity): Json<Value>) -> Json<Value> {
    Json(match activity["type"].as_str() {
        Some("invoke") => json!({
            "statusCode": 200,
            "type": "application/vnd.microsoft.activity.message",
            "value": format!("Thanks, noted: {}", activity["value"]["action"]["verb"].as_str().unwrap_or("done")),
        }),
        _ => json!({}),
    })
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let port: u16 = arguments.next().map_or(Ok(3979), |port| port.parse())?;
    let renderer = arguments
        .next()
        .map_or(Renderer::Absent, |path| Renderer::File(path.into()));
    let sandbox = Sandbox::new(SandboxConfig {
        bot_endpoint: format!("http://127.0.0.1:{port}/api/messages"),
        service_url: format!("http://127.0.0.1:{port}/_connector/"),
        clock: Arc::new(SystemClock),
        renderer,
        ..SandboxConfig::default()
    })?;
    let listener = tokio::net::TcpListener::bind(("127.0.0.1", port)).await?;
    let app = Router::new()
        .route("/api/messages", post(bot))
        .merge(sandbox.router());
    let server = tokio::spawn(axum::serve(listener, app).into_future());
    let announced = sandbox.announce_installed().await;
    if let Some(path) = arguments.next() {
        let body = std::fs::read(path)?;
        for conversation in sandbox.conversations(10) {
            let now = sandbox::Clock::now(&SystemClock);
            let _ = sandbox
                .connector()
                .handle(now, &Request::send(&conversation, body.clone()));
        }
    }
    #[allow(clippy::print_stdout)]
    {
        println!(
            "http://127.0.0.1:{port}/ ({} installations announced)",
            announced.announced
        );
    }
    server.await??;
    Ok(())
}
