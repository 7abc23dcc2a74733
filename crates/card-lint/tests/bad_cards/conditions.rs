//! `$when` and `$data` that decide nothing, and failures that must not hide other findings.

use crate::{body, card_says, clean, lint};
use card_lint::Rule;
use serde_json::{Value, json};

fn when(condition: &Value) -> Value {
    body(
        &json!([{ "type": "TextBlock", "text": "a" }, { "type": "TextBlock", "$when": condition, "text": "x" }]),
    )
}

#[test]
fn a_condition_that_is_no_expression_is_found_without_data() {
    let says = |condition: Value, words: &[&str]| {
        card_says(
            &when(&condition),
            None,
            Rule::Condition,
            &[&["error: /body/1/$when: "], words].concat(),
        );
    };
    says(json!("title != ''"), &["never shown", "write \"${title != ''}\""]);
    says(json!("true"), &["the text \"true\"", "never shown"]);
    says(json!(true), &["never shown", "${true}"]);
    says(json!(false), &["always shown", "${false}"]);
    says(json!(3), &["a number", "never shown"]);
    says(json!("{isUrgent}"), &["write \"${isUrgent}\""]);
    says(json!("${a} == 'x'"), &["inside one ${…}"]);
}

#[test]
fn a_condition_whose_value_is_no_boolean_is_found_with_the_data() {
    let says = |condition: &str, data: Value, words: &[&str]| {
        card_says(
            &when(&json!(condition)),
            Some(&data),
            Rule::Condition,
            &[&["error: /body/1/$when: "], words].concat(),
        );
    };
    says(
        "${flag}",
        json!({ "flag": "true" }),
        &["the text \"true\"", "without quotes"],
    );
    says("${count}", json!({ "count": 2 }), &["a number", "${… > 0}"]);
    says("${items}", json!({ "items": [1] }), &["an array", "length("]);
    says("${note}", json!({ "note": "x" }), &["the text \"x\"", "exists("]);
    let data = json!({ "yes": true, "count": 2, "nothing": null });
    for good in [
        "${yes}",
        "${count > 1}",
        "${!yes}",
        "${exists(no)}",
        "${nothing}",
        "${true}",
    ] {
        let found = lint(&when(&json!(good)), Some(&data));
        assert!(
            found.iter().all(|one| one.rule == Rule::Unread),
            "{good}: {found:#?}"
        );
    }
}

#[test]
fn a_typo_in_data_is_found_there_and_not_in_the_children() {
    let card = body(&json!([
        { "type": "Container", "$data": "${itmes}", "items": [
            { "type": "TextBlock", "text": "${name}" },
            { "type": "TextBlock", "$data": "${parts}", "text": "${label}" },
        ] },
    ]));
    let data = json!({ "items": [{ "name": "a", "parts": [{ "label": "b" }] }] });
    card_says(
        &card,
        Some(&data),
        Rule::Field,
        &["error: /body/0/$data: ", "`itmes`", "did you mean `items`?"],
    );
    let inner = body(&json!([
        { "type": "Container", "$data": "${items}", "items": [
            { "type": "TextBlock", "text": "${name}" },
            { "type": "TextBlock", "$data": "${prts}", "text": "${label}" },
        ] },
    ]));
    card_says(
        &inner,
        Some(&data),
        Rule::Field,
        &["error: /body/0/items/1/$data: ", "did you mean `parts`?"],
    );
}

#[test]
fn data_that_only_some_items_have_are_no_finding() {
    let card = body(&json!([
        { "type": "Container", "$data": "${items}", "items": [
            { "type": "TextBlock", "$data": "${parts}", "$when": "${exists(label)}", "text": "${label}" },
        ] },
        { "type": "TextBlock", "text": "x" },
    ]));
    clean(
        &card,
        Some(&json!({ "items": [{ "parts": [{ "label": "b" }] }, {}] })),
    );
    clean(&card, Some(&json!({ "items": [{ "parts": null }] })));
    clean(&card, Some(&json!({ "items": [] })));
}

#[test]
fn data_that_a_condition_asks_for_are_no_finding() {
    let card = body(&json!([
        { "type": "TextBlock", "text": "x" },
        { "type": "TextBlock", "$data": "${items}", "$when": "${exists(name)}", "text": "${name}" },
        { "type": "Container", "$when": "${exists(parts)}", "items": [
            { "type": "TextBlock", "$data": "${parts}", "text": "${label}" },
        ] },
    ]));
    clean(&card, Some(&json!({})));
}

#[test]
fn data_that_are_a_text_are_no_data() {
    let card = body(&json!([{ "type": "TextBlock", "$data": "items", "text": "${name}" }]));
    card_says(
        &card,
        Some(&json!({ "items": [{ "name": "x" }] })),
        Rule::Expression,
        &["warning: /body/0/$data: ", "write \"${items}\""],
    );
}

#[test]
fn one_failing_value_hides_nothing() {
    let card = body(&json!([
        { "type": "TextBlock", "text": "${formatDateTime(when, 'd')}" },
        { "type": "TextBlock", "text": "Hi ${titel}" },
        { "type": "TextBlock", "text": "${formatNumber(title, 2)}" },
        { "type": "TextBlock", "text": "${if(}" },
        { "type": "TextBlock", "text": "${count}" },
    ]));
    let found = lint(&card, Some(&json!({ "when": "soon", "title": "x", "count": 3 })));
    let places: Vec<(&str, Rule)> = found.iter().map(|one| (one.pointer.as_str(), one.rule)).collect();
    assert_eq!(
        places,
        [
            ("/body/0/text", Rule::Fill),
            ("/body/1/text", Rule::Field),
            ("/body/2/text", Rule::Fill),
            ("/body/3/text", Rule::Expression),
            ("/body/4/text", Rule::Value),
        ],
        "{found:#?}"
    );
}

#[test]
fn every_value_that_fails_for_a_recipient_is_found() {
    let card = body(&json!([
        { "type": "TextBlock", "text": "Hi ${$host.recipient.name}" },
        { "type": "TextBlock", "text": "By ${$host.recipient.name}" },
    ]));
    let found = lint(&card, Some(&json!({})));
    let places: Vec<&str> = found.iter().map(|one| one.pointer.as_str()).collect();
    assert_eq!(places, ["/body/0/text", "/body/1/text"], "{found:#?}");
}
