//! What `dev` and `serve` share: the local host around the bot's functions, in one process; it talks to them exactly as
//! the Functions host does.

use super::CommandError;
use crate::{app::App, settings::Source};
use custom_handler::logging::{Log, LoggingError};
use functions_project::{Cors, FunctionState, LocalHostOptions, Project, Trigger};
use local_host::{InProcess, KeyPolicy, LocalHost, Running};
use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

/// The project that a command works on.
pub(crate) struct ProjectFolder {
    /// The folder of host.json.
    pub(crate) path: PathBuf,
    /// Its settings: the environment, and beneath it local.settings.json.
    pub(crate) source: Source,
}

impl ProjectFolder {
    /// This folder, or the nearest above it that has a host.json.
    pub(crate) fn here() -> Result<Self, CommandError> {
        let here = std::env::current_dir()?;
        let path = here
            .ancestors()
            .find(|folder| folder.join("host.json").is_file())
            .map(Path::to_path_buf)
            .ok_or_else(|| {
                format!(
                    "there is no host.json in {} or above it; run this in the project's folder",
                    here.display()
                )
            })?;
        let source = Source::with_local_settings(&path)?;
        Ok(Self { path, source })
    }

    /// The log as the settings want it: read before anything is logged.
    pub(crate) fn log(&self) -> Result<Log, LoggingError> {
        Log::from_lookup(|name| self.source.get(name))
    }
}

/// Where functions are served unless the command line or local.settings.json says otherwise.
const DEFAULT_PORT: u16 = 3978;

/// `Host` of local.settings.json.
pub(crate) fn options(folder: &Path) -> Result<LocalHostOptions, CommandError> {
    Ok(LocalHostOptions::read(&folder.join("local.settings.json"))?)
}

/// The port to listen on: the command line wins.
pub(crate) fn port(asked: Option<u16>, options: &LocalHostOptions) -> u16 {
    asked.or(options.port).unwrap_or(DEFAULT_PORT)
}

/// The local host around a bot's functions. Those in `enabled` run although their function.json disables them.
pub(crate) fn host(
    app: App,
    folder: &Path,
    source: &Source,
    key: &str,
    cors: Option<Cors>,
    enabled: &[String],
) -> Result<LocalHost, CommandError> {
    let settings = source.host_settings();
    let project = Project::load_with(folder, &settings, enabled)?;
    for problem in project.problems() {
        super::say(&format!("not loaded: {problem}"));
    }
    let port = unknown_port();
    let functions = app.into_functions().into_router_at(port)?;
    let host = LocalHost::builder(project, &settings)?
        .cors(cors)
        .keys(KeyPolicy::enforced(key));
    Ok(host.build(Arc::new(InProcess::new(functions, port))))
}

/// A port that the functions believe to listen at. The Functions host picks one by chance too: whoever names it in `Host`
/// is taken for the host, so no client may know it.
fn unknown_port() -> u16 {
    let [high, low, ..] = uuid::Uuid::new_v4().into_bytes();
    u16::from_be_bytes([high, low])
}

/// Names of the functions that are switched off, in one line; `None` when none is.
pub(crate) fn disabled(host: &LocalHost) -> Option<String> {
    let functions = host.project().functions().iter();
    let names: Vec<_> = functions
        .filter(|function| function.state == FunctionState::Disabled)
        .map(|function| function.name.as_str())
        .collect();
    (!names.is_empty()).then(|| format!("Disabled: {}", names.join(", ")))
}

/// Fires every timer once that is not switched off.
pub(crate) async fn fire_timers(running: &Running) {
    let timers = running
        .project()
        .functions()
        .iter()
        .filter(|function| function.state == FunctionState::Enabled)
        .filter(|function| matches!(function.trigger, Trigger::Timer(_)));
    for timer in timers {
        if let Err(error) = running.trigger_timer(timer.name.as_str()).await {
            tracing::error!(function = %timer.name, %error, "the timer could not be fired");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_wins_over_the_settings_file() {
        let folder = tempfile::tempdir().unwrap();
        let nothing = options(folder.path()).unwrap();
        let text = r#"{"Host": {"LocalHttpPort": 7072}}"#;
        std::fs::write(folder.path().join("local.settings.json"), text).unwrap();
        let file = options(folder.path()).unwrap();
        assert_eq!(
            (port(None, &nothing), port(None, &file), port(Some(9), &file)),
            (3978, 7072, 9)
        );
    }
}
