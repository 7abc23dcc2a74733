//! Texts that people would read as they are written, and hints for what is written as in other languages.

use crate::{body, card_says, clean, lint};
use card_lint::{Level, Rule};
use serde_json::{Value, json};

fn text(text: &str) -> Value {
    body(&json!([{ "type": "TextBlock", "text": text }]))
}

#[test]
fn placeholders_of_other_languages_are_found() {
    let says = |written: &str, words: &[&str]| {
        let words = [&["warning: /body/0/text: ", "as it is"], words].concat();
        card_says(&text(written), None, Rule::Placeholder, &words);
    };
    says("Hi {title}", &["`{title}`", "write ${title}"]);
    says("Hi {{ person.name }}", &["write ${person.name}"]);
    says("${a} and {b}", &["write ${b}"]);
    says(
        "By @{triggerBody()?['by']}",
        &["`@{triggerBody()", "write an expression"],
    );
    says("By @{by}", &["`@{by}`", "write ${by}"]);
    for good in [
        "{}",
        "{ 1 }",
        "a {b c}",
        "{\"a\": 1}",
        "${json('{\"a\": 1}').a}",
        "{{DATE(2026-01-30T14:05:00Z)}}",
    ] {
        clean(&text(good), None);
    }
    let all = lint(&text("{a} {{b}} @{c} ${d}"), None);
    assert_eq!(all.len(), 3, "{all:#?}");
    let data = json!({ "type": "AdaptiveCard", "version": "1.5", "actions": [
        { "type": "Action.Submit", "title": "x", "data": { "template": "{title}" } }] });
    clean(&data, None);
}

#[test]
fn an_expression_without_its_end_is_found() {
    let says = |written: &str, column: usize| {
        let card = text(written);
        let found = lint(&card, None);
        assert_eq!(found.len(), 1, "{found:#?}");
        let before = card.to_string().find(written).unwrap();
        assert_eq!(
            (found[0].rule, found[0].level, found[0].column),
            (Rule::Expression, Level::Error, Some(before + column))
        );
        assert!(found[0].message.contains("closing }"), "{found:#?}");
    };
    says("Hi ${name", 4);
    says("Hi ${name and ${title}", 4);
    says("${if(a, 'x}", 1);
    for good in [
        "It's ${name}'s",
        "${if(a, '}', '{')}",
        "${concat('$', '{')}",
        "costs $5",
    ] {
        clean(&text(good), None);
    }
}

#[test]
fn dates_that_teams_cant_read_are_found() {
    let says = |written: &str, words: &[&str]| {
        let words = [&["error: /body/0/text: ", "Teams can't read"], words].concat();
        card_says(&text(written), None, Rule::Moment, &words);
    };
    says(
        "Due {{DATE(2026-01-30T14:05:00.123Z, SHORT)}}",
        &["whole seconds"],
    );
    says("Due {{DATE(2026-01-30)}}", &["whole seconds"]);
    says("Due {{TIME(2026-01-30T14:05:00)}}", &["with a zone"]);
    says(
        "Due {{DATE(2026-01-30T14:05:00Z, MEDIUM)}}",
        &["COMPACT, SHORT or LONG"],
    );
    says(
        "Due {{TIME(2026-01-30T14:05:00Z, SHORT)}}",
        &["TIME takes no format"],
    );
    says("Due {{date(2026-01-30T14:05:00Z)}}", &["capitals"]);
    for good in [
        "{{DATE(2026-01-30T14:05:00Z)}} {{TIME(2026-01-30T14:05:00+01:00)}}",
        "{{DATE(2026-01-30T14:05:00-08:00,LONG)}}",
    ] {
        clean(&text(good), None);
    }
}

#[test]
fn dates_from_the_data_are_checked_when_they_are_filled_in() {
    let card = text("Due {{DATE(${when}, SHORT)}}");
    clean(&card, None);
    clean(&card, Some(&json!({ "when": "2026-01-30T14:05:00Z" })));
    card_says(
        &card,
        Some(&json!({ "when": "2026-01-30T14:05:00.5Z" })),
        Rule::Moment,
        &[
            "error: /body/0/text: ",
            "2026-01-30T14:05:00.5Z",
            "formatDateTime",
        ],
    );
}

#[test]
fn an_object_among_text_is_found() {
    let data = json!({ "person": { "name": "Ann" } });
    card_says(
        &text("Hi ${person}"),
        Some(&data),
        Rule::Value,
        &["error: /body/0/text: ", "[object Object]", "${person.name}"],
    );
    clean(&text("Hi ${person.name}"), Some(&data));
}

#[test]
fn hints_for_what_other_languages_write() {
    let says = |expression: &str, hint: &str| {
        let found = lint(&text(expression), None);
        assert!(
            found.len() == 1 && found[0].suggestion.contains(hint),
            "{expression}: {found:#?}"
        );
    };
    says("${title.toUpperCase()}", "toUpper(title)");
    says("${names.join(', ')}", "join(names, ', ')");
    says("${unit price}", "$data['unit price']");
    says("${sap:id}", "$data['sap:id']");
    says("${rs:greeting}", "string resources");
}

#[test]
fn hints_from_the_data() {
    let data = json!({ "unit-price": 2, "items": [1] });
    card_says(
        &text("Costs ${unit-price}, ${items[0]}"),
        Some(&data),
        Rule::Fill,
        &["`unit-price`", "$data['unit-price']"],
    );
    let data = json!({ "items": [1] });
    card_says(
        &text("${items.length}"),
        Some(&data),
        Rule::Field,
        &["length(items)"],
    );
}

#[test]
fn data_that_the_card_does_not_read_are_noted() {
    card_says(
        &text("Hi ${name}"),
        Some(&json!({ "name": "Ann", "Severity": "x", "nickname": "y" })),
        Rule::Unread,
        &["note: ", "`Severity`, `nickname`"],
    );
    clean(&text("${string($root)}"), Some(&json!({ "name": "Ann" })));
    clean(&text("no expression"), Some(&json!({ "name": "Ann" })));
}
