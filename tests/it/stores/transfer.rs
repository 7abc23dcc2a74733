//! `handler references`: what is known, and its way from one store to another.

use super::{blob, references};
use crate::support::{
    activities::{NAME, TEAM, TENANT, group, personal, user},
    azurite::Azurite,
    connector::Connector,
    handler::{Signal, custom},
    local_bot::LocalBot,
    notification::{count, to_all},
    references::{conversations, reference, stored, teamsfx},
    room::Room,
};
use serde_json::{Value, json};

/// A folder with two people, a group and a team; its handler has ended.
async fn filled(bot: LocalBot) -> (Room, Connector) {
    bot.install(1..=2).await;
    bot.acknowledges(&bot.teams.group_update(1, "add", 0)).await;
    bot.acknowledges(&bot.teams.team_update("add", TEAM, 0)).await;
    bot.acknowledges(&bot.teams.personal_update(2, "remove", 10))
        .await;
    let (status, room, output) = bot.handler.stop(Signal::Term).await;
    assert_eq!(status.code(), Some(0), "{}", output.text());
    (room, bot.connector)
}

#[tokio::test]
async fn list_shows_ids_and_no_names() {
    let (room, _) = filled(LocalBot::start().await).await;
    for arguments in [&["list"][..], &["list", "--json"]] {
        let listed = references(&room, arguments, &[]).await;
        let text = &listed.success().stdout;
        for id in [personal(1), group(1), TEAM.to_owned()] {
            assert!(text.contains(&id), "{id}: {text}");
        }
        assert!(!text.contains(&personal(2)) && !text.contains(NAME), "{text}");
    }
    let listed = references(&room, &["list", "--json"], &[]).await;
    let lines: Vec<Value> = listed
        .stdout
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(lines.len(), 3, "{lines:#?}");
}

#[tokio::test]
async fn what_is_exported_can_be_imported_into_the_other_store() {
    let (room, connector) = filled(LocalBot::start().await).await;
    let exported = references(&room, &["export"], &[]).await;
    assert_eq!(exported.success().stdout.lines().count(), 3, "{exported:#?}");
    room.write("export.jsonl", &exported.stdout);

    let container = Azurite::container();
    references(&room, &["import", "export.jsonl"], &blob(&container))
        .await
        .success();
    let listed = references(&room, &["list", "--json"], &blob(&container)).await;
    assert_eq!(listed.success().stdout.lines().count(), 3);
    // And again: the same, not twice.
    references(&room, &["import", "export.jsonl"], &blob(&container))
        .await
        .success();

    let handler = custom(Room::new()).settings(blob(&container)).start().await;
    let status = handler.sends(&to_all(json!({ "text": "hello" }))).await;
    assert_eq!(count(&status, "delivered"), 3, "{status}");
    let mut wanted = vec![personal(1), group(1), TEAM.to_owned()];
    wanted.sort();
    assert_eq!(connector.reached(), wanted);

    let back = Room::new();
    let exported = references(&back, &["export"], &blob(&container)).await;
    back.write("export.jsonl", &exported.success().stdout);
    references(&back, &["import", "export.jsonl"], &[])
        .await
        .success();
    assert_eq!(conversations(&back), wanted);
}

#[tokio::test]
async fn teamsfx_s_file_is_imported_and_exported() {
    let connector = Connector::start().await;
    let room = Room::new();
    room.write("teamsfx.json", &teamsfx(&connector.service_url(), 3));
    let container = Azurite::container();
    references(&room, &["import", "teamsfx.json"], &blob(&container))
        .await
        .success();
    let exported = references(&room, &["export", "--teamsfx"], &blob(&container)).await;
    let exported: Value = serde_json::from_str(&exported.success().stdout).unwrap();
    assert_eq!(exported.as_object().unwrap().len(), 3, "{exported}");
    let one = &exported[format!("_{TENANT}_{}", personal(1))];
    assert_eq!(
        (&one["conversation"]["id"], &one["user"]["id"]),
        (&json!(personal(1)), &json!(user(1))),
        "{exported}"
    );
}

/// The TeamsFx sample's blob layout, downloaded: one JSON file a reference.
#[tokio::test]
async fn a_folder_with_a_file_per_reference_is_imported() {
    let connector = Connector::start().await;
    let room = Room::new();
    for n in 1..=3 {
        let name = format!("blobs/_{TENANT}_{}", personal(n).replace(':', "%3A"));
        room.write(
            &name,
            &reference("unused", &connector.service_url(), n).to_string(),
        );
    }
    references(&room, &["import", "blobs"], &[]).await.success();
    assert_eq!(conversations(&room), [personal(1), personal(2), personal(3)]);
}

#[tokio::test]
async fn a_dry_run_changes_nothing() {
    let connector = Connector::start().await;
    let room = Room::new();
    room.write("teamsfx.json", &teamsfx(&connector.service_url(), 3));
    let dry = references(&room, &["import", "--dry-run", "teamsfx.json"], &[]).await;
    assert!(dry.success().text().contains('3'), "{dry:#?}");
    assert!(stored(&room).is_empty());
}

#[tokio::test]
async fn what_can_t_be_imported_is_reported() {
    let room = Room::new();
    references(&room, &["import", "nowhere.json"], &[])
        .await
        .complains(&["nowhere.json"]);
    room.write("broken.json", "{ \"a\": {\n  \"conversation\": \n");
    references(&room, &["import", "broken.json"], &[])
        .await
        .complains(&["broken.json"]);
    let settings = [("NOTIFICATION_STORE", "tape".to_owned())];
    references(&room, &["list"], &settings)
        .await
        .complains(&["NOTIFICATION_STORE", "blob", "file"]);
}
