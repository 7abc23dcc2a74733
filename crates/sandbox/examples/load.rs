//! Posts per second that the connector handles over sockets: `cargo run --release -p sandbox --example load`.
//!
//! The server runs on one thread, the clients on another. Figures: posts per second of wall time, and per second
//! that the server's thread was on a CPU (Linux), which does not depend on other load of the machine.
//! Arguments: posts (default 400000), connections (default 64), bytes of card text (default 1000).

#![allow(clippy::print_stdout, clippy::expect_used)]

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::time::Instant;

use sandbox::{History, LimitTable, Sandbox, SandboxConfig, WorldSpec};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut numbers = std::env::args().skip(1).map(|text| text.parse::<usize>());
    let posts = numbers.next().transpose()?.unwrap_or(400_000);
    let connections = numbers.next().transpose()?.unwrap_or(64);
    let text = numbers.next().transpose()?.unwrap_or(1000);
    let people = 10_000;
    let sandbox = Sandbox::new(SandboxConfig {
        world: WorldSpec::of_people(people),
        limits: LimitTable::lifted(),
        history: History::Off,
        ..SandboxConfig::default()
    })?;
    let chats: Vec<String> = (0..people)
        .filter_map(|number| sandbox.personal_conversation(0, number))
        .collect();
    let listener = std::net::TcpListener::bind("127.0.0.1:0")?;
    listener.set_nonblocking(true)?;
    let address = listener.local_addr()?;
    let router = sandbox.router();
    let (started, server_thread) = std::sync::mpsc::channel();
    std::thread::spawn(move || {
        let _ = started.send(std::fs::read_link("/proc/thread-self").ok());
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .expect("a runtime");
        runtime.block_on(async {
            let listener = tokio::net::TcpListener::from_std(listener).expect("a listener");
            axum::serve(listener, router).await.expect("the server runs");
        });
    });
    let server_thread = server_thread.recv()?;
    let cpu = || -> Option<f64> {
        let stat = std::fs::read_to_string(
            std::path::Path::new("/proc")
                .join(server_thread.clone()?)
                .join("schedstat"),
        );
        stat.ok()?
            .split_whitespace()
            .next()?
            .parse::<f64>()
            .ok()
            .map(|nanos| nanos / 1e9)
    };
    let card = format!(
        r#"{{"type":"message","from":{{"id":"28:bot"}},"attachments":[{{"contentType":"application/vnd.microsoft.card.adaptive","content":{{"type":"AdaptiveCard","version":"1.5","body":[{{"type":"TextBlock","text":"{}"}}]}}}}]}}"#,
        "x".repeat(text)
    );
    let mut streams: Vec<TcpStream> = (0..connections)
        .map(|_| TcpStream::connect(address))
        .collect::<Result<_, _>>()?;
    for stream in &streams {
        stream.set_nodelay(true)?;
    }
    let requests: Vec<Vec<u8>> = chats
        .iter()
        .map(|chat| {
            let path = chat.replace(':', "%3A");
            let head = format!(
                "POST /_connector/v3/conversations/{path}/activities HTTP/1.1\r\nhost: x\r\n\
                 content-type: application/json\r\ncontent-length: {}\r\n\r\n",
                card.len()
            );
            [head.as_bytes(), card.as_bytes()].concat()
        })
        .collect();
    let (begin, cpu_before) = (Instant::now(), cpu());
    let mut buffer = [0_u8; 4096];
    let mut sent = 0;
    while sent < posts {
        let round = connections.min(posts - sent);
        for (at, stream) in streams.iter_mut().take(round).enumerate() {
            stream.write_all(&requests[(sent + at) % requests.len()])?;
        }
        for stream in streams.iter_mut().take(round) {
            let read = stream.read(&mut buffer)?;
            assert!(
                buffer[..read].starts_with(b"HTTP/1.1 201"),
                "{}",
                String::from_utf8_lossy(&buffer[..read])
            );
        }
        sent += round;
    }
    let wall = begin.elapsed().as_secs_f64();
    println!(
        "{posts} posts of {} bytes over {connections} connections",
        card.len()
    );
    println!("{:.0} posts/s of wall time ({wall:.2} s)", posts as f64 / wall);
    if let (Some(before), Some(after)) = (cpu_before, cpu()) {
        println!(
            "{:.0} posts per CPU second of the server ({:.2} s)",
            posts as f64 / (after - before),
            after - before
        );
    }
    println!(
        "accepted {}, peak {} in a second",
        sandbox.stats().accepted,
        sandbox.stats().peak_per_second
    );
    Ok(())
}
