//! Layouts of containers, which Teams draws beyond version 1.5.

use super::{ObjectType, Shape, may, must, object_type, values::*};

pub(crate) static LAYOUTS: &[&ObjectType] = &[&STACK, &FLOW, &AREA_GRID];

const ITEM_FIT: Shape = Shape::Choice(&["fit", "fill"]);

const STACK: ObjectType = object_type("Layout.Stack", 6, &[may("targetWidth", Shape::String)]);

const FLOW: ObjectType = object_type(
    "Layout.Flow",
    6,
    &[
        may("targetWidth", Shape::String),
        may("horizontalItemsAlignment", HORIZONTAL),
        may("verticalItemsAlignment", VERTICAL),
        may("itemFit", ITEM_FIT),
        may("minItemWidth", Shape::Pixels),
        may("maxItemWidth", Shape::Pixels),
        may("itemWidth", Shape::Pixels),
        may("columnSpacing", SPACING),
        may("rowSpacing", SPACING),
    ],
);

const AREA_GRID: ObjectType = object_type(
    "Layout.AreaGrid",
    6,
    &[
        may("targetWidth", Shape::String),
        may("columns", Shape::Any),
        may("areas", Shape::ArrayOf(&GRID_AREA)),
        may("columnSpacing", SPACING),
        may("rowSpacing", SPACING),
    ],
);

const GRID_AREA: ObjectType = object_type(
    "GridArea",
    6,
    &[
        must("name", Shape::String),
        may("column", Shape::Number),
        may("columnSpan", Shape::Number),
        may("row", Shape::Number),
        may("rowSpan", Shape::Number),
    ],
);
