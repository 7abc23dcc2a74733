//! Files that TeamsFx wrote, and what it finds in ours.

use super::*;
use notify::reference::ConversationReference;
use serde_json::{Value, json};

fn teamsfx(tenant: &str, id: &str, bot: &str) -> (String, Value) {
    let reference = json!({
        "activityId": "f:1", "user": {"id": "29:1a", "name": "A. User", "aadObjectId": "5e3a"},
        "bot": {"id": format!("28:{bot}"), "name": "Notifier"},
        "conversation": {"conversationType": "personal", "tenantId": tenant, "id": id},
        "channelId": "msteams", "locale": "it-IT", "serviceUrl": "https://smba.trafficmanager.net/emea/",
        "zLater": [1, {"a": null}]
    });
    (format!("_{tenant}_{id}"), reference)
}

fn document(entries: impl IntoIterator<Item = (String, Value)>) -> String {
    let map: serde_json::Map<String, Value> = entries.into_iter().collect();
    serde_json::to_string_pretty(&map).unwrap()
}

fn written(path: &Path) -> Value {
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

async fn install(store: &FileReferences, key: &TargetKey) {
    store
        .write(key, &installed(key), &Expected::Absent)
        .await
        .unwrap();
}

#[tokio::test]
async fn an_existing_file_just_works_and_comes_back_untouched() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x.json");
    let (k1, r1) = teamsfx("t1", "a:1", "bot-1");
    let (k2, mut r2) = teamsfx("t1", "a:2", "bot-1");
    let agent = r2.as_object_mut().unwrap().remove("bot").unwrap();
    r2["agent"] = agent;
    std::fs::write(
        &path,
        document([(k1.clone(), r1.clone()), (k2.clone(), r2.clone())]),
    )
    .unwrap();
    let store = open(&path, "BOT-1");
    let targets = listed(&store, "bot-1").await;
    assert_eq!(targets.len(), 2, "version 4's `agent` too");
    assert_eq!(
        targets[0].target.event_at,
        Timestamp::UNIX_EPOCH,
        "any event is newer"
    );
    assert_eq!(targets[0].target.locale.as_deref(), Some("it-IT"));
    let new = key("bot-1", "t1", "a:3");
    install(&store, &new).await;
    let after = written(&path);
    assert_eq!(
        (&after[&k1], &after[&k2]),
        (&r1, &r2),
        "unknown properties included"
    );
    assert_eq!(
        after["_t1_a:3"]["conversation"]["id"], "a:3",
        "ours is where TeamsFx looks"
    );
}

#[tokio::test]
async fn the_file_is_printed_as_teamsfx_prints_it() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x.json");
    let store = open(&path, "bot-1");
    let text = || std::fs::read_to_string(&path).unwrap();
    install(&store, &key("bot-1", "t1", "a:\"1\"")).await;
    install(&store, &key("bot-1", "t1", "a:2")).await;
    assert_eq!(text(), serde_json::to_string_pretty(&written(&path)).unwrap());
    for Listed { target, version } in listed(&store, "bot-1").await {
        store.erase(&target.key, &version).await.unwrap();
    }
    assert_eq!(text(), "{}");
}

#[tokio::test]
async fn another_bots_references_are_kept_and_never_listed() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x.json");
    let (shared, theirs) = teamsfx("t1", "19:x@thread.v2", "old-bot");
    let (own, ours) = teamsfx("t1", "a:1", "bot-1");
    std::fs::write(&path, document([(shared.clone(), theirs.clone()), (own, ours)])).unwrap();
    let store = open(&path, "bot-1");
    assert_eq!(listed(&store, "bot-1").await.len(), 1);
    assert_eq!(listed(&store, "old-bot").await.len(), 1);
    // A group chat has the same id for every bot: ours takes the place in the file, theirs is kept beside it.
    let key = key("bot-1", "t1", "19:x@thread.v2");
    install(&store, &key).await;
    assert_eq!(written(&path)[&shared]["bot"]["id"], "28:bot-1");
    drop(store);
    let store = open(&path, "bot-1");
    let old = listed(&store, "old-bot").await;
    assert_eq!(old.len(), 1, "after reopening too");
    let ReferenceRecord::Installed(whole) = store.read(&old[0].target.key).await.unwrap().unwrap().record
    else {
        panic!("it is installed")
    };
    assert_eq!(Value::Object(whole.reference.into_properties()), theirs);
}

#[tokio::test]
async fn without_a_bot_id_every_reference_is_ours_and_later_its_own_bots() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x.json");
    std::fs::write(
        &path,
        document([teamsfx("t1", "a:1", "my-bot"), teamsfx("t1", "a:2", "other")]),
    )
    .unwrap();
    let store = open(&path, "");
    assert_eq!(listed(&store, "").await.len(), 2);
    let key = key("", "t1", "a:3");
    let mut whole = installation(&key, at(1));
    let mut properties = whole.reference.into_properties();
    properties.insert("bot".to_owned(), json!({"id": "28:my-bot"}));
    whole.reference = ConversationReference::new(properties);
    store
        .write(
            &key,
            &ReferenceRecord::Installed(Box::new(whole)),
            &Expected::Absent,
        )
        .await
        .unwrap();
    drop(store);
    let store = open(&path, "my-bot");
    assert_eq!(listed(&store, "my-bot").await.len(), 2);
}

#[tokio::test]
async fn what_someone_else_writes_stands_and_our_knowledge_is_kept() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x.json");
    let (moved, dropped) = (key("bot-1", "t1", "a:1"), key("bot-1", "t1", "a:2"));
    let store = open(&path, "bot-1");
    for key in [&moved, &dropped] {
        install(&store, key).await;
    }
    drop(store);
    let mut file = written(&path);
    file["_t1_a:1"]["serviceUrl"] = json!("https://moved.test/");
    file.as_object_mut().unwrap().remove("_t1_a:2");
    std::fs::write(&path, file.to_string()).unwrap();
    let store = open(&path, "bot-1");
    let targets = listed(&store, "bot-1").await;
    assert_eq!(targets.len(), 1, "what they removed is gone");
    assert_eq!(targets[0].target.service_url.as_str(), "https://moved.test/");
    assert_eq!(
        targets[0].target.event_at,
        at(1),
        "what their format can't hold is still known"
    );
    assert_eq!(targets[0].target.time_zone.as_deref(), Some("Europe/Vienna"));
}

#[tokio::test]
async fn two_entries_for_one_target_are_one_target_and_both_go() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x.json");
    let (own, reference) = teamsfx("t1", "a:1", "bot-1");
    let entries = [("_undefined_a:1".to_owned(), reference.clone()), (own, reference)];
    std::fs::write(&path, document(entries)).unwrap();
    let store = open(&path, "bot-1");
    let targets = listed(&store, "bot-1").await;
    assert_eq!(targets.len(), 1);
    install(&store, &key("bot-1", "t1", "a:9")).await;
    assert_eq!(
        written(&path).as_object().unwrap().len(),
        3,
        "kept while nothing happens to it"
    );
    let target = &targets[0];
    let tombstone = conformance::removal(&target.target.key, at(9));
    store
        .write(
            &target.target.key,
            &tombstone,
            &Expected::Version(target.version.clone()),
        )
        .await
        .unwrap();
    assert_eq!(
        written(&path).as_object().unwrap().len(),
        1,
        "and both removed with it"
    );
}

#[tokio::test]
async fn a_change_by_someone_else_while_it_is_open_is_kept_as_a_copy() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x.json");
    let store = open(&path, "bot-1");
    install(&store, &key("bot-1", "t1", "a:1")).await;
    std::fs::write(&path, "{\"_t_x\": {}}  ").unwrap();
    install(&store, &key("bot-1", "t1", "a:2")).await;
    let copies: Vec<_> = std::fs::read_dir(folder.path())
        .unwrap()
        .map(|item| item.unwrap().path())
        .filter(|path| path.to_string_lossy().contains(".changed-"))
        .collect();
    assert_eq!(copies.len(), 1);
    assert_eq!(std::fs::read_to_string(&copies[0]).unwrap(), "{\"_t_x\": {}}  ");
}
