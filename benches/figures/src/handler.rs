//! The program under measurement, as a child in a folder of its own and with nothing in its environment but settings.

use std::{
    fs::{self, File},
    io,
    net::TcpListener,
    path::Path,
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use tempfile::TempDir;
use tokio::time::sleep;

use crate::{
    Outcome,
    azurite::variable,
    http::{self, Connection},
    process,
};

/// Names and values of settings.
pub(crate) type Settings = [(&'static str, String)];

/// The function key of `serve`.
pub(crate) const LOCAL_KEY: &str = "bench-local-key";

/// Between two tries to reach it while it starts.
const PAUSE: Duration = Duration::from_micros(200);

/// Longest start before something must be wrong.
const START: Duration = Duration::from_secs(30);

/// A project folder: host.json and cards, and later the file store.
pub(crate) struct Folder(TempDir);

impl Folder {
    pub(crate) fn new() -> Outcome<Self> {
        let project = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."));
        let folder = tempfile::tempdir()?;
        fs::copy(project.join("host.json"), folder.path().join("host.json"))?;
        let cards = folder.path().join("cards");
        fs::create_dir(&cards)?;
        for entry in fs::read_dir(project.join("cards"))? {
            let card = entry?.path();
            if let (true, Some(name)) = (card.is_file(), card.file_name()) {
                fs::copy(&card, cards.join(name))?;
            }
        }
        Ok(Self(folder))
    }

    /// The same with the functions, as `handler serve` needs them; their timer is quiet.
    pub(crate) fn with_functions() -> Outcome<Self> {
        let project = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."));
        let folder = Self::new()?;
        for entry in fs::read_dir(project)? {
            let function = entry?.path();
            let (file, Some(name)) = (function.join("function.json"), function.file_name()) else {
                continue;
            };
            if file.is_file() {
                let text = fs::read_to_string(&file)?.replace("*/30 * * * * *", "0 0 0 1 1 *");
                fs::create_dir(folder.0.path().join(name))?;
                fs::write(folder.0.path().join(name).join("function.json"), text)?;
            }
        }
        Ok(folder)
    }

    /// The handler with these settings and no others: what is set on this machine must not help or harm.
    fn command(&self, settings: &Settings) -> Outcome<Command> {
        let mut command = Command::new(variable("HANDLER")?);
        command
            .current_dir(self.0.path())
            .env_clear()
            .envs(settings.iter().map(|(name, value)| (*name, value)))
            .stdin(Stdio::null())
            .stdout(File::create(self.0.path().join("log"))?);
        Ok(command)
    }

    /// Runs one of its commands to the end. Returns the most memory seen, MiB.
    pub(crate) async fn run(&self, settings: &Settings, words: &[&str]) -> Outcome<f64> {
        let mut child = self.command(settings)?.args(words).spawn()?;
        let mut peak = 0.0_f64;
        loop {
            peak = peak.max(process::peak(child.id()).unwrap_or_default());
            match child.try_wait()? {
                Some(status) if status.success() => return Ok(peak),
                Some(status) => return Err(format!("handler {} failed ({status})", words.join(" ")).into()),
                None => sleep(Duration::from_millis(5)).await,
            }
        }
    }

    /// Takes references in TeamsFx's format into the store.
    pub(crate) async fn import(&self, settings: &Settings, references: &str) -> Outcome<()> {
        let file = self.0.path().join("references.json");
        fs::write(&file, references)?;
        let name = file.to_string_lossy();
        self.run(settings, &["references", "import", &name]).await?;
        Ok(())
    }

    /// Lays references in TeamsFx's format where the file store keeps them, which writes one after the other otherwise.
    pub(crate) fn lay(&self, references: &str) -> io::Result<()> {
        fs::write(self.0.path().join(".notification.localstore.json"), references)
    }

    /// What the last command or process of this folder printed.
    pub(crate) fn log(&self) -> io::Result<String> {
        fs::read_to_string(self.0.path().join("log"))
    }

    /// Starts it as the Functions host does and waits for its first answer.
    pub(crate) async fn start(&self, settings: &Settings) -> Outcome<Handler> {
        let port = free_port()?;
        let mut command = self.command(settings)?;
        command.env("FUNCTIONS_CUSTOMHANDLER_PORT", port.to_string());
        self.answering(command, port).await
    }

    /// Starts `handler serve`, with [`LOCAL_KEY`], and waits for its first answer.
    pub(crate) async fn serve(&self, settings: &Settings) -> Outcome<Handler> {
        let port = free_port()?;
        let mut command = self.command(settings)?;
        command
            .args(["serve", "--port", &port.to_string()])
            .env("NOTIFICATION_LOCAL_KEY", LOCAL_KEY);
        self.answering(command, port).await
    }

    async fn answering(&self, mut command: Command, port: u16) -> Outcome<Handler> {
        let begun = Instant::now();
        let mut handler = Handler {
            child: command.spawn()?,
            port,
            started_in: Duration::ZERO,
        };
        let ping = http::request("GET", "/", &[], "");
        while begun.elapsed() < START {
            if let Ok(mut connection) = Connection::open(port).await
                && connection.exchange(&ping).await.is_ok()
            {
                handler.started_in = begun.elapsed();
                return Ok(handler);
            }
            if let Some(status) = handler.child.try_wait()? {
                return Err(format!("the handler ended at start ({status}): {}", self.log()?).into());
            }
            sleep(PAUSE).await;
        }
        Err(format!("the handler did not answer: {}", self.log()?).into())
    }
}

fn free_port() -> Outcome<u16> {
    Ok(TcpListener::bind("127.0.0.1:0")?.local_addr()?.port())
}

/// A running handler; killed when dropped.
pub(crate) struct Handler {
    child: Child,
    pub(crate) port: u16,
    /// From exec to its first answer.
    pub(crate) started_in: Duration,
}

impl Handler {
    /// Ends it as a power cut does.
    pub(crate) fn kill(&mut self) -> Outcome<()> {
        self.child.kill()?;
        self.child.wait()?;
        Ok(())
    }

    pub(crate) fn pid(&self) -> u32 {
        self.child.id()
    }
}

impl Drop for Handler {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
