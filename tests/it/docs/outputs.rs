//! What the guides show of output is what comes out: after the guides' own requests to a running `dev`, and of errors.

use super::{
    curl::Curl,
    markdown::{Guide, guide},
    shell,
};
use crate::support::{
    handler::{Handler, dev, run},
    room::Room,
    wait,
};
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// Blocks of output in all guides: the README's log and its query, the findings in docs/cards.md, the errors of the crate
/// `card`.
pub(super) const KNOWN: usize = 4;

/// The text of a guide's only block of a language.
fn only(name: &str, language: &str) -> String {
    let guide = guide(name);
    let blocks: Vec<&str> = guide
        .blocks_of(language)
        .map(|block| block.text.as_str())
        .collect();
    assert_eq!(blocks.len(), 1, "{name}: {language}");
    blocks[0].to_owned()
}

/// The requests of a guide's `curl` lines.
fn requests(guide: &Guide) -> Vec<Curl> {
    let commands = guide
        .blocks_of("sh")
        .flat_map(|block| shell::commands(&block.text));
    commands
        .filter(|command| command.starts_with("curl "))
        .map(|command| Curl::read(&command))
        .collect()
}

/// Their bodies.
pub(super) fn bodies(guide: &Guide) -> Vec<Value> {
    let bodies = requests(guide).into_iter().map(|request| request.body.unwrap());
    bodies.map(|body| serde_json::from_str(&body).unwrap()).collect()
}

/// A plain line's level, message and names of fields: what does not change from run to run.
fn shape(line: &str) -> String {
    let (time, rest) = line.split_once(' ').unwrap_or((line, ""));
    let is_time = time.len() == 8 && time.split(':').all(|part| part.parse::<u8>().is_ok());
    let words = rest.split(' ').map(|word| match word.split_once('=') {
        Some((name, _)) => format!("{name}="),
        None => word.to_owned(),
    });
    format!("{is_time} {}", words.collect::<Vec<_>>().join(" "))
}

/// Waits for as many ends as were sent, and returns the lines that tell of notifications.
async fn story(handler: &Handler, ends: usize) -> Vec<String> {
    wait::until("the ends of what was sent", async || {
        let lines = handler.output.out();
        let ended = lines.iter().filter(|line| line.contains("notification ended"));
        (ended.count() >= ends).then_some(lines)
    })
    .await
}

#[tokio::test]
async fn the_guides_requests_send_and_the_log_tells_it_as_the_readme_shows() {
    let handler = dev(Room::new()).set("LOG_FORMAT", "plain").start().await;
    let mut sent = 0;
    for name in ["README.md", "docs/cards.md"] {
        let requests = requests(&guide(name));
        assert_eq!(requests.len(), 1, "{name}");
        for request in requests {
            request.send(&handler).await.expect(202);
            sent += 1;
        }
    }
    // The demonstration's own one is the first.
    let lines = story(&handler, sent + 1).await;
    let shown = only("README.md", "text");
    assert_eq!(shown.lines().count(), 2);
    for wanted in shown.lines() {
        let shapes: BTreeSet<String> = lines.iter().map(|line| shape(line)).collect();
        assert!(
            shapes.contains(&shape(wanted)),
            "{wanted}\nis not among\n{lines:#?}"
        );
    }
}

/// `dev` says what the README says of it: the key and a `curl` line, which can be sent as it stands.
#[tokio::test]
async fn dev_prints_the_line_that_the_readme_shows() {
    let handler = dev(Room::new()).start().await;
    let printed = handler.output.out().join("\n");
    let lines = shell::commands(&printed);
    let mut printed_requests = lines
        .iter()
        .filter(|line| line.starts_with("curl "))
        .map(|line| Curl::read(line));
    let shown = requests(&guide("README.md")).remove(0);
    let same = printed_requests
        .find(|curl| (&curl.method, &curl.path, &curl.body) == (&shown.method, &shown.path, &shown.body));
    same.unwrap_or_else(|| panic!("{printed}"))
        .send(&handler)
        .await
        .expect(202);
}

#[tokio::test]
async fn the_query_asks_for_fields_that_lines_have() {
    let room = Room::new();
    room.write("cards/broken.json", "{");
    let handler = dev(room).start().await;
    story(&handler, 1).await;
    let fields: BTreeSet<String> = handler
        .output
        .events()
        .iter()
        .flat_map(|line| line.as_object().unwrap().keys().cloned().collect::<Vec<_>>())
        .collect();
    let query = only("README.md", "kusto");
    let asked: BTreeSet<String> = query
        .split("line.")
        .skip(1)
        .map(|rest| {
            rest.split(|c: char| !c.is_ascii_alphabetic() && c != '_')
                .next()
                .unwrap()
                .to_owned()
        })
        .collect();
    assert!(
        asked.len() == 4 && asked.is_subset(&fields),
        "{asked:?} of {fields:?}"
    );
    let levels = handler.output.events();
    assert!(levels.iter().any(|line| line["level"] == "ERROR"), "{levels:#?}");
}

#[tokio::test]
async fn findings_are_written_as_the_guide_to_cards_shows() {
    let room = Room::empty();
    let body = json!([
        { "type": "TextBlock", "text": "${title}" },
        { "type": "TextBlock", "text": "${descripton}" },
        { "type": "Factset", "facts": [] },
    ]);
    let card = json!({ "type": "AdaptiveCard", "version": "1.5", "body": body });
    room.write("cards/alert.json", &format!("{card:#}"));
    room.write("cards/alert.data.json", r#"{ "title": "x", "description": "y" }"#);
    let checked = run(&room, &["card", "check", "cards/alert.json"], &[], "").await;
    assert_eq!(checked.stdout, only("docs/cards.md", "text"), "{checked:#?}");
}

#[tokio::test]
async fn errors_are_written_as_the_guide_to_the_language_shows() {
    let text = |text: &str| {
        format!(
            "{{\n  \"type\": \"AdaptiveCard\",\n  \"version\": \"1.5\",\n  \"body\": [\n    {{\n      \"type\": \"TextBlock\",\n      \"text\": \"{text}\"\n    }}\n  ]\n}}"
        )
    };
    let templates = [
        text("${formatNumber(1)}"),
        text("${unit price}"),
        text("${formatNumber(pirce, 2)}"),
        "{\n\n\n  \"xy\": [1,]\n}".to_owned(),
    ];
    let shown = only("crates/card/README.md", "text");
    assert_eq!(shown.lines().count(), templates.len());
    for (template, wanted) in templates.iter().zip(shown.lines()) {
        let room = Room::empty();
        room.write("orders.json", template);
        room.write("data.json", r#"{ "price": 2 }"#);
        let arguments = [
            "card",
            "expand",
            "--template",
            "orders.json",
            "--data",
            "data.json",
        ];
        let expanded = run(&room, &arguments, &[], "").await;
        assert!(expanded.stderr.contains(wanted), "{wanted}: {expanded:#?}");
    }
}
