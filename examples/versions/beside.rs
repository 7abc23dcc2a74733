//! An older build beside a store of a newer one: what it doesn't know it must leave alone.

use crate::{
    backdate::{self, backdated},
    place::{Place, Store},
    scene::{self, Ids},
    support::{
        activities::personal,
        azurite::Azurite,
        blobs::Blob,
        connector::{Call, Connector},
        notification::count,
    },
};
use reqwest::Method;
use serde_json::json;
use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
    process::ExitCode,
    time::Duration,
};

/// Two runs of the reconciler, and of the retention with it.
const WATCHED: Duration = Duration::from_secs(130);
/// Version that the older build writes and knows.
const KNOWN: u32 = 1;

/// Somebody who gets what is sent.
const REACHED: u32 = 9;

/// What became of one notification.
struct Row {
    store: &'static str,
    name: String,
    version: u32,
    sent: usize,
    deleted: usize,
    changed: usize,
}

impl Row {
    fn is_newer(&self) -> bool {
        self.version > KNOWN
    }

    fn is_touched(&self) -> bool {
        self.sent + self.deleted + self.changed > 0
    }

    fn verdict(&self) -> &'static str {
        match (self.is_newer(), self.is_touched()) {
            (false, _) => "known",
            (true, false) => "left alone",
            (true, true) => "TOUCHED",
        }
    }
}

/// Runs the older build on stores of the newer one and prints what it did; fails where it touched what it doesn't know.
pub(crate) async fn check(old: &Path, new: &Path) -> ExitCode {
    Azurite::shared();
    let container = Store::Blob("beside".to_owned());
    let (files, blobs) = tokio::join!(
        beside("file", old, Place::new(new, Store::File), scene::FILE_TEAMS),
        beside("blob", old, Place::new(new, container), scene::BLOB_TEAMS),
    );
    let rows = files.into_iter().chain(blobs).collect::<Vec<_>>();
    println!(
        "{:5} {:14} {:>7} {:>5} {:>8} {:>8}",
        "store", "notification", "version", "sent", "deleted", "changed"
    );
    for row in &rows {
        println!(
            "{:5} {:14} {:>7} {:>5} {:>8} {:>8}  {}",
            row.store,
            row.name,
            row.version,
            row.sent,
            row.deleted,
            row.changed,
            row.verdict()
        );
    }
    let newer = rows.iter().filter(|row| row.is_newer());
    let touched = newer.clone().filter(|row| row.is_touched()).count();
    match (newer.count(), touched) {
        (0, _) => println!("no record is newer than version {KNOWN}: there was nothing to leave alone"),
        (all, 0) => println!("{all} left alone"),
        (all, touched) => println!("{touched} of {all} were touched"),
    }
    ExitCode::from(u8::from(touched > 0))
}

async fn beside(store: &'static str, old: &Path, place: Place, teams: &str) -> Vec<Row> {
    let connector = Connector::at(teams).await;
    let scene = scene::write(&place, connector).await;
    let (room, connector) = (scene.room, scene.connector);
    let written = place.contents(&room).await;
    let before = backdated(&written);
    place.replace(&room, &written, &before).await;
    let people = scene::PEOPLE.into_iter().flat_map(|(_, people)| people);
    people.for_each(|n| connector.relent(&personal(n)));

    let seen = connector.calls().len();
    let place = place.with(old);
    // Everything that ended is old enough to be deleted.
    let start = place.alone(room).set("NOTIFICATION_RETENTION_DAYS", "1");
    let handler = start.start().await;
    println!("{store}: the older build is watched for {} s", WATCHED.as_secs());
    tokio::time::sleep(WATCHED).await;
    // It works: it sends what it is asked for itself.
    let own = json!({ "text": "own", "audience": { "conversations": [personal(REACHED)] } });
    let own = handler.sends(&own).await;
    assert_eq!(count(&own, "delivered"), 1, "the older build does nothing: {own}");
    let room = handler.kill().await;
    let after = place.contents(&room).await;
    let calls = connector.calls().split_off(seen);
    rows(store, &scene.ids, &before, &after, &calls)
}

fn rows(store: &'static str, ids: &Ids, before: &[Blob], after: &[Blob], calls: &[Call]) -> Vec<Row> {
    let of = |blobs: &[Blob], id: &str| -> BTreeMap<String, Blob> {
        let named = blobs.iter().filter(|blob| blob.name.contains(id));
        named.map(|blob| (blob.name.clone(), blob.clone())).collect()
    };
    let mut rows = Vec::new();
    for (name, id) in ids {
        let (before, after) = (of(before, id), of(after, id));
        let names: BTreeSet<_> = before.keys().chain(after.keys()).collect();
        let changed = names
            .iter()
            .filter(|name| before.get(**name) != after.get(**name));
        let gone = before.keys().filter(|name| !after.contains_key(*name)).count();
        rows.push(Row {
            store,
            name: (*name).to_owned(),
            version: before.values().map(backdate::version).max().unwrap_or_default(),
            sent: calls.iter().filter(|call| is_about(call, name)).count(),
            deleted: gone,
            changed: changed.count() - gone,
        });
    }
    let other = |blob: &&Blob| {
        let about = ids.values().any(|id| blob.name.contains(id.as_str()));
        !about && backdate::version(blob) > KNOWN
    };
    for blob in before.iter().filter(other) {
        let now = after.iter().find(|now| now.name == blob.name);
        rows.push(Row {
            store,
            name: blob.name.clone(),
            version: backdate::version(blob),
            sent: 0,
            deleted: usize::from(now.is_none()),
            changed: usize::from(now.is_some_and(|now| now != blob)),
        });
    }
    rows
}

/// Each notification has its name for a text; a recall has none.
fn is_about(call: &Call, name: &str) -> bool {
    match name {
        "recall" => call.method == Method::DELETE,
        name => call.body["text"] == name,
    }
}
