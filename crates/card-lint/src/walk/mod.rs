//! Checks a card against the schema's tables: an unfilled template, where an expression may become anything, or a filled
//! card. Rules for single values are in `values`, for whole cards in [`crate::rules`].

mod families;
mod values;

use crate::{
    finding::{Finding, Level},
    markers::{self, step},
    names,
    rule::Rule,
    rules::{self, CardRules},
    schema::{CARD, ObjectType, Property, Requirement, TEAMS},
    strings,
};
use serde_json::{Map, Value};

/// What is being checked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum CheckStage {
    /// The unfilled template, with expressions.
    Template,
    /// The filled template, with markers.
    Filled,
}

/// Checks a card.
pub(crate) fn check(card: &Value, stage: CheckStage) -> Vec<Finding> {
    let mut walk = Checker {
        stage,
        version: TEAMS,
        in_fallback: FallbackState::None,
        findings: Vec::new(),
        card_rules: CardRules::default(),
    };
    walk.root(card);
    if stage == CheckStage::Filled {
        walk.card_rules.check(card, &mut walk.findings);
    }
    walk.findings
}

/// Whether the object that is being checked has a fallback for clients that don't know it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum FallbackState {
    None,
    Fallback,
}

struct Checker {
    stage: CheckStage,
    /// The card's version.
    version: u8,
    in_fallback: FallbackState,
    findings: Vec<Finding>,
    card_rules: CardRules,
}

impl Checker {
    fn error(&mut self, rule: Rule, pointer: &str, what: impl Into<String>, suggestion: impl Into<String>) {
        self.findings
            .push(Finding::error(rule, pointer, what).suggest(suggestion));
    }

    fn warning(&mut self, rule: Rule, pointer: &str, what: impl Into<String>, suggestion: impl Into<String>) {
        let finding = Finding::error(rule, pointer, what).suggest(suggestion);
        self.findings.push(Finding {
            level: Level::Warning,
            ..finding
        });
    }

    /// Whether a value can't be checked: an expression, or a marker for a missing value that is reported elsewhere.
    fn is_open(&self, value: &Value) -> bool {
        match (value, self.stage) {
            (Value::String(text), CheckStage::Template) => strings::is_dynamic(text),
            (Value::String(text), CheckStage::Filled) => markers::is_incomplete(text),
            _ => false,
        }
    }

    fn root(&mut self, card: &Value) {
        let Value::Object(members) = card else {
            let what = match card {
                Value::Null => "with these data the card is empty".to_owned(),
                other => format!("{} is not a card", names::json_type(other)),
            };
            return self.error(
                Rule::Type,
                "",
                what,
                "a card is an object with \"type\": \"AdaptiveCard\"",
            );
        };
        match members.get("type") {
            Some(Value::String(name)) if name == CARD.name => {}
            Some(value) if self.is_open(value) => {}
            _ if members.contains_key("attachments") || members.contains_key("content") => {
                return self.error(
                    Rule::Type,
                    "",
                    "this is a message that contains a card",
                    "the file must be the card alone: the value of \"content\"",
                );
            }
            Some(value) => self.error(
                Rule::Type,
                "/type",
                format!("a card's type is not {value}"),
                "write \"AdaptiveCard\"",
            ),
            None => self.error(
                Rule::Required,
                "",
                "the card has no type",
                "add \"type\": \"AdaptiveCard\"",
            ),
        }
        if let Some(version) = rules::version(members.get("version"), &mut self.findings) {
            self.version = version;
        }
        let empty = |key| {
            members
                .get(key)
                .is_none_or(|value| value == &Value::Array(Vec::new()))
        };
        if empty("body") && empty("actions") {
            self.warning(
                Rule::Required,
                "",
                "the card shows nothing",
                "add elements to \"body\"",
            );
        }
        self.object(&CARD, members, "");
    }

    /// Checks an object of a known type.
    fn object(&mut self, object_type: &'static ObjectType, members: &Map<String, Value>, pointer: &str) {
        if object_type.since > self.version && object_type.since <= TEAMS {
            self.report_newer(pointer, &format!("{} came", object_type.name), object_type.since);
        }
        let outer = self.in_fallback;
        if members
            .get("fallback")
            .is_some_and(|fallback| !fallback.is_null())
        {
            self.in_fallback = FallbackState::Fallback;
        }
        for property in object_type
            .properties()
            .filter(|one| members.get(one.name).is_none_or(Value::is_null))
        {
            let what = format!("{} has no {:?}", object_type.name, property.name);
            let suggestion = misspelt(property, object_type, members);
            match property.need {
                Requirement::Optional => {}
                Requirement::Expected => self.warning(Rule::Required, pointer, what, suggestion),
                Requirement::Required => self.error(Rule::Required, pointer, what, suggestion),
            }
        }
        for (key, value) in members {
            if key == "type" || markers::is_reserved(key) {
                continue;
            }
            let place = step(pointer, key);
            match object_type.property(key) {
                Some(property) => {
                    if property.since > self.version && !value.is_null() {
                        self.report_newer(
                            &place,
                            &format!("{:?} of {} came", key, object_type.name),
                            property.since,
                        );
                    }
                    self.value(property.shape, value, &place);
                }
                None => {
                    let known: Vec<&'static str> = object_type.properties().map(|one| one.name).collect();
                    let suggestion = names::nearest(key, known.iter().copied())
                        .map_or("it is ignored".to_owned(), |near| {
                            format!("did you mean {near:?}?")
                        });
                    self.warning(
                        Rule::Property,
                        &place,
                        format!("{} has no property {}", object_type.name, names::quoted(key)),
                        suggestion,
                    );
                }
            }
        }
        self.in_fallback = outer;
    }

    fn report_newer(&mut self, pointer: &str, what: &str, since: u8) {
        if self.in_fallback == FallbackState::Fallback {
            return;
        }
        if since > TEAMS {
            let what = format!("{what} with version 1.{since}, and Teams does not draw it");
            self.warning(
                Rule::Version,
                pointer,
                what,
                "leave it out, or add a \"fallback\"",
            );
        } else {
            let what = format!("{what} with version 1.{since}, the card says 1.{}", self.version);
            self.warning(
                Rule::Version,
                pointer,
                what,
                format!("write \"version\": \"1.{TEAMS}\""),
            );
        }
    }
}

/// The property that is probably a misspelling of the required one.
fn misspelt(property: &Property, object_type: &ObjectType, members: &Map<String, Value>) -> String {
    let unknown = members
        .keys()
        .map(String::as_str)
        .filter(|key| object_type.property(key).is_none() && *key != "type" && !markers::is_reserved(key));
    match names::nearest(property.name, unknown) {
        Some(wrong) => format!("{wrong:?} is probably a misspelling of it"),
        None => "add it".to_owned(),
    }
}
