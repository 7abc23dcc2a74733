//! Objects whose type says what they are: elements, actions, and what may stand only in certain places.

use super::{Shelter, Walk};
use crate::{
    finding::Rule,
    marks::{self, step},
    names, rules,
    schema::{ACTIONS, COLUMN, ELEMENTS, IMAGE, Kind, Newer, TABLE_CELL, TABLE_ROW, TEXT_RUN, newer},
};
use serde_json::{Map, Value};

/// What may stand in a place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Family {
    Element,
    Action,
    SelectAction,
    Inline,
    Column,
    Row,
    Cell,
    Image,
}

impl Family {
    fn noun(self) -> &'static str {
        match self {
            Self::Element => "an element",
            Self::Action => "an action",
            Self::SelectAction => "an action for a click",
            Self::Inline => "a TextRun",
            Self::Column => "a Column",
            Self::Row => "a TableRow",
            Self::Cell => "a TableCell",
            Self::Image => "an Image",
        }
    }

    fn kinds(self) -> Vec<&'static Kind> {
        match self {
            Self::Element => ELEMENTS.to_vec(),
            Self::Action => ACTIONS.to_vec(),
            Self::SelectAction => ACTIONS
                .iter()
                .copied()
                .filter(|kind| kind.name != "Action.ShowCard")
                .collect(),
            Self::Inline => vec![&TEXT_RUN],
            Self::Column => vec![&COLUMN],
            Self::Row => vec![&TABLE_ROW],
            Self::Cell => vec![&TABLE_CELL],
            Self::Image => vec![&IMAGE],
        }
    }

    /// The kind of an object without a type, where only one can be meant.
    fn only(self) -> Option<&'static Kind> {
        match self {
            Self::Element | Self::Action | Self::SelectAction | Self::Inline => None,
            Self::Column | Self::Row | Self::Cell | Self::Image => self.kinds().first().copied(),
        }
    }
}

impl Walk {
    /// A list of members of a family.
    pub(super) fn members(&mut self, family: Family, value: &Value, pointer: &str) {
        let Value::Array(items) = value else {
            // A repeated object stands alone in the template and becomes a list.
            if value.get("$data").is_some() {
                return self.member(family, value, pointer);
            }
            return self.error(
                Rule::Value,
                pointer,
                format!("a list is expected, found {}", names::kind(value)),
                "put it in [ ]",
            );
        };
        for (at, item) in items.iter().enumerate() {
            self.member(family, item, &step(pointer, &at.to_string()));
        }
        if family == Family::Action {
            self.findings.extend(rules::actions(items, pointer));
        }
    }

    /// One member of a family.
    pub(super) fn member(&mut self, family: Family, value: &Value, pointer: &str) {
        if value.is_null() || self.is_open(value) {
            return;
        }
        let members = match value {
            Value::Object(members) => members,
            Value::String(_) if family == Family::Inline => return,
            other => {
                let what = format!("{} is expected, found {}", family.noun(), names::kind(other));
                return self.error(Rule::Type, pointer, what, "");
            }
        };
        let place = members
            .get(marks::AT)
            .and_then(Value::as_str)
            .unwrap_or(pointer)
            .to_owned();
        let kind =
            match members.get("type") {
                Some(name) if self.is_open(name) => return,
                Some(Value::String(name)) => family
                    .kinds()
                    .into_iter()
                    .find(|kind| kind.name == name)
                    .or_else(|| {
                        self.unknown(family, name, members, &place);
                        None
                    }),
                Some(other) => {
                    let what = format!("a type is a text, found {}", names::kind(other));
                    self.error(Rule::Type, &step(&place, "type"), what, "");
                    None
                }
                None => family.only().or_else(|| {
                    let what = format!("{} has a \"type\"; this has none", family.noun());
                    self.error(
                        Rule::Required,
                        &place,
                        what,
                        names::suggestion("", &kind_names(family)),
                    );
                    None
                }),
            };
        let Some(kind) = kind else { return };
        if self.sheltered == Shelter::None {
            self.whole.meet(kind, members, &place);
        }
        self.findings
            .extend(rules::object(kind, members, &place, family == Family::Action));
        self.object(kind, members, &place);
    }

    fn unknown(&mut self, family: Family, name: &str, members: &Map<String, Value>, place: &str) {
        if let Some(fallback) = members.get("fallback").filter(|fallback| !fallback.is_null()) {
            return self.fallback(fallback, &step(place, "fallback"));
        }
        let pointer = step(place, "type");
        match newer(name) {
            Some(Newer::Later) => {
                return self.error(
                    Rule::Version,
                    &pointer,
                    format!("{name} is newer than version 1.5, the latest that every Teams client draws"),
                    "give it a \"fallback\", or use something else",
                );
            }
            Some(Newer::Refused(mend)) => {
                return self.error(Rule::Teams, &pointer, format!("Teams refuses {name}"), mend);
            }
            None => {}
        }
        let here = kind_names(family);
        let elsewhere = ELEMENTS
            .iter()
            .chain(ACTIONS)
            .copied()
            .chain([&COLUMN, &TABLE_ROW, &TABLE_CELL, &TEXT_RUN])
            .any(|kind| kind.name == name);
        if elsewhere {
            let what = format!("{name} can't stand here, only {}", family.noun());
            return self.error(Rule::Type, &pointer, what, names::suggestion("", &here));
        }
        let what = format!("there is no type {}", names::quoted(name));
        self.error(Rule::Type, &pointer, what, names::suggestion(name, &here));
    }

    /// `drop`, or what stands in for an element or action.
    pub(super) fn fallback(&mut self, value: &Value, pointer: &str) {
        match value {
            Value::String(word) if word.eq_ignore_ascii_case("drop") => {}
            Value::Object(members) => {
                let outer = std::mem::replace(&mut self.sheltered, Shelter::Fallback);
                let family = match members.get("type").and_then(Value::as_str) {
                    Some(name) if name.starts_with("Action.") => Family::Action,
                    Some("Column") => Family::Column,
                    Some("TextRun") => Family::Inline,
                    _ => Family::Element,
                };
                self.member(family, value, pointer);
                self.sheltered = outer;
            }
            other => self.error(
                Rule::Value,
                pointer,
                format!(
                    "a fallback is \"drop\" or an object, found {}",
                    names::kind(other)
                ),
                "",
            ),
        }
    }
}

fn kind_names(family: Family) -> Vec<&'static str> {
    family.kinds().iter().map(|kind| kind.name).collect()
}
