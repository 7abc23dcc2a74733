//! Checks Adaptive Card templates. Takes text, returns findings; opens no files.
#![doc = include_str!("../README.md")]

mod check;
mod conditions;
mod failures;
mod filled;
mod finding;
mod hints;
mod markers;
mod mentions;
mod moments;
mod names;
mod repair;
mod repeats;
mod rule;
mod rules;
mod samples;
mod sarif;
mod schema;
mod strings;
mod texts;
mod unguarded;
mod unread;
mod walk;

pub use check::{Host, MAX_MESSAGE_BYTES, Sample, WARN_MESSAGE_BYTES, check};
pub use finding::{Finding, Level};
pub use rule::Rule;
pub use samples::check_with;
pub use sarif::sarif;
