//! Actions.

use super::{ObjectType, Property, Shape, may, must, object_type, ought, since, values::*};

pub(crate) static ACTIONS: &[&ObjectType] = &[
    &OPEN_URL,
    &SUBMIT,
    &EXECUTE,
    &SHOW_CARD,
    &TOGGLE_VISIBILITY,
    &RESET_INPUTS,
    &POPOVER,
    &OPEN_URL_DIALOG,
    &INSERT_IMAGE,
];

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
    may("menuActions", Shape::Menu),
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
        may("conditionallyEnabled", Shape::Bool),
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
        may("conditionallyEnabled", Shape::Bool),
    ],
);

const SHOW_CARD: ObjectType = action("Action.ShowCard", 0, &[must("card", Shape::Card)]);

const TOGGLE_VISIBILITY: ObjectType = action(
    "Action.ToggleVisibility",
    2,
    &[ought("targetElements", Shape::Targets)],
);

const RESET_INPUTS: ObjectType = action("Action.ResetInputs", 6, &[may("targetInputIds", Shape::Strings)]);

const POPOVER: ObjectType = action(
    "Action.Popover",
    6,
    &[
        must("content", Shape::Content),
        may("displayArrow", Shape::Bool),
        may("position", POPOVER_POSITION),
        may("maxPopoverWidth", Shape::Pixels),
    ],
);

const OPEN_URL_DIALOG: ObjectType = action(
    "Action.OpenUrlDialog",
    6,
    &[
        must("url", Shape::Link),
        may("dialogTitle", Shape::String),
        may("dialogHeight", Shape::Size(&["small", "medium", "large"])),
        may("dialogWidth", Shape::Size(&["small", "medium", "large"])),
    ],
);

const INSERT_IMAGE: ObjectType = action(
    "Action.InsertImage",
    6,
    &[
        must("url", Shape::Picture),
        may("altText", Shape::String),
        may("insertPosition", INSERT_POSITION),
    ],
);

pub(crate) const TARGET: ObjectType = object_type(
    "TargetElement",
    2,
    &[must("elementId", Shape::String), may("isVisible", Shape::Bool)],
);
