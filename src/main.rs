//! The program. What it sends and answers is in `triggers.rs`; everything else is the library.

mod triggers;

use std::process::ExitCode;

fn main() -> ExitCode {
    teams_notify::run(triggers::app)
}
