//! Types of other Adaptive Cards versions or hosts that not all Teams clients support.

/// Why a known type can't be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unsupported {
    /// Introduced after the version that Teams renders.
    Later,
    /// Teams refuses it from bots; with what to use instead.
    Refused(&'static str),
}

const LATER: &[&str] = &[
    "Carousel",
    "CarouselPage",
    "Badge",
    "Icon",
    "CodeBlock",
    "Rating",
    "Input.Rating",
    "CompoundButton",
    "ProgressBar",
    "ProgressRing",
    "Component",
    "TabSet",
    "Accordion",
    "List",
    "Chart.Donut",
    "Chart.Pie",
    "Chart.Line",
    "Chart.Gauge",
    "Chart.VerticalBar",
    "Chart.VerticalBar.Grouped",
    "Chart.HorizontalBar",
    "Chart.HorizontalBar.Stacked",
    "Action.OpenUrlDialog",
    "Action.ResetInputs",
    "Action.InsertImage",
    "Action.Popover",
    "Action.RunCommands",
];

/// Looks up a type that is not in the tables.
pub(crate) fn unsupported(name: &str) -> Option<Unsupported> {
    if name == "Action.Http" {
        return Some(Unsupported::Refused("use Action.Execute, or Action.OpenUrl"));
    }
    LATER.contains(&name).then_some(Unsupported::Later)
}
