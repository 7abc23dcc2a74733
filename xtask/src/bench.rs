//! `cargo xtask bench`: measures the program that ships and prints a table for `docs/benchmarks.md`.
//!
//! Not a test: no figure makes it fail. The measurements are in the crate `benches/figures`; this module builds it, passes
//! it the packaged program, Node.js and the storage emulator, and adds the size of the package.

use crate::output::say;
use std::{fs, path::PathBuf, process::Command};

use crate::{
    arguments::Arguments,
    failure::Failure,
    node_packages::{Node, NpmFolder},
    package, process,
    project::Project,
};

/// The measurement that is made here; all others are in `benches/figures`.
const PACKAGE: &str = "package";

/// The options of `bench`.
pub(crate) struct BenchOptions {
    only: Vec<String>,
    binary: Option<PathBuf>,
}

impl BenchOptions {
    pub(crate) fn from_arguments(arguments: &mut Arguments) -> Result<Self, Failure> {
        Ok(Self {
            only: arguments.values("--only")?,
            binary: arguments.value("--binary")?.map(PathBuf::from),
        })
    }

    /// The names to pass to `benches/figures`, where none means all; `None` if only the package's size is asked for.
    fn measurements(&self) -> Option<Vec<&str>> {
        let names: Vec<&str> = self
            .only
            .iter()
            .map(String::as_str)
            .filter(|name| *name != PACKAGE)
            .collect();
        (self.only.is_empty() || !names.is_empty()).then_some(names)
    }
}

/// Packages unless `--binary` names a program, then measures.
pub(crate) fn run(project: &Project, options: &BenchOptions) -> Result<(), Failure> {
    let program = match &options.binary {
        Some(binary) => fs::canonicalize(binary).map_err(Failure::at(binary))?,
        None => {
            package::run(project, None)?;
            project.dist()?.join("package/handler")
        }
    };
    if let Some(names) = options.measurements() {
        measure(project, &program, &names)?;
    }
    if options.binary.is_none() {
        print_sizes(project)?;
    }
    Ok(())
}

fn measure(project: &Project, program: &PathBuf, names: &[&str]) -> Result<(), Failure> {
    let node = Node::find()?;
    let modules = node.install(project, NpmFolder::Test)?;
    process::run(&mut project.cargo(&["build", "--release", "--package", "figures"]))?;
    let mut command = Command::new(project.target("release/figures"));
    command
        .args(names)
        .env("HANDLER", program)
        .env("NODE", node.node)
        .env("AZURITE_JS", modules.join("azurite/dist/src/azurite.js"));
    process::run(&mut command)
}

/// Prints the sizes as rows of the same table.
fn print_sizes(project: &Project) -> Result<(), Failure> {
    for (figure, name) in [
        ("package: the program, static", "package/handler"),
        ("package: the zip that is published", "teams-notify.zip"),
    ] {
        let file = project.dist()?.join(name);
        let bytes = file.metadata().map_err(Failure::at(&file))?.len();
        say!("| {figure} | {:.2} MB | ≤ 10 MB |", bytes as f64 / 1e6);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::BenchOptions;
    use crate::arguments::Arguments;

    fn options(line: &str) -> BenchOptions {
        BenchOptions::from_arguments(&mut Arguments::new(
            line.split_whitespace().map(str::to_owned).collect(),
        ))
        .unwrap()
    }

    #[test]
    fn everything_is_measured_unless_something_is_named() {
        assert_eq!(options("").measurements(), Some(Vec::new()));
        assert_eq!(
            options("--only start --only rate").measurements(),
            Some(vec!["start", "rate"])
        );
        assert_eq!(options("--only package").measurements(), None);
        assert_eq!(
            options("--only package --only start").measurements(),
            Some(vec!["start"])
        );
    }
}
