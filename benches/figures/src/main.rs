//! Measures the binary `handler` from outside, as its host, Teams and the storage account see it, and prints a table.
//!
//! Started by `cargo xtask bench`, which builds the program that ships and sets `HANDLER` (that program), `NODE` and
//! `AZURITE_JS`. Figures are printed, never asserted: a slow machine is no failure. What goes wrong is one.
#![allow(clippy::print_stdout, clippy::print_stderr)] // a command line speaks to its terminal

mod azurite;
mod entra;
mod handler;
mod http;
mod install;
mod machine;
mod measure;
mod process;
mod rsa;
mod store;
mod table;
mod teams;

use std::{env, error::Error, process::ExitCode};

use measure::Measure;
use table::Table;

/// What a measurement ends with; the text says what went wrong and where.
type Outcome<T> = Result<T, Box<dyn Error + Send + Sync>>;

#[tokio::main]
async fn main() -> ExitCode {
    let words: Vec<String> = env::args().skip(1).collect();
    let outcome = match words.first().map(String::as_str) {
        Some(teams::ROLE) => teams::serve(words.get(1).map(String::as_str)).await,
        _ => run(&words).await,
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

/// The arguments are names of measurements; none means all.
async fn run(names: &[String]) -> Outcome<()> {
    let chosen = Measure::chosen(names)?;
    let mut table = Table::begin();
    for measure in chosen {
        eprintln!("== {} ({})", measure.name(), machine::load());
        measure.run(&mut table).await?;
    }
    table.print();
    Ok(())
}
