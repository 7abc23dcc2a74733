//! `handler notification …`: what an operator sees of notifications, and what they can do.

use crate::support::{
    handler::{Finished, Signal, custom, run},
    http::Answer,
    local_bot::LocalBot,
    room::Room,
};
use reqwest::Method;
use serde_json::{Value, json};

async fn notification(room: &Room, arguments: &[&str]) -> Finished {
    let arguments: Vec<_> = ["notification"].iter().chain(arguments).copied().collect();
    run(room, &arguments, &[], "").await
}

fn lines(text: &str) -> Vec<Value> {
    text.lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

/// A folder in which two notifications were sent and one stands still; the process has ended.
async fn after_a_day() -> (Room, Vec<String>) {
    let bot = LocalBot::with_people(3, &[("NOTIFICATION_UNNAMED_LIMIT", "2")]).await;
    let everyone = json!({ "text": "hello", "audience": { "all": true } });
    let mut ids = Vec::new();
    for body in [&everyone, &everyone] {
        let status = bot.handler.sends(body).await;
        ids.push(status["id"].as_str().unwrap().to_owned());
    }
    let stopped = bot.handler.sends(&json!({})).await;
    assert_eq!(stopped["state"], "stopped", "{stopped}");
    ids.push(stopped["id"].as_str().unwrap().to_owned());
    let (_, room, _) = bot.handler.stop(Signal::Term).await;
    (room, ids)
}

#[tokio::test]
async fn an_operator_lists_shows_verifies_and_reports() {
    let (room, ids) = after_a_day().await;
    let listed = notification(&room, &["list", "--json"]).await;
    let listed = lines(&listed.success().stdout);
    let listed: Vec<_> = listed.iter().map(|line| line["id"].as_str().unwrap()).collect();
    assert_eq!(listed, ids, "oldest first");
    let newest = notification(&room, &["list", "--limit", "1"]).await;
    let newest = &newest.success().stdout;
    assert!(
        newest.contains(&ids[2]) && newest.contains("stopped") && !newest.contains(&ids[1]),
        "{newest}"
    );

    let shown = notification(&room, &["show", &ids[0]]).await;
    let shown = &shown.success().stdout;
    assert!(
        shown.contains("finished") && shown.contains("delivered"),
        "{shown}"
    );
    let shown = notification(&room, &["show", &ids[0], "--json"]).await;
    assert_eq!(lines(&shown.success().stdout)[0]["counts"]["delivered"], 3);

    let verified = notification(&room, &["verify", &ids[0]]).await;
    assert!(verified.success().stdout.contains("verified"), "{verified:#?}");
    let verified = notification(&room, &["verify", &ids[0], "--json"]).await;
    let verified = lines(&verified.success().stdout).remove(0);
    assert_eq!(
        (&verified["verified"], &verified["total"]),
        (&json!(true), &json!(3))
    );

    let report = notification(&room, &["report", &ids[0]]).await;
    let report = lines(&report.success().stdout);
    assert_eq!(report.len(), 3);
    assert!(
        report.iter().all(|row| row["outcome"] == "delivered"),
        "{report:#?}"
    );
    let csv = notification(&room, &["report", &ids[0], "--format", "csv"]).await;
    let csv = &csv.success().stdout;
    assert_eq!(csv.lines().count(), 4, "{csv}");
    assert!(csv.starts_with("n,tenant,conversationId,scope,outcome,"), "{csv}");
}

#[tokio::test]
async fn an_operator_resumes_and_cancels() {
    let (room, ids) = after_a_day().await;
    let over = notification(&room, &["cancel", &ids[0]]).await;
    assert_eq!(over.code, Some(1), "{over:#?}");
    over.complains(&["finished"]);
    let running = notification(&room, &["resume", &ids[0]]).await;
    assert_eq!(running.code, Some(1), "{running:#?}");

    let over = notification(&room, &["pause", &ids[0]]).await;
    assert_eq!(over.code, Some(1), "{over:#?}");
    over.complains(&["nothing is left to pause"]);
    notification(&room, &["pause", &ids[2]]).await.success();

    // Still more installations than the limit: it can only be cancelled for good.
    notification(&room, &["resume", &ids[2]]).await.success();
    let cancelled = notification(&room, &["cancel", &ids[2]]).await;
    assert!(cancelled.success().stdout.contains("cancelled"), "{cancelled:#?}");
    // Whoever runs next brings it to its end.
    let handler = custom(room).start().await;
    let status = handler.ends(&ids[2]).await;
    assert_eq!(status["state"], "cancelled", "{status}");
}

#[tokio::test]
async fn a_lost_outcome_is_found_out() {
    let (room, ids) = after_a_day().await;
    // A ledger that went missing: the counters of `done` still say that all is well.
    let objects = room.path(".notify/objects");
    let mut ledgers = Vec::new();
    find(&objects, "ledger", &mut ledgers);
    let ledger = ledgers
        .iter()
        .find(|path| path.to_string_lossy().contains(&ids[0]))
        .unwrap_or_else(|| panic!("no ledger of {} in {ledgers:#?}", ids[0]));
    std::fs::remove_dir_all(ledger)
        .or_else(|_| std::fs::remove_file(ledger))
        .unwrap();
    let verified = notification(&room, &["verify", &ids[0]]).await;
    assert_eq!(verified.code, Some(1), "{verified:#?}");
    verified.complains(&["not verified"]);
}

fn find(folder: &std::path::Path, name: &str, found: &mut Vec<std::path::PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.file_name().unwrap().to_string_lossy().starts_with(name) {
            found.push(path);
        } else if path.is_dir() {
            find(&path, name, found);
        }
    }
}

#[tokio::test]
async fn what_is_not_there_and_what_is_not_understood() {
    let room = Room::new();
    for (arguments, code) in [
        (&["show", "01234567-89ab-8def-8123-456789abcdef"][..], 1),
        (&["verify", "../../x"], 1),
        (&["report", "01234567-89ab-8def-8123-456789abcdef"], 1),
        (&["cancel", "nothing"], 1),
        (&["resume", "nothing"], 1),
        (&["show"], 2),
        (&["report", "x", "--format", "xml"], 2),
        (&["pause", "nothing"], 1),
        (&["halt", "x"], 2),
    ] {
        let finished = notification(&room, arguments).await;
        assert_eq!(finished.code, Some(code), "{arguments:?}: {finished:#?}");
        assert!(!finished.stderr.is_empty(), "{arguments:?}: {finished:#?}");
    }
    let listed = notification(&room, &["list", "--json"]).await;
    assert_eq!(listed.success().stdout, "");
}

/// A running process has its files to itself: the command says so, and the way that works.
#[tokio::test]
async fn beside_a_running_process_the_way_is_the_api() {
    let bot = LocalBot::with_people(1, &[]).await;
    let status = bot
        .handler
        .sends(&json!({ "text": "hello", "audience": { "all": true } }))
        .await;
    let id = status["id"].as_str().unwrap();
    let finished = notification(&bot.handler.room, &["show", id]).await;
    assert_eq!(finished.code, Some(1));
    let path = format!("/api/notification/{id}");
    finished.complains(&["has this store open", &path, "x-functions-key"]);
    Answer::to(bot.handler.request(Method::GET, &path))
        .await
        .expect(200);
}
