//! What the project does to itself: test, package, measure, check. `cargo xtask --help` lists the commands.
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

mod app_package;
mod arguments;
mod bench;
mod failure;
mod help;
mod icons;
mod node_packages;
mod output;
mod package;
mod process;
mod project;
mod test;

use std::process::ExitCode;

use crate::{
    arguments::Arguments,
    failure::Failure,
    output::{remark, say},
    project::Project,
};

fn main() -> ExitCode {
    match run(std::env::args().skip(1).collect()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            remark!("\nerror: {failure}");
            ExitCode::FAILURE
        }
    }
}

fn run(words: Vec<String>) -> Result<(), Failure> {
    let mut arguments = Arguments::new(words);
    let Some(command) = arguments.word() else {
        return Err(Failure::new("which command?").hint(help::all()));
    };
    if matches!(command.as_str(), "help" | "--help" | "-h") {
        let text = arguments
            .word()
            .and_then(|name| help::of(&name))
            .map(help::Help::text);
        say!("{}", text.unwrap_or_else(help::all).trim_end());
        return Ok(());
    }
    let Some(help) = help::of(&command) else {
        return Err(Failure::new(format!("there is no command `{command}`")).hint(help::all()));
    };
    if arguments.flag("--help") || arguments.flag("-h") {
        say!("{}", help.text().trim_end());
        return Ok(());
    }
    match command.as_str() {
        "test" => {
            let options = test::TestOptions::from_arguments(&mut arguments)?;
            arguments.finish(help)?;
            test::run(&Project::find()?, &options)
        }
        "env" => {
            arguments.finish(help)?;
            test::print_env(&Project::find()?)
        }
        "package" => {
            let binary = arguments.value("--binary")?;
            let folder = arguments.value("--project")?;
            arguments.finish(help)?;
            let project = match &folder {
                Some(folder) => Project::at(std::path::Path::new(folder))?,
                None => Project::find()?,
            };
            package::run(&project, binary.as_deref())
        }
        "bench" => {
            let options = bench::BenchOptions::from_arguments(&mut arguments)?;
            arguments.finish(help)?;
            bench::run(&Project::find()?, &options)
        }
        "app-package" => {
            arguments.finish(help)?;
            app_package::run(&Project::find()?)
        }
        "advisories" => {
            arguments.finish(help)?;
            test::advisories(&Project::find()?)
        }
        "icons" => {
            arguments.finish(help)?;
            icons::run(&Project::find()?)
        }
        other => Err(Failure::new(format!("the command `{other}` does nothing yet"))),
    }
}
