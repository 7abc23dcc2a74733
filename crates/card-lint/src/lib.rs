//! Finds what is wrong with an Adaptive Card template before Teams does. Reads text, reports findings; opens no files.
#![doc = include_str!("../README.md")]

mod blame;
mod check;
mod filled;
mod finding;
mod marks;
mod mentions;
mod names;
mod rules;
mod schema;
mod strings;
mod unguarded;
mod walk;

pub use check::{Host, LARGEST, NEARLY, Sample, check};
pub use finding::{Finding, Level, Rule};
