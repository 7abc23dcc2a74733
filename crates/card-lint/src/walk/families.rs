//! Objects with a `type`: elements, actions, and those that are allowed only in certain places.

use super::{Checker, FallbackState};
use crate::{
    finding::Finding,
    markers::{self, step},
    names,
    rule::Rule,
    rules,
    schema::{
        ACTIONS, CAROUSEL_PAGE, COLUMN, ELEMENTS, IMAGE, LAYOUTS, ObjectType, RUNS, TABLE_CELL, TABLE_ROW,
        TEAMS, Unsupported, unsupported,
    },
};
use serde_json::{Map, Value};

/// The objects that are allowed in a place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Family {
    Element,
    Action,
    SelectAction,
    MenuAction,
    Inline,
    Column,
    Row,
    Cell,
    Image,
    Page,
    Layout,
    /// What a popover shows: an element, or a part of a text.
    Content,
}

impl Family {
    fn noun(self) -> &'static str {
        match self {
            Self::Element | Self::Content => "an element",
            Self::Action => "an action",
            Self::SelectAction => "an action for a click",
            Self::MenuAction => "an action for a menu",
            Self::Inline => "a TextRun",
            Self::Column => "a Column",
            Self::Row => "a TableRow",
            Self::Cell => "a TableCell",
            Self::Image => "an Image",
            Self::Page => "a CarouselPage",
            Self::Layout => "a layout",
        }
    }

    fn types(self) -> Vec<&'static ObjectType> {
        match self {
            Self::Element => ELEMENTS.to_vec(),
            Self::Action => ACTIONS.to_vec(),
            Self::SelectAction => without(&["Action.ShowCard"]),
            Self::MenuAction => without(&["Action.ShowCard", "Action.Popover"]),
            Self::Inline => RUNS.to_vec(),
            Self::Column => vec![&COLUMN],
            Self::Row => vec![&TABLE_ROW],
            Self::Cell => vec![&TABLE_CELL],
            Self::Image => vec![&IMAGE],
            Self::Page => vec![&CAROUSEL_PAGE],
            Self::Layout => LAYOUTS.to_vec(),
            Self::Content => ELEMENTS.iter().chain(RUNS).copied().collect(),
        }
    }

    /// The type of an object without `type`, where only one is allowed.
    fn only(self) -> Option<&'static ObjectType> {
        match self {
            Self::Element
            | Self::Action
            | Self::SelectAction
            | Self::MenuAction
            | Self::Inline
            | Self::Layout
            | Self::Content => None,
            Self::Column | Self::Row | Self::Cell | Self::Image | Self::Page => self.types().first().copied(),
        }
    }
}

impl Checker {
    /// Checks an array of objects of a family.
    pub(super) fn family_array(&mut self, family: Family, value: &Value, pointer: &str) {
        let Value::Array(items) = value else {
            // A repeated object is a single object in the template and becomes an array.
            if value.get("$data").is_some() {
                return self.family_object(family, value, pointer);
            }
            return self.error(
                Rule::Value,
                pointer,
                format!("an array is expected, found {}", names::json_type(value)),
                "put it in [ ]",
            );
        };
        for (at, item) in items.iter().enumerate() {
            self.family_object(family, item, &step(pointer, &at.to_string()));
        }
        if family == Family::Action {
            self.findings.extend(rules::actions(items, pointer));
        }
    }

    /// Checks one object of a family.
    pub(super) fn family_object(&mut self, family: Family, value: &Value, pointer: &str) {
        if value.is_null() || self.is_open(value) {
            return;
        }
        let members = match value {
            Value::Object(members) => members,
            Value::String(_) if family == Family::Inline => return,
            other => {
                let what = format!("{} is expected, found {}", family.noun(), names::json_type(other));
                return self.error(Rule::Type, pointer, what, "");
            }
        };
        let place = members
            .get(markers::AT)
            .and_then(Value::as_str)
            .unwrap_or(pointer)
            .to_owned();
        let object_type = match members.get("type") {
            Some(name) if self.is_open(name) => return,
            Some(Value::String(name)) => family
                .types()
                .into_iter()
                .find(|object_type| object_type.name == name)
                .or_else(|| {
                    self.unknown(family, name, members, &place);
                    None
                }),
            Some(other) => {
                let what = format!("a type is a string, found {}", names::json_type(other));
                self.error(Rule::Type, &step(&place, "type"), what, "");
                None
            }
            None => family.only().or_else(|| {
                let what = format!("{} has a \"type\"; this has none", family.noun());
                self.error(
                    Rule::Required,
                    &place,
                    what,
                    names::suggestion("", &type_names(family)),
                );
                None
            }),
        };
        let Some(object_type) = object_type else { return };
        if self.in_fallback == FallbackState::None {
            self.card_rules.add_object(object_type, members, &place);
        }
        self.findings.extend(rules::object(
            object_type,
            members,
            &place,
            family == Family::Action,
        ));
        if object_type.since > TEAMS && members.get("fallback").is_none_or(Value::is_null) {
            self.beyond(object_type.name, &place);
        }
        self.object(object_type, members, &place);
    }

    /// Notes what Teams draws beyond the version that it names; once for each type.
    fn beyond(&mut self, name: &str, place: &str) {
        if self.in_fallback == FallbackState::Fallback {
            return;
        }
        let what = format!("{name} is newer than version 1.{TEAMS}; Teams draws it, other hosts may not");
        self.findings.push(
            Finding::note(Rule::Version, &step(place, "type"), what)
                .suggest("a \"fallback\" is shown where it is not known"),
        );
    }

    fn unknown(&mut self, family: Family, name: &str, members: &Map<String, Value>, place: &str) {
        if let Some(fallback) = members.get("fallback").filter(|fallback| !fallback.is_null()) {
            return self.fallback(fallback, &step(place, "fallback"));
        }
        let pointer = step(place, "type");
        match unsupported(name) {
            Some(Unsupported::Elsewhere) => {
                return self.error(
                    Rule::Version,
                    &pointer,
                    format!("Teams does not draw {name}, which other hosts know"),
                    "give it a \"fallback\", or use something else",
                );
            }
            Some(Unsupported::Refused(suggestion)) => {
                return self.error(Rule::Teams, &pointer, format!("Teams refuses {name}"), suggestion);
            }
            None => {}
        }
        let here = type_names(family);
        let elsewhere = ELEMENTS
            .iter()
            .chain(ACTIONS)
            .chain(RUNS)
            .chain(LAYOUTS)
            .copied()
            .chain([&COLUMN, &TABLE_ROW, &TABLE_CELL, &CAROUSEL_PAGE])
            .any(|object_type| object_type.name == name);
        if elsewhere {
            let what = format!("{name} is not allowed here, only {}", family.noun());
            return self.error(Rule::Type, &pointer, what, names::suggestion("", &here));
        }
        let what = format!("there is no type {}", names::quoted(name));
        self.error(Rule::Type, &pointer, what, names::suggestion(name, &here));
    }

    /// `drop`, or the replacement of an element or action.
    pub(super) fn fallback(&mut self, value: &Value, pointer: &str) {
        match value {
            Value::String(word) if word.eq_ignore_ascii_case("drop") => {}
            Value::Object(members) => {
                let outer = std::mem::replace(&mut self.in_fallback, FallbackState::Fallback);
                let family = match members.get("type").and_then(Value::as_str) {
                    Some(name) if name.starts_with("Action.") => Family::Action,
                    Some("Column") => Family::Column,
                    Some("CarouselPage") => Family::Page,
                    Some("TextRun" | "IconRun" | "ImageRun") => Family::Inline,
                    _ => Family::Element,
                };
                self.family_object(family, value, pointer);
                self.in_fallback = outer;
            }
            other => self.error(
                Rule::Value,
                pointer,
                format!(
                    "a fallback is \"drop\" or an object, found {}",
                    names::json_type(other)
                ),
                "",
            ),
        }
    }
}

/// All actions but these.
fn without(names: &[&str]) -> Vec<&'static ObjectType> {
    ACTIONS
        .iter()
        .copied()
        .filter(|object_type| !names.contains(&object_type.name))
        .collect()
}

fn type_names(family: Family) -> Vec<&'static str> {
    family
        .types()
        .iter()
        .map(|object_type| object_type.name)
        .collect()
}
