//! What each command of the command line does, a file each.

pub(crate) mod card;
pub(crate) mod dev;
mod dev_key;
pub(crate) mod functions;
pub(crate) mod local;
pub(crate) mod notification;
mod operator_service;
pub(crate) mod references;
mod renderer;
pub(crate) mod serve;
mod stopping;

use crate::output::{complain, say};

/// Anything that ends a command; its text is for the person who typed it.
pub(crate) type CommandError = Box<dyn std::error::Error + Send + Sync>;

/// The public word of an enum, as its JSON has it.
fn word(value: &impl serde::Serialize) -> String {
    serde_json::to_value(value)
        .ok()
        .and_then(|value| value.as_str().map(str::to_owned))
        .unwrap_or_default()
}
