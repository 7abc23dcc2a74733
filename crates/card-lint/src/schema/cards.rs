//! The card itself, and the objects beside its body.

use super::{ObjectType, Shape, may, must, object_type, ought, since, values::*};

pub(crate) const CARD: ObjectType = object_type(
    "AdaptiveCard",
    0,
    &[
        may("$schema", Shape::String),
        may("version", Shape::Version),
        may("body", Shape::Elements),
        may("actions", Shape::Actions),
        may("fallbackText", Shape::String),
        may("speak", Shape::String),
        may("lang", Shape::String),
        may("backgroundImage", Shape::Background),
        since(1, "selectAction", Shape::SelectAction),
        since(1, "verticalContentAlignment", VERTICAL),
        since(2, "minHeight", Shape::Pixels),
        since(4, "refresh", Shape::ObjectOf(&REFRESH)),
        since(4, "authentication", Shape::ObjectOf(&AUTHENTICATION)),
        since(5, "rtl", Shape::Bool),
        may("metadata", Shape::Object),
        may("resources", Shape::Object),
        may("requires", Shape::Object),
        may("fallback", Shape::Fallback),
        // Specific to Teams
        may("msteams", Shape::Object),
        may("id", Shape::String),
        may("style", STYLE),
        may("layouts", Shape::Layouts),
    ],
);

const REFRESH: ObjectType = object_type(
    "Refresh",
    4,
    &[
        may("action", Shape::SelectAction),
        may("userIds", Shape::Strings),
        may("expires", Shape::String),
    ],
);

const AUTHENTICATION: ObjectType = object_type(
    "Authentication",
    4,
    &[
        may("text", Shape::String),
        may("connectionName", Shape::String),
        may("tokenExchangeResource", Shape::ObjectOf(&TOKEN_EXCHANGE)),
        may("buttons", Shape::ArrayOf(&AUTH_BUTTON)),
    ],
);

const TOKEN_EXCHANGE: ObjectType = object_type(
    "TokenExchangeResource",
    4,
    &[
        must("id", Shape::String),
        must("uri", Shape::String),
        must("providerId", Shape::String),
    ],
);

const AUTH_BUTTON: ObjectType = object_type(
    "AuthCardButton",
    4,
    &[
        may("title", Shape::String),
        may("image", Shape::String),
        must("value", Shape::String),
    ],
);

pub(crate) const BACKGROUND: ObjectType = object_type(
    "BackgroundImage",
    2,
    &[
        ought("url", Shape::Picture),
        may("fillMode", FILL_MODE),
        may("horizontalAlignment", HORIZONTAL),
        may("verticalAlignment", VERTICAL),
        may("themedUrls", Shape::Any),
    ],
);
