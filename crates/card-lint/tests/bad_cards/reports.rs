//! Several sample data at once, and the SARIF document.

use crate::body;
use card_lint::{Finding, Level, Rule, Sample, check_with, sarif};
use serde_json::{Value, json};

fn with(card: &Value, samples: &[(&str, &str)]) -> Vec<String> {
    let samples: Vec<Sample<'_>> = samples.iter().map(|(name, data)| Sample { data, name }).collect();
    check_with(&card.to_string(), &samples, &[])
        .iter()
        .map(ToString::to_string)
        .collect()
}

#[test]
fn a_fault_has_the_names_of_the_data_that_show_it() {
    let card = body(&json!([
        { "type": "TextBlock", "text": "${title}" },
        { "type": "TextBlock", "text": "${nme}" },
    ]));
    let found = with(
        &card,
        &[
            ("full.json", r#"{"title": "x", "name": "y"}"#),
            ("short.json", r#"{"name": "y"}"#),
        ],
    );
    assert_eq!(found.len(), 2, "{found:#?}");
    assert!(
        found[0].contains("error: /body/0/text: the data have no `title`"),
        "{found:#?}"
    );
    assert!(found[0].ends_with("(with short.json)"), "{found:#?}");
    assert!(
        found[1].ends_with("the data have no `nme`; did you mean `name`?"),
        "{found:#?}"
    );
}

#[test]
fn a_condition_needs_its_field_in_one_of_them() {
    let card = body(&json!([
        { "type": "TextBlock", "text": "x" },
        { "type": "TextBlock", "$when": "${urgent}", "text": "now" },
    ]));
    let samples = [("a.json", r#"{"urgent": true}"#), ("b.json", "{}")];
    assert_eq!(with(&card, &samples), [""; 0]);
    assert_eq!(with(&card, &samples[1..]).len(), 1);
}

fn document() -> Value {
    let card = body(&json!([
        { "type": "TextBlok", "text": "x" },
        { "type": "Image", "url": "https://x.example/a.png" },
        { "type": "Icon", "name": "Add" },
    ]));
    let mut broken: Vec<Finding> = check_with("{\n  \"type\": ]\n}", &[], &[]);
    broken.push(Finding::unreadable("no such file"));
    sarif(
        &[
            (
                "cards/my card.json".to_owned(),
                check_with(&card.to_string(), &[], &[]),
            ),
            ("./broken.json".to_owned(), broken),
            ("clean.json".to_owned(), Vec::new()),
        ],
        "1.2.3",
    )
}

#[test]
fn a_sarif_document_has_what_its_schema_requires() {
    let document = document();
    assert_eq!(document["version"], "2.1.0");
    assert!(document["$schema"].as_str().unwrap().contains("sarif-2.1.0"));
    let run = &document["runs"][0];
    assert_eq!(document["runs"].as_array().unwrap().len(), 1);
    let driver = &run["tool"]["driver"];
    assert_eq!(
        (&driver["name"], &driver["version"]),
        (&json!("card check"), &json!("1.2.3"))
    );
    let rules = driver["rules"].as_array().unwrap();
    assert_eq!(rules.len(), Rule::ALL.len());
    for rule in rules {
        assert!(
            rule["id"].is_string() && rule["shortDescription"]["text"].is_string(),
            "{rule}"
        );
    }
    let results = run["results"].as_array().unwrap();
    assert_eq!(results.len(), 5, "{results:#?}");
    for result in results {
        let index = usize::try_from(result["ruleIndex"].as_u64().unwrap()).unwrap();
        assert_eq!(rules[index]["id"], result["ruleId"]);
        assert!(["error", "warning", "note"].contains(&result["level"].as_str().unwrap()));
        assert!(!result["message"]["text"].as_str().unwrap().is_empty());
        let place = &result["locations"][0]["physicalLocation"];
        let address = place["artifactLocation"]["uri"].as_str().unwrap();
        assert!(!address.contains([' ', '\\']), "{address}");
        assert!(place["region"]["startLine"].as_u64().unwrap() >= 1);
    }
}

#[test]
fn a_sarif_result_says_where_and_what() {
    let document = document();
    let results = &document["runs"][0]["results"];
    let first = &results[0];
    assert_eq!(
        (&first["ruleId"], &first["level"]),
        (&json!("unknown-type"), &json!("error"))
    );
    let location = &first["locations"][0];
    assert_eq!(
        location["physicalLocation"]["artifactLocation"]["uri"],
        "cards/my%20card.json"
    );
    assert_eq!(
        location["logicalLocations"][0]["fullyQualifiedName"],
        "/body/0/type"
    );
    assert_eq!(
        first["message"]["text"],
        "/body/0/type: there is no type \"TextBlok\"; did you mean \"TextBlock\"?"
    );
    // In the text of one line, where the value of "type" begins.
    assert_eq!(
        location["physicalLocation"]["region"],
        json!({ "startLine": 1, "startColumn": 29 })
    );
    assert_eq!(
        (&results[1]["level"], &results[2]["level"]),
        (&json!("warning"), &json!("note"))
    );
    let broken = &results[3]["locations"][0]["physicalLocation"];
    assert_eq!(broken["artifactLocation"]["uri"], "broken.json");
    assert_eq!(broken["region"], json!({ "startLine": 2, "startColumn": 11 }));
}

#[test]
fn rules_have_names_and_summaries() {
    for rule in Rule::ALL {
        assert_eq!(Rule::named(rule.as_str()), Some(rule));
        assert!(rule.summary().ends_with('.'), "{rule:?}");
    }
    assert_eq!(Rule::named("nothing"), None);
    assert!(Level::Note < Level::Warning && Level::Warning < Level::Error);
}
