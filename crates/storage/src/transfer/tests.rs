//! References move between stores and formats, and nothing newer is lost.

use super::*;
use crate::{
    conformance::{installation, key, memory, removal},
    owner::Owner,
    references::ObjectReferences,
};
use jiff::Timestamp;
use notify::{
    ports::{Expected, ObjectStore, ReferenceStore, Selection, WriteIf},
    target::{DeliveryStatus, ReferenceRecord},
};
use serde_json::json;
use std::{collections::BTreeMap, path::PathBuf};

fn store() -> ObjectReferences<dyn ObjectStore> {
    ObjectReferences::new(memory())
}

fn owner(bot: &str) -> Owner {
    Owner {
        bot: bot.into(),
        tenant: Some("t-default".into()),
    }
}

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(1_760_000_000 + second).unwrap()
}

fn everything() -> Selection {
    Selection {
        bot: "bot-1".into(),
        tenant: None,
    }
}

async fn filled(count: i64) -> ObjectReferences<dyn ObjectStore> {
    let store = store();
    for n in 0..count {
        let key = key("bot-1", "t1", &format!("a:{n}"));
        let mut whole = installation(&key, at(n));
        whole.target.delivery_status = DeliveryStatus::OptedOut;
        store
            .write(
                &key,
                &ReferenceRecord::Installed(Box::new(whole)),
                &Expected::Absent,
            )
            .await
            .unwrap();
    }
    let gone = key("bot-1", "t1", "a:gone");
    store
        .write(&gone, &removal(&gone, at(1)), &Expected::Absent)
        .await
        .unwrap();
    store
}

async fn exported(store: &dyn ReferenceStore, format: Format) -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("export");
    let mut file = std::fs::File::create(&path).unwrap();
    export(store, &everything(), format, &mut file).await.unwrap();
    (folder, path)
}

async fn records(store: &dyn ReferenceStore) -> Vec<ReferenceRecord> {
    let mut records = Vec::new();
    for listed in store.list(&everything(), None).await.unwrap().targets {
        records.push(store.read(&listed.target.key).await.unwrap().unwrap().record);
    }
    records
}

fn counts(report: &Imported) -> (u64, u64, u64) {
    (report.imported, report.unchanged, report.skipped)
}

#[tokio::test(flavor = "multi_thread")]
async fn json_lines_lose_nothing_and_can_be_repeated() {
    let from = filled(70).await;
    let (_folder, path) = exported(&from, Format::JsonLines).await;
    let to = store();
    let dry = import_path(&to, &path, &owner("bot-1"), Run::Dry).await.unwrap();
    assert_eq!(counts(&dry), (70, 0, 0));
    assert!(records(&to).await.is_empty(), "a dry run writes nothing");
    assert_eq!(
        import_path(&to, &path, &owner("bot-1"), Run::Apply)
            .await
            .unwrap(),
        dry
    );
    assert_eq!(records(&to).await, records(&from).await);
    let again = import_path(&to, &path, &owner("bot-1"), Run::Apply)
        .await
        .unwrap();
    assert_eq!(counts(&again), (0, 70, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn teamsfx_s_object_goes_out_and_in() {
    for count in [0, 1, 3] {
        let from = filled(count).await;
        let (_folder, path) = exported(&from, Format::TeamsFx).await;
        let text = std::fs::read_to_string(&path).unwrap();
        let parsed: serde_json::Value = serde_json::from_str(&text).unwrap();
        assert_eq!(parsed.as_object().unwrap().len() as i64, count);
        if count < 2 {
            assert_eq!(
                text.trim_end(),
                serde_json::to_string_pretty(&parsed).unwrap(),
                "as TeamsFx prints it"
            );
        }
        let to = store();
        let report = import_path(&to, &path, &owner("bot-1"), Run::Apply)
            .await
            .unwrap();
        assert_eq!(counts(&report), (count as u64, 0, 0));
        for record in records(&to).await {
            let ReferenceRecord::Installed(whole) = record else {
                panic!("installed")
            };
            assert_eq!(whole.target.event_at, Timestamp::UNIX_EPOCH);
            assert_eq!(whole.reference["unknown"]["of"][0], "a");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_newer_is_replaced() {
    let to = filled(2).await;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x.jsonl");
    let line = |root: &str, second: i64| {
        let record =
            ReferenceRecord::Installed(Box::new(installation(&key("bot-1", "t1", root), at(second))));
        String::from_utf8(crate::references::line(&record).unwrap()).unwrap()
    };
    let lines = [
        line("a:0", -5),
        line("a:1", 50),
        line("a:gone", 0),
        line("a:new", 0),
        "{}".into(),
        "?".into(),
    ];
    std::fs::write(&path, lines.join("\n")).unwrap();
    let report = import_path(&to, &path, &owner("bot-1"), Run::Apply)
        .await
        .unwrap();
    assert_eq!(counts(&report), (2, 1, 3), "{report:?}");
    assert_eq!(
        report.reasons[0].to_string(),
        "line 3: the bot has been removed there since"
    );
    assert!(
        report.reasons[1]
            .to_string()
            .starts_with("line 5: it has no conversation.id")
    );
    assert!(
        report.reasons[2]
            .to_string()
            .starts_with("line 6: it is no JSON object")
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn another_bots_references_are_skipped_unless_there_is_no_bot_id() {
    let from = filled(1).await;
    let (_folder, path) = exported(&from, Format::TeamsFx).await;
    let report = import_path(&store(), &path, &owner("bot-2"), Run::Apply)
        .await
        .unwrap();
    assert_eq!(counts(&report), (0, 0, 1));
    assert_eq!(report.reasons[0].reason, Reason::OtherBot("bot-1".into()));
    let to = store();
    let report = import_path(&to, &path, &owner(""), Run::Apply).await.unwrap();
    assert_eq!(counts(&report), (1, 0, 0));
    assert!(to.read(&key("", "t1", "a:0")).await.unwrap().is_some());
}

fn sample() -> Vec<(String, String)> {
    let reference = |id: &str| {
        json!({"serviceUrl": "https://s.test/", "bot": {"id": "28:bot-1"}, "conversation": {"id": id}})
            .to_string()
    };
    vec![
        ("_t1_a%3A1".to_owned(), reference("a:1")),
        (
            "_undefined_19%3Ax%40thread.tacv2".to_owned(),
            reference("19:x@thread.tacv2"),
        ),
        ("readme".to_owned(), "hello".to_owned()),
    ]
}

#[tokio::test(flavor = "multi_thread")]
async fn one_document_a_reference_from_a_folder_or_a_container() {
    let folder = tempfile::tempdir().unwrap();
    let container = memory();
    for (name, text) in sample() {
        std::fs::write(folder.path().join(&name), &text).unwrap();
        container
            .write(&name, text.into(), &BTreeMap::new(), WriteIf::Any)
            .await
            .unwrap();
    }
    let (one, two) = (store(), store());
    let first = import_path(&one, folder.path(), &owner("bot-1"), Run::Apply)
        .await
        .unwrap();
    let second = import_objects(&two, &*container, &owner("bot-1"), Run::Apply)
        .await
        .unwrap();
    for (to, report) in [(one, first), (two, second)] {
        assert_eq!(counts(&report), (2, 0, 1), "{report:?}");
        assert_eq!(report.reasons[0].place, "readme");
        assert!(
            to.read(&key("bot-1", "t1", "a:1")).await.unwrap().is_some(),
            "the tenant is in the name"
        );
        assert!(
            to.read(&key("bot-1", "t-default", "19:x@thread.tacv2"))
                .await
                .unwrap()
                .is_some()
        );
    }
    let single = folder.path().join("single");
    std::fs::write(&single, serde_json::to_string_pretty(&json!({
        "bot": {"id": "28:bot-1"}, "conversation": {"id": "a:5", "tenantId": "t1"}, "serviceUrl": "https://s.test/"
    })).unwrap()).unwrap();
    let to = store();
    import_path(&to, &single, &owner("bot-1"), Run::Apply)
        .await
        .unwrap();
    assert!(
        to.read(&key("bot-1", "t1", "a:5")).await.unwrap().is_some(),
        "a file of one reference"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_torn_document_says_where_and_what_was_done() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("torn.json");
    let (_, text) = &sample()[0];
    std::fs::write(
        &path,
        format!("{{\n  \"_t1_a:1\": {text},\n  \"_t1_a:2\": {{\"conv"),
    )
    .unwrap();
    let error = import_path(&store(), &path, &owner("bot-1"), Run::Apply)
        .await
        .unwrap_err();
    assert_eq!(error.so_far.imported, 1);
    assert!(error.to_string().contains("torn.json:3:"), "{error}");
    let missing = import_path(&store(), &folder.path().join("none"), &owner("bot-1"), Run::Apply).await;
    assert!(missing.unwrap_err().to_string().contains("none"));
}
