//! A record of a version that this program doesn't know: left as it is, visible, in nobody's way, never dropped.

use crate::support::{
    handler::{Signal, custom, run},
    http::Answer,
    local_bot::LocalBot,
    room::Room,
    wait,
};
use reqwest::Method;
use serde_json::{Value, json};
use std::{path::PathBuf, time::Duration};

fn record(room: &Room, id: &str) -> PathBuf {
    let folder = room.path(&format!(".notify/objects/notifications/{id}"));
    let entries = std::fs::read_dir(&folder).unwrap();
    entries
        .map(|entry| entry.unwrap().path())
        .find(|path| {
            path.file_name()
                .unwrap()
                .to_string_lossy()
                .starts_with("notification.json")
        })
        .unwrap()
}

/// Writes a later version into a record, as a newer program would have; the text keeps its length.
fn from_the_future(room: &Room, id: &str) -> String {
    let path = record(room, id);
    let text = std::fs::read_to_string(&path).unwrap();
    let later = text.replacen(r#"{"v":2,"id""#, r#"{"v":9,"id""#, 1);
    assert_ne!(later, text, "the record's version");
    std::fs::write(&path, &later).unwrap();
    later
}

#[tokio::test]
async fn a_record_of_a_later_version_is_quarantined() {
    let bot = LocalBot::with_people(2, &[]).await;
    let everyone = json!({ "text": "hello", "audience": { "all": true } });
    bot.connector.take_time(Duration::from_secs(600));
    let id = bot.handler.accepts(&everyone).await;
    wait::until("it is planned", async || {
        let status = bot.handler.status(&id).await;
        (status["planned"] == true && status["total"] == 2).then_some(())
    })
    .await;
    let room = bot.handler.kill().await;
    let later = from_the_future(&room, &id);
    bot.connector.take_time(Duration::ZERO);

    let handler = custom(room).start().await;
    handler.says(&["version 9", "quarantined"]).await;
    // It holds nothing up.
    let status = handler.sends(&everyone).await;
    assert_eq!(status["counts"]["delivered"], 2, "{status}");
    let path = format!("/api/notification/{id}");
    for (method, path) in [
        (Method::GET, path.clone()),
        (Method::GET, format!("{path}/report")),
        (Method::POST, format!("{path}/cancel")),
        (Method::POST, format!("{path}/resume")),
    ] {
        let problem = Answer::to(handler.request(method, &path)).await.problem(409);
        assert!(
            problem["detail"].as_str().unwrap().contains("version 9"),
            "{problem}"
        );
    }
    let (_, room, _) = handler.stop(Signal::Term).await;
    assert_eq!(std::fs::read_to_string(record(&room, &id)).unwrap(), later);

    let listed = run(&room, &["notification", "list", "--json"], &[], "").await;
    let lines: Vec<Value> = listed
        .success()
        .stdout
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let quarantined = lines.iter().find(|line| line["id"] == id.as_str());
    assert!(
        quarantined.is_some_and(|line| line["state"] == "quarantined"),
        "{lines:#?}"
    );
    let shown = run(&room, &["notification", "show", &id], &[], "").await;
    assert_eq!(shown.code, Some(1));
    shown.complains(&["version 9"]);
}
