//! Cards with one thing wrong each, and what a designer is told. A line is `pointer: level: …`.

use card_lint::{Finding, Host, Level, Rule, Sample, check};
use serde_json::{Value, json};

fn hosts() -> Vec<Host> {
    let host = |case, name: Option<&str>| Host {
        case,
        value: json!({ "recipient": { "name": name, "locale": "en", "scope": "personal", "tenant": "t" } }),
    };
    vec![host("", Some("Ann")), host("a recipient without a name", None)]
}

fn lint(template: &Value, data: Option<&Value>) -> Vec<Finding> {
    let data = data.map(Value::to_string);
    let sample = data.as_deref().map(|data| Sample {
        data,
        name: "sample.json",
    });
    check(&template.to_string(), sample, &hosts())
}

fn body(elements: &Value) -> Value {
    json!({ "type": "AdaptiveCard", "version": "1.5", "body": elements })
}

/// The only finding of a card, as the designer reads it.
fn only(template: &Value, data: Option<&Value>) -> (Rule, String) {
    let findings = lint(template, data);
    let lines: Vec<String> = findings.iter().map(ToString::to_string).collect();
    assert_eq!(findings.len(), 1, "{lines:#?}\nin {template}");
    (findings[0].rule, lines[0].clone())
}

#[track_caller]
fn says(element: Value, rule: Rule, words: &[&str]) {
    card_says(&body(&json!([element])), None, rule, words);
}

#[track_caller]
fn card_says(card: &Value, data: Option<&Value>, rule: Rule, words: &[&str]) {
    let (found, line) = only(card, data);
    assert_eq!(found, rule, "{line}");
    for word in words {
        assert!(line.contains(word), "{word:?} is missing in: {line}");
    }
}

#[track_caller]
fn clean(card: &Value, data: Option<&Value>) {
    let lines: Vec<String> = lint(card, data).iter().map(ToString::to_string).collect();
    assert!(lines.is_empty(), "{lines:#?}");
}

#[test]
fn text_that_is_not_json_is_found_by_line_and_column() {
    let findings = check("{\n  \"type\": ]\n}", None, &[]);
    assert_eq!(findings.len(), 1);
    assert_eq!(
        (findings[0].rule, findings[0].line, findings[0].column),
        (Rule::Json, Some(2), Some(11))
    );
    assert!(
        findings[0].to_string().starts_with("2:11: error: "),
        "{}",
        findings[0]
    );
}

#[test]
fn sample_data_that_are_not_json_are_named() {
    let card = body(&json!([{ "type": "TextBlock", "text": "${a}" }])).to_string();
    let sample = Sample {
        data: "{\"a\": }",
        name: "x.data.json",
    };
    let findings = check(&card, Some(sample), &[]);
    assert!(
        findings[0].to_string().contains("x.data.json, line 1, column 7"),
        "{}",
        findings[0]
    );
}

#[test]
fn every_bad_expression_is_found_with_its_column() {
    let card = body(&json!([
        { "type": "TextBlock", "text": "Hi ${if(}" },
        { "type": "TextBlock", "text": "${toUper(name)}" },
        { "type": "TextBlock", "text": "Sum: ${add(1, lenght(x))}" },
    ]));
    let findings = lint(&card, None);
    let lines: Vec<String> = findings.iter().map(ToString::to_string).collect();
    assert_eq!(findings.len(), 3, "{lines:#?}");
    assert_eq!(
        findings.iter().map(|one| one.rule).collect::<Vec<_>>(),
        [Rule::Expression, Rule::Function, Rule::Function]
    );
    assert!(
        lines[1].starts_with("/body/1/text: error: column 3: "),
        "{lines:#?}"
    );
    assert!(
        lines[1].contains("`toUper`") && lines[1].contains("did you mean `toUpper`?"),
        "{lines:#?}"
    );
    assert!(lines[2].contains("did you mean `length`?"), "{lines:#?}");
    assert_eq!(findings[2].column, Some(15), "{lines:#?}");
}

#[test]
fn a_field_that_the_data_lack_is_found_where_it_is_written() {
    let card = body(&json!([
        { "type": "TextBlock", "text": "Hi ${titel}" },
    ]));
    card_says(
        &card,
        Some(&json!({ "title": "x" })),
        Rule::Field,
        &["/body/0/text: error: ", "`titel`", "did you mean `title`?"],
    );
    clean(&card, Some(&json!({ "titel": "x" })));
    clean(&card, None);
}

#[test]
fn a_field_in_a_repetition_is_reported_once_and_at_the_template() {
    let card = body(&json!([
        { "type": "TextBlock", "$when": "${false}", "text": "never" },
        { "type": "Container", "items": [
            { "type": "TextBlock", "$data": "${people}", "text": "${name}: ${adress.city}" },
        ]},
    ]));
    let people =
        json!({ "people": [{ "name": "a", "address": { "city": "x" } }, { "name": "b" }, { "name": "c" }] });
    card_says(
        &card,
        Some(&people),
        Rule::Field,
        &["/body/1/items/0/text: ", "`adress.city`"],
    );
}

#[test]
fn a_field_may_be_missing_where_the_card_asks_for_it() {
    let card = body(&json!([
        { "type": "TextBlock", "$when": "${exists(a)}", "text": "${a}" },
        { "type": "TextBlock", "text": "${if(exists(b), b, 'none')}" },
        { "type": "TextBlock", "$when": "${count > 3}", "text": "many" },
    ]));
    clean(&card, Some(&json!({})));
}

#[test]
fn a_condition_on_a_missing_field_is_a_warning() {
    let card = body(&json!([
        { "type": "TextBlock", "text": "x" },
        { "type": "TextBlock", "$when": "${isUrgnt}", "text": "Urgent" },
    ]));
    let data = json!({ "isUrgent": true });
    card_says(
        &card,
        Some(&data),
        Rule::Field,
        &["/body/1/$when: warning: ", "did you mean `isUrgent`?"],
    );
}

#[test]
fn what_fails_for_a_recipient_without_a_name_is_found() {
    let card = body(&json!([{ "type": "TextBlock", "text": "Hi ${$host.recipient.name}" }]));
    card_says(
        &card,
        Some(&json!({})),
        Rule::Fill,
        &["/body/0/text: warning: ", "a recipient without a name"],
    );
    let caught = "Hi ${if(exists($host.recipient.name), $host.recipient.name, 'all')}";
    clean(
        &body(&json!([{ "type": "TextBlock", "text": caught }])),
        Some(&json!({})),
    );
    let misspelt = body(&json!([{ "type": "TextBlock", "text": "${$host.recipient.nme}" }]));
    card_says(
        &misspelt,
        Some(&json!({})),
        Rule::Field,
        &["did you mean `name`?"],
    );
}

#[test]
fn data_that_do_not_fit_an_expression() {
    let card = body(&json!([{ "type": "TextBlock", "text": "${formatDateTime(when, 'd')}" }]));
    card_says(
        &card,
        Some(&json!({ "when": "soon" })),
        Rule::Fill,
        &["/body/0/text: error: "],
    );
}

#[test]
fn unknown_types_come_with_a_suggestion() {
    says(
        json!({ "type": "TextBlok", "text": "x" }),
        Rule::Type,
        &[
            "/body/0/type: error: ",
            "\"TextBlok\"",
            "did you mean \"TextBlock\"?",
        ],
    );
    says(
        json!({ "type": "textblock", "text": "x" }),
        Rule::Type,
        &["\"TextBlock\""],
    );
    says(
        json!({ "type": "Input.Txt", "id": "x" }),
        Rule::Type,
        &["Input.Text"],
    );
    says(
        json!({ "text": "x" }),
        Rule::Required,
        &["/body/0: error: ", "type"],
    );
    says(
        json!({ "type": "Action.Submit", "title": "x" }),
        Rule::Type,
        &["can't stand here"],
    );
    says(
        json!("text"),
        Rule::Type,
        &["/body/0: error: ", "an element is expected"],
    );
}

#[test]
fn actions_are_checked_too() {
    let with = |action: Value| json!({ "type": "AdaptiveCard", "version": "1.5", "actions": [action] });
    card_says(
        &with(json!({ "type": "Action.OpenURL", "title": "x", "url": "https://x.example" })),
        None,
        Rule::Type,
        &["Action.OpenUrl"],
    );
    card_says(
        &with(json!({ "type": "Action.OpenUrl", "title": "x" })),
        None,
        Rule::Required,
        &["/actions/0: error: ", "\"url\""],
    );
    card_says(
        &with(json!({ "type": "Action.OpenUrl", "title": "x", "url": "page.html" })),
        None,
        Rule::Value,
        &["/actions/0/url", "https://"],
    );
    card_says(
        &with(json!({ "type": "Action.OpenUrl", "url": "https://x.example" })),
        None,
        Rule::Required,
        &["warning", "title"],
    );
    card_says(
        &with(json!({ "type": "Action.Http", "title": "x", "url": "https://x.example" })),
        None,
        Rule::Teams,
        &["Action.Execute"],
    );
    card_says(
        &with(json!({ "type": "Action.Submit", "title": "x", "style": "primary" })),
        None,
        Rule::Value,
        &["/actions/0/style", "positive"],
    );
    clean(
        &with(json!({ "type": "Action.Submit", "title": "x", "data": { "a": 1 } })),
        None,
    );
    let seven: Vec<Value> = (0..7)
        .map(|n| json!({ "type": "Action.Submit", "title": n.to_string() }))
        .collect();
    let card = json!({ "type": "AdaptiveCard", "version": "1.5", "actions": seven });
    card_says(&card, None, Rule::Teams, &["/actions: error: ", "7 actions"]);
    let click = json!({ "type": "Container", "items": [], "selectAction": { "type": "Action.ShowCard", "card": { "type": "AdaptiveCard", "body": [] } } });
    says(
        click,
        Rule::Type,
        &["/body/0/selectAction/type", "Action.ShowCard"],
    );
}

#[test]
fn required_properties() {
    says(
        json!({ "type": "TextBlock" }),
        Rule::Required,
        &["/body/0: error: ", "\"text\""],
    );
    says(
        json!({ "type": "Image", "altText": "x" }),
        Rule::Required,
        &["\"url\""],
    );
    says(json!({ "type": "Input.Text" }), Rule::Required, &["\"id\""]);
    says(
        json!({ "type": "FactSet", "facts": [{ "title": "x" }] }),
        Rule::Required,
        &["/body/0/facts/0", "\"value\""],
    );
    says(json!({ "type": "Container" }), Rule::Required, &["\"items\""]);
}

#[test]
fn wrong_types_and_words() {
    says(
        json!({ "type": "TextBlock", "text": 5 }),
        Rule::Value,
        &["/body/0/text", "found a number"],
    );
    says(
        json!({ "type": "TextBlock", "text": "x", "wrap": "true" }),
        Rule::Value,
        &["/body/0/wrap", "without quotes"],
    );
    says(
        json!({ "type": "TextBlock", "text": "x", "maxLines": "2" }),
        Rule::Value,
        &["/body/0/maxLines", "a number"],
    );
    says(
        json!({ "type": "TextBlock", "text": "x", "weight": "Bold" }),
        Rule::Value,
        &["\"Bold\"", "\"bolder\""],
    );
    says(
        json!({ "type": "TextBlock", "text": "x", "color": "red" }),
        Rule::Value,
        &["attention"],
    );
    says(
        json!({ "type": "Container", "items": {} }),
        Rule::Value,
        &["/body/0/items", "a list"],
    );
    says(
        json!({ "type": "ColumnSet", "columns": [{ "type": "Column", "width": "wide", "items": [] }] }),
        Rule::Value,
        &["/body/0/columns/0/width"],
    );
    says(
        json!({ "type": "Container", "items": [], "minHeight": "80" }),
        Rule::Value,
        &["80px"],
    );
    clean(
        &body(&json!([{ "type": "TextBlock", "text": "x", "weight": "BOLDER", "size": "extraLarge" }])),
        None,
    );
}

#[test]
fn a_number_that_an_expression_puts_where_a_text_belongs() {
    let card = body(&json!([{ "type": "TextBlock", "text": "${count}" }]));
    card_says(
        &card,
        Some(&json!({ "count": 3 })),
        Rule::Value,
        &["/body/0/text: error: ", "string("],
    );
    let card = body(&json!([{ "type": "TextBlock", "text": "x", "color": "${color}" }]));
    card_says(
        &card,
        Some(&json!({ "color": "blue" })),
        Rule::Value,
        &["/body/0/color", "\"blue\""],
    );
}

#[test]
fn unknown_properties_are_warnings() {
    says(
        json!({ "type": "TextBlock", "text": "x", "wieght": "Bolder" }),
        Rule::Property,
        &["/body/0/wieght: warning: ", "did you mean \"weight\"?"],
    );
    let findings = lint(&body(&json!([{ "type": "TextBlock", "txt": "x" }])), None);
    assert!(
        findings
            .iter()
            .any(|one| one.rule == Rule::Required && one.mend.contains("\"txt\"")),
        "{findings:#?}"
    );
}

#[test]
fn newer_than_teams() {
    says(
        json!({ "type": "Carousel", "pages": [] }),
        Rule::Version,
        &["/body/0/type: error: ", "1.5"],
    );
    clean(
        &body(
            &json!([{ "type": "Carousel", "pages": [], "fallback": { "type": "TextBlock", "text": "x" } }]),
        ),
        None,
    );
    clean(&body(&json!([{ "type": "Carousel", "fallback": "drop" }])), None);
    let card =
        json!({ "type": "AdaptiveCard", "version": "1.6", "body": [{ "type": "TextBlock", "text": "x" }] });
    card_says(&card, None, Rule::Version, &["/version: error: ", "1.6"]);
    let images = json!([{ "type": "Image", "url": "https://x.example/a.png", "altText": "x" }]);
    says(
        json!({ "type": "ImageSet", "images": images, "style": "stacked" }),
        Rule::Version,
        &["/body/0/style", "1.6"],
    );
}

#[test]
fn newer_than_the_card_says() {
    let card = json!({ "type": "AdaptiveCard", "version": "1.2", "body": [{ "type": "Table", "rows": [] }] });
    card_says(&card, None, Rule::Version, &["/body/0: warning: ", "1.5", "1.2"]);
}

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
        &["/version", "a text"],
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
    card_says(&json!([1]), None, Rule::Type, &["a list is not a card"]);
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
        json!({ "type": "Image", "url": "https://x.example/a.png" }),
        Rule::AltText,
        &["/body/0: warning: ", "altText"],
    );
    says(
        json!({ "type": "Image", "url": "https://x.example/a.png", "altText": " " }),
        Rule::AltText,
        &["altText"],
    );
    says(
        json!({ "type": "ImageSet", "images": [{ "type": "Image", "url": "https://x.example/a.png" }] }),
        Rule::AltText,
        &["/body/0/images/0"],
    );
    says(
        json!({ "type": "Image", "url": "a.png", "altText": "x" }),
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
            { "type": "TextBlock" }, { "type": "Foo" }, { "type": "Image", "url": "https://x.example/a.png" } ],
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
