//! `handler card check`, and the fixture bot's cards: clean, and filled as their golden files say.

use crate::support::{
    handler::{Finished, run},
    room::Room,
};
use serde_json::{Value, json};
use std::{
    env, fs,
    path::{Path, PathBuf},
};

/// The fixture bot's templates, and every language of them.
const CARDS: [&str; 8] = [
    "default",
    "columns",
    "facts",
    "list",
    "mention",
    "alert",
    "welcome",
    "welcome.de",
];

async fn check(room: &Room, arguments: &[&str]) -> Finished {
    let arguments: Vec<_> = ["card", "check"].iter().chain(arguments).copied().collect();
    run(room, &arguments, &[], "").await
}

fn test_file(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it").join(path)
}

fn card(name: &str, ending: &str) -> String {
    test_file(&format!("fixtures/bot/cards/{name}{ending}"))
        .display()
        .to_string()
}

fn a_card(text: &str) -> String {
    json!({ "type": "AdaptiveCard", "version": "1.5", "body": [{ "type": "TextBlock", "text": text }] })
        .to_string()
}

#[tokio::test]
async fn cards_are_clean_with_their_samples_and_with_nothing() {
    let room = Room::empty();
    room.write("nothing.json", "{}");
    let files: Vec<String> = CARDS.iter().map(|name| card(name, ".json")).collect();
    let mut arguments: Vec<&str> = files.iter().map(String::as_str).collect();
    assert_eq!(check(&room, &arguments).await.success().stdout, "");
    arguments.extend(["--data", "nothing.json"]);
    assert_eq!(check(&room, &arguments).await.success().stdout, "");
}

#[tokio::test]
async fn cards_are_filled_as_their_golden_files_say() {
    let room = Room::empty();
    for name in CARDS {
        let (template, data) = (card(name, ".json"), card(name, ".data.json"));
        let finished = run(
            &room,
            &["card", "expand", "--template", &template, "--data", &data],
            &[],
            "",
        )
        .await;
        let card: Value = serde_json::from_str(&finished.success().stdout).unwrap();
        let golden = test_file(&format!("golden/cards/{name}.json"));
        if env::var_os("UPDATE_GOLDEN").is_some() {
            fs::create_dir_all(golden.parent().unwrap()).unwrap();
            fs::write(&golden, format!("{card:#}\n")).unwrap();
        }
        let wanted =
            fs::read_to_string(&golden).unwrap_or_else(|error| panic!("{}: {error}", golden.display()));
        assert_eq!(
            card,
            serde_json::from_str::<Value>(&wanted).unwrap(),
            "{name} differs; if that is meant, run again with UPDATE_GOLDEN=1"
        );
    }
}

#[tokio::test]
async fn a_finding_is_a_line_with_file_and_pointer_and_the_end_is_1() {
    let room = Room::empty();
    room.write("hello.json", &a_card("Hi ${titel}"));
    room.write("hello.data.json", r#"{"title":"x"}"#);
    let finished = check(&room, &["hello.json"]).await;
    assert_eq!(finished.code, Some(1), "{finished:#?}");
    assert_eq!(
        finished.stdout,
        "hello.json:1:18: error: /body/0/text: the data have no `titel`; did you mean `title`?\n"
    );
    assert!(
        finished.stderr.contains("1 error, 0 warnings in 1 file"),
        "{finished:#?}"
    );
}

#[tokio::test]
async fn given_data_stand_for_the_sample() {
    let room = Room::empty();
    room.write("hello.json", &a_card("Hi ${titel}"));
    room.write("hello.data.json", r#"{"title":"x"}"#);
    room.write("other.json", r#"{"titel":"x"}"#);
    check(&room, &["hello.json", "--data", "other.json"])
        .await
        .success();
}

#[tokio::test]
async fn samples_among_the_files_are_no_cards_and_languages_share_them() {
    let room = Room::empty();
    room.write("hello.json", &a_card("Hi ${title}"));
    room.write("hello.de-AT.json", &a_card("Servus ${titel}"));
    room.write("hello.data.json", r#"{"title":"x"}"#);
    let finished = check(&room, &["hello.data.json", "hello.de-AT.json", "hello.json"]).await;
    assert_eq!(
        finished.stdout,
        "hello.de-AT.json:1:18: error: /body/0/text: the data have no `titel`; did you mean `title`?\n"
    );
}

#[tokio::test]
async fn tools_get_a_json_object_a_finding() {
    let room = Room::empty();
    room.write("bad.json", "{\n  \"type\": ]\n}");
    room.write("card.json", &a_card("${toUper(x)}"));
    let finished = check(&room, &["--json", "bad.json", "card.json", "nowhere.json"]).await;
    assert_eq!(finished.code, Some(1), "{finished:#?}");
    let lines: Vec<Value> = finished
        .stdout
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(lines.len(), 3, "{finished:#?}");
    assert_eq!(
        [
            &lines[0]["file"],
            &lines[0]["rule"],
            &lines[0]["line"],
            &lines[0]["column"]
        ],
        [&json!("bad.json"), &json!("json"), &json!(2), &json!(11)]
    );
    assert_eq!(
        lines[1],
        json!({ "file": "card.json", "pointer": "/body/0/text", "level": "error", "rule": "unknown-function",
            "line": 1, "column": 21, "message": "there is no function `toUper`", "suggestion": "did you mean `toUpper`?" })
    );
    assert_eq!(lines[2]["rule"], "file");
}

#[tokio::test]
async fn what_can_t_be_read_is_named_and_the_rest_is_checked() {
    let room = Room::empty();
    room.write("bad.json", "{\n  \"type\": ]\n}");
    let finished = check(&room, &["nowhere.json", "bad.json"]).await;
    assert_eq!(finished.code, Some(1), "{finished:#?}");
    let lines: Vec<&str> = finished.stdout.lines().collect();
    assert_eq!(lines.len(), 2, "{finished:#?}");
    assert!(lines[0].starts_with("nowhere.json: "), "{finished:#?}");
    assert!(lines[1].starts_with("bad.json:2:11: error: "), "{finished:#?}");
    let finished = check(&room, &[]).await;
    assert!(
        finished.code != Some(0) && finished.stderr.contains("FILE"),
        "{finished:#?}"
    );
}

#[tokio::test]
async fn warnings_fail_only_where_they_are_denied_and_notes_never_do() {
    let room = Room::empty();
    room.write(
        "newer.json",
        r#"{"type":"AdaptiveCard","version":"1.5","body":[{"type":"Icon","name":"Add"}]}"#,
    );
    room.write(
        "image.json",
        r#"{"type":"AdaptiveCard","version":"1.5","body":[{"type":"Image","url":"https://x.example/a.png"}]}"#,
    );
    let finished = check(&room, &["newer.json", "--deny", "warnings"]).await;
    assert_eq!(finished.code, Some(0), "{finished:#?}");
    assert!(
        finished
            .stdout
            .starts_with("newer.json:1:56: note: /body/0/type: "),
        "{finished:#?}"
    );
    assert!(
        finished.stderr.contains("0 errors, 0 warnings, 1 note in 1 file"),
        "{finished:#?}"
    );
    let finished = check(&room, &["image.json"]).await;
    assert_eq!(finished.code, Some(0), "{finished:#?}");
    assert!(
        finished.stdout.starts_with("image.json:1:48: warning: /body/0: "),
        "{finished:#?}"
    );
    let finished = check(&room, &["image.json", "--deny", "warnings"]).await;
    assert_eq!(finished.code, Some(1), "{finished:#?}");
}

#[tokio::test]
async fn rules_can_be_allowed_by_name() {
    let room = Room::empty();
    room.write("hello.json", &a_card("Hi {title} ${toUper(x)}"));
    let finished = check(
        &room,
        &[
            "hello.json",
            "--allow",
            "placeholder",
            "--allow",
            "unknown-function",
        ],
    )
    .await;
    assert_eq!(finished.success().stdout, "");
    let finished = check(&room, &["hello.json", "--allow", "placeholders"]).await;
    assert_eq!(finished.code, Some(2), "{finished:#?}");
    for rule in ["missing-field", "alt-text", "condition"] {
        assert!(finished.stderr.contains(rule), "{finished:#?}");
    }
}

#[tokio::test]
async fn several_data_are_named_where_they_differ() {
    let room = Room::empty();
    room.write("hello.json", &a_card("Hi ${name}, ${titel}"));
    room.write("full.json", r#"{"name":"Ann","title":"x"}"#);
    room.write("short.json", r#"{"title":"x"}"#);
    let finished = check(
        &room,
        &["hello.json", "--data", "full.json", "--data", "short.json"],
    )
    .await;
    assert_eq!(finished.code, Some(1), "{finished:#?}");
    let lines: Vec<&str> = finished.stdout.lines().collect();
    assert_eq!(lines.len(), 2, "{finished:#?}");
    assert!(
        lines
            .iter()
            .any(|line| line.contains("`name`") && line.ends_with("(with short.json)")),
        "{finished:#?}"
    );
    let finished = check(
        &room,
        &[
            "hello.json",
            "--data",
            "full.json",
            "--data",
            "short.json",
            "--json",
        ],
    )
    .await;
    let named = finished
        .stdout
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).unwrap())
        .find(|line| line["data"].is_array())
        .unwrap();
    assert_eq!(named["data"], json!(["short.json"]), "{finished:#?}");
}

#[tokio::test]
async fn code_review_gets_one_sarif_document() {
    let room = Room::empty();
    room.write("hello.json", &a_card("${toUper(x)}"));
    let finished = check(&room, &["--sarif", "hello.json", "nowhere.json"]).await;
    assert_eq!(finished.code, Some(1), "{finished:#?}");
    let document: Value = serde_json::from_str(&finished.stdout).unwrap();
    assert_eq!(document["version"], "2.1.0");
    let results = document["runs"][0]["results"].as_array().unwrap();
    let rules: Vec<&Value> = results.iter().map(|result| &result["ruleId"]).collect();
    assert_eq!(rules, ["unknown-function", "file"]);
    let finished = check(&room, &["--sarif", "--json", "hello.json"]).await;
    assert_eq!(finished.code, Some(2), "{finished:#?}");
}
