//! The npm packages under `tools/`: installed from their lock files, once per lock.
//!
//! Each folder there has its own small lock, so that nobody fetches more than the thing at hand needs.
//! Install scripts of packages do not run.

use std::{fs, path::PathBuf, process::Command};

use crate::{failure::Failure, process, project::Project};

/// One folder under `tools/`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Folder {
    /// The renderer of the sandbox's page.
    Page,
    /// What the tests run against.
    Test,
    /// The Teams manifest's schemas and a validator.
    Manifest,
}

impl Folder {
    const fn path(self) -> &'static str {
        match self {
            Self::Page => "tools/page",
            Self::Test => "tools/test",
            Self::Manifest => "tools/manifest",
        }
    }
}

/// Node.js and npm, as found on this machine.
pub(crate) struct Node {
    /// The program `node`.
    pub(crate) node: PathBuf,
    npm: PathBuf,
}

impl Node {
    pub(crate) fn find() -> Result<Self, Failure> {
        let found = |name: &str| {
            process::find(&[name]).ok_or_else(|| {
                Failure::new(format!("`{name}` is not on PATH"))
                    .mend("Install Node.js 20 or newer with npm (Debian: apt-get install nodejs npm).")
            })
        };
        Ok(Self {
            node: found("node")?,
            npm: found("npm")?,
        })
    }

    /// Installs the folder's packages unless this very lock is installed already; returns `node_modules`.
    pub(crate) fn install(&self, project: &Project, folder: Folder) -> Result<PathBuf, Failure> {
        let home = project.file(folder.path());
        let modules = home.join("node_modules");
        let lock = home.join("package-lock.json");
        let wanted = fs::read(&lock).map_err(Failure::at(&lock))?;
        let stamp = modules.join(".installed-from");
        if fs::read(&stamp).is_ok_and(|installed| installed == wanted) {
            return Ok(modules);
        }
        let mut command = Command::new(&self.npm);
        command
            .args([
                "ci",
                "--ignore-scripts",
                "--no-audit",
                "--no-fund",
                "--loglevel=error",
            ])
            .current_dir(&home);
        process::run(&mut command).map_err(|failure| {
            failure.mend(format!(
                "It runs in {}; npm's registry must be reachable the first time.",
                folder.path()
            ))
        })?;
        fs::write(&stamp, wanted).map_err(Failure::at(&stamp))?;
        Ok(modules)
    }
}
