//! Types that exist but that a Teams card can't count on.

/// Why a known type can't be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Newer {
    /// Came after the version that Teams draws.
    Later,
    /// Teams doesn't take it from bots.
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

/// What is to be said of a type that isn't in the tables but exists elsewhere.
pub(crate) fn newer(name: &str) -> Option<Newer> {
    if name == "Action.Http" {
        return Some(Newer::Refused("use Action.Execute, or Action.OpenUrl"));
    }
    LATER.contains(&name).then_some(Newer::Later)
}
