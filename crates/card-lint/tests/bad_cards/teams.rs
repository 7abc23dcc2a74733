//! What Teams draws beyond version 1.5: a note, with the properties and values that it knows.

use crate::{body, clean, lint, says};
use card_lint::{Level, Rule};
use serde_json::{Value, json};

fn levels(card: &Value) -> Vec<(Level, String)> {
    lint(card, None)
        .into_iter()
        .map(|one| (one.level, one.pointer))
        .collect()
}

#[test]
fn elements_beyond_the_version_are_noted_once_a_type() {
    let icons = body(&json!([
        { "type": "Icon", "name": "Add", "size": "xSmall", "style": "Filled", "color": "Accent" },
        { "type": "Icon", "name": "Delete", "selectAction": { "type": "Action.Popover",
            "content": { "type": "Badge", "text": "Done", "appearance": "Tint", "style": "Informative" } } },
    ]));
    assert_eq!(
        levels(&icons),
        [
            (Level::Note, "/body/0/type".to_owned()),
            (Level::Note, "/body/1/selectAction/content/type".to_owned()),
            (Level::Note, "/body/1/selectAction/type".to_owned()),
        ]
    );
}

#[test]
fn each_of_them_is_drawn() {
    let elements = [
        json!({ "type": "CodeBlock", "codeSnippet": "x = 1", "language": "Python", "startLineNumber": 3 }),
        json!({ "type": "Carousel", "pages": [{ "type": "CarouselPage" }], "pageAnimation": "CrossFade" }),
        json!({ "type": "Rating", "value": 3.5, "max": 5, "color": "Marigold" }),
        json!({ "type": "Input.Rating", "id": "stars", "allowHalfSteps": true }),
        json!({ "type": "CompoundButton", "title": "x", "icon": { "name": "Add" } }),
        json!({ "type": "ProgressBar", "value": 40, "color": "Good" }),
        json!({ "type": "ProgressRing", "label": "Working", "size": "Tiny" }),
        json!({ "type": "Component", "name": "graph.microsoft.com/user", "properties": {} }),
        json!({ "type": "Chart.Donut", "title": "x", "data": [{ "legend": "a", "value": 2, "color": "good" }] }),
        json!({ "type": "Chart.Line", "data": [{ "legend": "a", "values": [{ "x": 1, "y": 2 }] }] }),
        json!({ "type": "Chart.Gauge", "segments": [{ "legend": "a", "size": 50, "color": "attention" }] }),
        json!({ "type": "Chart.VerticalBar.Grouped", "data": [{ "legend": "a", "values": [{ "x": "q", "y": 2 }] }] }),
        json!({ "type": "Chart.HorizontalBar.Stacked",
            "data": [{ "title": "a", "data": [{ "legend": "b", "value": 1 }] }] }),
    ];
    for element in elements {
        let found = lint(&body(&json!([element])), None);
        assert!(found.iter().all(|one| one.level == Level::Note), "{found:#?}");
        assert!(!found.is_empty(), "{element}");
    }
}

#[test]
fn their_faults_are_found_all_the_same() {
    says_after_the_note(
        &json!({ "type": "Badge", "text": "x", "style": "Great" }),
        Rule::Value,
        "/body/0/style",
    );
    says_after_the_note(&json!({ "type": "Icon" }), Rule::Required, "/body/0");
    says_after_the_note(
        &json!({ "type": "Icon", "name": "Add", "colour": "Accent" }),
        Rule::Property,
        "/body/0/colour",
    );
    says(
        &json!({ "type": "Icn", "name": "Add" }),
        Rule::Type,
        &["did you mean \"Icon\"?"],
    );
}

fn says_after_the_note(element: &Value, rule: Rule, pointer: &str) {
    let found = lint(&body(&json!([element])), None);
    assert!(
        found
            .iter()
            .any(|one| one.rule == rule && one.pointer == pointer && one.level > Level::Note),
        "{found:#?}"
    );
}

#[test]
fn runs_layouts_and_menus() {
    let card = json!({ "type": "AdaptiveCard", "version": "1.5",
        "body": [
            { "type": "RichTextBlock", "inlines": ["a", { "type": "IconRun", "name": "Add", "size": "Small" },
                { "type": "ImageRun", "url": "https://x.example/a.png", "style": "RoundedCorners" }] },
            { "type": "Container", "layouts": [{ "type": "Layout.Flow", "itemFit": "Fill", "columnSpacing": "ExtraSmall" },
                { "type": "Layout.AreaGrid", "targetWidth": "atLeast:standard", "areas": [{ "name": "x" }] }] },
            { "type": "Image", "url": "https://x.example/a.png", "altText": "x", "style": "RoundedCorners" },
        ],
        "actions": [{ "type": "Action.OpenUrl", "title": "x", "url": "https://x.example",
            "menuActions": [{ "type": "Action.ResetInputs", "title": "Clear" }] }] });
    let found = lint(&card, None);
    assert!(found.iter().all(|one| one.level == Level::Note), "{found:#?}");
    assert_eq!(found.len(), 5, "{found:#?}");
}

#[test]
fn ids_of_newer_elements_are_targets() {
    let card = json!({ "type": "AdaptiveCard", "version": "1.5",
        "body": [{ "type": "Icon", "name": "ChevronDown", "id": "down", "fallback": "drop",
            "selectAction": { "type": "Action.ToggleVisibility", "targetElements": ["down", "up"] } },
            { "type": "Icon", "name": "ChevronUp", "id": "up", "isVisible": false, "fallback": "drop" }] });
    clean(&card, None);
}

#[test]
fn spacing_and_alignment_as_teams_knows_them() {
    clean(
        &body(
            &json!([{ "type": "Container", "spacing": "ExtraSmall", "horizontalAlignment": "Center", "maxHeight": "200px" }]),
        ),
        None,
    );
}

/// What published samples for Teams have in common, in a small card: nothing in it is an error.
#[test]
fn a_card_as_designers_write_it_has_no_error() {
    let card = json!({ "$schema": "http://adaptivecards.io/schemas/adaptive-card.json", "type": "AdaptiveCard",
        "version": "1.5", "msteams": { "width": "Full" }, "body": [
            { "type": "ColumnSet", "spacing": "ExtraSmall", "columns": [
                { "type": "Column", "width": "auto", "items": [
                    { "type": "Image", "url": "https://x.example/logo.png", "altText": "Logo", "style": "RoundedCorners" } ] },
                { "type": "Column", "width": "stretch", "items": [
                    { "type": "TextBlock", "text": "Order 17", "weight": "Bolder", "wrap": true },
                    { "type": "TextBlock", "spacing": "None" } ] },
                { "type": "Column", "width": "auto", "selectAction": { "type": "Action.ToggleVisibility",
                    "targetElements": ["details", "chevronDown", "chevronUp"] }, "items": [
                    { "type": "Icon", "name": "ChevronDown", "id": "chevronDown", "size": "xSmall" },
                    { "type": "Icon", "name": "ChevronUp", "id": "chevronUp", "size": "xSmall", "isVisible": false } ] } ] },
            { "type": "Container", "id": "details", "showBorder": true, "roundedCorners": true, "minHeight": "20px",
                "backgroundImage": { "fillMode": "RepeatHorizontally" } },
            { "type": "Container", "style": "emphasis", "selectAction": { "type": "Action.ToggleVisibility" } },
            { "type": "Badge", "text": "Shipped", "size": "Large", "style": "Good", "appearance": "Tint" },
            { "type": "Input.Rating", "id": "stars", "label": "How was it?" },
            { "type": "Chart.Donut", "data": [{ "legend": "Done", "value": 3 }, { "legend": "Open", "value": 1 }] },
            { "type": "ActionSet", "horizontalAlignment": "Right" } ],
        "__comment": "for designers" });
    let found = lint(&card, None);
    let errors: Vec<_> = found.iter().filter(|one| one.level == Level::Error).collect();
    assert!(errors.is_empty(), "{errors:#?}");
}
