//! Actions.

use super::{Kind, Property, Shape, kind, may, must, since, values::*};

pub(crate) static ACTIONS: &[&Kind] = &[&OPEN_URL, &SUBMIT, &EXECUTE, &SHOW_CARD, &TOGGLE_VISIBILITY];

const COMMON: &[Property] = &[
    may("title", Shape::Text),
    since(1, "iconUrl", Shape::Picture),
    may("id", Shape::Text),
    since(2, "style", ACTION_STYLE),
    since(2, "fallback", Shape::Fallback),
    since(2, "requires", Shape::Object),
    since(5, "tooltip", Shape::Text),
    since(5, "isEnabled", Shape::Bool),
    since(5, "mode", ACTION_MODE),
    since(6, "role", Shape::Text),
    since(6, "menuActions", Shape::Any),
    may("themedIconUrls", Shape::Any),
    may("msteams", Shape::Object),
];

const fn action(name: &'static str, since: u8, own: &'static [Property]) -> Kind {
    Kind {
        name,
        since,
        own,
        common: COMMON,
    }
}

const OPEN_URL: Kind = action("Action.OpenUrl", 0, &[must("url", Shape::Link)]);

const SUBMIT: Kind = action(
    "Action.Submit",
    0,
    &[
        may("data", Shape::TextOrObject),
        since(3, "associatedInputs", ASSOCIATED),
        since(6, "disabledUnlessAssociatedInputsChange", Shape::Bool),
        since(6, "conditionallyEnabled", Shape::Bool),
    ],
);

const EXECUTE: Kind = action(
    "Action.Execute",
    4,
    &[
        may("verb", Shape::Text),
        may("data", Shape::TextOrObject),
        may("associatedInputs", ASSOCIATED),
        since(6, "disabledUnlessAssociatedInputsChange", Shape::Bool),
        since(6, "conditionallyEnabled", Shape::Bool),
    ],
);

const SHOW_CARD: Kind = action("Action.ShowCard", 0, &[must("card", Shape::Card)]);

const TOGGLE_VISIBILITY: Kind = action(
    "Action.ToggleVisibility",
    2,
    &[must("targetElements", Shape::Targets)],
);

pub(crate) const TARGET: Kind = kind(
    "TargetElement",
    2,
    &[must("elementId", Shape::Text), may("isVisible", Shape::Bool)],
);
