//! A pipe whose reader has gone: commands end quietly, `dev` and `serve` in order, and the custom handler not at all.

use crate::support::{
    handler::{LOCAL_KEY, Signal, dev, free_port},
    http::client,
    local_bot::LocalBot,
    room::{HANDLER, Room},
    wait,
};
use reqwest::Method;
use serde_json::json;
use std::{process::Stdio, time::Duration};
use tokio::{
    io::{AsyncBufReadExt as _, AsyncReadExt as _, BufReader},
    process::{Child, Command},
};

fn command(room: &Room, arguments: &[&str]) -> Command {
    let mut command = Command::new(HANDLER);
    command
        .args(arguments)
        .env_clear()
        .current_dir(room.folder())
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true);
    command
}

/// Reads so many lines and closes the pipe; how it ends, and what it says on stderr.
async fn read_only(mut child: Child, lines: usize) -> (Option<i32>, String) {
    let mut out = BufReader::new(child.stdout.take().unwrap()).lines();
    for _ in 0..lines {
        out.next_line().await.unwrap();
    }
    drop(out);
    let mut stderr = child.stderr.take().unwrap();
    let mut said = String::new();
    let end = async {
        stderr.read_to_string(&mut said).await.unwrap();
        child.wait().await.unwrap().code()
    };
    let code = tokio::time::timeout(Duration::from_secs(60), end)
        .await
        .expect("it ends");
    (code, said)
}

#[tokio::test]
async fn dev_and_serve_end_in_order_when_nobody_reads_them() {
    let room = Room::new();
    let number = free_port();
    let port = number.to_string();
    let path = room.folder().display().to_string();
    let mut starting = command(&room, &["dev", "--port", &port]);
    let ended = read_only(starting.env("PATH", &path).spawn().unwrap(), 3).await;
    assert_eq!(ended, (Some(0), String::new()), "dev");

    let mut starting = command(&room, &["serve", "--port", &port]);
    let ended = read_only(
        starting.env("NOTIFICATION_LOCAL_KEY", LOCAL_KEY).spawn().unwrap(),
        1,
    )
    .await;
    assert_eq!(ended, (Some(0), String::new()), "serve");

    // The leases and the files were given back: the next start delivers at once.
    let handler = dev(room).on_port(number).start().await;
    let status = handler.sends(&json!({ "text": "hello" })).await;
    assert_eq!(status["counts"]["delivered"], 3, "{status}");
}

/// Also one that has nothing to say meanwhile.
#[tokio::test]
async fn a_quiet_process_notices_too() {
    let room = Room::new();
    let port = free_port();
    let mut starting = command(&room, &["serve", "--port", &port.to_string()]);
    starting
        .env("NOTIFICATION_LOCAL_KEY", LOCAL_KEY)
        .env("LOG_LEVEL", "off");
    let child = starting.spawn().unwrap();
    let ping = client();
    wait::until("an answer", async || {
        ping.get(format!("http://127.0.0.1:{port}/")).send().await.ok()
    })
    .await;
    assert_eq!(read_only(child, 0).await, (Some(0), String::new()));
}

#[tokio::test]
async fn a_command_ends_quietly() {
    let bot = LocalBot::with_people(200, &[("NOTIFICATION_RATE", "1000")]).await;
    let status = bot.handler.sends(&json!({ "text": "hello" })).await;
    let id = status["id"].as_str().unwrap().to_owned();
    let (_, room, _) = bot.handler.stop(Signal::Term).await;
    for arguments in [
        &["--help"][..],
        &["--version"],
        &["notification", "report", &id],
        &["notification", "report", &id, "--format", "csv"],
        &["notification", "list"],
        &["notification", "show", &id],
        &["notification", "verify", &id],
        &["references", "list"],
        &["references", "list", "--json"],
        &["references", "export", "--teamsfx"],
        &["card", "eval", "'a'"],
    ] {
        for lines in [0, 1] {
            let child = command(&room, arguments).spawn().unwrap();
            let (code, said) = read_only(child, lines).await;
            assert_eq!(code, Some(0), "{arguments:?} {lines}: {said}");
            let is_count = said.trim_end().ends_with("references exported");
            assert!(said.is_empty() || is_count, "{arguments:?} {lines}: {said}");
        }
    }
}

#[tokio::test]
async fn json_lines_end_quietly_in_the_middle() {
    let room = Room::empty();
    let lines = "{\"id\":1,\"expression\":\"'a'\",\"scope\":{}}\n".repeat(20_000);
    room.write("lines", &lines);
    let mut starting = command(&room, &["card", "eval", "--jsonl"]);
    let input = std::fs::File::open(room.path("lines")).unwrap();
    let ended = read_only(starting.stdin(Stdio::from(input)).spawn().unwrap(), 1).await;
    assert_eq!(ended, (Some(0), String::new()));
}

/// Under a Functions host the platform decides when it ends.
#[tokio::test]
async fn the_custom_handler_goes_on() {
    let room = Room::new();
    let port = free_port();
    let mut starting = command(&room, &[]);
    starting.env("FUNCTIONS_CUSTOMHANDLER_PORT", port.to_string());
    let mut child = starting.spawn().unwrap();
    drop(child.stdout.take());
    drop(child.stderr.take());
    let ping = client();
    for _ in 0..3 {
        wait::until("an answer to a request that is logged", async || {
            let request = ping
                .request(
                    Method::GET,
                    format!("http://127.0.0.1:{port}/api/notification/none"),
                )
                .header("x-azure-functions-invocationid", uuid::Uuid::new_v4().to_string());
            let answer = request.send().await.ok()?;
            (answer.status() == 404).then_some(())
        })
        .await;
    }
    assert!(child.try_wait().unwrap().is_none(), "it is still there");
}
