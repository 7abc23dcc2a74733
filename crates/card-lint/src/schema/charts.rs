//! Charts, which Teams draws beyond version 1.5.

use super::{ObjectType, Property, Shape, elements, may, object_type};

const fn chart(name: &'static str, own: &'static [Property]) -> ObjectType {
    ObjectType {
        name,
        since: 6,
        own,
        common: elements::COMMON,
    }
}

pub(super) const DONUT: ObjectType = chart(
    "Chart.Donut",
    &[
        may("title", Shape::String),
        may("showTitle", Shape::Bool),
        may("colorSet", COLOR_SET),
        may("maxWidth", Shape::Pixels),
        may("showLegend", Shape::Bool),
        may("data", Shape::ArrayOf(&DONUT_CHART_DATA)),
        may("value", Shape::String),
        may("valueColor", COLOR),
        may("thickness", Shape::Choice(&["Thin", "Thick"])),
        may("showOutlines", Shape::Bool),
    ],
);

pub(super) const PIE: ObjectType = chart(
    "Chart.Pie",
    &[
        may("title", Shape::String),
        may("showTitle", Shape::Bool),
        may("colorSet", COLOR_SET),
        may("maxWidth", Shape::Pixels),
        may("showLegend", Shape::Bool),
        may("data", Shape::ArrayOf(&DONUT_CHART_DATA)),
        may("value", Shape::String),
        may("valueColor", COLOR),
        may("thickness", Shape::Choice(&["Thin", "Thick"])),
        may("showOutlines", Shape::Bool),
    ],
);

pub(super) const LINE: ObjectType = chart(
    "Chart.Line",
    &[
        may("title", Shape::String),
        may("showTitle", Shape::Bool),
        may("colorSet", COLOR_SET),
        may("maxWidth", Shape::Pixels),
        may("showLegend", Shape::Bool),
        may("xAxisTitle", Shape::String),
        may("yAxisTitle", Shape::String),
        may("color", COLOR),
        may("data", Shape::ArrayOf(&LINE_CHART_DATA)),
        may("yMin", Shape::Number),
        may("yMax", Shape::Number),
    ],
);

pub(super) const GAUGE: ObjectType = chart(
    "Chart.Gauge",
    &[
        may("title", Shape::String),
        may("showTitle", Shape::Bool),
        may("colorSet", COLOR_SET),
        may("maxWidth", Shape::Pixels),
        may("showLegend", Shape::Bool),
        may("min", Shape::Number),
        may("max", Shape::Number),
        may("subLabel", Shape::String),
        may("showMinMax", Shape::Bool),
        may("showNeedle", Shape::Bool),
        may("showOutlines", Shape::Bool),
        may("segments", Shape::ArrayOf(&GAUGE_CHART_LEGEND)),
        may("value", Shape::Number),
        may("valueFormat", Shape::Choice(&["Percentage", "Fraction"])),
    ],
);

pub(super) const VERTICAL_BAR: ObjectType = chart(
    "Chart.VerticalBar",
    &[
        may("title", Shape::String),
        may("showTitle", Shape::Bool),
        may("colorSet", COLOR_SET),
        may("maxWidth", Shape::Pixels),
        may("showLegend", Shape::Bool),
        may("xAxisTitle", Shape::String),
        may("yAxisTitle", Shape::String),
        may("data", Shape::ArrayOf(&VERTICAL_BAR_CHART_DATA_VALUE)),
        may("color", COLOR),
        may("showBarValues", Shape::Bool),
        may("yMin", Shape::Number),
        may("yMax", Shape::Number),
    ],
);

pub(super) const VERTICAL_BAR_GROUPED: ObjectType = chart(
    "Chart.VerticalBar.Grouped",
    &[
        may("title", Shape::String),
        may("showTitle", Shape::Bool),
        may("colorSet", COLOR_SET),
        may("maxWidth", Shape::Pixels),
        may("showLegend", Shape::Bool),
        may("xAxisTitle", Shape::String),
        may("yAxisTitle", Shape::String),
        may("color", COLOR),
        may("stacked", Shape::Bool),
        may("data", Shape::ArrayOf(&GROUPED_VERTICAL_BAR_CHART_DATA)),
        may("showBarValues", Shape::Bool),
        may("yMin", Shape::Number),
        may("yMax", Shape::Number),
    ],
);

pub(super) const HORIZONTAL_BAR: ObjectType = chart(
    "Chart.HorizontalBar",
    &[
        may("title", Shape::String),
        may("showTitle", Shape::Bool),
        may("colorSet", COLOR_SET),
        may("maxWidth", Shape::Pixels),
        may("showLegend", Shape::Bool),
        may("xAxisTitle", Shape::String),
        may("yAxisTitle", Shape::String),
        may("color", COLOR),
        may("data", Shape::ArrayOf(&HORIZONTAL_BAR_CHART_DATA_VALUE)),
        may(
            "displayMode",
            Shape::Choice(&["AbsoluteWithAxis", "AbsoluteNoAxis", "PartToWhole"]),
        ),
    ],
);

pub(super) const HORIZONTAL_BAR_STACKED: ObjectType = chart(
    "Chart.HorizontalBar.Stacked",
    &[
        may("title", Shape::String),
        may("showTitle", Shape::Bool),
        may("colorSet", COLOR_SET),
        may("maxWidth", Shape::Pixels),
        may("showLegend", Shape::Bool),
        may("xAxisTitle", Shape::String),
        may("yAxisTitle", Shape::String),
        may("color", COLOR),
        may("data", Shape::ArrayOf(&STACKED_HORIZONTAL_BAR_CHART_DATA)),
    ],
);

const DONUT_CHART_DATA: ObjectType = object_type(
    "DonutChartData",
    6,
    &[
        may("legend", Shape::String),
        may("value", Shape::Number),
        may("color", COLOR),
    ],
);

const LINE_CHART_DATA: ObjectType = object_type(
    "LineChartData",
    6,
    &[
        may("legend", Shape::String),
        may("values", Shape::ArrayOf(&LINE_CHART_VALUE)),
        may("color", COLOR),
    ],
);

const GAUGE_CHART_LEGEND: ObjectType = object_type(
    "GaugeChartLegend",
    6,
    &[
        may("size", Shape::Number),
        may("legend", Shape::String),
        may("color", COLOR),
    ],
);

const VERTICAL_BAR_CHART_DATA_VALUE: ObjectType = object_type(
    "VerticalBarChartDataValue",
    6,
    &[
        may("x", Shape::NumberOrString),
        may("y", Shape::Number),
        may("color", COLOR),
    ],
);

const GROUPED_VERTICAL_BAR_CHART_DATA: ObjectType = object_type(
    "GroupedVerticalBarChartData",
    6,
    &[
        may("legend", Shape::String),
        may("values", Shape::ArrayOf(&BAR_CHART_DATA_VALUE)),
        may("color", COLOR),
    ],
);

const HORIZONTAL_BAR_CHART_DATA_VALUE: ObjectType = object_type(
    "HorizontalBarChartDataValue",
    6,
    &[
        may("x", Shape::String),
        may("y", Shape::Number),
        may("color", COLOR),
    ],
);

const STACKED_HORIZONTAL_BAR_CHART_DATA: ObjectType = object_type(
    "StackedHorizontalBarChartData",
    6,
    &[
        may("title", Shape::String),
        may("data", Shape::ArrayOf(&STACKED_HORIZONTAL_BAR_CHART_DATA_POINT)),
    ],
);

const LINE_CHART_VALUE: ObjectType = object_type(
    "LineChartValue",
    6,
    &[may("x", Shape::NumberOrString), may("y", Shape::Number)],
);

const BAR_CHART_DATA_VALUE: ObjectType = object_type(
    "BarChartDataValue",
    6,
    &[may("x", Shape::String), may("y", Shape::Number)],
);

const STACKED_HORIZONTAL_BAR_CHART_DATA_POINT: ObjectType = object_type(
    "StackedHorizontalBarChartDataPoint",
    6,
    &[
        may("legend", Shape::String),
        may("value", Shape::Number),
        may("color", COLOR),
    ],
);

const COLOR_SET: Shape = Shape::Choice(&[
    "categorical",
    "sequential",
    "sequentialred",
    "sequentialgreen",
    "sequentialyellow",
    "diverging",
]);

#[rustfmt::skip]
const COLOR: Shape = Shape::Choice(&[
    "good", "warning", "attention", "neutral", "categoricalRed", "categoricalPurple", "categoricalLavender",
    "categoricalBlue", "categoricalLightBlue", "categoricalTeal", "categoricalGreen", "categoricalLime",
    "categoricalMarigold", "sequential1", "sequential2", "sequential3", "sequential4", "sequential5",
    "sequential6", "sequential7", "sequential8", "divergingBlue", "divergingLightBlue", "divergingCyan",
    "divergingTeal", "divergingYellow", "divergingPeach", "divergingLightRed", "divergingRed",
    "divergingMaroon", "divergingGray", "sequentialRed1", "sequentialRed2", "sequentialRed3",
    "sequentialRed4", "sequentialRed5", "sequentialRed6", "sequentialRed7", "sequentialRed8",
    "sequentialGreen1", "sequentialGreen2", "sequentialGreen3", "sequentialGreen4", "sequentialGreen5",
    "sequentialGreen6", "sequentialGreen7", "sequentialGreen8", "sequentialYellow1", "sequentialYellow2",
    "sequentialYellow3", "sequentialYellow4", "sequentialYellow5", "sequentialYellow6", "sequentialYellow7",
    "sequentialYellow8",
]);
