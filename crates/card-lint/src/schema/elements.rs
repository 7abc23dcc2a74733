//! Elements of a card's body that contain no others.

use super::{ObjectType, Property, Shape, containers, inputs, may, must, object_type, since, values::*};

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
    may("targetWidth", Shape::String),
    may("grid.area", Shape::String),
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
        must("text", Shape::String),
        may("color", COLOR),
        since(2, "fontType", FONT),
        may("horizontalAlignment", HORIZONTAL),
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
        may("horizontalAlignment", HORIZONTAL),
        since(1, "selectAction", Shape::SelectAction),
        may("size", IMAGE_SIZE),
        may("style", IMAGE_STYLE),
        since(6, "forceLoad", Shape::Bool),
        may("themedUrls", Shape::Any),
        may("allowExpand", Shape::Bool),
    ],
);

const MEDIA: ObjectType = element(
    "Media",
    1,
    &[
        must("sources", Shape::ArrayOf(&MEDIA_SOURCE)),
        may("poster", Shape::Picture),
        may("altText", Shape::String),
        since(6, "captionSources", Shape::Any),
    ],
);

const MEDIA_SOURCE: ObjectType = object_type(
    "MediaSource",
    1,
    &[may("mimeType", Shape::String), must("url", Shape::Link)],
);

const RICH_TEXT_BLOCK: ObjectType = element(
    "RichTextBlock",
    2,
    &[
        must("inlines", Shape::Inlines),
        may("horizontalAlignment", HORIZONTAL),
    ],
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
        may("horizontalAlignment", HORIZONTAL),
        since(6, "style", Shape::String),
        since(6, "offset", Shape::Number),
    ],
);
