//! Holds a card against the schema's tables: a template as it stands, where expressions may become anything, or a
//! filled card. Rules about single values are in `values`, about whole cards in [`crate::rules`].

mod families;
mod values;

use crate::{
    finding::{Finding, Level, Rule},
    marks::{self, step},
    names,
    rules::{self, Whole},
    schema::{CARD, Kind, Need, Property, TEAMS},
    strings,
};
use serde_json::{Map, Value};

/// What is being checked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stage {
    /// With expressions in it.
    Template,
    /// Filled and with marks in it.
    Filled,
}

/// What is wrong with a card.
pub(crate) fn check(card: &Value, stage: Stage) -> Vec<Finding> {
    let mut walk = Walk {
        stage,
        version: TEAMS,
        sheltered: Shelter::None,
        findings: Vec::new(),
        whole: Whole::default(),
    };
    walk.root(card);
    if stage == Stage::Filled {
        walk.whole.check(card, &mut walk.findings);
    }
    walk.findings
}

/// Whether something else is drawn where a client doesn't know what is being checked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Shelter {
    None,
    Fallback,
}

struct Walk {
    stage: Stage,
    /// The version that the card says it has.
    version: u8,
    sheltered: Shelter,
    findings: Vec<Finding>,
    whole: Whole,
}

impl Walk {
    fn error(&mut self, rule: Rule, pointer: &str, what: impl Into<String>, mend: impl Into<String>) {
        self.findings.push(Finding::error(rule, pointer, what).mend(mend));
    }

    fn warning(&mut self, rule: Rule, pointer: &str, what: impl Into<String>, mend: impl Into<String>) {
        let finding = Finding::error(rule, pointer, what).mend(mend);
        self.findings.push(Finding {
            level: Level::Warning,
            ..finding
        });
    }

    /// Whether a value can't be judged: an expression, or a mark for a missing value that is reported elsewhere.
    fn is_open(&self, value: &Value) -> bool {
        match (value, self.stage) {
            (Value::String(text), Stage::Template) => strings::is_dynamic(text),
            (Value::String(text), Stage::Filled) => marks::is_incomplete(text),
            _ => false,
        }
    }

    fn root(&mut self, card: &Value) {
        let Value::Object(members) = card else {
            let what = match card {
                Value::Null => "nothing is left of the card with these data".to_owned(),
                other => format!("{} is not a card", names::kind(other)),
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
                    "this is a message around a card",
                    "the file holds the card alone: what stands in \"content\"",
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

    /// Checks an object whose kind is known.
    fn object(&mut self, kind: &'static Kind, members: &Map<String, Value>, pointer: &str) {
        if kind.since > self.version {
            self.newer(pointer, &format!("{} came", kind.name), kind.since);
        }
        let outer = self.sheltered;
        if members
            .get("fallback")
            .is_some_and(|fallback| !fallback.is_null())
        {
            self.sheltered = Shelter::Fallback;
        }
        for property in kind.properties().filter(|one| one.need == Need::Required) {
            if members.get(property.name).is_none_or(Value::is_null) {
                self.error(
                    Rule::Required,
                    pointer,
                    format!("{} has no {:?}", kind.name, property.name),
                    misspelt(property, kind, members),
                );
            }
        }
        for (key, value) in members {
            if key == "type" || marks::is_reserved(key) {
                continue;
            }
            let place = step(pointer, key);
            match kind.property(key) {
                Some(property) => {
                    if property.since > self.version && !value.is_null() {
                        self.newer(
                            &place,
                            &format!("{:?} of {} came", key, kind.name),
                            property.since,
                        );
                    }
                    self.value(property.shape, value, &place);
                }
                None => {
                    let known: Vec<&'static str> = kind.properties().map(|one| one.name).collect();
                    let suggestion = names::nearest(key, known.iter().copied())
                        .map_or("it is ignored".to_owned(), |near| {
                            format!("did you mean {near:?}?")
                        });
                    self.warning(
                        Rule::Property,
                        &place,
                        format!("{} has no property {}", kind.name, names::quoted(key)),
                        suggestion,
                    );
                }
            }
        }
        self.sheltered = outer;
    }

    fn newer(&mut self, pointer: &str, what: &str, since: u8) {
        if self.sheltered == Shelter::Fallback {
            return;
        }
        if since > TEAMS {
            let what = format!("{what} with version 1.{since}; Teams draws cards up to version 1.{TEAMS}");
            self.warning(
                Rule::Version,
                pointer,
                what,
                "leave it out, or give a \"fallback\"",
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

/// The member that was probably meant to be the required property.
fn misspelt(property: &Property, kind: &Kind, members: &Map<String, Value>) -> String {
    let unknown = members
        .keys()
        .map(String::as_str)
        .filter(|key| kind.property(key).is_none() && *key != "type" && !marks::is_reserved(key));
    match names::nearest(property.name, unknown) {
        Some(wrong) => format!("{wrong:?} is probably meant to be it"),
        None => "add it".to_owned(),
    }
}
