//! Elements of a card's body that hold no others.

use super::{Kind, Property, Shape, containers, inputs, kind, may, must, since, values::*};

pub(crate) static ELEMENTS: &[&Kind] = &[
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

/// What every element may have.
pub(super) const COMMON: &[Property] = &[
    may("id", Shape::Text),
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
    may("msteams", Shape::Object),
];

const fn element(name: &'static str, since: u8, own: &'static [Property]) -> Kind {
    Kind {
        name,
        since,
        own,
        common: COMMON,
    }
}

const TEXT_BLOCK: Kind = element(
    "TextBlock",
    0,
    &[
        must("text", Shape::Text),
        may("color", COLOR),
        since(2, "fontType", FONT),
        may("horizontalAlignment", HORIZONTAL),
        may("isSubtle", Shape::Bool),
        may("maxLines", Shape::Number),
        may("size", TEXT_SIZE),
        may("weight", WEIGHT),
        may("wrap", Shape::Bool),
        since(5, "style", HEADING),
        may("labelFor", Shape::Text),
    ],
);

pub(crate) const IMAGE: Kind = element(
    "Image",
    0,
    &[
        must("url", Shape::Picture),
        may("altText", Shape::Text),
        since(1, "backgroundColor", Shape::Text),
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

const MEDIA: Kind = element(
    "Media",
    1,
    &[
        must("sources", Shape::Parts(&MEDIA_SOURCE)),
        may("poster", Shape::Picture),
        may("altText", Shape::Text),
        since(6, "captionSources", Shape::Any),
    ],
);

const MEDIA_SOURCE: Kind = kind(
    "MediaSource",
    1,
    &[may("mimeType", Shape::Text), must("url", Shape::Link)],
);

const RICH_TEXT_BLOCK: Kind = element(
    "RichTextBlock",
    2,
    &[
        must("inlines", Shape::Inlines),
        may("horizontalAlignment", HORIZONTAL),
    ],
);

pub(crate) const TEXT_RUN: Kind = kind(
    "TextRun",
    2,
    &[
        must("text", Shape::Text),
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
        may("lang", Shape::Text),
    ],
);

const FACT_SET: Kind = element("FactSet", 0, &[must("facts", Shape::Parts(&FACT))]);

const FACT: Kind = kind(
    "Fact",
    0,
    &[must("title", Shape::Text), must("value", Shape::Text)],
);

const IMAGE_SET: Kind = element(
    "ImageSet",
    0,
    &[
        must("images", Shape::Images),
        may("imageSize", IMAGE_SIZE),
        may("horizontalAlignment", HORIZONTAL),
        since(6, "style", Shape::Text),
        since(6, "offset", Shape::Number),
    ],
);
