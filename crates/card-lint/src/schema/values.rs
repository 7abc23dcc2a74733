//! The enumerations of the schema and of Teams. Case-insensitive.

use super::Shape;

pub(super) const COLOR: Shape = Shape::Choice(&[
    "default",
    "dark",
    "light",
    "accent",
    "good",
    "warning",
    "attention",
]);
pub(super) const STYLE: Shape =
    Shape::Choice(&["default", "emphasis", "good", "attention", "warning", "accent"]);
pub(super) const SPACING: Shape = Shape::Choice(&[
    "default",
    "none",
    "extraSmall",
    "small",
    "medium",
    "large",
    "extraLarge",
    "padding",
]);
pub(super) const TEXT_SIZE: Shape = Shape::Choice(&["default", "small", "medium", "large", "extraLarge"]);
pub(super) const WEIGHT: Shape = Shape::Choice(&["default", "lighter", "bolder"]);
pub(super) const FONT: Shape = Shape::Choice(&["default", "monospace"]);
pub(super) const HORIZONTAL: Shape = Shape::Choice(&["left", "center", "right"]);
pub(super) const VERTICAL: Shape = Shape::Choice(&["top", "center", "bottom"]);
pub(super) const BLOCK_HEIGHT: Shape = Shape::Choice(&["auto", "stretch"]);
pub(super) const IMAGE_SIZE: Shape = Shape::Choice(&["auto", "stretch", "small", "medium", "large"]);
pub(super) const IMAGE_STYLE: Shape = Shape::Choice(&["default", "person", "roundedCorners"]);
pub(super) const HEADING: Shape = Shape::Choice(&["default", "heading", "columnHeader"]);
pub(super) const FILL_MODE: Shape =
    Shape::Choice(&["cover", "repeatHorizontally", "repeatVertically", "repeat"]);
pub(super) const ACTION_STYLE: Shape = Shape::Choice(&["default", "positive", "destructive"]);
pub(super) const ACTION_MODE: Shape = Shape::Choice(&["primary", "secondary"]);
pub(super) const ASSOCIATED: Shape = Shape::Choice(&["auto", "none"]);
pub(super) const TEXT_INPUT: Shape = Shape::Choice(&["text", "tel", "url", "email", "password"]);
pub(super) const CHOICE_INPUT: Shape = Shape::Choice(&["compact", "expanded", "filtered"]);
pub(super) const FIT_MODE: Shape = Shape::Choice(&["cover", "contain", "fill"]);
pub(super) const POPOVER_POSITION: Shape = Shape::Choice(&["above", "below", "before", "after"]);
pub(super) const INSERT_POSITION: Shape = Shape::Choice(&["selection", "top", "bottom"]);
