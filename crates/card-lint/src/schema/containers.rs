//! Elements that contain others.

use super::{ObjectType, Property, Shape, elements::COMMON, may, object_type, ought, since, values::*};

const fn element(name: &'static str, since: u8, own: &'static [Property]) -> ObjectType {
    ObjectType {
        name,
        since,
        own,
        common: COMMON,
    }
}

pub(crate) const CONTAINER: ObjectType = element(
    "Container",
    0,
    &[
        may("items", Shape::Elements),
        since(1, "selectAction", Shape::SelectAction),
        may("style", STYLE),
        since(1, "verticalContentAlignment", VERTICAL),
        since(2, "bleed", Shape::Bool),
        since(2, "backgroundImage", Shape::Background),
        since(2, "minHeight", Shape::Pixels),
        since(5, "rtl", Shape::Bool),
        may("roundedCorners", Shape::Bool),
        may("showBorder", Shape::Bool),
        may("maxHeight", Shape::Pixels),
        may("layouts", Shape::Layouts),
    ],
);

pub(crate) const COLUMN_SET: ObjectType = element(
    "ColumnSet",
    0,
    &[
        may("columns", Shape::Columns),
        since(1, "selectAction", Shape::SelectAction),
        since(2, "style", STYLE),
        since(2, "bleed", Shape::Bool),
        since(2, "minHeight", Shape::Pixels),
        may("minWidth", Shape::Size(&["auto"])),
        may("roundedCorners", Shape::Bool),
        may("showBorder", Shape::Bool),
    ],
);

pub(crate) const COLUMN: ObjectType = element(
    "Column",
    0,
    &[
        may("items", Shape::Elements),
        may("width", Shape::Width),
        may("style", STYLE),
        since(1, "selectAction", Shape::SelectAction),
        since(1, "verticalContentAlignment", VERTICAL),
        since(2, "backgroundImage", Shape::Background),
        since(2, "bleed", Shape::Bool),
        since(2, "minHeight", Shape::Pixels),
        since(5, "rtl", Shape::Bool),
        may("maxHeight", Shape::Pixels),
        may("roundedCorners", Shape::Bool),
        may("showBorder", Shape::Bool),
        may("layouts", Shape::Layouts),
    ],
);

pub(crate) const ACTION_SET: ObjectType = element("ActionSet", 2, &[ought("actions", Shape::Actions)]);

pub(crate) const TABLE: ObjectType = element(
    "Table",
    5,
    &[
        may("columns", Shape::ArrayOf(&TABLE_COLUMN)),
        may("rows", Shape::Rows),
        // The schema's name and the renderers'.
        may("firstRowAsHeader", Shape::Bool),
        may("firstRowAsHeaders", Shape::Bool),
        may("showGridLines", Shape::Bool),
        may("gridStyle", STYLE),
        may("horizontalCellContentAlignment", HORIZONTAL),
        may("verticalCellContentAlignment", VERTICAL),
        may("style", STYLE),
        may("minWidth", Shape::Size(&["auto"])),
        may("roundedCorners", Shape::Bool),
        may("showBorder", Shape::Bool),
    ],
);

const TABLE_COLUMN: ObjectType = object_type(
    "TableColumnDefinition",
    5,
    &[
        may("width", Shape::Width),
        may("horizontalCellContentAlignment", HORIZONTAL),
        may("verticalCellContentAlignment", VERTICAL),
    ],
);

pub(crate) const TABLE_ROW: ObjectType = element(
    "TableRow",
    5,
    &[
        may("cells", Shape::Cells),
        may("style", STYLE),
        may("roundedCorners", Shape::Bool),
        may("showBorder", Shape::Bool),
        may("horizontalCellContentAlignment", HORIZONTAL),
        may("verticalCellContentAlignment", VERTICAL),
    ],
);

pub(crate) const TABLE_CELL: ObjectType = element(
    "TableCell",
    5,
    &[
        may("items", Shape::Elements),
        may("selectAction", Shape::SelectAction),
        may("style", STYLE),
        may("verticalContentAlignment", VERTICAL),
        may("bleed", Shape::Bool),
        may("backgroundImage", Shape::Background),
        may("minHeight", Shape::Pixels),
        may("rtl", Shape::Bool),
        may("maxHeight", Shape::Pixels),
        may("layouts", Shape::Layouts),
    ],
);
