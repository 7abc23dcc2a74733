//! The npm packages under `tools/`: installed from their lock files, once per lock.
//!
//! Each folder there has its own small lock, so that a command installs only what it needs.
//! Install scripts of packages do not run.

use std::{fs, path::PathBuf, process::Command};

use crate::{failure::Failure, process, project::Project};

/// A folder with npm packages under `tools/`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum NpmFolder {
    /// The card renderer of the sandbox's page.
    Page,
    /// The storage emulator and the browser driver of the tests.
    Test,
    /// The Teams manifest's schemas and a validator.
    Manifest,
}

impl NpmFolder {
    const fn path(self) -> &'static str {
        match self {
            Self::Page => "tools/page",
            Self::Test => "tools/test",
            Self::Manifest => "tools/manifest",
        }
    }
}

/// The storage emulator requires Node.js 20.
const INSTALL_HINT: &str =
    "Install Node.js 20 or newer, which brings npm, and make sure that both are on PATH.";

/// Node.js and npm, as found on this machine.
pub(crate) struct Node {
    /// The program `node`.
    pub(crate) node: PathBuf,
    npm: PathBuf,
}

impl Node {
    pub(crate) fn find() -> Result<Self, Failure> {
        let found = |name: &str| {
            process::find(&[name])
                .ok_or_else(|| Failure::new(format!("`{name}` is not on PATH")).hint(INSTALL_HINT))
        };
        let (node, npm) = (found("node")?, found("npm")?);
        let version = process::output(Command::new(&node).arg("--version"))?;
        match major(&version) {
            Some(20..) => Ok(Self { node, npm }),
            _ => Err(
                Failure::new(format!("{} is Node.js {}", node.display(), version.trim())).hint(INSTALL_HINT),
            ),
        }
    }

    /// Installs the folder's packages unless the same lock file is installed already; returns `node_modules`.
    pub(crate) fn install(&self, project: &Project, folder: NpmFolder) -> Result<PathBuf, Failure> {
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
        process::set_up(&mut command).map_err(|failure| {
            failure.hint(format!(
                "It runs in {}; npm's registry must be reachable the first time.",
                folder.path()
            ))
        })?;
        fs::write(&stamp, wanted).map_err(Failure::at(&stamp))?;
        Ok(modules)
    }
}

/// The first number of `v20.20.2`.
fn major(version: &str) -> Option<u32> {
    version.trim().strip_prefix('v')?.split('.').next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::major;

    #[test]
    fn the_major_version_is_read() {
        assert_eq!(major("v20.20.2\n"), Some(20));
        assert_eq!(major("20"), None);
    }
}
