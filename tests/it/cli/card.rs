//! `handler card expand` and `card eval`, alone and by lines.

use crate::support::{
    handler::{Finished, run},
    room::Room,
};
use serde_json::{Value, json};

async fn card(room: &Room, arguments: &[&str], input: &str) -> Finished {
    let arguments: Vec<_> = ["card"].iter().chain(arguments).copied().collect();
    run(room, &arguments, &[], input).await
}

/// Feeds lines; the answers, one a line.
async fn lines(arguments: &[&str], inputs: &[Value]) -> Vec<Value> {
    let input: String = inputs.iter().map(|line| format!("{line}\n")).collect();
    let finished = card(&Room::empty(), arguments, &input).await;
    let answers: Vec<_> = finished
        .success()
        .stdout
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(answers.len(), inputs.len(), "{answers:#?}");
    answers
}

#[tokio::test]
async fn a_template_is_filled_from_files() {
    let room = Room::empty();
    room.write(
        "t.json",
        r#"{"type":"AdaptiveCard","body":[{"type":"TextBlock","text":"Hello ${name}"}]}"#,
    );
    room.write("d.json", r#"{"name":"Wörld"}"#);
    let finished = card(&room, &["expand", "--template", "t.json", "--data", "d.json"], "").await;
    let expanded: Value = serde_json::from_str(&finished.success().stdout).unwrap();
    assert_eq!(
        expanded,
        json!({ "type": "AdaptiveCard", "body": [{ "type": "TextBlock", "text": "Hello Wörld" }] })
    );
}

#[tokio::test]
async fn a_sample_beside_the_template_is_its_data_and_a_file_its_host() {
    let room = Room::empty();
    room.write("hi.json", r#"{"b":"${$host.recipient.name}","a":["${name}"]}"#);
    room.write("hi.de.json", r#"{"a":"Hallo ${name}"}"#);
    room.write("hi.data.json", r#"{"name":"Ann"}"#);
    room.write("host.json", r#"{"recipient":{"name":"Bob"}}"#);
    let expand = ["expand", "--template", "hi.json", "--host", "host.json"];
    let finished = card(&room, &expand, "").await;
    assert_eq!(finished.success().stdout, "{\"b\":\"Bob\",\"a\":[\"Ann\"]}\n");
    let finished = card(&room, &[&expand[..], &["--pretty"]].concat(), "").await;
    assert_eq!(
        finished.success().stdout,
        "{\n  \"b\": \"Bob\",\n  \"a\": [\n    \"Ann\"\n  ]\n}\n"
    );
    let finished = card(&room, &["expand", "--template", "hi.de.json"], "").await;
    assert_eq!(finished.success().stdout, "{\"a\":\"Hallo Ann\"}\n");
    // Standard input, as template and as data.
    let finished = card(&room, &["expand", "--template", "-"], r#"{"a":1}"#).await;
    assert_eq!(finished.success().stdout, "{\"a\":1}\n");
    let data = ["expand", "--template", "hi.de.json", "--data", "-"];
    let finished = card(&room, &data, r#"{"name":"Zoe"}"#).await;
    assert_eq!(finished.success().stdout, "{\"a\":\"Hallo Zoe\"}\n");
    card(&room, &data, "{")
        .await
        .complains(&["standard input", "line 1"]);
}

#[tokio::test]
async fn templates_by_lines() {
    let inputs = [
        json!({ "id": 1, "template": { "text": "${a} and ${b}" }, "data": { "a": "x", "b": 2 } }),
        json!({ "id": "two", "template": { "text": "${$host.locale}" }, "host": { "locale": "de" } }),
        json!({ "id": 3, "template": { "text": "${name name}" }, "data": {} }),
        json!({ "id": 4, "template": { "items": [{ "$data": "${list}", "v": "${$data}" }] }, "data": { "list": [1, 2] } }),
        json!({ "id": 5, "template": { "text": "Hi ${missing}" }, "data": {}, "substitution": "<{path}>" }),
    ];
    let answers = lines(&["expand", "--jsonl"], &inputs).await;
    assert_eq!(answers[0], json!({ "id": 1, "card": { "text": "x and 2" } }));
    assert_eq!(answers[1], json!({ "id": "two", "card": { "text": "de" } }));
    assert_eq!(answers[2]["id"], 3);
    assert!(
        answers[2]["error"].is_string() || answers[2]["error"].is_object(),
        "{}",
        answers[2]
    );
    assert_eq!(answers[3]["card"]["items"], json!([{ "v": 1 }, { "v": 2 }]));
    assert_eq!(answers[4]["card"]["text"], "Hi <missing>");
}

#[tokio::test]
async fn expressions_by_lines_with_values_that_json_lacks() {
    let inputs = [
        json!({ "id": 1, "expression": "1 + 2 * 3", "scope": {} }),
        json!({ "id": 2, "expression": "a.b", "scope": {} }),
        json!({ "id": 3, "expression": "toUpper(name)", "scope": { "name": "ß-ok" } }),
        json!({ "id": 4, "expression": "add(1,", "scope": {} }),
        json!({ "id": 5, "expression": "base64ToBinary('AQI=')", "scope": {} }),
        json!({ "id": 6, "expression": "null", "scope": {} }),
    ];
    let answers = lines(&["eval", "--jsonl"], &inputs).await;
    assert_eq!(answers[0], json!({ "id": 1, "value": 7 }));
    assert_eq!(answers[1], json!({ "id": 2 }), "undefined has no value");
    assert_eq!(answers[2]["value"], "SS-OK");
    assert!(!answers[3]["error"].is_null(), "{}", answers[3]);
    assert_eq!(answers[4]["value"], json!({ "$": "bytes", "v": "AQI=" }));
    assert_eq!(answers[5], json!({ "id": 6, "value": null }));
}

#[tokio::test]
async fn a_line_that_is_no_json_is_an_error_and_the_next_goes_on() {
    let input = "not json\n{\"id\":2,\"expression\":\"1+1\",\"scope\":{}}\n";
    let finished = card(&Room::empty(), &["eval", "--jsonl"], input).await;
    let answers: Vec<Value> = finished
        .stdout
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(answers.len(), 2, "{finished:#?}");
    assert!(!answers[0]["error"].is_null(), "{answers:#?}");
    assert_eq!(answers[1], json!({ "id": 2, "value": 2 }));
}

#[tokio::test]
async fn lines_without_end_get_an_error_each_and_the_next_goes_on() {
    let itself = "${stringOrValue(s)}";
    let long = "a".repeat(190_000);
    let inputs = [
        json!({ "id": 1, "template": { "text": itself }, "data": { "s": itself } }),
        json!({ "id": 2, "template": { "text": "${count(select(range(0, 100000), i, indexOf(s, 'b')))}" }, "data": { "s": long } }),
        json!({ "id": 3, "template": { "text": "${count(select(range(0, 100000), i, split(s, '')))}" }, "data": { "s": long } }),
        json!({ "id": 4, "template": { "text": "${s}" }, "data": { "s": "fine" } }),
    ];
    let answers = lines(&["expand", "--jsonl"], &inputs).await;
    for (answer, limit) in answers.iter().zip(["levels", "steps", "bytes"]) {
        assert!(answer["error"].as_str().unwrap().contains(limit), "{answer}");
    }
    assert_eq!(answers[3], json!({ "id": 4, "card": { "text": "fine" } }));

    let inputs = [
        json!({ "id": 1, "expression": "stringOrValue(s)", "scope": { "s": itself } }),
        json!({ "id": 2, "expression": "count(select(range(0, 100000), i, countWord(s)))", "scope": { "s": long } }),
        json!({ "id": 3, "expression": "createArray(s, s, s, s, s, s, s, s, s, s, s, s, s, s, s, s, s, s, s, s, s, s, s, s, s, s, s, s, s, s, s, s, s, s, s, s, s, s, s, s, s, s, s, s, s, s, s, s)", "scope": { "s": long } }),
        json!({ "id": 4, "expression": "1 + 1", "scope": {} }),
    ];
    let answers = lines(&["eval", "--jsonl"], &inputs).await;
    for (at, limit) in ["levels", "steps", "bytes"].into_iter().enumerate() {
        assert_eq!(answers[at]["id"], at + 1);
        assert!(
            answers[at]["error"].as_str().unwrap().contains(limit),
            "{}",
            answers[at]
        );
    }
    assert_eq!(answers[3], json!({ "id": 4, "value": 2 }));
}

#[tokio::test]
async fn files_that_can_t_be_read_are_named() {
    let room = Room::empty();
    card(&room, &["expand", "--template", "nowhere.json"], "")
        .await
        .complains(&["nowhere.json"]);
    room.write("t.json", "{\n  \"text\": ]\n}");
    card(&room, &["expand", "--template", "t.json"], "")
        .await
        .complains(&["t.json", "line 2", "column"]);
    room.write("t.json", r#"{"text":"${toUper('x')}"}"#);
    card(&room, &["expand", "--template", "t.json"], "")
        .await
        .complains(&["t.json", "/text", "toUpper"]);
}
