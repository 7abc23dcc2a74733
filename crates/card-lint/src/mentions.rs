//! Mentions: each `<at>name</at>` in the card needs an entity with exactly that text, and the other way round.

use crate::{
    finding::Finding,
    markers::{self, step},
    names,
    rule::Rule,
};
use serde_json::Value;

/// Reports mentions that notify no one.
pub(crate) fn check(card: &Value, findings: &mut Vec<Finding>) {
    let mut texts = Vec::new();
    collect(card, "", &mut texts);
    let none = Vec::new();
    let entities = card["msteams"]["entities"].as_array().unwrap_or(&none);
    let mut known = Vec::new();
    for (at, entity) in entities.iter().enumerate() {
        let pointer = entity
            .get(markers::AT)
            .and_then(Value::as_str)
            .map_or_else(|| format!("/msteams/entities/{at}"), str::to_owned);
        if entity["type"] != "mention" {
            continue;
        }
        let Some(text) = entity["text"].as_str() else {
            let what = "the mention has no text";
            findings.push(
                Finding::error(Rule::Mention, &pointer, what).suggest("add \"text\": \"<at>name</at>\""),
            );
            continue;
        };
        for key in ["id", "name"] {
            if entity["mentioned"][key].as_str().is_none_or(str::is_empty) {
                let what = format!("the mention lacks the {key} of the mentioned account");
                findings.push(
                    Finding::error(Rule::Mention, &pointer, what)
                        .suggest(format!("add \"mentioned\": {{\"{key}\": …}}")),
                );
            }
        }
        if !texts.iter().any(|(_, said)| said.contains(text)) {
            let what = format!("no text of the card has {}", names::quoted(text));
            findings.push(
                Finding::error(Rule::Mention, &step(&pointer, "text"), what)
                    .suggest("a mention's text must occur in the card exactly"),
            );
        }
        known.push(text);
    }
    for (pointer, text) in &texts {
        for mention in tags(text) {
            if !known.contains(&mention) {
                let what = format!("{} has no entity, so it mentions no one", names::quoted(mention));
                findings.push(
                    Finding::error(Rule::Mention, pointer, what)
                        .suggest("add one to \"msteams\": {\"entities\": [{\"type\": \"mention\", …}]}"),
                );
            }
        }
    }
}

/// The `<at>…</at>` in a string.
fn tags(text: &str) -> impl Iterator<Item = &str> {
    text.match_indices("<at>").filter_map(|(from, _)| {
        let end = text[from..].find("</at>")?;
        Some(&text[from..from + end + "</at>".len()])
    })
}

fn collect<'c>(value: &'c Value, pointer: &str, texts: &mut Vec<(String, &'c str)>) {
    match value {
        Value::String(text) => texts.push((pointer.to_owned(), text)),
        Value::Array(items) => {
            for (at, item) in items.iter().enumerate() {
                collect(item, &step(pointer, &at.to_string()), texts);
            }
        }
        Value::Object(members) => {
            let pointer = members
                .get(markers::AT)
                .and_then(Value::as_str)
                .unwrap_or(pointer);
            for (key, item) in members {
                // Data of actions is not shown, and entities are checked above.
                if !matches!(key.as_str(), "msteams" | "data") {
                    collect(item, &step(pointer, key), texts);
                }
            }
        }
        _ => {}
    }
}
