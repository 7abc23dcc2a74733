//! The file store: one process, and never a file lost.

use crate::support::{
    activities::{Teams, personal},
    connector::Connector,
    handler::{custom, free_port, run},
    local_bot::LocalBot,
    notification::count,
    references::{FILE, conversations, reference},
    room::{HANDLER, Room},
};
use serde_json::json;
use std::{fs, process::Command};

/// Settings that make a second process of the same folder.
fn second(room: &Room) -> std::process::Output {
    Command::new(HANDLER)
        .env_clear()
        .env("FUNCTIONS_CUSTOMHANDLER_PORT", free_port().to_string())
        .current_dir(room.folder())
        .output()
        .unwrap()
}

#[tokio::test]
async fn a_second_process_refuses_to_start() {
    let bot = LocalBot::with_people(1, &[]).await;
    let output = second(&bot.handler.room);
    assert!(!output.status.success());
    let text = format!(
        "{}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
    assert!(text.contains(FILE), "it says which file: {text}");

    // Commands that would write beside the running process are refused too, and nothing is lost.
    bot.handler.room.write(
        "import.json",
        &json!({ "x": reference("b", &bot.connector.service_url(), 9) }).to_string(),
    );
    let import = run(
        &bot.handler.room,
        &["references", "import", "import.json"],
        &[],
        "",
    )
    .await;
    assert_ne!(import.code, Some(0), "{import:#?}");
    bot.install(2..=2).await;
    bot.knows(&[personal(1), personal(2)]);
}

#[tokio::test]
async fn a_killed_process_leaves_no_lock_behind() {
    let bot = LocalBot::with_people(1, &[]).await;
    let room = bot.handler.kill().await;
    let handler = custom(room).start().await;
    handler
        .receives(&bot.teams.personal_install(2, 0))
        .await
        .expect(200);
    assert_eq!(conversations(&handler.room), [personal(1), personal(2)]);
}

#[tokio::test]
async fn a_damaged_file_is_kept_aside_and_never_overwritten() {
    for damage in ["{ \"_t_a:1\": {", "[1, 2]", "\u{0}\u{1}binary"] {
        let connector = Connector::start().await;
        let room = Room::new();
        room.write(FILE, damage);
        let handler = custom(room).start().await;
        let activity = Teams::at(&connector.service_url()).personal_install(1, 0);
        handler.receives(&activity).await.expect(200);
        assert_eq!(conversations(&handler.room), [personal(1)], "{damage:?}");
        let names = handler.room.names();
        let aside = names
            .iter()
            .find(|name| name.contains("localstore") && keeps(&handler.room, name, damage));
        let aside = aside.unwrap_or_else(|| panic!("{damage:?} is nowhere in {names:?}"));
        handler.says(&[aside, "damaged", "references import"]).await;
    }
}

fn keeps(room: &Room, name: &str, damage: &str) -> bool {
    fs::read_to_string(room.path(name)).is_ok_and(|text| text == damage)
}

#[tokio::test]
async fn one_damaged_reference_does_not_lose_the_others() {
    let connector = Connector::start().await;
    let room = Room::new();
    let references = json!({
        "_t_good": reference("unused", &connector.service_url(), 1),
        "_t_odd": { "conversation": 7 },
        "_t_null": null,
    });
    room.write(FILE, &references.to_string());
    let handler = custom(room).start().await;
    let status = handler.sends(&json!({ "text": "hello" })).await;
    assert_eq!(count(&status, "delivered"), 1, "{status}");
    handler
        .receives(&Teams::at(&connector.service_url()).personal_install(2, 0))
        .await
        .expect(200);
    let text: String = handler
        .room
        .names()
        .iter()
        .filter(|name| name.contains("localstore"))
        .map(|name| handler.room.read(name))
        .collect();
    for key in ["_t_odd", "_t_null"] {
        assert!(text.contains(key), "{key} is lost: {text}");
    }
}

#[tokio::test]
async fn teamsfx_s_setting_names_another_file() {
    let connector = Connector::start().await;
    let handler = custom(Room::new())
        .set("TEAMSFX_NOTIFICATION_STORE_FILENAME", "mine.json")
        .start()
        .await;
    handler
        .receives(&Teams::at(&connector.service_url()).personal_install(1, 0))
        .await
        .expect(200);
    assert!(handler.room.read("mine.json").contains(&personal(1)));
    assert!(!handler.room.path(FILE).exists());
}
