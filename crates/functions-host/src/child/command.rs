//! The start command: executable, arguments, working directory and environment as the host builds them.

use std::io;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use thiserror::Error;
use tokio::process::{Child, Command};
use uuid::Uuid;

use functions_project::{CustomHandler, Settings};

/// Why the handler could not be started.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum StartError {
    /// No free loopback port, or the one of host.json is in use.
    #[error("no port for the handler: {0}")]
    Port(#[source] io::Error),
    /// The executable is missing, not executable, or for another machine.
    #[error(
        "the handler {} could not be started: {source}; it is named by customHandler.description.defaultExecutablePath in host.json, looked up in {} and then in PATH",
        program.display(), folder.display()
    )]
    Spawn {
        /// What was started.
        program: PathBuf,
        /// Where a relative path is looked up.
        folder: PathBuf,
        /// The system's reason.
        source: io::Error,
    },
}

/// All that is needed to start the handler, again and again.
#[derive(Clone, Debug)]
pub(crate) struct ChildSpec {
    program: PathBuf,
    folder: PathBuf,
    arguments: Vec<String>,
    working_directory: PathBuf,
    root: PathBuf,
    settings: Settings,
    pub(crate) port: u16,
}

impl ChildSpec {
    pub(crate) fn new(root: &Path, handler: &CustomHandler, settings: Settings) -> Result<Self, StartError> {
        let folder = root.join(handler.worker_directory.as_deref().unwrap_or_default());
        let joined = folder.join(&handler.executable);
        let program = if joined.is_file() {
            joined
        } else {
            PathBuf::from(&handler.executable)
        };
        let mut line = handler.arguments.join(" ");
        if let Some(path) = &handler.worker_path {
            line.push_str(&format!(" \"{path}\""));
        }
        for argument in &handler.worker_arguments {
            line.push(' ');
            line.push_str(argument);
        }
        let port = match handler.port {
            Some(port) => port,
            None => free_port().map_err(StartError::Port)?,
        };
        Ok(Self {
            program,
            folder,
            arguments: split(&line),
            working_directory: root.join(handler.working_directory.as_deref().unwrap_or_default()),
            root: root.to_owned(),
            settings,
            port,
        })
    }

    /// Starts the process: no shell, stdout and stderr piped, stdin inherited, killed when dropped.
    pub(crate) fn spawn(&self) -> Result<Child, StartError> {
        let id = Uuid::new_v4().to_string();
        let port = self.port.to_string();
        Command::new(&self.program)
            .args(&self.arguments)
            .current_dir(&self.working_directory)
            .envs(self.settings.iter())
            .env("FUNCTIONS_CUSTOMHANDLER_PORT", &port)
            .env("FUNCTIONS_CUSTOMHANDLER_WORKER_ID", &id)
            .env("FUNCTIONS_HTTPWORKER_PORT", &port)
            .env("FUNCTIONS_HTTPWORKER_ID", &id)
            .env("FUNCTIONS_APP_ROOT_PATH", &self.root)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .map_err(|source| StartError::Spawn {
                program: self.program.clone(),
                folder: self.folder.clone(),
                source,
            })
    }
}

/// Binds port 0, reads the port and lets it go, as the host does.
fn free_port() -> io::Result<u16> {
    Ok(std::net::TcpListener::bind(("127.0.0.1", 0))?
        .local_addr()?
        .port())
}

/// Splits a start line at blanks outside double quotes, as .NET does; `\"` is a literal quote.
fn split(line: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut quoted = false;
    let mut letters = line.chars().peekable();
    while let Some(letter) = letters.next() {
        match letter {
            '\\' if letters.peek() == Some(&'"') => {
                letters.next();
                word.get_or_insert_default().push('"');
            }
            '"' => {
                quoted = !quoted;
                word.get_or_insert_default();
            }
            blank if blank.is_whitespace() && !quoted => words.extend(word.take()),
            other => word.get_or_insert_default().push(other),
        }
    }
    words.extend(word);
    words
}

#[cfg(test)]
mod tests {
    use super::split;

    #[test]
    fn start_lines_are_split_like_dotnet() {
        assert_eq!(
            split(r#" run  "a b"c --x="1 2" \"q\" """#),
            ["run", "a bc", "--x=1 2", "\"q\"", ""]
        );
        assert!(split("  ").is_empty());
    }
}
