//! The cards that ship: filled as their golden files say, in every language, and drawn without a raw marker, an unknown
//! look or a link to nowhere, however senders write times, severities and addresses.
//!
//! A card of your own is not compared until it has a golden file, which `UPDATE_GOLDEN=1` writes for every card; and none of
//! those below must be there.

use super::{PROGRAM, PROJECT, room};
use crate::support::handler::run_build;
use serde_json::{Value, json};
use std::{
    collections::BTreeMap,
    env, fs,
    path::{Path, PathBuf},
};

/// `cards/NAME.json` and `cards/NAME.LANGUAGE.json`.
fn templates() -> BTreeMap<String, Value> {
    let entries = fs::read_dir(Path::new(PROJECT).join("cards")).unwrap();
    let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let names = names.filter_map(|name| name.strip_suffix(".json").map(str::to_owned));
    names
        .filter(|name| !name.ends_with(".data"))
        .map(|name| {
            let template = read(&format!("{name}.json"));
            (name, template)
        })
        .collect()
}

fn read(file: &str) -> Value {
    let path = Path::new(PROJECT).join("cards").join(file);
    let text = fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    serde_json::from_str(&text).unwrap()
}

/// The sample of a template, or of the card that it is a language of.
fn sample(name: &str) -> Value {
    let card = name.split('.').next().unwrap();
    [name, card]
        .map(|name| format!("{name}.data.json"))
        .iter()
        .find(|file| Path::new(PROJECT).join("cards").join(file).is_file())
        .map_or_else(|| json!({}), |file| read(file))
}

fn golden(name: &str) -> PathBuf {
    Path::new(PROJECT)
        .join("tests/it/template/golden")
        .join(format!("{name}.json"))
}

/// Fills templates, all in one process.
async fn fill(lines: &[(&Value, Value)]) -> Vec<Value> {
    let host = json!({
        "notification": { "id": "n-1", "createdAt": "2026-01-30T14:00:00Z" },
        "recipient": { "name": "Adele Vance", "locale": "en-US", "scope": "personal", "tenant": "t" },
    });
    let input: String = lines
        .iter()
        .map(|(template, data)| {
            let line = json!({ "id": 0, "template": template, "data": data, "host": host });
            format!("{line}\n")
        })
        .collect();
    let room = room();
    let filled = run_build(
        Path::new(PROGRAM),
        &room,
        &["card", "expand", "--jsonl"],
        &[],
        &input,
    )
    .await;
    let cards: Vec<Value> = filled
        .success()
        .stdout
        .lines()
        .map(|line| {
            let mut line: Value = serde_json::from_str(line).unwrap();
            assert!(line["error"].is_null(), "{line}");
            line["card"].take()
        })
        .collect();
    assert_eq!(cards.len(), lines.len());
    cards
}

/// The strings of a card that people read, and addresses.
fn strings<'c>(card: &'c Value, into: &mut Vec<&'c str>) {
    match card {
        Value::String(text) => into.push(text),
        Value::Array(items) => items.iter().for_each(|item| strings(item, into)),
        Value::Object(members) => members
            .iter()
            .filter(|(key, _)| *key != "$schema")
            .for_each(|(_, member)| strings(member, into)),
        _ => {}
    }
}

/// What Teams replaces by a date or time, as its documentation writes it.
fn is_marker(text: &str) -> bool {
    let Some((name, rest)) = text.split_once('(') else {
        return false;
    };
    let moment = match name {
        "DATE" => rest.strip_suffix(", SHORT)"),
        "TIME" => rest.strip_suffix(')'),
        _ => None,
    };
    moment.is_some_and(|moment| {
        let shape = moment.bytes().map(|c| if c.is_ascii_digit() { b'0' } else { c });
        shape.eq(*b"0000-00-00T00:00:00Z")
    })
}

/// The markers in a card; none stays raw.
#[track_caller]
fn markers(card: &Value) -> Vec<String> {
    let mut texts = Vec::new();
    strings(card, &mut texts);
    let mut found = Vec::new();
    for text in texts {
        assert!(!text.contains("${"), "{text}");
        for rest in text.split("{{").skip(1) {
            let marker = rest.split("}}").next().unwrap();
            assert!(is_marker(marker), "{text}");
            found.push(marker.to_owned());
        }
    }
    found
}

#[tokio::test]
async fn cards_are_filled_as_their_golden_files_say() {
    let templates = templates();
    let lines: Vec<(&Value, Value)> = templates
        .iter()
        .map(|(name, template)| (template, sample(name)))
        .collect();
    for (name, card) in templates.keys().zip(fill(&lines).await) {
        let golden = golden(name);
        if env::var_os("UPDATE_GOLDEN").is_some() {
            fs::create_dir_all(golden.parent().unwrap()).unwrap();
            fs::write(&golden, format!("{card:#}\n")).unwrap();
        }
        if let Ok(wanted) = fs::read_to_string(&golden) {
            let wanted: Value = serde_json::from_str(&wanted).unwrap();
            assert_eq!(
                card, wanted,
                "{name} differs; if that is meant, run again with UPDATE_GOLDEN=1"
            );
        }
    }
}

/// Times as programs write them, and what Teams is given.
const TIMES: &[(&str, &str)] = &[
    (r#""2026-01-30T14:05:00Z""#, "2026-01-30T14:05:00Z"),
    // Fractions: JavaScript 3 digits, Python 6, .NET 7, Go and Alertmanager up to 9 without the last zeros.
    (r#""2026-01-30T14:05:00.1Z""#, "2026-01-30T14:05:00Z"),
    (r#""2026-01-30T14:05:00.12Z""#, "2026-01-30T14:05:00Z"),
    (r#""2026-01-30T14:05:00.123Z""#, "2026-01-30T14:05:00Z"),
    (r#""2026-01-30T14:05:00.1234Z""#, "2026-01-30T14:05:00Z"),
    (r#""2026-01-30T14:05:00.12345Z""#, "2026-01-30T14:05:00Z"),
    (r#""2026-01-30T14:05:00.123456Z""#, "2026-01-30T14:05:00Z"),
    (r#""2026-01-30T14:05:00.1234567Z""#, "2026-01-30T14:05:00Z"),
    (r#""2026-01-30T14:05:00.12345678Z""#, "2026-01-30T14:05:00Z"),
    (r#""2026-01-30T14:05:00.123456789Z""#, "2026-01-30T14:05:00Z"),
    // Zones.
    (r#""2026-01-30T14:05:00+00:00""#, "2026-01-30T14:05:00Z"),
    (r#""2026-01-30T15:05:00.123456+01:00""#, "2026-01-30T14:05:00Z"),
    (r#""2026-01-30T08:35:00.1234567-05:30""#, "2026-01-30T14:05:00Z"),
    (r#""2026-01-30T14:05:00+0000""#, "2026-01-30T14:05:00Z"),
    (r#""2026-01-30T14:05:00.123+0000""#, "2026-01-30T14:05:00Z"),
    // Python's str() and isoformat(), Go's String(): without a zone it is UTC.
    (r#""2026-01-30T14:05:00""#, "2026-01-30T14:05:00Z"),
    (r#""2026-01-30T14:05:00.123456""#, "2026-01-30T14:05:00Z"),
    (r#""2026-01-30 14:05:00.123456""#, "2026-01-30T14:05:00Z"),
    (r#""2026-01-30 14:05:00.123456+00:00""#, "2026-01-30T14:05:00Z"),
    (r#""2026-01-30 14:05:00 +0000 UTC""#, "2026-01-30T14:05:00Z"),
    (r#""2026-01-30T14:05Z""#, "2026-01-30T14:05:00Z"),
    // Seconds and milliseconds since 1970.
    ("1769781900", "2026-01-30T14:05:00Z"),
    ("1769781900.25", "2026-01-30T14:05:00Z"),
    ("1769781900123", "2026-01-30T14:05:00Z"),
    // "Not set", as Go, Alertmanager and .NET write it.
    (r#""0001-01-01T00:00:00Z""#, ""),
    (r#""0001-01-01T00:00:00""#, ""),
    (r#""0001-01-01T00:00:00.0000000+00:00""#, ""),
    (r#""0001-01-01 00:00:00 +0000 UTC""#, ""),
    ("0", ""),
    ("null", ""),
    (r#""""#, ""),
    // What is no time of these stays what it is.
    (r#""yesterday at 2""#, "as it is"),
    (r#""2026-01-30""#, "as it is"),
    (r#""2026-01-30T23:59:60Z""#, "as it is"),
    (r#""2026-13-30T23:59:00Z""#, "as it is"),
    // What nobody can read is not shown.
    ("true", ""),
    ("-5", ""),
    ("1e300", ""),
    ("[]", ""),
    (r#"{"at": 1}"#, ""),
];

/// The cards that show times, with the field, and in which data.
const TIME_FIELDS: [(&str, &str); 5] = [
    ("alert", r#"{"since": T, "until": T}"#),
    ("resolved", r#"{"since": T, "until": T}"#),
    (
        "digest",
        r#"{"items": [{"title": "a", "time": T}, {"title": "b", "time": T}]}"#,
    ),
    ("poll", r#"{"choices": ["a"], "until": T}"#),
    ("facts", r#"{"when": T}"#),
];

#[tokio::test]
async fn times_are_shown_however_they_are_written_and_never_raw() {
    let templates = templates();
    let mut cases = Vec::new();
    for (card, data) in TIME_FIELDS {
        for (name, template) in templates
            .iter()
            .filter(|(name, _)| name.split('.').next() == Some(card))
        {
            for (written, wanted) in TIMES {
                let fields = data.matches(": T").count();
                let data: Value =
                    serde_json::from_str(&data.replace(": T", &format!(": {written}"))).unwrap();
                cases.push((name, template, data, *written, *wanted, fields));
            }
        }
    }
    let lines: Vec<(&Value, Value)> = cases.iter().map(|case| (case.1, case.2.clone())).collect();
    for ((name, _, _, written, wanted, fields), card) in cases.iter().zip(fill(&lines).await) {
        let found = markers(&card);
        let mut texts = Vec::new();
        strings(&card, &mut texts);
        let plain: Value = serde_json::from_str(written).unwrap();
        let shown = |text: &str| texts.iter().filter(|one| **one == text).count();
        match *wanted {
            "" => assert_eq!(found, [""; 0], "{name}: {written}"),
            "as it is" => assert_eq!(shown(plain.as_str().unwrap()), *fields, "{name}: {written}"),
            moment => {
                let both = [format!("DATE({moment}, SHORT)"), format!("TIME({moment})")];
                let all: Vec<String> = (0..*fields).flat_map(|_| both.clone()).collect();
                assert_eq!(found, all, "{name}: {written}");
            }
        }
        if wanted.is_empty() {
            let written = plain.as_str().unwrap_or(written);
            assert!(
                written.is_empty() || shown(written) == 0,
                "{name}: {written}: {card}"
            );
        }
    }
}

/// Severities as people and programs spell them, and the look that they get.
const SEVERITIES: &[(&str, &str)] = &[
    (
        "attention",
        "critical Critical CRITICAL crit error Error ERR fatal page emergency emerg alert disaster high major \
         blocker urgent down failed Failure P0 P1 p2 P-1 SEV0 sev1 Sev-1 1 2 kritisch Fehler",
    ),
    (
        "warning",
        "warning Warning WARN warn medium moderate average minor degraded P3 sev2 3 Warnung",
    ),
    (
        "good",
        "resolved Resolved OK ok normal healthy up recovered success closed cleared behoben",
    ),
    (
        "accent",
        "info INFO information Informational notice low debug verbose P4 P5 Sev3 sev4 4 5 Hinweis",
    ),
    ("emphasis", "purple none unknown critically 0 6 99 P9 infos"),
];

#[tokio::test]
async fn severities_are_known_by_every_spelling_and_unknown_ones_look_neutral() {
    let templates = templates();
    let mut cases = Vec::new();
    let named = ["alert", "alert.de", "digest", "digest.de"];
    for name in named.into_iter().filter(|name| templates.contains_key(*name)) {
        for (look, words) in SEVERITIES {
            for word in words.split_whitespace() {
                cases.push((name, *look, json!(word)));
                if let Ok(number) = word.parse::<u32>() {
                    cases.push((name, *look, json!(number)));
                }
            }
        }
        for nothing in [json!(null), json!(""), json!(true), json!([])] {
            cases.push((name, "emphasis", nothing));
        }
        cases.push((name, "attention", json!(" Critical ")));
        cases.push((name, "attention", json!("SEV 1")));
    }
    let lines: Vec<(&Value, Value)> = cases
        .iter()
        .map(|(name, _, severity)| {
            let data = json!({ "title": "t", "severity": severity, "items": [{ "title": "i", "severity": severity }] });
            (&templates[*name], data)
        })
        .collect();
    for ((name, look, severity), card) in cases.iter().zip(fill(&lines).await) {
        let color = if *look == "emphasis" { "default" } else { look };
        if name.starts_with("alert") {
            let header = &card["body"][0];
            assert_eq!(header["style"], *look, "{name}: {severity}");
            assert_eq!(header["items"][0]["color"], color, "{name}: {severity}");
            let label = header["items"][0]["text"].as_str().unwrap();
            assert!(!label.is_empty() && !label.contains("${"), "{name}: {label}");
        } else if !severity.is_null() {
            let columns = card.pointer("/body/1/items").or(card.pointer("/body/2/items"));
            let column = &columns.unwrap()[0]["items"][0]["columns"][1];
            assert_eq!(column["items"][0]["color"], color, "{name}: {severity}: {card}");
        }
        markers(&card);
    }
    // What is not known is shown as it was written.
    if let Some(alert) = templates.get("alert") {
        let shown = fill(&[(alert, json!({ "severity": "purple" }))]).await;
        assert_eq!(shown[0]["body"][0]["items"][0]["text"], "purple");
    }
}

/// The cards that take addresses.
const SHIPPED: [&str; 11] = [
    "alert",
    "columns",
    "default",
    "digest",
    "facts",
    "list",
    "mention",
    "poll",
    "preferences",
    "resolved",
    "welcome",
];

#[tokio::test]
async fn only_https_addresses_become_links() {
    let templates = templates();
    let data = |url: &str| {
        json!({
            "id": "1", "title": "t", "url": url, "optOutUrl": url, "notificationUrl": url, "imageUrl": url,
            "items": [{ "title": "entry", "url": url }],
        })
    };
    let bad = [
        "http://x.example/a",
        "javascript:alert(1)",
        "data:text/html,x",
        "mailto:a@x.example",
        "/path",
        "x.example",
        "",
        " https://x.example/a",
    ];
    let good = "https://x.example/a (b)";
    let ours = |name: &str| SHIPPED.contains(&name.split('.').next().unwrap());
    let urls = bad.into_iter().chain([good]);
    let cases: Vec<(&str, &String, &Value)> = urls
        .flat_map(|url| {
            templates
                .iter()
                .map(move |(name, template)| (url, name, template))
        })
        .filter(|case| ours(case.1))
        .collect();
    let lines: Vec<(&Value, Value)> = cases.iter().map(|case| (case.2, data(case.0))).collect();
    for ((url, name, _), card) in cases.iter().zip(fill(&lines).await) {
        let mut texts = Vec::new();
        strings(&card, &mut texts);
        let opens = card["actions"].as_array().into_iter().flatten();
        let opens = opens.filter(|action| action["type"] == "Action.OpenUrl").count();
        if *url == good {
            assert!(opens > 0, "{name}: {card}");
            let links = texts.iter().filter(|text| text.contains("]("));
            for link in links {
                assert_eq!(*link, "[entry](https://x.example/a%20%28b%29)", "{name}");
            }
        } else {
            assert_eq!(opens, 0, "{name}: {url}: {card}");
            assert!(
                !texts.iter().any(|text| text.contains("](")),
                "{name}: {url}: {card}"
            );
            assert!(url.is_empty() || !texts.contains(url), "{name}: {url}: {card}");
        }
    }
}
