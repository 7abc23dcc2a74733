//! The card as a whole: itself, its size, pictures, ids, mentions, and what is no finding.

use crate::{body, card_says, clean, lint, says};
use card_lint::{Level, Rule};
use serde_json::{Value, json};

#[test]
fn the_card_itself() {
    let text = json!([{ "type": "TextBlock", "text": "x" }]);
    card_says(
        &json!({ "type": "AdaptiveCard", "body": text }),
        None,
        Rule::Version,
        &["error: ", "no version"],
    );
    card_says(
        &json!({ "type": "AdaptiveCard", "version": 1.5, "body": text }),
        None,
        Rule::Version,
        &["/version", "a string"],
    );
    card_says(
        &json!({ "version": "1.5", "body": text }),
        None,
        Rule::Required,
        &["AdaptiveCard"],
    );
    card_says(
        &json!({ "type": "Adaptivecard", "version": "1.5", "body": text }),
        None,
        Rule::Type,
        &["AdaptiveCard"],
    );
    card_says(
        &json!({ "type": "message", "attachments": [] }),
        None,
        Rule::Type,
        &["message"],
    );
    card_says(&json!([1]), None, Rule::Type, &["an array is not a card"]);
    card_says(
        &json!({ "type": "AdaptiveCard", "version": "1.5" }),
        None,
        Rule::Required,
        &["shows nothing"],
    );
}

#[test]
fn sizes_are_counted_as_teams_counts() {
    // 1 unit of UTF-16 is 2 bytes, outside the basic plane 4; a UTF-8 count would differ.
    let card = |text: String| body(&json!([{ "type": "TextBlock", "text": text }]));
    clean(&card("ä".repeat(39_000)), None);
    card_says(
        &card("ä".repeat(41_000)),
        None,
        Rule::Size,
        &["warning", "near the limit"],
    );
    card_says(&card("ä".repeat(50_000)), None, Rule::Size, &["error", "100000"]);
    card_says(&card("😀".repeat(25_000)), None, Rule::Size, &["error"]);
    let filled = card("${join(lines, '')}".to_owned());
    let data = json!({ "lines": vec!["0123456789"; 5_000] });
    card_says(&filled, Some(&data), Rule::Size, &["error"]);
}

#[test]
fn pictures_need_a_text_and_an_address() {
    says(
        &json!({ "type": "Image", "url": "https://x.example/a.png" }),
        Rule::AltText,
        &["warning: /body/0: ", "altText"],
    );
    says(
        &json!({ "type": "Image", "url": "https://x.example/a.png", "altText": " " }),
        Rule::AltText,
        &["altText"],
    );
    says(
        &json!({ "type": "ImageSet", "images": [{ "type": "Image", "url": "https://x.example/a.png" }] }),
        Rule::AltText,
        &["/body/0/images/0"],
    );
    says(
        &json!({ "type": "Image", "url": "a.png", "altText": "x" }),
        Rule::Value,
        &["/body/0/url"],
    );
}

#[test]
fn ids_and_targets() {
    let two = json!([{ "type": "TextBlock", "text": "x", "id": "a" }, { "type": "TextBlock", "text": "y", "id": "a" }]);
    card_says(&body(&two), None, Rule::Id, &["/body/1/id", "\"a\"", "twice"]);
    let card = json!({ "type": "AdaptiveCard", "version": "1.5",
        "body": [{ "type": "TextBlock", "text": "x", "id": "details" }],
        "actions": [{ "type": "Action.ToggleVisibility", "title": "More", "targetElements": ["detials"] }] });
    card_says(
        &card,
        None,
        Rule::Id,
        &["/actions/0/targetElements/0", "did you mean \"details\"?"],
    );
}

#[test]
fn mentions_need_their_entity() {
    let card = |entities: Value| {
        json!({ "type": "AdaptiveCard", "version": "1.5",
        "body": [{ "type": "TextBlock", "text": "Hi <at>Ann</at>" }], "msteams": { "entities": entities } })
    };
    let entity = |text: &str| json!({ "type": "mention", "text": text, "mentioned": { "id": "a@x.example", "name": "Ann" } });
    clean(&card(json!([entity("<at>Ann</at>")])), None);
    card_says(
        &card(json!([])),
        None,
        Rule::Mention,
        &["/body/0/text", "<at>Ann</at>"],
    );
    let findings = lint(&card(json!([entity("<at>ann</at>")])), None);
    assert_eq!(findings.len(), 2, "{findings:#?}");
    card_says(
        &card(json!([{ "type": "mention", "text": "<at>Ann</at>", "mentioned": { "name": "Ann" } }])),
        None,
        Rule::Mention,
        &["/msteams/entities/0", "id"],
    );
}

#[test]
fn what_teams_adds_to_the_schema_is_no_finding() {
    let card = json!({ "type": "AdaptiveCard", "version": "1.5", "msteams": { "width": "Full" }, "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
        "body": [
            { "type": "Container", "items": [], "roundedCorners": true, "targetWidth": "atLeast:narrow" },
            { "type": "Input.ChoiceSet", "id": "who", "choices": [], "choices.data": { "type": "Data.Query", "dataset": "graph.microsoft.com/users" } },
            { "type": "Table", "firstRowAsHeader": true, "columns": [{ "width": 1 }], "rows": [{ "type": "TableRow", "cells": [{ "type": "TableCell", "items": [] }] }] },
            { "type": "RichTextBlock", "inlines": ["a", { "type": "TextRun", "text": "b" }] },
        ],
        "actions": [{ "type": "Action.ShowCard", "title": "x", "card": { "type": "AdaptiveCard", "body": [{ "type": "Input.Text", "id": "t", "inlineAction": { "type": "Action.Submit", "title": "Send" } }] } }] });
    clean(&card, None);
}

#[test]
fn several_findings_come_in_the_order_of_the_card() {
    let findings = lint(
        &json!({ "type": "AdaptiveCard", "version": "1.5", "body": [
            { "type": "FactSet" }, { "type": "Foo" }, { "type": "Image", "url": "https://x.example/a.png" } ],
            "actions": [{ "type": "Bar" }] }),
        None,
    );
    let pointers: Vec<&str> = findings.iter().map(|one| one.pointer.as_str()).collect();
    assert_eq!(
        pointers,
        ["/actions/0/type", "/body/0", "/body/1/type", "/body/2"]
    );
    assert_eq!(findings.iter().filter(|one| one.level == Level::Error).count(), 3);
}
