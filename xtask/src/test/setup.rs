//! Tools that a new machine lacks: installed when first needed.

use crate::output::remark;
use std::{
    env, fs,
    path::{Path, PathBuf},
    process::Command,
};

use crate::{
    failure::Failure,
    node_packages::{Node, NpmFolder},
    process,
    project::Project,
};

/// The version of cargo-deny to install if none is found. One on `PATH` is used whatever its version.
const CARGO_DENY_VERSION: &str = "0.20.2";

/// A tool that a step needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Setup {
    Chromium,
    TestPackages,
    ManifestPackages,
    CargoDeny,
}

impl Setup {
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Chromium => "chromium",
            Self::TestPackages => "npm:test",
            Self::ManifestPackages => "npm:schema",
            Self::CargoDeny => "cargo-deny",
        }
    }

    pub(super) fn prepare(self, project: &Project) -> Result<(), Failure> {
        match self {
            Self::Chromium => install_chromium(),
            Self::TestPackages => {
                let node = Node::find()?;
                node.install(project, NpmFolder::Test)?;
                node.install(project, NpmFolder::Page).map(drop)
            }
            Self::ManifestPackages => Node::find()?.install(project, NpmFolder::Manifest).map(drop),
            Self::CargoDeny => install_cargo_deny(project),
        }
    }
}

/// The browser for the page's tests: `CHROMIUM` if set, else what is on `PATH`.
pub(super) fn chromium() -> Option<PathBuf> {
    let named = env::var_os("CHROMIUM")
        .filter(|name| !name.is_empty())
        .map(PathBuf::from);
    named.or_else(|| {
        process::find(&[
            "chromium",
            "chromium-browser",
            "google-chrome",
            "google-chrome-stable",
        ])
    })
}

fn install_chromium() -> Result<(), Failure> {
    const INSTALL_HINT: &str = "Install Chromium or Chrome, or set CHROMIUM to its path.";
    if let Some(found) = chromium() {
        if process::is_program(&found) {
            remark!("{}", found.display());
            return Ok(());
        }
        return Err(
            Failure::new(format!("CHROMIUM is {}, which is not a program", found.display()))
                .hint(INSTALL_HINT),
        );
    }
    if process::find(&["apt-get"]).is_none() {
        return Err(Failure::new("neither Chromium nor apt-get to install it was found").hint(INSTALL_HINT));
    }
    apt_get(&["update", "-q"])?;
    apt_get(&[
        "install",
        "-y",
        "-q",
        "--no-install-recommends",
        "chromium",
        "fonts-dejavu-core",
    ])
    .map_err(|failure| failure.hint(INSTALL_HINT))?;
    chromium()
        .map(drop)
        .ok_or_else(|| Failure::new("Chromium was installed but is not on PATH").hint(INSTALL_HINT))
}

/// Runs apt-get as root, or through sudo without asking for a password.
fn apt_get(words: &[&str]) -> Result<(), Failure> {
    let root = process::output(Command::new("id").arg("-u"))?.trim() == "0";
    let mut command = if root {
        Command::new("apt-get")
    } else if process::find(&["sudo"]).is_some() {
        let mut sudo = Command::new("sudo");
        sudo.args(["-n", "apt-get"]);
        sudo
    } else {
        return Err(Failure::new("installing Chromium needs root or sudo")
            .hint("As root: apt-get install chromium. Or set CHROMIUM to its path."));
    };
    process::set_up(command.args(words).env("DEBIAN_FRONTEND", "noninteractive"))
}

/// On `PATH`, or in the target folder where [`install_cargo_deny`] puts it.
pub(super) fn cargo_deny(project: &Project) -> Option<PathBuf> {
    let ours = tools(project).join("bin/cargo-deny");
    if process::is_program(&ours) {
        Some(ours)
    } else {
        process::find(&["cargo-deny"])
    }
}

/// Built without optimisation: it runs for a second, and the build takes minutes.
fn install_cargo_deny(project: &Project) -> Result<(), Failure> {
    if let Some(found) = cargo_deny(project) {
        remark!("{}", found.display());
        return Ok(());
    }
    let tools = tools(project);
    let build = tools.join("build");
    let mut command = project.cargo(&[
        "install",
        "cargo-deny",
        "--version",
        CARGO_DENY_VERSION,
        "--locked",
        "--debug",
    ]);
    command
        .args([Path::new("--root"), &tools, Path::new("--target-dir"), &build])
        .env("CARGO_PROFILE_DEV_DEBUG", "false")
        .env("CARGO_PROFILE_DEV_OPT_LEVEL", "0");
    process::set_up(&mut command)
        .map_err(|failure| failure.hint("The crate registry must be reachable the first time."))?;
    fs::remove_dir_all(&build).map_err(Failure::at(&build))
}

fn tools(project: &Project) -> PathBuf {
    project.target("tools")
}
