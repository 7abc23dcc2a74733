//! Actions.

use super::{ObjectType, Property, Shape, may, must, object_type, since, values::*};

pub(crate) static ACTIONS: &[&ObjectType] = &[&OPEN_URL, &SUBMIT, &EXECUTE, &SHOW_CARD, &TOGGLE_VISIBILITY];

const COMMON: &[Property] = &[
    may("title", Shape::String),
    since(1, "iconUrl", Shape::Picture),
    may("id", Shape::String),
    since(2, "style", ACTION_STYLE),
    since(2, "fallback", Shape::Fallback),
    since(2, "requires", Shape::Object),
    since(5, "tooltip", Shape::String),
    since(5, "isEnabled", Shape::Bool),
    since(5, "mode", ACTION_MODE),
    since(6, "role", Shape::String),
    since(6, "menuActions", Shape::Any),
    may("themedIconUrls", Shape::Any),
    may("msteams", Shape::Object),
];

const fn action(name: &'static str, since: u8, own: &'static [Property]) -> ObjectType {
    ObjectType {
        name,
        since,
        own,
        common: COMMON,
    }
}

const OPEN_URL: ObjectType = action("Action.OpenUrl", 0, &[must("url", Shape::Link)]);

const SUBMIT: ObjectType = action(
    "Action.Submit",
    0,
    &[
        may("data", Shape::StringOrObject),
        since(3, "associatedInputs", ASSOCIATED),
        since(6, "disabledUnlessAssociatedInputsChange", Shape::Bool),
        since(6, "conditionallyEnabled", Shape::Bool),
    ],
);

const EXECUTE: ObjectType = action(
    "Action.Execute",
    4,
    &[
        may("verb", Shape::String),
        may("data", Shape::StringOrObject),
        may("associatedInputs", ASSOCIATED),
        since(6, "disabledUnlessAssociatedInputsChange", Shape::Bool),
        since(6, "conditionallyEnabled", Shape::Bool),
    ],
);

const SHOW_CARD: ObjectType = action("Action.ShowCard", 0, &[must("card", Shape::Card)]);

const TOGGLE_VISIBILITY: ObjectType = action(
    "Action.ToggleVisibility",
    2,
    &[must("targetElements", Shape::Targets)],
);

pub(crate) const TARGET: ObjectType = object_type(
    "TargetElement",
    2,
    &[must("elementId", Shape::String), may("isVisible", Shape::Bool)],
);
