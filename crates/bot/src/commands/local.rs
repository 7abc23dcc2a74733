//! What `dev` and `serve` share: the handler on a loopback port of this process, and the local host before it,
//! which talks to it exactly as the Functions host does.

use super::CommandError;
use crate::{app::App, settings::Source};
use custom_handler::logging::{Log, LoggingError};
use functions_project::{Cors, FunctionState, LocalHostOptions, Trigger};
use local_host::{Handler, KeyPolicy, LocalHost, LocalHostBuilder, Running};
use std::{
    net::{Ipv4Addr, SocketAddr},
    path::{Path, PathBuf},
};
use tokio::net::TcpListener;

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

/// Serves the bot's functions on a loopback port until the process ends. Returns their address.
pub(crate) async fn serve_functions(app: App) -> Result<SocketAddr, CommandError> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
    let address = listener.local_addr()?;
    let router = app.into_functions().into_router()?;
    tokio::spawn(custom_handler::serve(
        listener,
        router,
        custom_handler::Shutdown::never(),
    ));
    Ok(address)
}

/// A local host over functions that listen at an address. Those in `enabled` run although their function.json
/// disables them.
pub(crate) fn host(
    folder: PathBuf,
    source: &Source,
    functions: SocketAddr,
    key: &str,
    cors: Option<Cors>,
    enabled: &[&str],
) -> Result<LocalHost, CommandError> {
    let host = LocalHost::from_dir(folder)
        .settings(source.host_settings())
        .handler(Handler::At(functions))
        .cors(cors)
        .keys(KeyPolicy::enforced(key));
    let host = enabled
        .iter()
        .copied()
        .fold(host, LocalHostBuilder::enable)
        .build()?;
    for problem in host.project().problems() {
        super::say(&format!("not loaded: {problem}"));
    }
    Ok(host)
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
