//! The program as a child process: with a clean environment, in a folder of its own, in the three ways that it runs.

use super::{
    http::{Answer, client},
    output::{Output, Stream},
    room::{HANDLER, Room},
    wait,
};
use reqwest::{Method, RequestBuilder};
use serde_json::Value;
use std::{
    env,
    net::TcpListener,
    path::{Path, PathBuf},
    process::{Child, Command, ExitStatus, Stdio},
    sync::atomic::{AtomicU16, Ordering},
    time::{Duration, Instant},
};

/// The function key of `serve` in these tests.
pub(crate) const LOCAL_KEY: &str = "planted-local-key";

/// How it runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Mode {
    /// Behind the Functions host, which the test plays.
    Custom,
    Dev,
    Serve,
}

/// A start in preparation.
pub(crate) struct Start {
    mode: Mode,
    binary: PathBuf,
    room: Room,
    port: u16,
    path: String,
    settings: Vec<(String, String)>,
    /// What a shell sets before it becomes the handler.
    limits: Vec<String>,
}

/// A running handler; killed when dropped.
pub(crate) struct Handler {
    mode: Mode,
    child: Child,
    pub(crate) room: Room,
    pub(crate) port: u16,
    pub(crate) output: Output,
    pub(crate) started: Instant,
}

/// A signal that asks for an orderly end.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Signal {
    Term,
    Int,
}

/// A free port that nobody else in these tests gets: below those that the system hands out, each once a run. So a
/// handler that was killed finds its own again.
pub(crate) fn free_port() -> u16 {
    const FIRST: u16 = 20_000;
    const COUNT: u16 = 12_000;
    static TAKEN: AtomicU16 = AtomicU16::new(0);
    // Another run beside this one begins elsewhere.
    let begin = std::process::id() % u32::from(COUNT) * 101 % u32::from(COUNT);
    let mut ports = (0..COUNT).map(|_| {
        let next = u32::from(TAKEN.fetch_add(1, Ordering::Relaxed));
        FIRST + u16::try_from((begin + next) % u32::from(COUNT)).unwrap()
    });
    let free = ports.find(|port| TcpListener::bind(("127.0.0.1", *port)).is_ok());
    free.expect("a free port")
}

/// A start as the Functions host does it.
pub(crate) fn custom(room: Room) -> Start {
    let start = Start::new(Mode::Custom, room);
    let port = start.port.to_string();
    start.set("FUNCTIONS_CUSTOMHANDLER_PORT", port)
}

/// `handler dev`. Nothing is on its PATH, so that no test fetches the card renderer.
pub(crate) fn dev(room: Room) -> Start {
    let mut start = Start::new(Mode::Dev, room);
    start.path = start.room.folder().display().to_string();
    start
}

/// `handler serve`, with [`LOCAL_KEY`].
pub(crate) fn serve(room: Room) -> Start {
    Start::new(Mode::Serve, room).set("NOTIFICATION_LOCAL_KEY", LOCAL_KEY)
}

impl Start {
    fn new(mode: Mode, room: Room) -> Self {
        let path = env::var("PATH").unwrap_or_default();
        Self {
            mode,
            binary: HANDLER.into(),
            room,
            port: free_port(),
            path,
            settings: Vec::new(),
            limits: Vec::new(),
        }
    }

    /// Sets a variable of its environment.
    pub(crate) fn set(mut self, name: &str, value: impl Into<String>) -> Self {
        self.settings.push((name.to_owned(), value.into()));
        self
    }

    /// Sets several.
    pub(crate) fn settings<N: ToString, V: ToString>(
        mut self,
        pairs: impl IntoIterator<Item = (N, V)>,
    ) -> Self {
        self.settings.extend(
            pairs
                .into_iter()
                .map(|(name, value)| (name.to_string(), value.to_string())),
        );
        self
    }

    /// Under a umask, in octal digits, as a shell or a service manager leaves it.
    pub(crate) fn umask(mut self, umask: &'static str) -> Self {
        self.limits.push(format!("umask {umask}"));
        self
    }

    /// Most files that it may have open (`ulimit -n`).
    pub(crate) fn descriptors(mut self, most: u32) -> Self {
        self.limits.push(format!("ulimit -n {most}"));
        self
    }

    /// Another build of the program.
    pub(crate) fn of(mut self, binary: &Path) -> Self {
        self.binary = binary.to_owned();
        self
    }

    /// The largest file that it may write (`ulimit -f`), in blocks of 512 bytes: a larger one is its end.
    pub(crate) fn largest_file(mut self, blocks: u32) -> Self {
        self.limits.push(format!("ulimit -f {blocks}"));
        self
    }

    /// Another port.
    pub(crate) fn on_port(mut self, port: u16) -> Self {
        self.port = port;
        self
    }

    fn command(&self) -> Command {
        let mut command = match self.limits.as_slice() {
            [] => Command::new(&self.binary),
            limits => {
                let mut shell = Command::new("/bin/sh");
                let limits = limits.join(" && ");
                shell.args(["-c", &format!("{limits} && exec \"$0\" \"$@\"")]);
                shell.arg(&self.binary);
                shell
            }
        };
        match self.mode {
            Mode::Custom => {}
            Mode::Dev => drop(command.args(["dev", "--port", &self.port.to_string()])),
            Mode::Serve => drop(command.args(["serve", "--port", &self.port.to_string()])),
        }
        command
            .env_clear()
            .env("PATH", &self.path)
            .current_dir(self.room.folder());
        command.envs(self.settings.iter().map(|(name, value)| (name, value)));
        command
    }

    /// Starts it and waits until it answers.
    pub(crate) async fn start(self) -> Handler {
        let handler = self.spawn();
        handler.ready().await;
        handler
    }

    /// Starts it.
    pub(crate) fn spawn(self) -> Handler {
        let mut command = self.command();
        command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let started = Instant::now();
        let mut child = command.spawn().unwrap();
        let output = Output::default();
        output.follow(Stream::Out, child.stdout.take().unwrap());
        output.follow(Stream::Err, child.stderr.take().unwrap());
        Handler {
            mode: self.mode,
            child,
            room: self.room,
            port: self.port,
            output,
            started,
        }
    }

    /// Starts something that should end by itself, and waits for its end.
    pub(crate) async fn end(self) -> Finished {
        let mut handler = self.spawn();
        let status = handler.ended().await;
        handler.output.complete().await;
        let text = |lines: Vec<String>| lines.join("\n");
        Finished {
            code: status.code(),
            stdout: text(handler.output.out()),
            stderr: text(handler.output.err()),
        }
    }
}

impl Handler {
    /// Waits until it answers HTTP, and `dev` until it has said the last word of its start: the sandbox's installations
    /// are stored by then.
    pub(crate) async fn ready(&self) {
        let ping = client();
        wait::until("an answer to the first request", async || {
            let pid = self.child.id();
            assert!(!ended(pid), "the handler ended at start:\n{}", self.output.text());
            ping.get(self.url("/")).send().await.ok()?;
            (self.mode != Mode::Dev || self.has_welcomed()).then_some(())
        })
        .await;
    }

    /// Waits until it answers or ends; whether it has ended.
    pub(crate) async fn refused(&mut self) -> bool {
        let ping = client();
        let (url, child) = (self.url("/api/notification/none"), &mut self.child);
        wait::until("an answer or the end", async || {
            if child.try_wait().unwrap().is_some() {
                return Some(true);
            }
            // 503 is what it answers before it is set up, or once that has failed.
            let answer = ping.get(&url).send().await.ok()?;
            (answer.status() != 503).then_some(false)
        })
        .await
    }

    /// Waits until its output has all these words, in any case.
    pub(crate) async fn says(&self, words: &[&str]) {
        wait::until(&format!("the handler says {words:?}"), async || {
            let text = self.output.text().to_lowercase();
            words
                .iter()
                .all(|word| text.contains(&word.to_lowercase()))
                .then_some(())
        })
        .await;
    }

    /// An address of it.
    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://127.0.0.1:{}{path}", self.port)
    }

    /// A request as its caller makes it: the Functions host in custom-handler mode, with the key otherwise.
    pub(crate) fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let request = client().request(method, self.url(path));
        match self.mode {
            Mode::Custom => {
                request.header("x-azure-functions-invocationid", uuid::Uuid::new_v4().to_string())
            }
            Mode::Dev => request.header("x-functions-key", self.printed_key().unwrap_or_default()),
            Mode::Serve => request.header("x-functions-key", LOCAL_KEY),
        }
    }

    /// A POST with a JSON body.
    pub(crate) fn post(&self, path: &str, body: &Value) -> RequestBuilder {
        self.request(Method::POST, path)
            .header("content-type", "application/json")
            .body(body.to_string())
    }

    /// The most memory that it has had so far, bytes: the kernel's own figure.
    pub(crate) fn peak_memory(&self) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap();
        let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        let kilobytes: u64 = peak
            .and_then(|rest| rest.trim().strip_suffix(" kB")?.parse().ok())
            .unwrap_or_else(|| panic!("no peak in {status}"));
        kilobytes * 1024
    }

    /// An activity without a token.
    pub(crate) async fn receives(&self, activity: &Value) -> Answer {
        Answer::to(self.post("/api/messages", activity)).await
    }

    /// An activity with an `Authorization` header.
    pub(crate) async fn receives_with(&self, activity: &Value, authorization: &str) -> Answer {
        Answer::to(
            self.post("/api/messages", activity)
                .header("authorization", authorization),
        )
        .await
    }

    /// Whether `dev` has printed the address to open, or to send to where there is no sandbox.
    fn has_welcomed(&self) -> bool {
        let starts = |line: &String| line.starts_with("Open http") || line.starts_with("Listening at");
        self.output.out().iter().any(starts)
    }

    /// The key that `dev` prints: what follows `x-functions-key` or `code=` in its output.
    pub(crate) fn printed_key(&self) -> Option<String> {
        let text = self.output.text();
        let after = |mark: &str| {
            text.split_once(mark)
                .map(|(_, rest)| rest.trim_start_matches([':', '=', ' ', '"', '\'']))
        };
        let rest = after("x-functions-key").or_else(|| after("code="))?;
        let key = rest
            .split(|c: char| !(c.is_ascii_alphanumeric() || "-_=".contains(c)))
            .next()?;
        (!key.is_empty()).then(|| key.to_owned())
    }

    /// Sends a signal and does not wait for anything.
    pub(crate) fn signal(&self, signal: Signal) {
        send(self.child.id(), signal);
    }

    /// Processor time that it has taken.
    pub(crate) fn processor_time(&self) -> Duration {
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", self.child.id())).unwrap();
        let (_, rest) = stat.rsplit_once(") ").unwrap();
        let ticks = rest
            .split(' ')
            .skip(11)
            .take(2)
            .map(|ticks| ticks.parse::<u64>().unwrap());
        // A tick is 10 ms on every Linux that this runs on.
        Duration::from_millis(ticks.sum::<u64>() * 10)
    }

    /// Asks for an orderly end and waits for it.
    pub(crate) async fn stop(self, signal: Signal) -> (ExitStatus, Room, Output) {
        self.signal(signal);
        self.after_signal().await
    }

    /// Waits until it ends by itself, whatever the reason; its folder.
    pub(crate) async fn breaks(mut self) -> Room {
        self.ended().await;
        std::mem::replace(&mut self.room, Room::empty())
    }

    /// Waits for the end that was asked for.
    pub(crate) async fn after_signal(mut self) -> (ExitStatus, Room, Output) {
        let status = self.ended().await;
        // The folder outlives the process; a child that has ended is safe to drop.
        self.output.complete().await;
        let room = std::mem::replace(&mut self.room, Room::empty());
        (status, room, self.output.clone())
    }

    /// Ends it as a power cut does.
    pub(crate) async fn kill(mut self) -> Room {
        self.child.kill().unwrap();
        self.ended().await;
        std::mem::replace(&mut self.room, Room::empty())
    }

    /// Shows what it wrote beside the message of the test that failed.
    #[allow(clippy::print_stderr, reason = "for the person who reads the failure")]
    fn show_output(&self) {
        eprintln!("---- the handler wrote:\n{}----", self.output.text());
    }

    async fn ended(&mut self) -> ExitStatus {
        let child = &mut self.child;
        wait::within(Duration::from_secs(60), "the process ends", async || {
            child.try_wait().unwrap()
        })
        .await
    }
}

impl Drop for Handler {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        if std::thread::panicking() {
            self.show_output();
        }
    }
}

/// Sends a signal through the shell: no unsafe code, no further dependency.
fn send(pid: u32, signal: Signal) {
    let name = match signal {
        Signal::Term => "TERM",
        Signal::Int => "INT",
    };
    let status = Command::new("sh")
        .args(["-c", &format!("kill -{name} {pid}")])
        .status()
        .unwrap();
    assert!(status.success());
}

/// Whether a child has ended and waits to be collected.
fn ended(pid: u32) -> bool {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    stat.rsplit_once(") ")
        .is_some_and(|(_, rest)| rest.starts_with('Z'))
}

/// A process that has ended.
#[derive(Debug)]
pub(crate) struct Finished {
    /// Exit code; none if a signal ended it.
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Finished {
    /// Everything it wrote.
    pub(crate) fn text(&self) -> String {
        format!("{}\n{}", self.stdout, self.stderr)
    }

    /// It failed, and says every one of these words (in any case) about why.
    #[track_caller]
    pub(crate) fn complains(&self, words: &[&str]) {
        assert!(
            self.code.is_some_and(|code| code != 0),
            "it should have failed: {self:#?}"
        );
        let text = self.text().to_lowercase();
        for word in words {
            assert!(
                text.contains(&word.to_lowercase()),
                "it does not say {word:?}: {self:#?}"
            );
        }
    }

    /// It went well.
    #[track_caller]
    pub(crate) fn success(&self) -> &Self {
        assert_eq!(self.code, Some(0), "{self:#?}");
        self
    }
}

/// Runs a command of the binary to its end, in a folder, with input.
pub(crate) async fn run(room: &Room, arguments: &[&str], settings: &[(&str, &str)], input: &str) -> Finished {
    run_build(Path::new(HANDLER), room, arguments, settings, input).await
}

/// The same with another build of the program.
pub(crate) async fn run_build(
    binary: &Path,
    room: &Room,
    arguments: &[&str],
    settings: &[(&str, &str)],
    input: &str,
) -> Finished {
    let mut command = tokio::process::Command::new(binary);
    // The name that its help shows.
    command
        .arg0("handler")
        .args(arguments)
        .env_clear()
        .env("PATH", env::var("PATH").unwrap_or_default());
    command
        .envs(settings.iter().copied())
        .current_dir(room.folder())
        .kill_on_drop(true);
    command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let input = input.to_owned();
    let feed = tokio::spawn(async move {
        // A command that reads nothing closes the pipe.
        let _ = tokio::io::AsyncWriteExt::write_all(&mut stdin, input.as_bytes()).await;
    });
    let output = tokio::time::timeout(Duration::from_secs(300), child.wait_with_output()).await;
    let output = output
        .unwrap_or_else(|_| panic!("{arguments:?} did not end"))
        .unwrap();
    feed.await.unwrap();
    Finished {
        code: output.status.code(),
        stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
        stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
    }
}
