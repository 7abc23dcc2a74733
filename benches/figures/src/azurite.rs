//! The storage emulator, in memory, on free ports. It ends with this program: its standard input closes then.

use std::{
    env,
    io::{BufRead, BufReader},
    process::{Child, Command, Stdio},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
        mpsc,
    },
    thread,
    time::Duration,
};

use crate::Outcome;

/// Azurite's published development key.
const KEY: &str = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==";

/// Runs the script that `AZURITE_JS` names, until standard input ends.
const UNTIL_STDIN_ENDS: &str = "process.stdin.on('end', () => process.exit(0)).resume(); \
    process.argv.splice(1, 0, process.env.AZURITE_JS); require(process.env.AZURITE_JS);";

const OPTIONS: &str =
    "--blobPort=0 --queuePort=0 --tablePort=0 --inMemoryPersistence --skipApiVersionCheck --disableTelemetry";

/// Longest start: it loads much.
const START: Duration = Duration::from_secs(60);

/// What it says of its requests.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum AccessLog {
    /// Nothing, which is faster.
    Off,
    /// Each one, so that they can be counted.
    Counted,
}

/// A running emulator.
pub(crate) struct Azurite {
    child: Child,
    blob: String,
    queue: String,
    requests: Arc<AtomicU64>,
}

impl Azurite {
    pub(crate) fn start(log: AccessLog) -> Outcome<Self> {
        let mut command = Command::new(variable("NODE")?);
        command
            .args(["-e", UNTIL_STDIN_ENDS, "--"])
            .args(OPTIONS.split(' '))
            .args((log == AccessLog::Off).then_some("--silent"))
            .env("AZURITE_JS", variable("AZURITE_JS")?)
            .current_dir(env::temp_dir())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped());
        let mut child = command.spawn()?;
        let output = child.stdout.take().ok_or("Azurite has no output")?;
        let requests = Arc::new(AtomicU64::new(0));
        let count = Arc::clone(&requests);
        let (say, listening) = mpsc::channel();
        thread::spawn(move || {
            for line in BufReader::new(output).lines().map_while(Result::ok) {
                if line.contains("HTTP/1.1\"") {
                    count.fetch_add(1, Ordering::Relaxed);
                } else if let Some((service, address)) =
                    line.split_once(" service is successfully listening at ")
                {
                    let _ = say.send((service.to_owned(), address.trim().to_owned()));
                }
            }
        });
        let mut azurite = Self {
            child,
            blob: String::new(),
            queue: String::new(),
            requests,
        };
        while azurite.blob.is_empty() || azurite.queue.is_empty() {
            let (service, address) = listening
                .recv_timeout(START)
                .map_err(|_| "Azurite did not start; it needs Node.js 20 or newer")?;
            if service.ends_with("Blob") {
                azurite.blob = address;
            } else if service.ends_with("Queue") {
                azurite.queue = address;
            }
        }
        Ok(azurite)
    }

    /// Settings of a bot that keeps everything in `container`.
    pub(crate) fn settings(&self, container: &str) -> Vec<(&'static str, String)> {
        let account = format!(
            "DefaultEndpointsProtocol=http;AccountName=devstoreaccount1;AccountKey={KEY};\
             BlobEndpoint={}/devstoreaccount1;QueueEndpoint={}/devstoreaccount1;",
            self.blob, self.queue
        );
        vec![
            ("NOTIFICATION_STORE", "blob".to_owned()),
            ("AzureWebJobsStorage", account),
            ("NOTIFICATION_CONTAINER", container.to_owned()),
        ]
    }

    /// Requests so far; 0 unless they are counted.
    pub(crate) fn requests(&self) -> u64 {
        self.requests.load(Ordering::Relaxed)
    }
}

impl Drop for Azurite {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A variable that `cargo xtask bench` sets.
pub(crate) fn variable(name: &str) -> Outcome<String> {
    env::var(name).map_err(|_| format!("{name} is not set: run this with `cargo xtask bench`").into())
}
