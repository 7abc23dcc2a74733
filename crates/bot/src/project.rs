//! The project's files, read once when the process starts. Who needs to know something of them is given what was read.

use crate::{delivery::Host, settings::Source};
use functions_project::{Problem, Project};
use std::path::{Path, PathBuf};

/// Reads host.json and every function.json.
///
/// # Errors
/// Without a Functions host, a [`Problem`] of host.json. A Functions host has judged the files itself: what it took must
/// not end this process, and is in [`Project::problems`].
pub(crate) fn read(host: Host, source: &Source, folder: &Path) -> Result<Project, Problem> {
    let root = root(source, folder);
    match host {
        Host::Functions => Ok(Project::observe(&root, &source.host_settings())),
        Host::Local => Project::load(&root, &source.host_settings()),
    }
}

/// The folder of host.json: the host names it.
pub(crate) fn root(source: &Source, folder: &Path) -> PathBuf {
    source
        .get("FUNCTIONS_APP_ROOT_PATH")
        .map(PathBuf::from)
        .filter(|root| root.join("host.json").is_file())
        .unwrap_or_else(|| folder.to_owned())
}
