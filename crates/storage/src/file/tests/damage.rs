//! Damaged files: kept aside as they are, never overwritten, and what is left goes on.

use super::*;
use notify::target::Tombstone;

/// Names of what was kept aside of a file.
fn aside(folder: &Path, of: &str) -> Vec<PathBuf> {
    let names = std::fs::read_dir(folder)
        .unwrap()
        .map(|item| item.unwrap().path());
    let begins = format!("{of}.damaged-");
    names
        .filter(|path| path.file_name().unwrap().to_string_lossy().starts_with(&begins))
        .collect()
}

#[tokio::test]
async fn a_damaged_file_goes_aside_as_it_is_and_the_store_begins_without_it() {
    for text in [
        "{\n  \"_t_a:1\": {\"a\": }\n}",
        "{\n  \"_t_a:1\": {\"conversation\": {\"id\": \"a:1\"",
        "[]",
        "{} x",
        "not json",
    ] {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x.json");
        std::fs::write(&path, text).unwrap();
        let store = open(&path, "bot-1");
        assert!(listed(&store, "bot-1").await.is_empty());
        let key = key("bot-1", "t1", "a:2");
        store
            .write(&key, &installed(&key), &Expected::Absent)
            .await
            .unwrap();
        drop(store);
        let kept = aside(folder.path(), "x.json");
        assert_eq!(kept.len(), 1, "{kept:?}");
        assert_eq!(std::fs::read_to_string(&kept[0]).unwrap(), text);
        assert_eq!(listed(&open(&path, "bot-1"), "bot-1").await.len(), 1);
        assert_eq!(aside(folder.path(), "x.json").len(), 1, "once is enough");
    }
}

#[tokio::test]
async fn tombstones_stand_while_the_damaged_file_is_mended_and_put_back() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x.json");
    let store = open(&path, "bot-1");
    let (kept, gone) = (key("bot-1", "t1", "a:1"), key("bot-1", "t1", "a:2"));
    store
        .write(&kept, &installed(&kept), &Expected::Absent)
        .await
        .unwrap();
    let tombstone = ReferenceRecord::Removed(Tombstone {
        key: gone.clone(),
        event_at: at(9),
        recorded_at: at(9),
    });
    store.write(&gone, &tombstone, &Expected::Absent).await.unwrap();
    let before = store.read(&kept).await.unwrap();
    drop(store);
    let good = std::fs::read_to_string(&path).unwrap();
    let beside = std::fs::read_to_string(folder.path().join("x.state.json")).unwrap();
    std::fs::write(&path, &good[..good.len() - 2]).unwrap();

    let store = open(&path, "bot-1");
    assert_eq!(store.read(&gone).await.unwrap().unwrap().record, tombstone);
    assert_eq!(store.read(&kept).await.unwrap(), None);
    // A write, so that the sidecar is written anew.
    let other = key("bot-1", "t1", "a:3");
    store
        .write(&other, &installed(&other), &Expected::Absent)
        .await
        .unwrap();
    drop(store);
    let copy = aside(folder.path(), "x.state.json");
    assert_eq!(std::fs::read_to_string(&copy[0]).unwrap(), beside);

    // Mended and put back together: nothing is lost.
    std::fs::write(&path, good).unwrap();
    std::fs::copy(&copy[0], folder.path().join("x.state.json")).unwrap();
    let store = open(&path, "bot-1");
    assert_eq!(store.read(&kept).await.unwrap(), before);
    assert_eq!(store.read(&gone).await.unwrap().unwrap().record, tombstone);
}

#[tokio::test]
async fn a_damaged_sidecar_goes_aside_and_the_references_stay() {
    for text in [
        "{\"version\":",
        "{\"version\": 0}",
        "{}",
        "{\"version\": 1, \"records\": 5}",
    ] {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x.json");
        let store = open(&path, "bot-1");
        let key = key("bot-1", "t1", "a:1");
        store
            .write(&key, &installed(&key), &Expected::Absent)
            .await
            .unwrap();
        drop(store);
        std::fs::write(folder.path().join("x.state.json"), text).unwrap();
        // What a kill in the midst of a commit may have left; which of the two counts, only the sidecar knew.
        std::fs::write(folder.path().join("x.json.tmp-7"), "{}").unwrap();
        assert_eq!(listed(&open(&path, "bot-1"), "bot-1").await.len(), 1, "{text}");
        let kept = aside(folder.path(), "x.state.json");
        assert_eq!(std::fs::read_to_string(&kept[0]).unwrap(), text);
        assert_eq!(aside(folder.path(), "x.json.tmp-7").len(), 1);
    }
}

#[test]
fn a_sidecar_of_a_later_version_stops_the_start_and_stays() {
    let folder = tempfile::tempdir().unwrap();
    let sidecar = folder.path().join("x.state.json");
    let text = "{\"version\": 2, \"records\": {}}";
    std::fs::write(&sidecar, text).unwrap();
    let error = FileReferences::open(&folder.path().join("x.json"), &"bot-1".into(), None)
        .unwrap_err()
        .to_string();
    assert!(
        error.contains("x.state.json") && error.contains("version 2"),
        "{error}"
    );
    assert_eq!(std::fs::read_to_string(&sidecar).unwrap(), text);
}

#[tokio::test]
async fn entries_that_are_no_references_are_kept_and_not_listed() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x.json");
    std::fs::write(
        &path,
        "\u{feff}{\"a\": 1, \"b\": {\"serviceUrl\": \"x\"}, \"c\": [1,  2]}",
    )
    .unwrap();
    let store = open(&path, "bot-1");
    assert!(listed(&store, "bot-1").await.is_empty());
    let key = key("bot-1", "t1", "a:1");
    store
        .write(&key, &installed(&key), &Expected::Absent)
        .await
        .unwrap();
    let text = std::fs::read_to_string(&path).unwrap();
    assert!(
        text.contains("\"c\": [1,  2]") && text.contains("\"b\": {\"serviceUrl\": \"x\"}"),
        "{text}"
    );
}

#[test]
fn an_empty_file_is_an_empty_store() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x.json");
    std::fs::write(&path, "").unwrap();
    open(&path, "bot-1");
}

#[tokio::test]
async fn a_disk_that_refuses_fails_the_write_and_keeps_the_state() {
    let folder = tempfile::tempdir().unwrap();
    let inner = folder.path().join("inner");
    let path = inner.join("x.json");
    let store = open(&path, "bot-1");
    let (first, second) = (key("bot-1", "t1", "a:1"), key("bot-1", "t1", "a:2"));
    store
        .write(&first, &installed(&first), &Expected::Absent)
        .await
        .unwrap();
    std::fs::rename(&inner, folder.path().join("away")).unwrap();
    let answer = store.write(&second, &installed(&second), &Expected::Absent).await;
    assert!(
        matches!(answer, Err(WriteError::Store(StoreError::Unavailable(_)))),
        "{answer:?}"
    );
    assert!(
        store.read(&second).await.unwrap().is_none(),
        "what is not on disk is not shown"
    );
    std::fs::rename(folder.path().join("away"), &inner).unwrap();
    store
        .write(&second, &installed(&second), &Expected::Absent)
        .await
        .unwrap();
}
