//! Types, properties and values that the schema does not allow, or not yet.

use crate::{body, card_says, clean, lint, says};
use card_lint::Rule;
use serde_json::{Value, json};

#[test]
fn unknown_types_come_with_a_suggestion() {
    says(
        &json!({ "type": "TextBlok", "text": "x" }),
        Rule::Type,
        &[
            "error: /body/0/type: ",
            "\"TextBlok\"",
            "did you mean \"TextBlock\"?",
        ],
    );
    says(
        &json!({ "type": "textblock", "text": "x" }),
        Rule::Type,
        &["\"TextBlock\""],
    );
    says(
        &json!({ "type": "Input.Txt", "id": "x" }),
        Rule::Type,
        &["Input.Text"],
    );
    says(
        &json!({ "text": "x" }),
        Rule::Required,
        &["error: /body/0: ", "type"],
    );
    says(
        &json!({ "type": "Action.Submit", "title": "x" }),
        Rule::Type,
        &["is not allowed here"],
    );
    says(
        &json!("text"),
        Rule::Type,
        &["error: /body/0: ", "an element is expected"],
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
        &["error: /actions/0: ", "\"url\""],
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
    card_says(&card, None, Rule::Teams, &["error: /actions: ", "7 actions"]);
    let click = json!({ "type": "Container", "items": [], "selectAction": { "type": "Action.ShowCard", "card": { "type": "AdaptiveCard", "body": [] } } });
    says(
        &click,
        Rule::Type,
        &["/body/0/selectAction/type", "Action.ShowCard"],
    );
}

#[test]
fn required_properties() {
    says(
        &json!({ "type": "TextBlock" }),
        Rule::Required,
        &["warning: /body/0: ", "\"text\""],
    );
    says(
        &json!({ "type": "Image", "altText": "x" }),
        Rule::Required,
        &["\"url\""],
    );
    says(&json!({ "type": "Input.Text" }), Rule::Required, &["\"id\""]);
    says(
        &json!({ "type": "FactSet", "facts": [{ "title": "x" }] }),
        Rule::Required,
        &["/body/0/facts/0", "\"value\""],
    );
    says(
        &json!({ "type": "RichTextBlock" }),
        Rule::Required,
        &["error: /body/0: ", "\"inlines\""],
    );
    clean(
        &body(&json!([{ "type": "Container", "minHeight": "20px" }])),
        None,
    );
}

#[test]
fn wrong_types_and_words() {
    says(
        &json!({ "type": "TextBlock", "text": 5 }),
        Rule::Value,
        &["/body/0/text", "found a number"],
    );
    says(
        &json!({ "type": "TextBlock", "text": "x", "wrap": "true" }),
        Rule::Value,
        &["/body/0/wrap", "without quotes"],
    );
    says(
        &json!({ "type": "TextBlock", "text": "x", "maxLines": "2" }),
        Rule::Value,
        &["/body/0/maxLines", "a number"],
    );
    says(
        &json!({ "type": "TextBlock", "text": "x", "weight": "Bold" }),
        Rule::Value,
        &["\"Bold\"", "\"bolder\""],
    );
    says(
        &json!({ "type": "TextBlock", "text": "x", "color": "red" }),
        Rule::Value,
        &["attention"],
    );
    says(
        &json!({ "type": "Container", "items": {} }),
        Rule::Value,
        &["/body/0/items", "an array"],
    );
    says(
        &json!({ "type": "ColumnSet", "columns": [{ "type": "Column", "width": "wide", "items": [] }] }),
        Rule::Value,
        &["/body/0/columns/0/width"],
    );
    says(
        &json!({ "type": "Container", "items": [], "minHeight": "80" }),
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
        &["error: /body/0/text: ", "string("],
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
        &json!({ "type": "TextBlock", "text": "x", "wieght": "Bolder" }),
        Rule::Property,
        &["warning: /body/0/wieght: ", "did you mean \"weight\"?"],
    );
    let findings = lint(&body(&json!([{ "type": "TextBlock", "txt": "x" }])), None);
    assert!(
        findings
            .iter()
            .any(|one| one.rule == Rule::Required && one.suggestion.contains("\"txt\"")),
        "{findings:#?}"
    );
}

#[test]
fn newer_than_teams() {
    says(
        &json!({ "type": "Carousel", "pages": [] }),
        Rule::Version,
        &["note: /body/0/type: ", "1.5", "Teams draws it"],
    );
    says(
        &json!({ "type": "Accordion" }),
        Rule::Version,
        &["error: /body/0/type: ", "does not draw"],
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
    card_says(&card, None, Rule::Version, &["warning: /version: ", "1.6"]);
    let card =
        json!({ "type": "AdaptiveCard", "version": "1.7", "body": [{ "type": "TextBlock", "text": "x" }] });
    card_says(&card, None, Rule::Version, &["error: /version: ", "1.7"]);
    let images = json!([{ "type": "Image", "url": "https://x.example/a.png", "altText": "x" }]);
    says(
        &json!({ "type": "ImageSet", "images": images, "style": "stacked" }),
        Rule::Version,
        &["/body/0/style", "1.6"],
    );
}

#[test]
fn newer_than_the_card_says() {
    let card = json!({ "type": "AdaptiveCard", "version": "1.2", "body": [{ "type": "Table", "rows": [] }] });
    card_says(&card, None, Rule::Version, &["warning: /body/0: ", "1.5", "1.2"]);
}
