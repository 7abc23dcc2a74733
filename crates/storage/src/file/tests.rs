//! What the file store guarantees beyond the suite: TeamsFx's format, one process, damage, kills.

mod damage;
mod format;
mod kill;
#[cfg(unix)]
mod private_files;

use super::*;
use crate::conformance::{self, installation, key};
use std::sync::atomic::{AtomicU32, Ordering};

fn open(path: &Path, bot: &str) -> FileReferences {
    FileReferences::open(path, &bot.into(), None).unwrap()
}

async fn listed(store: &FileReferences, bot: &str) -> Vec<Listed> {
    let selection = Selection {
        bot: bot.into(),
        tenant: None,
    };
    store.list(&selection, None).await.unwrap().targets
}

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(1_760_000_000 + second).unwrap()
}

fn installed(key: &TargetKey) -> ReferenceRecord {
    ReferenceRecord::Installed(Box::new(installation(key, at(1))))
}

#[tokio::test(flavor = "multi_thread")]
async fn the_suite() {
    let folder = tempfile::tempdir().unwrap();
    let made = AtomicU32::new(0);
    conformance::references(&|| {
        let n = made.fetch_add(1, Ordering::Relaxed);
        Arc::new(open(&folder.path().join(format!("{n}.json")), "bot-1"))
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hundred_thousand_and_again_after_reopening() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("many.json");
    let store = Arc::new(open(&path, "bot-1"));
    assert_eq!(
        conformance::many_references(store.clone(), 100_000, 20_000).await,
        20
    );
    let before = store.read(&key("bot-1", "tenant-1", "a:777")).await.unwrap();
    drop(store);
    let store = open(&path, "bot-1");
    assert_eq!(
        store.read(&key("bot-1", "tenant-1", "a:777")).await.unwrap(),
        before,
        "record and version"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn everything_is_there_after_reopening() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x.json");
    let store = open(&path, "bot-1");
    let (kept, gone) = (key("bot-1", "t", "a:kept"), key("bot-1", "t", "a:gone"));
    store
        .write(&kept, &installed(&kept), &Expected::Absent)
        .await
        .unwrap();
    store
        .write(&gone, &conformance::removal(&gone, at(5)), &Expected::Absent)
        .await
        .unwrap();
    let before = (store.read(&kept).await.unwrap(), store.read(&gone).await.unwrap());
    drop(store);
    let store = open(&path, "bot-1");
    let after = (store.read(&kept).await.unwrap(), store.read(&gone).await.unwrap());
    assert_eq!(after, before, "target, reference, tombstone and versions");
    let stored = after.0.unwrap();
    store
        .write(&kept, &stored.record, &Expected::Version(stored.version))
        .await
        .expect("versions outlive the process");
}

#[tokio::test]
async fn a_second_opener_learns_who_has_it() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x.json");
    let store = open(&path, "bot-1");
    let text = FileReferences::open(&path, &"bot-1".into(), None)
        .unwrap_err()
        .to_string();
    assert!(
        text.contains(&std::process::id().to_string()) && text.contains("x.json.lock"),
        "{text}"
    );
    drop(store);
    open(&path, "bot-1");
}

#[tokio::test]
async fn old_tombstones_are_purged() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(&folder.path().join("x.json"), "bot-1");
    let day = jiff::SignedDuration::from_hours(24);
    for (root, days) in [("a:old", 31), ("a:young", 29)] {
        let key = key("bot-1", "t", root);
        store
            .write(
                &key,
                &conformance::removal(&key, at(0) - day * days),
                &Expected::Absent,
            )
            .await
            .unwrap();
    }
    assert_eq!(
        store.purge_tombstones(&"bot-1".into(), at(0), 10).await.unwrap(),
        1
    );
    assert!(store.read(&key("bot-1", "t", "a:young")).await.unwrap().is_some());
}

#[test]
fn the_name_of_the_file_is_teamsfx_s() {
    let folder = Path::new("/data");
    assert_eq!(
        path_in(folder, |_| None),
        folder.join(".notification.localstore.json")
    );
    let named = |name: &str| (name == REFERENCES_FILE.name()).then(|| "mine.json".to_owned());
    assert_eq!(path_in(folder, named), folder.join("mine.json"));
}
