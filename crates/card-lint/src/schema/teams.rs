//! Elements that Teams draws beyond version 1.5; the charts are in `charts`.

use super::{ObjectType, Property, Shape, elements::COMMON, inputs, may, must, object_type, values::*};

pub(super) const fn element(name: &'static str, own: &'static [Property]) -> ObjectType {
    ObjectType {
        name,
        since: 6,
        own,
        common: COMMON,
    }
}

const ICON_SIZE: Shape = Shape::Choice(&[
    "xxSmall", "xSmall", "small", "standard", "medium", "large", "xLarge", "xxLarge",
]);
pub(super) const ICON_STYLE: Shape = Shape::Choice(&["regular", "filled"]);
const RATING_SIZE: Shape = Shape::Choice(&["medium", "large"]);
const RATING_COLOR: Shape = Shape::Choice(&["neutral", "marigold"]);

pub(super) const ICON: ObjectType = element(
    "Icon",
    &[
        must("name", Shape::String),
        may("size", ICON_SIZE),
        may("style", ICON_STYLE),
        may("color", COLOR),
        may("selectAction", Shape::SelectAction),
    ],
);

const ICON_INFO: ObjectType = object_type(
    "IconInfo",
    6,
    &[
        must("name", Shape::String),
        may("size", ICON_SIZE),
        may("style", ICON_STYLE),
        may("color", COLOR),
    ],
);

pub(super) const BADGE: ObjectType = element(
    "Badge",
    &[
        may("text", Shape::String),
        may("icon", Shape::String),
        may("iconPosition", Shape::Choice(&["before", "after"])),
        may("appearance", Shape::Choice(&["filled", "tint"])),
        may("size", Shape::Choice(&["medium", "large", "extraLarge"])),
        may("shape", Shape::Choice(&["square", "rounded", "circular"])),
        may("style", BADGE_STYLE),
        may("tooltip", Shape::String),
    ],
);

const BADGE_STYLE: Shape = Shape::Choice(&[
    "default",
    "subtle",
    "informative",
    "accent",
    "good",
    "attention",
    "warning",
]);

pub(super) const CODE_BLOCK: ObjectType = element(
    "CodeBlock",
    &[
        must("codeSnippet", Shape::String),
        may("language", CODE_LANGUAGE),
        may("startLineNumber", Shape::Number),
    ],
);

const CODE_LANGUAGE: Shape = Shape::Choice(&[
    "Bash",
    "C",
    "Cpp",
    "CSharp",
    "Css",
    "Dos",
    "Go",
    "Graphql",
    "Html",
    "Java",
    "JavaScript",
    "Json",
    "ObjectiveC",
    "Perl",
    "Php",
    "PlainText",
    "PowerShell",
    "Python",
    "Sql",
    "TypeScript",
    "VbNet",
    "Verilog",
    "Vhdl",
    "Xml",
]);

pub(super) const CAROUSEL: ObjectType = element(
    "Carousel",
    &[
        may("pages", Shape::Pages),
        may("bleed", Shape::Bool),
        may("minHeight", Shape::Pixels),
        may("pageAnimation", Shape::Choice(&["slide", "crossFade", "none"])),
    ],
);

pub(crate) const CAROUSEL_PAGE: ObjectType = element(
    "CarouselPage",
    &[
        may("items", Shape::Elements),
        may("selectAction", Shape::SelectAction),
        may("style", STYLE),
        may("showBorder", Shape::Bool),
        may("roundedCorners", Shape::Bool),
        may("layouts", Shape::Layouts),
        may("minHeight", Shape::Pixels),
        may("maxHeight", Shape::Pixels),
        may("backgroundImage", Shape::Background),
        may("verticalContentAlignment", VERTICAL),
        may("rtl", Shape::Bool),
    ],
);

pub(super) const RATING: ObjectType = element(
    "Rating",
    &[
        may("value", Shape::Number),
        may("count", Shape::Number),
        may("max", Shape::Number),
        may("size", RATING_SIZE),
        may("color", RATING_COLOR),
        may("style", Shape::Choice(&["default", "compact"])),
    ],
);

pub(super) const INPUT_RATING: ObjectType = ObjectType {
    name: "Input.Rating",
    since: 6,
    own: &[
        may("value", Shape::Number),
        may("max", Shape::Number),
        may("allowHalfSteps", Shape::Bool),
        may("size", RATING_SIZE),
        may("color", RATING_COLOR),
    ],
    common: inputs::COMMON,
};

pub(super) const COMPOUND_BUTTON: ObjectType = element(
    "CompoundButton",
    &[
        may("title", Shape::String),
        may("description", Shape::String),
        may("badge", Shape::String),
        may("icon", Shape::ObjectOf(&ICON_INFO)),
        may("selectAction", Shape::SelectAction),
    ],
);

pub(super) const PROGRESS_BAR: ObjectType = element(
    "ProgressBar",
    &[
        may("value", Shape::Number),
        may("max", Shape::Number),
        may(
            "color",
            Shape::Choice(&["accent", "good", "warning", "attention"]),
        ),
    ],
);

pub(super) const PROGRESS_RING: ObjectType = element(
    "ProgressRing",
    &[
        may("label", Shape::String),
        may(
            "labelPosition",
            Shape::Choice(&["before", "after", "above", "below"]),
        ),
        may("size", Shape::Choice(&["tiny", "small", "medium", "large"])),
    ],
);

pub(super) const COMPONENT: ObjectType = element(
    "Component",
    &[must("name", Shape::String), may("properties", Shape::Object)],
);
