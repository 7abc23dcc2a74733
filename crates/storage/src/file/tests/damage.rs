//! Damaged files: told with line and column, never overwritten.

use super::*;

#[test]
fn a_damaged_file_stops_the_start_and_stays_as_it_is() {
    for (text, place) in [
        ("{\n  \"_t_a:1\": {\"a\": }\n}", ":2:"),
        ("{\n  \"_t_a:1\": {\"conversation\": {\"id\": \"a:1\"", ":2:"),
        ("[]", ":1:"),
        ("{} x", ":1:4"),
        ("not json", ":1:"),
    ] {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x.json");
        std::fs::write(&path, text).unwrap();
        let error = FileReferences::open(&path, &"bot-1".into(), None)
            .unwrap_err()
            .to_string();
        assert!(
            error.contains(&format!("x.json{place}")) && error.contains("left as it is"),
            "{error}"
        );
        assert_eq!(std::fs::read_to_string(&path).unwrap(), text);
    }
}

#[test]
fn a_damaged_sidecar_stops_the_start_too() {
    for text in ["{\"version\":", "{\"version\": 2}"] {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("x.state.json"), text).unwrap();
        let path = folder.path().join("x.json");
        let error = FileReferences::open(&path, &"bot-1".into(), None)
            .unwrap_err()
            .to_string();
        assert!(error.contains("x.state.json:1:"), "{error}");
    }
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
