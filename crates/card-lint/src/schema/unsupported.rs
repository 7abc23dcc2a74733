//! Types of other Adaptive Cards hosts, which Teams does not draw.

/// Why a known type can't be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unsupported {
    /// Known elsewhere; Teams does not draw it.
    Elsewhere,
    /// Teams refuses it from bots; with what to use instead.
    Refused(&'static str),
}

const ELSEWHERE: &[&str] = &["TabSet", "Accordion", "List", "Action.RunCommands"];

/// Looks up a type that is not in the tables.
pub(crate) fn unsupported(name: &str) -> Option<Unsupported> {
    if name == "Action.Http" {
        return Some(Unsupported::Refused("use Action.Execute, or Action.OpenUrl"));
    }
    ELSEWHERE.contains(&name).then_some(Unsupported::Elsewhere)
}
