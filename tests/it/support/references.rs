//! What the file store holds, read as TeamsFx would read it, and files in TeamsFx's format.

use super::{
    activities::{BOT, TENANT, entra, personal, user},
    room::Room,
};
use serde_json::{Map, Value, json};

/// TeamsFx's file.
pub(crate) const FILE: &str = ".notification.localstore.json";

/// The file's references by key; none if there is no file yet.
pub(crate) fn stored(room: &Room) -> Map<String, Value> {
    if !room.path(FILE).exists() {
        return Map::new();
    }
    match serde_json::from_str(&room.read(FILE)).unwrap() {
        Value::Object(references) => references,
        other => panic!("not TeamsFx's format: {other}"),
    }
}

/// Conversation ids in the file, sorted.
pub(crate) fn conversations(room: &Room) -> Vec<String> {
    let mut ids: Vec<_> = stored(room)
        .values()
        .map(|reference| reference["conversation"]["id"].as_str().unwrap().to_owned())
        .collect();
    ids.sort();
    ids
}

/// A reference to the `n`th person's chat, as TeamsFx and botbuilder write it.
pub(crate) fn reference(bot: &str, service_url: &str, n: u32) -> Value {
    json!({
        "activityId": "f:1d0f7a52-0000-4000-8000-00000000aa01",
        "user": { "id": user(n), "aadObjectId": entra(n), "name": "A. User" },
        "bot": { "id": format!("28:{bot}"), "name": "Notifier" },
        "conversation": { "conversationType": "personal", "tenantId": TENANT, "id": personal(n) },
        "channelId": "msteams", "locale": "it-IT", "serviceUrl": service_url,
    })
}

/// A file of `count` people in TeamsFx's format.
pub(crate) fn teamsfx(service_url: &str, count: u32) -> String {
    let references: Map<String, Value> = (1..=count)
        .map(|n| {
            (
                format!("_{TENANT}_{}", personal(n)),
                reference(BOT, service_url, n),
            )
        })
        .collect();
    serde_json::to_string_pretty(&references).unwrap()
}
