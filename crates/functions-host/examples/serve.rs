//! Runs any function app with a custom handler: `cargo run -p functions-host --example serve -- <folder> [port]`.
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a command's output")]

use std::process::ExitCode;

use functions_host::{FunctionsHost, LineSink, StopMode};

#[tokio::main]
async fn main() -> ExitCode {
    let mut arguments = std::env::args().skip(1);
    let folder = arguments.next().unwrap_or_else(|| ".".to_owned());
    let port = match arguments.next().as_deref().unwrap_or("7071").parse() {
        Ok(port) => port,
        Err(_) => {
            eprintln!("the second argument must be a port from 0 to 65535");
            return ExitCode::from(2);
        }
    };
    match run(&folder, port).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

async fn run(folder: &str, port: u16) -> Result<(), Box<dyn std::error::Error>> {
    let lines = LineSink::new(|line| println!("{:?} {}", line.severity, line.text));
    let host = FunctionsHost::from_dir(folder).lines(lines).build()?;
    for problem in host.project().problems() {
        eprintln!("{problem}");
    }
    let listener = tokio::net::TcpListener::bind(("127.0.0.1", port)).await?;
    for line in host.describe(&format!("http://{}", listener.local_addr()?)) {
        println!("{line}");
    }
    let router = host.router();
    let running = host.start()?;
    functions_host::serve(listener, router, async {
        tokio::signal::ctrl_c().await.unwrap_or_default()
    })
    .await;
    running.stop(StopMode::Kill).await;
    Ok(())
}
