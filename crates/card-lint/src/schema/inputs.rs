//! Inputs.

use super::{Kind, Property, Shape, kind, may, must, since, values::*};

/// What every input may have: an element's properties, and a label; the id is the name of the value.
const COMMON: &[Property] = &[
    must("id", Shape::Text),
    since(3, "label", Shape::Text),
    since(3, "isRequired", Shape::Bool),
    since(3, "errorMessage", Shape::Text),
    since(6, "labelPosition", Shape::Text),
    since(6, "labelWidth", Shape::NumberOrText),
    since(6, "inputStyle", Shape::Text),
    may("separator", Shape::Bool),
    may("spacing", SPACING),
    since(1, "height", BLOCK_HEIGHT),
    since(1, "lang", Shape::Text),
    since(2, "isVisible", Shape::Bool),
    since(2, "fallback", Shape::Fallback),
    since(2, "requires", Shape::Object),
    // Teams' own
    may("targetWidth", Shape::Text),
    may("grid.area", Shape::Text),
    may("valueChangedAction", Shape::Object),
    may("msteams", Shape::Object),
];

const fn input(name: &'static str, own: &'static [Property]) -> Kind {
    Kind {
        name,
        since: 0,
        own,
        common: COMMON,
    }
}

pub(crate) const TEXT: Kind = input(
    "Input.Text",
    &[
        may("isMultiline", Shape::Bool),
        may("maxLength", Shape::Number),
        may("placeholder", Shape::Text),
        may("value", Shape::Text),
        may("style", TEXT_INPUT),
        since(2, "inlineAction", Shape::SelectAction),
        since(3, "regex", Shape::Text),
    ],
);

pub(crate) const NUMBER: Kind = input(
    "Input.Number",
    &[
        may("max", Shape::Number),
        may("min", Shape::Number),
        may("placeholder", Shape::Text),
        may("value", Shape::Number),
    ],
);

pub(crate) const DATE: Kind = input("Input.Date", MOMENT);
pub(crate) const TIME: Kind = input("Input.Time", MOMENT);

const MOMENT: &[Property] = &[
    may("max", Shape::Text),
    may("min", Shape::Text),
    may("placeholder", Shape::Text),
    may("value", Shape::Text),
];

pub(crate) const TOGGLE: Kind = input(
    "Input.Toggle",
    &[
        must("title", Shape::Text),
        may("value", Shape::Text),
        may("valueOff", Shape::Text),
        may("valueOn", Shape::Text),
        since(2, "wrap", Shape::Bool),
    ],
);

pub(crate) const CHOICE_SET: Kind = input(
    "Input.ChoiceSet",
    &[
        may("choices", Shape::Parts(&CHOICE)),
        may("isMultiSelect", Shape::Bool),
        may("style", CHOICE_INPUT),
        may("value", Shape::Text),
        may("placeholder", Shape::Text),
        since(2, "wrap", Shape::Bool),
        // Teams fills choices as one types, also in cards of version 1.5.
        may("choices.data", Shape::Object),
    ],
);

const CHOICE: Kind = kind(
    "Input.Choice",
    0,
    &[must("title", Shape::Text), must("value", Shape::Text)],
);
