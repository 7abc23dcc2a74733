//! `cargo xtask test`: all checks and tests of the project.
//!
//! It installs missing tools, runs the steps in order, stops at the first that fails and names it, and ends with a table
//! of the time each step took.

mod setup;
mod step;

use crate::output::say;
use std::{
    path::PathBuf,
    process::Command,
    time::{Duration, Instant},
};

use crate::{
    app_package,
    arguments::Arguments,
    failure::Failure,
    node_packages::{Node, NpmFolder},
    process,
    project::Project,
};
use setup::Setup;
use step::Step;

/// The options of `test`.
pub(crate) struct TestOptions {
    steps: Vec<Step>,
    list: bool,
}

impl TestOptions {
    pub(crate) fn from_arguments(arguments: &mut Arguments) -> Result<Self, Failure> {
        let list = arguments.flag("--list");
        let only = arguments.values("--only")?;
        let named = only
            .iter()
            .map(|name| Step::named(name))
            .collect::<Result<Vec<_>, _>>()?;
        // In the order of `Step::ALL`, not of the command line.
        let chosen = |step: &Step| named.is_empty() || named.contains(step);
        Ok(Self {
            steps: Step::ALL.into_iter().filter(chosen).collect(),
            list,
        })
    }
}

/// Runs the chosen steps, each after the set-up that it needs and that has not run yet.
pub(crate) fn run(project: &Project, options: &TestOptions) -> Result<(), Failure> {
    if options.list {
        for step in &options.steps {
            say!("{:10} {}", step.name(), step.about());
        }
        return Ok(());
    }
    let mut times = StepTimes::default();
    let mut done = Vec::new();
    for step in &options.steps {
        for setup in step.needs() {
            if !done.contains(setup) {
                times.time(setup.name(), || setup.prepare(project))?;
                done.push(*setup);
            }
        }
        times.time(step.name(), || perform(project, *step))?;
    }
    times.print();
    Ok(())
}

fn perform(project: &Project, step: Step) -> Result<(), Failure> {
    match step {
        Step::Fmt => process::run(&mut project.cargo(&["fmt", "--all", "--check"]))
            .map_err(|failure| failure.hint("`cargo fmt --all` formats the code.")),
        Step::Clippy => process::run(&mut project.cargo(&[
            "clippy",
            "--workspace",
            "--all-targets",
            "--",
            "-D",
            "warnings",
        ])),
        Step::Doc => process::run(
            project
                .cargo(&["doc", "--workspace", "--no-deps"])
                .env("RUSTDOCFLAGS", "-D warnings"),
        ),
        Step::Deny => deny(project, &["bans", "licenses", "sources"]),
        Step::Test => process::run(&mut tests(project)?),
        Step::Manifest => app_package::check(project),
    }
}

/// `cargo xtask advisories`: not part of `test` because it needs a database from the network.
pub(crate) fn advisories(project: &Project) -> Result<(), Failure> {
    Setup::CargoDeny.prepare(project)?;
    deny(project, &["advisories"])
}

fn deny(project: &Project, checks: &[&str]) -> Result<(), Failure> {
    let mut command =
        Command::new(setup::cargo_deny(project).ok_or_else(|| Failure::new("cargo-deny is missing"))?);
    command
        .args(["--workspace", "check", "--hide-inclusion-graph"])
        .args(checks)
        .current_dir(project.file("."));
    process::run(&mut command)
        .map_err(|failure| failure.hint("The rules and their reasons are in deny.toml."))
}

/// `cargo test` with the variables that the tests need; it runs the doctests too.
fn tests(project: &Project) -> Result<Command, Failure> {
    let mut command = project.cargo(&["test", "--workspace"]);
    command.envs(variables(project)?);
    Ok(command)
}

/// The variables that `main.rs` documents.
fn variables(project: &Project) -> Result<[(&'static str, PathBuf); 5], Failure> {
    let node = Node::find()?;
    let modules = node.install(project, NpmFolder::Test)?;
    let page = node.install(project, NpmFolder::Page)?;
    Ok([
        ("NODE", node.node),
        ("AZURITE_JS", modules.join("azurite/dist/src/azurite.js")),
        ("PLAYWRIGHT_DIR", modules.join("playwright-core")),
        (
            "CHROMIUM",
            setup::chromium().ok_or_else(|| Failure::new("no Chromium was found"))?,
        ),
        ("ADAPTIVECARDS_DIR", page.join("adaptivecards")),
    ])
}

/// `cargo xtask env`: sets up and prints the variables for a shell, to run single tests with plain cargo.
pub(crate) fn print_env(project: &Project) -> Result<(), Failure> {
    for setup in Step::Test.needs() {
        setup.prepare(project)?;
    }
    for (name, value) in variables(project)? {
        say!(
            "export {name}='{}'",
            value.display().to_string().replace('\'', r"'\''")
        );
    }
    Ok(())
}

/// The time of each step, for the table at the end.
#[derive(Default)]
struct StepTimes(Vec<(&'static str, Duration, &'static str)>);

impl StepTimes {
    fn time(
        &mut self,
        name: &'static str,
        work: impl FnOnce() -> Result<(), Failure>,
    ) -> Result<(), Failure> {
        say!("\n== {name}");
        let start = Instant::now();
        let outcome = work();
        self.0.push((
            name,
            start.elapsed(),
            if outcome.is_ok() { "ok" } else { "FAILED" },
        ));
        outcome.map_err(|failure| {
            self.print();
            Failure::new(format!("step `{name}` failed: {failure}"))
        })
    }

    fn print(&self) {
        say!("\nstep        seconds");
        for (name, took, outcome) in &self.0 {
            say!("{name:10} {:8.1}  {outcome}", took.as_secs_f64());
        }
        let total: Duration = self.0.iter().map(|(_, took, _)| *took).sum();
        say!("{:10} {:8.1}", "total", total.as_secs_f64());
    }
}
