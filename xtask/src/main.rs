//! The project's own commands: test, package, measure, check. `cargo xtask help` lists them.
//!
//! Each command is one module. No code of the product belongs here, and the product builds without it.
//! A command that lacks a tool fails and says how to get it; no check is skipped silently.
//!
//! ## Variables for the tests
//! `cargo xtask test` sets these for `cargo test`; a test that needs one fails with its name when it is missing:
//!
//! | variable | value |
//! |---|---|
//! | `NODE` | path of the Node.js program |
//! | `AZURITE_JS` | Azurite's start script: all three services (`node $AZURITE_JS --inMemoryPersistence …`) |
//! | `PLAYWRIGHT_DIR` | folder of the npm package `playwright-core` |
//! | `CHROMIUM` | path of a Chromium or Chrome; an existing value is kept |
//! | `ADAPTIVECARDS_DIR` | folder of the npm package `adaptivecards` |
#![allow(clippy::print_stdout, clippy::print_stderr)] // a command-line program prints

mod app_package;
mod arguments;
mod bench;
mod failure;
mod icons;
mod node_packages;
mod package;
mod process;
mod project;
mod test;

use std::process::ExitCode;

use crate::{arguments::Arguments, failure::Failure, project::Project};

const HELP: &str = r#"cargo xtask COMMAND

  test [--only STEP]... [--list]   all checks and tests: installs what is missing, then runs them
  env                              sets up what the tests need and prints it for a shell:
                                   eval "$(cargo xtask env)", then plain `cargo test -p …`
  package [--binary FILE]          dist/package/ and dist/teams-notify.zip, ready to publish, and checked;
                                   --binary takes a static program built elsewhere instead of building one
  app-package                      dist/appPackage.zip, the Teams app; ids from TEAMS_APP_ID and BOT_ID
  bench [--only NAME]... [--binary FILE]
                                   measures the packaged program (or FILE) and prints a table; names: package,
                                   start, inbound, outbound, rate, listing
  advisories                       known vulnerabilities in dependencies (needs the network)
  icons                            draws the two icons of appPackage again
"#;

fn main() -> ExitCode {
    match run(std::env::args().skip(1).collect()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("\nerror: {failure}");
            ExitCode::FAILURE
        }
    }
}

fn run(words: Vec<String>) -> Result<(), Failure> {
    let mut arguments = Arguments::new(words);
    let Some(command) = arguments.word() else {
        return Err(Failure::new("no command was given").hint(HELP));
    };
    match command.as_str() {
        "test" => {
            let options = test::TestOptions::from_arguments(&mut arguments)?;
            arguments.finish()?;
            test::run(&Project::find()?, &options)
        }
        "env" => {
            arguments.finish()?;
            test::print_env(&Project::find()?)
        }
        "package" => {
            let binary = arguments.value("--binary")?;
            arguments.finish()?;
            package::run(&Project::find()?, binary.as_deref())
        }
        "bench" => {
            let options = bench::BenchOptions::from_arguments(&mut arguments)?;
            arguments.finish()?;
            bench::run(&Project::find()?, &options)
        }
        "app-package" => {
            arguments.finish()?;
            app_package::run(&Project::find()?)
        }
        "advisories" => {
            arguments.finish()?;
            test::advisories(&Project::find()?)
        }
        "icons" => {
            arguments.finish()?;
            icons::run(&Project::find()?)
        }
        "help" | "--help" | "-h" => {
            println!("{HELP}");
            Ok(())
        }
        other => Err(Failure::new(format!("there is no command `{other}`")).hint(HELP)),
    }
}
