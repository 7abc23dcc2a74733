//! The command lines of `handler` in the guides, run by a shell in a folder in which something was sent.

use super::{commands::operators, markdown::guide, outputs::bodies};
use crate::support::{
    activities::user,
    browser,
    handler::{Finished, Signal},
    local_bot::LocalBot,
    room::Room,
};
use serde_json::json;
use tokio::process::Command;

/// A line of a guide as one or more: `handler a b | c` is `handler a b` and `handler a c`.
fn alternatives(command: &str) -> Vec<String> {
    let mut parts = command.split(" | ");
    let first = parts.next().unwrap();
    let (before, _) = first.rsplit_once(' ').unwrap();
    let others: Vec<String> = parts.map(|last| format!("{before} {last}")).collect();
    [first.to_owned()].into_iter().chain(others).collect()
}

/// What a line leaves out for the sake of the sentence that it stands in.
fn complete(command: &str, id: &str, person: &str) -> String {
    let words: Vec<&str> = command.split(' ').collect();
    match words[1..] {
        ["notification", "list"] | ["references", "list" | "export"] => command.to_owned(),
        ["notification", _] => format!("{command} {id}"),
        ["references", "import"] => format!("{command} exported.ndjson"),
        ["references", "forget" | "unblock"] => format!("{command} {person}"),
        ["references", "forget", "USER"] => command.replace("USER", person),
        ["card", "expand"] => format!("{command} --template cards/default.json"),
        ["card", "eval"] => format!("{command} '1 + 1'"),
        ["card", "check" | "preview"] => format!("{command} cards/default.json"),
        _ => command.to_owned(),
    }
}

async fn run(room: &Room, command: &str) -> Finished {
    let output = Command::new("/bin/sh")
        .args(["-c", command])
        .env_clear()
        .env("PATH", room.folder())
        .current_dir(room.folder())
        .kill_on_drop(true)
        .output()
        .await
        .unwrap();
    Finished {
        code: output.status.code(),
        stdout: String::from_utf8(output.stdout).unwrap(),
        stderr: String::from_utf8(output.stderr).unwrap(),
    }
}

#[tokio::test]
async fn what_the_guides_tell_operators_to_run_runs() {
    let bot = LocalBot::with_people(2, &[]).await;
    let status = bot
        .handler
        .sends(&json!({ "text": "hello", "audience": { "all": true } }))
        .await;
    let id = status["id"].as_str().unwrap();
    let (_, room, _) = bot.handler.stop(Signal::Term).await;
    let data = &bodies(&guide("docs/cards.md"))[0]["data"];
    room.write("my-alert.json", &data.to_string());
    room.write("my-host.json", r#"{"recipient": {"name": "Ann"}}"#);
    browser::with_renderer(&room);
    run(&room, "handler references export > exported.ndjson")
        .await
        .success();

    let mut ran = 0;
    for command in operators() {
        for line in alternatives(command) {
            let line = complete(&line, id, &user(1));
            let finished = run(&room, &line).await;
            // It has ended, so that there is nothing to cancel, to pause or to resume.
            let refusal = match line.split(' ').nth(2) {
                Some("cancel") => Some("finished"),
                Some("pause") => Some("nothing is left to pause"),
                Some("resume") => Some("not stopped"),
                _ => None,
            };
            assert_eq!(
                finished.code,
                Some(i32::from(refusal.is_some())),
                "{line}: {finished:#?}"
            );
            assert!(
                finished.stderr.contains(refusal.unwrap_or_default()),
                "{line}: {finished:#?}"
            );
            ran += 1;
        }
    }
    assert!(ran > 15, "{ran}");
}

#[test]
fn alternatives_are_told_apart() {
    assert_eq!(alternatives("handler a b | c"), ["handler a b", "handler a c"]);
    assert_eq!(alternatives("handler a b"), ["handler a b"]);
}
