//! Elements of a card's body that contain no others.

use super::{
    ObjectType, Property, Shape, charts, containers, inputs, may, must, object_type, ought, since, teams,
    values::*,
};

pub(crate) static ELEMENTS: &[&ObjectType] = &[
    &TEXT_BLOCK,
    &IMAGE,
    &MEDIA,
    &RICH_TEXT_BLOCK,
    &FACT_SET,
    &IMAGE_SET,
    &containers::CONTAINER,
    &containers::COLUMN_SET,
    &containers::ACTION_SET,
    &containers::TABLE,
    &inputs::TEXT,
    &inputs::NUMBER,
    &inputs::DATE,
    &inputs::TIME,
    &inputs::TOGGLE,
    &inputs::CHOICE_SET,
    &teams::ICON,
    &teams::BADGE,
    &teams::CODE_BLOCK,
    &teams::CAROUSEL,
    &teams::RATING,
    &teams::INPUT_RATING,
    &teams::COMPOUND_BUTTON,
    &teams::PROGRESS_BAR,
    &teams::PROGRESS_RING,
    &teams::COMPONENT,
    &charts::DONUT,
    &charts::PIE,
    &charts::LINE,
    &charts::GAUGE,
    &charts::VERTICAL_BAR,
    &charts::VERTICAL_BAR_GROUPED,
    &charts::HORIZONTAL_BAR,
    &charts::HORIZONTAL_BAR_STACKED,
];

/// Properties of all elements.
pub(super) const COMMON: &[Property] = &[
    may("id", Shape::String),
    may("separator", Shape::Bool),
    may("spacing", SPACING),
    since(1, "height", BLOCK_HEIGHT),
    since(1, "lang", Shape::String),
    since(2, "isVisible", Shape::Bool),
    since(2, "fallback", Shape::Fallback),
    since(2, "requires", Shape::Object),
    // Specific to Teams
    may("horizontalAlignment", HORIZONTAL),
    may("targetWidth", Shape::String),
    may("grid.area", Shape::String),
    may("isSortKey", Shape::Bool),
    may("key", Shape::String),
    may("msteams", Shape::Object),
];

const fn element(name: &'static str, since: u8, own: &'static [Property]) -> ObjectType {
    ObjectType {
        name,
        since,
        own,
        common: COMMON,
    }
}

const TEXT_BLOCK: ObjectType = element(
    "TextBlock",
    0,
    &[
        ought("text", Shape::String),
        may("color", COLOR),
        since(2, "fontType", FONT),
        may("isSubtle", Shape::Bool),
        may("maxLines", Shape::Number),
        may("size", TEXT_SIZE),
        may("weight", WEIGHT),
        may("wrap", Shape::Bool),
        since(5, "style", HEADING),
        may("labelFor", Shape::String),
    ],
);

pub(crate) const IMAGE: ObjectType = element(
    "Image",
    0,
    &[
        must("url", Shape::Picture),
        may("altText", Shape::String),
        since(1, "backgroundColor", Shape::String),
        since(1, "height", Shape::ImageHeight),
        since(1, "width", Shape::ImageHeight),
        since(1, "selectAction", Shape::SelectAction),
        may("size", IMAGE_SIZE),
        may("style", IMAGE_STYLE),
        since(6, "forceLoad", Shape::Bool),
        may("themedUrls", Shape::Any),
        may("allowExpand", Shape::Bool),
        may("fitMode", FIT_MODE),
        may("horizontalContentAlignment", HORIZONTAL),
        may("verticalContentAlignment", VERTICAL),
    ],
);

const MEDIA: ObjectType = element(
    "Media",
    1,
    &[
        must("sources", Shape::ArrayOf(&MEDIA_SOURCE)),
        may("poster", Shape::Picture),
        may("altText", Shape::String),
        may("captionSources", Shape::ArrayOf(&CAPTION_SOURCE)),
    ],
);

const MEDIA_SOURCE: ObjectType = object_type(
    "MediaSource",
    1,
    &[may("mimeType", Shape::String), must("url", Shape::Link)],
);

const CAPTION_SOURCE: ObjectType = object_type(
    "CaptionSource",
    6,
    &[
        may("mimeType", Shape::String),
        must("url", Shape::Link),
        may("label", Shape::String),
    ],
);

const RICH_TEXT_BLOCK: ObjectType = element(
    "RichTextBlock",
    2,
    &[must("inlines", Shape::Inlines), may("labelFor", Shape::String)],
);

pub(crate) const TEXT_RUN: ObjectType = object_type(
    "TextRun",
    2,
    &[
        must("text", Shape::String),
        may("color", COLOR),
        may("fontType", FONT),
        may("highlight", Shape::Bool),
        may("isSubtle", Shape::Bool),
        may("italic", Shape::Bool),
        may("selectAction", Shape::SelectAction),
        may("size", TEXT_SIZE),
        may("strikethrough", Shape::Bool),
        since(3, "underline", Shape::Bool),
        may("weight", WEIGHT),
        may("lang", Shape::String),
        may("id", Shape::String),
        may("isVisible", Shape::Bool),
        may("fallback", Shape::Fallback),
    ],
);

const FACT_SET: ObjectType = element("FactSet", 0, &[must("facts", Shape::ArrayOf(&FACT))]);

const FACT: ObjectType = object_type(
    "Fact",
    0,
    &[must("title", Shape::String), must("value", Shape::String)],
);

const IMAGE_SET: ObjectType = element(
    "ImageSet",
    0,
    &[
        must("images", Shape::Images),
        may("imageSize", IMAGE_SIZE),
        since(6, "style", Shape::String),
        since(6, "offset", Shape::Number),
    ],
);
