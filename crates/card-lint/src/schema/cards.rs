//! The card itself, and what stands around its body.

use super::{Kind, Shape, kind, may, must, since, values::*};

pub(crate) const CARD: Kind = kind(
    "AdaptiveCard",
    0,
    &[
        may("$schema", Shape::Text),
        may("version", Shape::Version),
        may("body", Shape::Elements),
        may("actions", Shape::Actions),
        may("fallbackText", Shape::Text),
        may("speak", Shape::Text),
        may("lang", Shape::Text),
        may("backgroundImage", Shape::Background),
        since(1, "selectAction", Shape::SelectAction),
        since(1, "verticalContentAlignment", VERTICAL),
        since(2, "minHeight", Shape::Pixels),
        since(4, "refresh", Shape::Part(&REFRESH)),
        since(4, "authentication", Shape::Part(&AUTHENTICATION)),
        since(5, "rtl", Shape::Bool),
        since(6, "metadata", Shape::Object),
        // Teams' own
        may("msteams", Shape::Object),
        may("id", Shape::Text),
        may("style", STYLE),
        may("layouts", Shape::Any),
    ],
);

const REFRESH: Kind = kind(
    "Refresh",
    4,
    &[
        may("action", Shape::SelectAction),
        may("userIds", Shape::Texts),
        may("expires", Shape::Text),
    ],
);

const AUTHENTICATION: Kind = kind(
    "Authentication",
    4,
    &[
        may("text", Shape::Text),
        may("connectionName", Shape::Text),
        may("tokenExchangeResource", Shape::Part(&TOKEN_EXCHANGE)),
        may("buttons", Shape::Parts(&AUTH_BUTTON)),
    ],
);

const TOKEN_EXCHANGE: Kind = kind(
    "TokenExchangeResource",
    4,
    &[
        must("id", Shape::Text),
        must("uri", Shape::Text),
        must("providerId", Shape::Text),
    ],
);

const AUTH_BUTTON: Kind = kind(
    "AuthCardButton",
    4,
    &[
        may("title", Shape::Text),
        may("image", Shape::Text),
        must("value", Shape::Text),
    ],
);

pub(crate) const BACKGROUND: Kind = kind(
    "BackgroundImage",
    2,
    &[
        must("url", Shape::Picture),
        may("fillMode", FILL_MODE),
        may("horizontalAlignment", HORIZONTAL),
        may("verticalAlignment", VERTICAL),
        may("themedUrls", Shape::Any),
    ],
);
