//! Checks single values against their type in the schema.

use super::{Checker, families::Family};
use crate::{
    markers::{self, step},
    names,
    rule::Rule,
    rules,
    schema::{BACKGROUND, CARD, ObjectType, Shape, TARGET},
};
use serde_json::Value;

impl Checker {
    /// Checks a value. Null counts as absent.
    pub(super) fn value(&mut self, shape: Shape, value: &Value, pointer: &str) {
        if value.is_null() || self.is_open(value) {
            return;
        }
        match shape {
            Shape::Any | Shape::Version => {}
            Shape::String => self.text(value, pointer),
            Shape::Number => self.expect(value.is_number(), "a number", value, pointer),
            Shape::Bool => self.expect(value.is_boolean(), "true or false", value, pointer),
            Shape::Object => self.expect(value.is_object(), "an object", value, pointer),
            Shape::NumberOrString => self.expect(
                value.is_number() || value.is_string(),
                "a number or a string",
                value,
                pointer,
            ),
            Shape::StringOrObject => self.expect(
                value.is_string() || value.is_object(),
                "an object or a string",
                value,
                pointer,
            ),
            Shape::Strings => {
                let fits = value
                    .as_array()
                    .is_some_and(|items| items.iter().all(Value::is_string));
                self.expect(fits, "an array of strings", value, pointer);
            }
            Shape::Choice(words) => self.choice(words, value, pointer),
            Shape::Pixels => self.size(&[], value, pointer),
            Shape::Size(words) => self.size(words, value, pointer),
            Shape::ImageHeight => self.size(&["auto", "stretch"], value, pointer),
            Shape::Width if value.is_number() => {}
            Shape::Width if value.as_str().is_some_and(|text| text.parse::<f64>().is_ok()) => {}
            Shape::Width => self.size(&["auto", "stretch"], value, pointer),
            Shape::Link => self.address(rules::link, value, pointer),
            Shape::Picture => self.address(rules::picture, value, pointer),
            Shape::Background if value.is_object() => self.object_of(&BACKGROUND, value, pointer),
            Shape::Background => self.address(rules::picture, value, pointer),
            Shape::Card => self.object_of(&CARD, value, pointer),
            Shape::ObjectOf(object_type) => self.object_of(object_type, value, pointer),
            Shape::ArrayOf(object_type) => self.array_of(object_type, value, pointer),
            Shape::Elements => self.family_array(Family::Element, value, pointer),
            Shape::Actions => self.family_array(Family::Action, value, pointer),
            Shape::SelectAction => self.family_object(Family::SelectAction, value, pointer),
            Shape::Inlines => self.family_array(Family::Inline, value, pointer),
            Shape::Columns => self.family_array(Family::Column, value, pointer),
            Shape::Rows => self.family_array(Family::Row, value, pointer),
            Shape::Cells => self.family_array(Family::Cell, value, pointer),
            Shape::Pages => self.family_array(Family::Page, value, pointer),
            Shape::Layouts => self.family_array(Family::Layout, value, pointer),
            Shape::Menu => self.family_array(Family::MenuAction, value, pointer),
            Shape::Content => self.family_object(Family::Content, value, pointer),
            Shape::Images => self.family_array(Family::Image, value, pointer),
            Shape::Targets => self.targets(value, pointer),
            Shape::Fallback => self.fallback(value, pointer),
        }
    }

    fn expect(&mut self, fits: bool, wanted: &str, value: &Value, pointer: &str) {
        if fits {
            return;
        }
        let suggestion = match value {
            Value::String(text) if matches!(text.as_str(), "true" | "false") => "write it without quotes",
            Value::String(text) if text.parse::<f64>().is_ok() => "write it without quotes",
            _ => "",
        };
        let what = format!("{wanted} is expected, found {}", names::json_type(value));
        self.error(Rule::Value, pointer, what, suggestion);
    }

    fn text(&mut self, value: &Value, pointer: &str) {
        let suggestion = match value {
            Value::String(_) => return,
            Value::Number(_) | Value::Bool(_) => {
                "make it a string: put it in quotes, or ${string(…)} around an expression"
            }
            Value::Array(_) => "join the array: ${join(…, ', ')}",
            _ => "",
        };
        let what = format!("a string is expected, found {}", names::json_type(value));
        self.error(Rule::Value, pointer, what, suggestion);
    }

    fn choice(&mut self, words: &[&'static str], value: &Value, pointer: &str) {
        let Value::String(word) = value else {
            let what = format!(
                "one of {} is expected, found {}",
                words.join(", "),
                names::json_type(value)
            );
            return self.error(Rule::Value, pointer, what, "");
        };
        if words.iter().any(|known| known.eq_ignore_ascii_case(word)) {
            return;
        }
        let what = format!("{} is not allowed here", names::quoted(word));
        self.error(Rule::Value, pointer, what, names::suggestion(word, words));
    }

    fn size(&mut self, words: &[&'static str], value: &Value, pointer: &str) {
        let fits = value.as_str().is_some_and(|text| {
            let pixels = text
                .strip_suffix("px")
                .is_some_and(|number| number.parse::<f64>().is_ok_and(|number| number >= 0.0));
            pixels || words.iter().any(|word| word.eq_ignore_ascii_case(text))
        });
        if !fits {
            let mut allowed = vec!["pixels like \"80px\""];
            allowed.extend(words);
            let what = format!(
                "a measure is expected, found {}",
                names::quoted(&value.to_string())
            );
            self.error(
                Rule::Value,
                pointer,
                what,
                format!("allowed: {}", allowed.join(", ")),
            );
        }
    }

    fn address(&mut self, rule: fn(&str) -> Option<String>, value: &Value, pointer: &str) {
        match value {
            Value::String(text) => {
                if let Some(what) = rule(text) {
                    self.error(Rule::Value, pointer, what, "write an absolute address: https://…");
                }
            }
            _ => self.text(value, pointer),
        }
    }

    fn array_of(&mut self, object_type: &'static ObjectType, value: &Value, pointer: &str) {
        match value {
            Value::Array(items) => {
                for (at, item) in items.iter().enumerate() {
                    self.object_of(object_type, item, &step(pointer, &at.to_string()));
                }
            }
            repeated if repeated.get("$data").is_some() => self.object_of(object_type, repeated, pointer),
            other => self.expect(false, "an array", other, pointer),
        }
    }

    fn object_of(&mut self, object_type: &'static ObjectType, value: &Value, pointer: &str) {
        if value.is_null() || self.is_open(value) {
            return;
        }
        let Value::Object(members) = value else {
            return self.expect(
                false,
                &format!("an object ({})", object_type.name),
                value,
                pointer,
            );
        };
        let place = members
            .get(markers::AT)
            .and_then(Value::as_str)
            .unwrap_or(pointer);
        self.object(object_type, members, place);
    }

    fn targets(&mut self, value: &Value, pointer: &str) {
        let Value::Array(items) = value else {
            return self.expect(false, "an array", value, pointer);
        };
        for (at, item) in items.iter().enumerate() {
            let place = step(pointer, &at.to_string());
            if self.is_open(item) {
                continue;
            }
            match item.as_str().or_else(|| item["elementId"].as_str()) {
                Some(id) => self.card_rules.add_target(id, &place),
                None => self.object_of(&TARGET, item, &place),
            }
        }
    }
}
