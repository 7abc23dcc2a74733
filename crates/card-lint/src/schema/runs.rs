//! The parts of a `RichTextBlock`.

use super::{ObjectType, Shape, elements::TEXT_RUN, may, must, object_type, teams::ICON_STYLE, values::*};

pub(crate) static RUNS: &[&ObjectType] = &[&TEXT_RUN, &ICON_RUN, &IMAGE_RUN];

const SIZE: Shape = Shape::Choice(&["small", "default", "medium", "large", "extraLarge"]);

const ICON_RUN: ObjectType = object_type(
    "IconRun",
    6,
    &[
        must("name", Shape::String),
        may("size", SIZE),
        may("style", ICON_STYLE),
        may("color", COLOR),
        may("selectAction", Shape::SelectAction),
        may("id", Shape::String),
        may("lang", Shape::String),
        may("isVisible", Shape::Bool),
        may("fallback", Shape::Fallback),
    ],
);

const IMAGE_RUN: ObjectType = object_type(
    "ImageRun",
    6,
    &[
        must("url", Shape::Picture),
        may("size", SIZE),
        may("style", IMAGE_STYLE),
        may("selectAction", Shape::SelectAction),
        may("themedUrls", Shape::Any),
        may("id", Shape::String),
        may("lang", Shape::String),
        may("isVisible", Shape::Bool),
        may("fallback", Shape::Fallback),
    ],
);
