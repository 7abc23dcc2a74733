//! `handler references forget`: a person's reference and name are gone, everyone else's and every sum stay.

use crate::support::{
    activities::personal,
    handler::{Finished, Signal, run},
    local_bot::LocalBot,
    references::conversations,
    room::Room,
};
use serde_json::{Value, json};
use std::{fs, path::Path};

async fn forget(room: &Room, user: &str, options: &[&str]) -> Finished {
    let arguments: Vec<_> = ["references", "forget", user]
        .iter()
        .chain(options)
        .copied()
        .collect();
    run(room, &arguments, &[], "").await
}

/// Whether any file of the folder has a text.
fn anywhere(folder: &Path, text: &str) -> bool {
    fs::read_dir(folder).unwrap().any(|entry| {
        let path = entry.unwrap().path();
        if path.is_dir() {
            return anywhere(&path, text);
        }
        let bytes = fs::read(&path).unwrap_or_default();
        bytes.windows(text.len()).any(|window| window == text.as_bytes())
    })
}

async fn after_a_broadcast() -> (Room, String, Value) {
    let bot = LocalBot::with_people(0, &[]).await;
    for n in 1..=3 {
        let mut activity = bot.teams.personal_install(n, 0);
        activity["from"]["name"] = format!("Planted Name {n}").into();
        bot.acknowledges(&activity).await;
    }
    let second = bot.teams.personal_install(2, 0)["from"].clone();
    let status = bot
        .handler
        .sends(&json!({ "text": "hello", "audience": { "all": true } }))
        .await;
    let (_, room, _) = bot.handler.stop(Signal::Term).await;
    (room, status["id"].as_str().unwrap().to_owned(), second)
}

#[tokio::test]
async fn reference_and_name_go_and_the_report_still_adds_up() {
    for by in ["aadObjectId", "id"] {
        let (room, id, person) = after_a_broadcast().await;
        let user = person[by].as_str().unwrap();
        let (name, other) = ("Planted Name 2", "Planted Name 3");
        assert!(anywhere(room.folder(), name));
        forget(&room, user, &["--dry-run"]).await.success();
        assert!(anywhere(room.folder(), name), "a dry run changes nothing");

        let finished = forget(&room, user, &[]).await;
        assert!(
            finished.success().stdout.contains("1 references erased"),
            "{finished:#?}"
        );
        assert!(!finished.text().contains(name), "{finished:#?}");
        assert!(!anywhere(room.folder(), name), "by {by}");
        assert!(anywhere(room.folder(), other));
        assert_eq!(conversations(&room), [personal(1), personal(3)]);
        let verified = run(&room, &["notification", "verify", &id], &[], "").await;
        verified.success();
        // Once more is harmless.
        let again = forget(&room, user, &[]).await;
        assert!(
            again.success().stdout.contains("0 references erased"),
            "{again:#?}"
        );
    }
}
