//! What waits and persons cost: how soon a tenant goes on after an outage, the storage requests of tenants that wait, and
//! planning where many people differ from the default. Prints tables; each measure ends by itself.
//! `cargo run --release -p simulator --example persons_and_waits -- recovery waiting planning`
//!
//! Time is virtual in the first two. Planning runs in real time, each variant in a process of its own, which this program
//! starts (`planning-of VARIANT`): memory is the whole process's.

#![allow(clippy::print_stdout, reason = "an example prints")]

mod planning;
mod process;
mod recovery;
mod stored;
mod waiting;

use std::process::ExitCode;

const MEASURES: &str = "recovery, waiting, planning";

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let measured = match words.as_slice() {
        ["planning-of", variant] => planning::of(variant),
        [] => Err(format!("which of {MEASURES}?")),
        measures => measures.iter().try_for_each(|measure| match *measure {
            "recovery" => recovery::measure(),
            "waiting" => waiting::measure(),
            "planning" => planning::measure(),
            other => Err(format!("there is no measure {other}, only {MEASURES}")),
        }),
    };
    match measured {
        Ok(()) => ExitCode::SUCCESS,
        Err(problem) => {
            println!("{problem}");
            ExitCode::FAILURE
        }
    }
}
