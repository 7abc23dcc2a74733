//! A real Azurite, in memory, on free ports. It ends with the test process: its standard input closes then.

use super::output::{Output, Stream};
use std::{
    env,
    path::PathBuf,
    process::{Child, Command, Stdio},
    sync::{
        OnceLock,
        atomic::{AtomicU32, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

/// Azurite's published development key.
pub(crate) const KEY: &str =
    "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==";

/// Runs the script named by the second argument, until standard input ends.
const UNTIL_STDIN_ENDS: &str = "process.stdin.on('end', () => process.exit(0)).resume(); \
    process.argv.splice(1, 0, process.env.AZURITE_JS); require(process.env.AZURITE_JS);";

/// Longest start: it loads much, and the machine may be busy.
const START: Duration = Duration::from_secs(60);

/// A running emulator.
pub(crate) struct Azurite {
    child: Child,
    blob: String,
    queue: String,
    output: Output,
}

/// A variable that `cargo xtask env` prints.
pub(crate) fn variable(name: &str) -> PathBuf {
    match env::var_os(name).filter(|value| !value.is_empty()) {
        Some(value) => value.into(),
        None => panic!(
            "{name} is not set. Run the tests with `cargo xtask test --only test`, or first: eval \"$(cargo xtask env)\""
        ),
    }
}

impl Azurite {
    /// The one that tests share; each uses a container of its own.
    pub(crate) fn shared() -> &'static Self {
        static SHARED: OnceLock<Azurite> = OnceLock::new();
        SHARED.get_or_init(Self::start)
    }

    /// One of its own, for a test that stops it.
    pub(crate) fn start() -> Self {
        let output = Output::default();
        let options = "--blobPort=0 --queuePort=0 --tablePort=0 --inMemoryPersistence --skipApiVersionCheck --disableTelemetry";
        let child = Command::new(variable("NODE"))
            .args(["-e", UNTIL_STDIN_ENDS, "--"])
            .args(options.split(' '))
            .env("AZURITE_JS", variable("AZURITE_JS"))
            .current_dir(env::temp_dir())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut azurite = Self {
            child,
            blob: String::new(),
            queue: String::new(),
            output,
        };
        azurite
            .output
            .follow(Stream::Out, azurite.child.stdout.take().unwrap());
        azurite
            .output
            .follow(Stream::Err, azurite.child.stderr.take().unwrap());
        azurite.blob = azurite.listening("Blob");
        azurite.queue = azurite.listening("Queue");
        azurite
    }

    /// Waits until a service says where it listens.
    fn listening(&self, service: &str) -> String {
        let sentence = format!("Azurite {service} service is successfully listening at ");
        let start = Instant::now();
        loop {
            let lines = self.output.out();
            if let Some(address) = lines.iter().find_map(|line| line.strip_prefix(&sentence)) {
                return address.trim().to_owned();
            }
            assert!(
                start.elapsed() < START,
                "Azurite did not start: {}",
                self.output.text()
            );
            thread::sleep(Duration::from_millis(20));
        }
    }

    /// The connection string of its account.
    pub(crate) fn connection_string(&self) -> String {
        format!(
            "DefaultEndpointsProtocol=http;AccountName=devstoreaccount1;AccountKey={KEY};\
             BlobEndpoint={}/devstoreaccount1;QueueEndpoint={}/devstoreaccount1;",
            self.blob, self.queue
        )
    }

    /// Address of its account's blobs.
    pub(crate) fn blob_endpoint(&self) -> String {
        format!("{}/devstoreaccount1", self.blob)
    }

    /// Address of its account's queues.
    pub(crate) fn queue_endpoint(&self) -> String {
        format!("{}/devstoreaccount1", self.queue)
    }

    /// A container name that nobody else uses.
    pub(crate) fn container() -> String {
        static NEXT: AtomicU32 = AtomicU32::new(1);
        format!(
            "test-{}-{}",
            std::process::id(),
            NEXT.fetch_add(1, Ordering::Relaxed)
        )
    }

    /// Requests that mention a container, from the access log: `GET /devstoreaccount1/…` each.
    pub(crate) fn requests(&self, container: &str) -> Vec<String> {
        let named = format!("/{container}");
        let requests = self.output.out();
        requests
            .iter()
            .filter_map(|line| line.split('"').nth(1))
            .filter(|request| request.contains(&named))
            .map(str::to_owned)
            .collect()
    }

    /// Ends it at once, as an outage does.
    pub(crate) fn stop(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

impl Drop for Azurite {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
