//! Single values against the shape that the schema gives them.

use super::{Walk, families::Family};
use crate::{
    finding::Rule,
    marks::{self, step},
    names, rules,
    schema::{BACKGROUND, CARD, Kind, Shape, TARGET},
};
use serde_json::Value;

impl Walk {
    /// Checks a value. Null counts as left out.
    pub(super) fn value(&mut self, shape: Shape, value: &Value, pointer: &str) {
        if value.is_null() || self.is_open(value) {
            return;
        }
        match shape {
            Shape::Any | Shape::Version => {}
            Shape::Text => self.text(value, pointer),
            Shape::Number => self.expect(value.is_number(), "a number", value, pointer),
            Shape::Bool => self.expect(value.is_boolean(), "true or false", value, pointer),
            Shape::Object => self.expect(value.is_object(), "an object", value, pointer),
            Shape::NumberOrText => self.expect(
                value.is_number() || value.is_string(),
                "a number or a text",
                value,
                pointer,
            ),
            Shape::TextOrObject => self.expect(
                value.is_string() || value.is_object(),
                "an object or a text",
                value,
                pointer,
            ),
            Shape::Texts => {
                let fits = value
                    .as_array()
                    .is_some_and(|items| items.iter().all(Value::is_string));
                self.expect(fits, "a list of texts", value, pointer);
            }
            Shape::Choice(words) => self.choice(words, value, pointer),
            Shape::Pixels => self.measure(&[], value, pointer),
            Shape::ImageHeight => self.measure(&["auto", "stretch"], value, pointer),
            Shape::Width if value.is_number() => {}
            Shape::Width if value.as_str().is_some_and(|text| text.parse::<f64>().is_ok()) => {}
            Shape::Width => self.measure(&["auto", "stretch"], value, pointer),
            Shape::Link => self.address(rules::link, value, pointer),
            Shape::Picture => self.address(rules::picture, value, pointer),
            Shape::Background if value.is_object() => self.part(&BACKGROUND, value, pointer),
            Shape::Background => self.address(rules::picture, value, pointer),
            Shape::Card => self.part(&CARD, value, pointer),
            Shape::Part(kind) => self.part(kind, value, pointer),
            Shape::Parts(kind) => self.parts(kind, value, pointer),
            Shape::Elements => self.members(Family::Element, value, pointer),
            Shape::Actions => self.members(Family::Action, value, pointer),
            Shape::SelectAction => self.member(Family::SelectAction, value, pointer),
            Shape::Inlines => self.members(Family::Inline, value, pointer),
            Shape::Columns => self.members(Family::Column, value, pointer),
            Shape::Rows => self.members(Family::Row, value, pointer),
            Shape::Cells => self.members(Family::Cell, value, pointer),
            Shape::Images => self.members(Family::Image, value, pointer),
            Shape::Targets => self.targets(value, pointer),
            Shape::Fallback => self.fallback(value, pointer),
        }
    }

    fn expect(&mut self, fits: bool, wanted: &str, value: &Value, pointer: &str) {
        if fits {
            return;
        }
        let mend = match value {
            Value::String(text) if matches!(text.as_str(), "true" | "false") => "write it without quotes",
            Value::String(text) if text.parse::<f64>().is_ok() => "write it without quotes",
            _ => "",
        };
        let what = format!("{wanted} is expected, found {}", names::kind(value));
        self.error(Rule::Value, pointer, what, mend);
    }

    fn text(&mut self, value: &Value, pointer: &str) {
        let mend = match value {
            Value::String(_) => return,
            Value::Number(_) | Value::Bool(_) => {
                "make it a text: put it in quotes, or ${string(…)} around an expression"
            }
            Value::Array(_) => "join the list: ${join(…, ', ')}",
            _ => "",
        };
        let what = format!("a text is expected, found {}", names::kind(value));
        self.error(Rule::Value, pointer, what, mend);
    }

    fn choice(&mut self, words: &[&'static str], value: &Value, pointer: &str) {
        let Value::String(word) = value else {
            let what = format!(
                "one of {} is expected, found {}",
                words.join(", "),
                names::kind(value)
            );
            return self.error(Rule::Value, pointer, what, "");
        };
        if words.iter().any(|known| known.eq_ignore_ascii_case(word)) {
            return;
        }
        let what = format!("{} is not allowed here", names::quoted(word));
        self.error(Rule::Value, pointer, what, names::suggestion(word, words));
    }

    fn measure(&mut self, words: &[&'static str], value: &Value, pointer: &str) {
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
                    self.error(Rule::Value, pointer, what, "write a whole address: https://…");
                }
            }
            _ => self.text(value, pointer),
        }
    }

    fn parts(&mut self, kind: &'static Kind, value: &Value, pointer: &str) {
        match value {
            Value::Array(items) => {
                for (at, item) in items.iter().enumerate() {
                    self.part(kind, item, &step(pointer, &at.to_string()));
                }
            }
            repeated if repeated.get("$data").is_some() => self.part(kind, repeated, pointer),
            other => self.expect(false, "a list", other, pointer),
        }
    }

    fn part(&mut self, kind: &'static Kind, value: &Value, pointer: &str) {
        if value.is_null() || self.is_open(value) {
            return;
        }
        let Value::Object(members) = value else {
            return self.expect(false, &format!("an object ({})", kind.name), value, pointer);
        };
        let place = members.get(marks::AT).and_then(Value::as_str).unwrap_or(pointer);
        self.object(kind, members, place);
    }

    fn targets(&mut self, value: &Value, pointer: &str) {
        let Value::Array(items) = value else {
            return self.expect(false, "a list", value, pointer);
        };
        for (at, item) in items.iter().enumerate() {
            let place = step(pointer, &at.to_string());
            if self.is_open(item) {
                continue;
            }
            match item.as_str().or_else(|| item["elementId"].as_str()) {
                Some(id) => self.whole.target(id, &place),
                None => self.part(&TARGET, item, &place),
            }
        }
    }
}
