//! Inputs.

use super::{ObjectType, Property, Shape, may, must, object_type, since, values::*};

/// Properties of all inputs: those of elements, and a label; the id is the name of the value.
pub(super) const COMMON: &[Property] = &[
    must("id", Shape::String),
    since(3, "label", Shape::String),
    since(3, "isRequired", Shape::Bool),
    since(3, "errorMessage", Shape::String),
    since(6, "labelPosition", Shape::String),
    since(6, "labelWidth", Shape::NumberOrString),
    since(6, "inputStyle", Shape::String),
    may("separator", Shape::Bool),
    may("spacing", SPACING),
    since(1, "height", BLOCK_HEIGHT),
    since(1, "lang", Shape::String),
    since(2, "isVisible", Shape::Bool),
    since(2, "fallback", Shape::Fallback),
    since(2, "requires", Shape::Object),
    // Specific to Teams
    may("targetWidth", Shape::String),
    may("grid.area", Shape::String),
    may("valueChangedAction", Shape::SelectAction),
    may("isSortKey", Shape::Bool),
    may("key", Shape::String),
    may("msteams", Shape::Object),
];

const fn input(name: &'static str, own: &'static [Property]) -> ObjectType {
    ObjectType {
        name,
        since: 0,
        own,
        common: COMMON,
    }
}

pub(crate) const TEXT: ObjectType = input(
    "Input.Text",
    &[
        may("isMultiline", Shape::Bool),
        may("maxLength", Shape::Number),
        may("placeholder", Shape::String),
        may("value", Shape::String),
        may("style", TEXT_INPUT),
        since(2, "inlineAction", Shape::SelectAction),
        since(3, "regex", Shape::String),
    ],
);

pub(crate) const NUMBER: ObjectType = input(
    "Input.Number",
    &[
        may("max", Shape::Number),
        may("min", Shape::Number),
        may("placeholder", Shape::String),
        may("value", Shape::Number),
    ],
);

pub(crate) const DATE: ObjectType = input("Input.Date", MOMENT);
pub(crate) const TIME: ObjectType = input("Input.Time", MOMENT);

const MOMENT: &[Property] = &[
    may("max", Shape::String),
    may("min", Shape::String),
    may("placeholder", Shape::String),
    may("value", Shape::String),
];

pub(crate) const TOGGLE: ObjectType = input(
    "Input.Toggle",
    &[
        must("title", Shape::String),
        may("value", Shape::String),
        may("valueOff", Shape::String),
        may("valueOn", Shape::String),
        may("showTitle", Shape::Bool),
        since(2, "wrap", Shape::Bool),
    ],
);

pub(crate) const CHOICE_SET: ObjectType = input(
    "Input.ChoiceSet",
    &[
        may("choices", Shape::ArrayOf(&CHOICE)),
        may("isMultiSelect", Shape::Bool),
        may("style", CHOICE_INPUT),
        may("value", Shape::String),
        may("placeholder", Shape::String),
        since(2, "wrap", Shape::Bool),
        // Dynamic choices: Teams supports them also in cards of version 1.5.
        may("choices.data", Shape::Object),
        may("useMultipleColumns", Shape::Bool),
        may("minColumnWidth", Shape::Pixels),
    ],
);

const CHOICE: ObjectType = object_type(
    "Input.Choice",
    0,
    &[must("title", Shape::String), must("value", Shape::String)],
);
