//! The task that owns the handler's process from its first start to its end.

use std::collections::VecDeque;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::body::Body;
use http::Request;
use tokio::io::{AsyncBufReadExt as _, AsyncRead, BufReader};
use tokio::process::Child;
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinHandle;
use tokio::time::{Instant, timeout};

use super::command::{ChildSpec, StartError};
use super::lines::{HandlerLine, LineSink, LineSource, Severity, StderrMeaning, classify};
use super::policy::{Decision, Ended, RestartPolicy};
use crate::running::StopMode;
use crate::upstream::{HandlerState, HttpClient, Overrun, Target, Upstream};
use functions_project::CustomHandler;

const PING_PAUSE: Duration = Duration::from_millis(25);
/// How long the host waits for a killed process.
const KILL_WAIT: Duration = Duration::from_millis(1000);
/// How long the output of an ended process is still read.
const LAST_WORDS: Duration = Duration::from_millis(200);
/// Error lines remembered for the message about a crash.
const LAST_LINES: usize = 3;

/// Asks the supervisor to end the process; answered when it has ended.
pub(crate) struct Stop(pub(crate) StopMode, pub(crate) oneshot::Sender<()>);

pub(crate) struct SupervisorOptions {
    pub(crate) spec: ChildSpec,
    pub(crate) overruns: mpsc::UnboundedReceiver<Overrun>,
    pub(crate) stops: mpsc::Receiver<Stop>,
    pub(crate) upstream: Arc<Upstream>,
    pub(crate) custom_handler: CustomHandler,
    pub(crate) function_timeout: Option<Duration>,
    pub(crate) lines: LineSink,
}

pub(crate) struct Supervisor {
    options: SupervisorOptions,
    policy: RestartPolicy,
    generation: u64,
    errors: Arc<Mutex<VecDeque<String>>>,
    readers: Vec<JoinHandle<()>>,
}

/// Why watching one process ended.
enum Event {
    Ended(Ended),
    Stop(Stop),
    HostGone,
}

impl Supervisor {
    pub(crate) fn new(options: SupervisorOptions) -> Self {
        Self {
            options,
            policy: RestartPolicy::default(),
            generation: 0,
            errors: Arc::default(),
            readers: Vec::new(),
        }
    }

    /// Starts the first process, so that its failure is the caller's to report.
    pub(crate) fn start(&mut self) -> Result<Child, StartError> {
        let mut child = self.options.spec.spawn()?;
        self.generation += 1;
        self.read_output(&mut child);
        Ok(child)
    }

    /// Runs until the host is stopped or gives up.
    pub(crate) async fn run(mut self, mut child: Child) {
        loop {
            let ended = match self.watch(&mut child).await {
                Event::Ended(ended) => ended,
                Event::Stop(Stop(mode, done)) => {
                    self.options
                        .upstream
                        .set(HandlerState::Stopped(Arc::from("the host was stopped")));
                    end(&mut child, mode).await;
                    let _ = done.send(());
                    return;
                }
                Event::HostGone => {
                    end(&mut child, StopMode::Kill).await;
                    return;
                }
            };
            if !matches!(ended, Ended::Exited(_)) {
                end(&mut child, StopMode::Kill).await;
            }
            self.finish_reading().await;
            match self.policy.decide(ended, Instant::now()) {
                Decision::LeaveIt => {
                    self.say(Severity::Warning, "the handler exited with code 0: it is not started again and every further call is refused");
                    if let Some(Stop(_, done)) = self.options.stops.recv().await {
                        let _ = done.send(());
                    }
                    return;
                }
                Decision::StopHost => {
                    let reason = format!("{}; it was started 3 times: the host stops", self.describe(ended));
                    self.say(Severity::Error, &reason);
                    self.options
                        .upstream
                        .set(HandlerState::Stopped(Arc::from(reason)));
                    return;
                }
                Decision::Restart => {
                    self.say(
                        Severity::Warning,
                        &format!("{}; it is started again", self.describe(ended)),
                    );
                    self.options.upstream.set(HandlerState::Starting);
                }
            }
            child = match self.start() {
                Ok(child) => child,
                Err(error) => {
                    self.say(Severity::Error, &error.to_string());
                    self.options
                        .upstream
                        .set(HandlerState::Stopped(Arc::from(error.to_string())));
                    return;
                }
            };
        }
    }

    /// Waits for readiness, then for the end.
    async fn watch(&mut self, child: &mut Child) -> Event {
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, self.options.spec.port));
        let target = Target {
            address,
            generation: self.generation,
        };
        let upstream = &self.options.upstream;
        let mut ready = Some(Box::pin(wait_until_ready(
            upstream.client.clone(),
            address,
            self.options.custom_handler.initialization_timeout,
            self.options.function_timeout,
        )));
        loop {
            let readiness = async {
                match &mut ready {
                    Some(waiting) => waiting.await,
                    None => std::future::pending().await,
                }
            };
            tokio::select! {
                status = child.wait() => {
                    return Event::Ended(Ended::Exited(status.ok().and_then(|status| status.code())));
                }
                stop = self.options.stops.recv() => return stop.map_or(Event::HostGone, Event::Stop),
                Some(Overrun(generation)) = self.options.overruns.recv() => {
                    if generation == self.generation {
                        return Event::Ended(Ended::Overrun);
                    }
                }
                outcome = readiness => {
                    ready = None;
                    match outcome {
                        Readiness::Ready => upstream.set(HandlerState::Ready(target)),
                        Readiness::TooLate => return Event::Ended(Ended::NotReady),
                    }
                }
            }
        }
    }

    fn describe(&self, ended: Ended) -> String {
        let errors = self.errors.lock().unwrap_or_else(PoisonError::into_inner);
        let lines: Vec<&str> = errors.iter().map(String::as_str).collect();
        let lines = if lines.is_empty() {
            String::new()
        } else {
            format!(" ({})", lines.join(","))
        };
        match ended {
            Ended::Exited(Some(code)) => format!("the handler exited with code {code}{lines}"),
            Ended::Exited(None) => format!("the handler was ended by a signal{lines}"),
            Ended::NotReady => format!(
                "the handler did not answer GET / on port {} in time{lines}",
                self.options.spec.port
            ),
            Ended::Overrun => {
                "the handler was killed because an invocation overran functionTimeout".to_owned()
            }
        }
    }

    fn say(&self, severity: Severity, text: &str) {
        self.options.lines.send(&HandlerLine {
            source: LineSource::Host,
            severity,
            text: text.to_owned(),
        });
    }

    /// Lets the readers take what the ended process had still written.
    async fn finish_reading(&mut self) {
        for reader in self.readers.drain(..) {
            // A grandchild may keep the pipe open.
            let _ = timeout(LAST_WORDS, reader).await;
        }
    }

    fn read_output(&mut self, child: &mut Child) {
        let meaning = if self.options.custom_handler.stderr_is_errors {
            StderrMeaning::Errors
        } else {
            StderrMeaning::ByText
        };
        let sink = self.options.lines.clone();
        if let Some(stdout) = child.stdout.take() {
            let reading = read_lines(stdout, LineSource::Stdout, meaning, sink.clone(), None);
            self.readers.push(tokio::spawn(reading));
        }
        if let Some(stderr) = child.stderr.take() {
            let errors = Some(Arc::clone(&self.errors));
            let reading = read_lines(stderr, LineSource::Stderr, meaning, sink, errors);
            self.readers.push(tokio::spawn(reading));
        }
    }
}

async fn read_lines(
    stream: impl AsyncRead + Unpin,
    source: LineSource,
    meaning: StderrMeaning,
    sink: LineSink,
    errors: Option<Arc<Mutex<VecDeque<String>>>>,
) {
    let mut reader = BufReader::new(stream);
    let mut bytes = Vec::new();
    while reader
        .read_until(b'\n', &mut bytes)
        .await
        .is_ok_and(|read| read > 0)
    {
        let line = String::from_utf8_lossy(&bytes);
        let line = classify(source.clone(), line.trim_end_matches(['\n', '\r']), meaning);
        if let (Some(errors), Severity::Error) = (&errors, line.severity) {
            let mut errors = errors.lock().unwrap_or_else(PoisonError::into_inner);
            if errors.len() == LAST_LINES {
                errors.pop_front();
            }
            errors.push_back(line.text.clone());
        }
        sink.send(&line);
        bytes.clear();
    }
}

/// Ends the direct child, as the host does: SIGKILL and a short wait, or SIGTERM first.
async fn end(child: &mut Child, mode: StopMode) {
    if let StopMode::Terminate { grace } = mode
        && terminate(child)
        && timeout(grace, child.wait()).await.is_ok()
    {
        return;
    }
    let _ = child.start_kill();
    let _ = timeout(KILL_WAIT, child.wait()).await;
}

#[cfg(unix)]
fn terminate(child: &Child) -> bool {
    child
        .id()
        .and_then(|id| i32::try_from(id).ok())
        .and_then(rustix::process::Pid::from_raw)
        .is_some_and(|pid| rustix::process::kill_process(pid, rustix::process::Signal::TERM).is_ok())
}

#[cfg(not(unix))]
fn terminate(_: &Child) -> bool {
    false
}

/// Whether the handler came up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Readiness {
    Ready,
    TooLate,
}

/// Polls `GET /` every 25 ms; any answer is good, and so is anything that is not a refused connection.
/// Only the pauses are counted against the limit; a ping may take a minute longer than a function.
pub(crate) async fn wait_until_ready(
    client: HttpClient,
    address: SocketAddr,
    limit: Duration,
    function_timeout: Option<Duration>,
) -> Readiness {
    let ping_limit = function_timeout.map(|limit| limit + Duration::from_secs(60));
    let mut waited = Duration::ZERO;
    while waited < limit {
        let ping = ping_once(&client, address);
        let connected = match ping_limit {
            Some(limit) => match timeout(limit, ping).await {
                Ok(connected) => connected,
                Err(_) => return Readiness::TooLate,
            },
            None => ping.await,
        };
        if connected {
            return Readiness::Ready;
        }
        tokio::time::sleep(PING_PAUSE).await;
        waited += PING_PAUSE;
    }
    Readiness::TooLate
}

/// Whether somebody listens.
async fn ping_once(client: &HttpClient, address: SocketAddr) -> bool {
    let request = Request::builder()
        .uri(format!("http://{address}/"))
        .body(Body::empty());
    match request {
        Ok(request) => match client.request(request).await {
            Ok(_) => true,
            Err(error) => !error.is_connect(),
        },
        Err(_) => false,
    }
}
