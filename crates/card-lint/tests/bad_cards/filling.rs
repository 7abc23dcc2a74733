//! What is wrong with expressions, fields and data.

use crate::{body, card_says, clean, lint};
use card_lint::{Rule, Sample, check};
use serde_json::json;

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
    assert!(lines[1].contains("error: /body/1/text: "), "{lines:#?}");
    assert!(
        lines[1].contains("`toUper`") && lines[1].contains("did you mean `toUpper`?"),
        "{lines:#?}"
    );
    assert!(lines[2].contains("did you mean `length`?"), "{lines:#?}");
    let column = card.to_string().find("lenght").unwrap() + 1;
    assert_eq!(
        (findings[2].line, findings[2].column),
        (Some(1), Some(column)),
        "{lines:#?}"
    );
}

#[test]
fn a_finding_is_placed_in_the_file() {
    let card = r#"{
  "type": "AdaptiveCard",
  "version": "1.5",
  "body": [
    { "type": "TextBlock", "text": "Straße: ${strasse} ${toUper(x)}" },
    { "type": "Image",
      "url": "https://x.example/a.png" }
  ]
}"#;
    let found = check(card, None, &[]);
    let lines: Vec<String> = found.iter().map(ToString::to_string).collect();
    assert!(lines[0].starts_with("5:58: error: /body/0/text: "), "{lines:#?}");
    // The value at the pointer, or what is around a property that is not there.
    assert!(lines[1].starts_with("6:5: warning: /body/1: "), "{lines:#?}");
    assert_eq!(lines.len(), 2, "{lines:#?}");
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
        &["error: /body/0/text: ", "`titel`", "did you mean `title`?"],
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
        &["warning: /body/1/$when: ", "did you mean `isUrgent`?"],
    );
}

#[test]
fn what_fails_for_a_recipient_without_a_name_is_found() {
    let card = body(&json!([{ "type": "TextBlock", "text": "Hi ${$host.recipient.name}" }]));
    card_says(
        &card,
        Some(&json!({})),
        Rule::Fill,
        &["warning: /body/0/text: ", "a recipient without a name"],
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
        &["error: /body/0/text: "],
    );
}

#[test]
fn a_missing_field_inside_a_function() {
    let total = body(&json!([{ "type": "TextBlock", "text": "Total: ${formatNumber(prize, 2)}" }]));
    let words = ["error: /body/0/text: ", "no `prize`", "did you mean `price`?"];
    card_says(&total, Some(&json!({ "price": 2 })), Rule::Field, &words);
    let whole = body(&json!([{ "type": "TextBlock", "text": "${formatNumber(prize, 2)}" }]));
    card_says(&whole, Some(&json!({ "price": 2 })), Rule::Field, &words);
    let fails = body(&json!([{ "type": "TextBlock", "text": "Due ${formatDateTime(due, 'd')}" }]));
    card_says(
        &fails,
        Some(&json!({ "due": "soon" })),
        Rule::Fill,
        &["error: /body/0/text: ", "as it is"],
    );
    let data = json!({ "text": "costs ${5}" });
    clean(
        &body(&json!([{ "type": "TextBlock", "text": "It ${text}" }])),
        Some(&data),
    );
}

/// The same name is elsewhere in the data, so that the failure could be taken for one of its value.
#[test]
fn a_missing_field_is_not_called_a_string() {
    let data = json!({ "items": [{ "price": 2 }], "order": { "id": 7 } });
    for expression in ["formatNumber(price, 2)", "price * 2", "join(price, ',')"] {
        let card = body(&json!([{ "type": "TextBlock", "text": format!("${{{expression}}}") }]));
        let found = lint(&card, Some(&data));
        let errors: Vec<String> = found
            .iter()
            .filter(|one| one.level == card_lint::Level::Error)
            .map(ToString::to_string)
            .collect();
        assert_eq!(errors.len(), 1, "{errors:#?}");
        assert!(errors[0].contains("the data have no `price`"), "{errors:#?}");
    }
    let card = body(&json!([{ "type": "TextBlock", "text": "${order.id * items}" }]));
    card_says(&card, Some(&data), Rule::Fill, &["error: /body/0/text: "]);
}

#[test]
fn a_flag_that_only_some_items_have_is_no_finding() {
    let card = body(&json!([
        { "type": "TextBlock", "$data": "${items}", "$when": "${urgent}", "text": "x" },
        { "type": "TextBlock", "text": "y" },
    ]));
    clean(&card, Some(&json!({ "items": [{ "urgent": true }, {}] })));
    card_says(
        &card,
        Some(&json!({ "items": [{ "urgnt": true }, {}] })),
        Rule::Field,
        &["/body/0/$when"],
    );
}
