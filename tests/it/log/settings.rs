//! `LOG_FORMAT` and `LOG_LEVEL`, from the environment or from local.settings.json.

use crate::support::{
    handler::{Handler, Signal, custom, dev, run, serve},
    room::Room,
};
use serde_json::json;

/// A room with these `Values` in local.settings.json.
fn with_values(values: &[(&str, &str)]) -> Room {
    let room = Room::new();
    let values: serde_json::Map<String, serde_json::Value> = values
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).into()))
        .collect();
    let file = json!({ "IsEncrypted": false, "Values": values });
    room.write("local.settings.json", &file.to_string());
    room
}

/// Whether a line is `12:34:56 INFO  …`.
fn is_plain(line: &str) -> bool {
    let bytes = line.as_bytes();
    let time = bytes.len() > 15
        && bytes[..8].iter().enumerate().all(|(at, byte)| match at {
            2 | 5 => *byte == b':',
            _ => byte.is_ascii_digit(),
        });
    time && ["ERROR", "WARN ", "INFO ", "DEBUG"]
        .iter()
        .any(|level| line[9..].starts_with(level))
}

/// What it logged from its start to its end.
async fn log_of(handler: Handler) -> Vec<String> {
    let (status, _, output) = handler.stop(Signal::Term).await;
    assert_eq!(status.code(), Some(0), "{}", output.text());
    let lines = output.out();
    lines
        .into_iter()
        .filter(|line| line.starts_with('{') || is_plain(line))
        .collect()
}

#[tokio::test]
async fn plain_lines_are_short_and_have_no_colours_in_a_pipe() {
    for start in [custom(Room::new()), dev(Room::new()), serve(Room::new())] {
        let lines = log_of(start.set("LOG_FORMAT", "plain").start().await).await;
        assert!(!lines.is_empty());
        for line in lines {
            assert!(
                is_plain(&line) && !line.contains('\u{1b}') && line.len() < 300,
                "{line}"
            );
        }
    }
}

#[tokio::test]
async fn without_a_terminal_lines_are_json() {
    for start in [custom(Room::new()), dev(Room::new()), serve(Room::new())] {
        let lines = log_of(start.start().await).await;
        assert!(
            !lines.is_empty() && lines.iter().all(|line| line.starts_with('{')),
            "{lines:#?}"
        );
    }
}

#[tokio::test]
async fn a_value_that_is_none_stops_the_start_and_says_what_is_accepted() {
    for (name, accepted) in [
        ("LOG_FORMAT", ["`json`", "`plain`"]),
        ("LOG_LEVEL", ["`warn`", "`debug`"]),
        ("RUST_LOG", ["`warn`", "`debug`"]),
    ] {
        for start in [custom(Room::new()), dev(Room::new()), serve(Room::new())] {
            let finished = start.set(name, "pretty").end().await;
            finished.complains(&[name, "`pretty`", accepted[0], accepted[1]]);
        }
        for command in ["notification", "references"] {
            let finished = run(&Room::new(), &[command, "list"], &[(name, "pretty")], "").await;
            finished.complains(&[name, "`pretty`", accepted[0], accepted[1]]);
        }
    }
}

#[tokio::test]
async fn local_settings_are_read_before_the_first_line() {
    let values = [("LOG_FORMAT", "plain"), ("LOG_LEVEL", "debug")];
    for start in [dev(with_values(&values)), serve(with_values(&values))] {
        let lines = log_of(start.start().await).await;
        assert!(lines.iter().all(|line| is_plain(line)), "{lines:#?}");
        assert!(
            lines.iter().any(|line| line[9..].starts_with("DEBUG")),
            "{lines:#?}"
        );
    }
    let finished = run(
        &with_values(&[("LOG_LEVEL", "loud")]),
        &["notification", "list"],
        &[],
        "",
    )
    .await;
    finished.complains(&["LOG_LEVEL", "`loud`"]);
}

#[tokio::test]
async fn the_environment_wins() {
    let room = with_values(&[("LOG_FORMAT", "pretty"), ("LOG_LEVEL", "loud")]);
    let start = dev(room).set("LOG_FORMAT", "json").set("LOG_LEVEL", "warn");
    let lines = log_of(start.start().await).await;
    assert!(lines.iter().all(|line| !line.contains("\"INFO\"")), "{lines:#?}");
}
