//! What each command of the command line does, a file each.

pub(crate) mod card;
pub(crate) mod dev;
pub(crate) mod functions;
pub(crate) mod local;
pub(crate) mod notification;
mod operator;
pub(crate) mod references;
mod renderer;
pub(crate) mod serve;
mod stopping;

/// Anything that ends a command; its text is for the person who typed it.
pub(crate) type CommandError = Box<dyn std::error::Error + Send + Sync>;

/// Says something to the person at the terminal.
#[allow(
    clippy::print_stdout,
    reason = "the one place where commands talk to a person"
)]
pub(crate) fn say(line: &str) {
    println!("{line}");
}

/// Says what went wrong.
#[allow(
    clippy::print_stderr,
    reason = "the one place where commands complain to a person"
)]
pub(crate) fn complain(text: &str) {
    eprintln!("{}", text.trim_end());
}

/// The public word of an enum, as its JSON has it.
fn word(value: &impl serde::Serialize) -> String {
    serde_json::to_value(value)
        .ok()
        .and_then(|value| value.as_str().map(str::to_owned))
        .unwrap_or_default()
}
