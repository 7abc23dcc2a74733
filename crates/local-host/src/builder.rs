//! Choices for a local host, each an enum with the real host's behaviour as its default.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use axum::Router;
use tokio::sync::mpsc;

use crate::child::StartError;
use crate::child::lines::LineSink;
use crate::clock::Clock;
use crate::core::{Core, SharedCore};
use crate::http::keys::KeyPolicy;
use crate::queues::Queues;
use crate::running::Running;
use crate::timers::{TimerHistory, TimerStart};
use crate::upstream::{Overrun, Upstream};
use functions_project::{
    Cors, Function, FunctionState, HttpTrigger, Problem, Project, RouteTable, Settings, Trigger,
};

/// The default limit of a request body, in bytes.
const BODY_LIMIT: usize = 104_857_600;

/// Where the handler is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Handler {
    /// A child process, started from host.json's `customHandler.description` on a free port.
    #[default]
    Child,
    /// Already listening, or about to, at this address; in this process perhaps. It is neither started nor
    /// ended by the host.
    At(SocketAddr),
}

/// How HTTP requests of functions with HTTP in and out reach the handler. Functions with other bindings
/// always get envelopes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ForwardingMode {
    /// As the flags of host.json say; proxying wins over forwarding.
    #[default]
    FromHostJson,
    /// Rebuilt and buffered (`enableForwardingHttpRequest`).
    Forward,
    /// Streamed (`enableProxyingHttpRequest`).
    Proxy,
    /// As JSON.
    Envelope,
}

/// How the body of an envelope is framed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum EnvelopeFraming {
    /// `Transfer-Encoding: chunked`, as on Azure.
    #[default]
    Chunked,
    /// With a Content-Length, as under `func start`.
    ContentLength,
}

/// Whether the host adds a `traceparent`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum TraceContext {
    /// Only the client's own passes through.
    #[default]
    FromClient,
    /// One is made where the client sent none, as with Application Insights turned on.
    Injected,
}

/// Whether the host pings the handler again after it became ready.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum StatusPings {
    /// Only until it is ready.
    #[default]
    UntilReady,
    /// Every so often during the run too.
    Every(Duration),
}

/// A function app that is loaded but not started.
#[derive(Debug)]
pub struct LocalHost {
    pub(crate) core: SharedCore,
    pub(crate) handler: Handler,
    pub(crate) settings: Settings,
    pub(crate) timers: TimerStart,
    pub(crate) pings: StatusPings,
    pub(crate) overruns: mpsc::UnboundedReceiver<Overrun>,
}

impl LocalHost {
    /// Begins with the folder that holds host.json.
    pub fn from_dir(root: impl Into<PathBuf>) -> LocalHostBuilder {
        LocalHostBuilder {
            root: root.into(),
            settings: None,
            enabled: Vec::new(),
            handler: Handler::default(),
            cors: None,
            keys: KeyPolicy::default(),
            mode: ForwardingMode::default(),
            timers: TimerStart::default(),
            history: TimerHistory::default(),
            queues: Queues::default(),
            clock: Clock::default(),
            lines: LineSink::tracing(),
            framing: EnvelopeFraming::default(),
            trace: TraceContext::default(),
            pings: StatusPings::default(),
        }
    }

    /// What was loaded, and the problems of what was not.
    #[must_use]
    pub fn project(&self) -> &Project {
        &self.core.project
    }

    /// The public HTTP side as a fallback router: merge it into one of your own, whose routes win.
    ///
    /// Requests that arrive before [`start`](Self::start) wait for it. Serve it with
    /// [`serve`](crate::serve), or else with connect info for `SocketAddr`, from which X-Forwarded-For is made.
    pub fn router(&self) -> Router {
        crate::http::router(self.core.clone())
    }

    /// The queues, to put messages on them.
    #[must_use]
    pub fn queues(&self) -> Queues {
        self.core.queues.clone()
    }

    /// One line for each function: its name, then its verbs and address, its schedule or its queue.
    /// `base` is the public address, such as `http://localhost:7071`.
    #[must_use]
    pub fn describe(&self, base: &str) -> Vec<String> {
        self.core
            .project
            .functions()
            .iter()
            .map(|function| describe(function, base))
            .collect()
    }

    /// Starts the handler (if it is a child), the timers and the queue listeners. Does not wait for the
    /// handler to become ready: whatever needs it waits. Must be awaited inside a tokio runtime with I/O and
    /// time.
    ///
    /// # Errors
    /// [`StartError`] when the executable cannot be started.
    pub async fn start(self) -> Result<Running, StartError> {
        Running::start(self).await
    }
}

fn describe(function: &Function, base: &str) -> String {
    let off = if function.state == FunctionState::Disabled {
        " (disabled)"
    } else {
        ""
    };
    let what = match &function.trigger {
        Trigger::Http(http) => {
            format!(
                "[{}] {}/{}",
                verbs(http),
                base.trim_end_matches('/'),
                http.address
            )
        }
        Trigger::Timer(timer) => format!("timer {}", timer.schedule),
        Trigger::Queue(queue) => format!("queue {}", queue.queue),
        Trigger::Other(kind) => format!("{kind} (not played here; invoke it by hand)"),
    };
    format!("{}: {what}{off}", function.name)
}

fn verbs(http: &HttpTrigger) -> String {
    match &http.methods {
        None => "any verb".to_owned(),
        Some(methods) => methods
            .iter()
            .map(http::Method::as_str)
            .collect::<Vec<_>>()
            .join(","),
    }
}

/// Collects choices for a [`LocalHost`].
#[derive(Debug)]
pub struct LocalHostBuilder {
    root: PathBuf,
    settings: Option<Settings>,
    enabled: Vec<String>,
    handler: Handler,
    cors: Option<Cors>,
    keys: KeyPolicy,
    mode: ForwardingMode,
    timers: TimerStart,
    history: TimerHistory,
    queues: Queues,
    clock: Clock,
    lines: LineSink,
    framing: EnvelopeFraming,
    trace: TraceContext,
    pings: StatusPings,
}

impl LocalHostBuilder {
    /// App settings. Default: the environment, and `Values` of local.settings.json in the folder.
    #[must_use]
    pub fn settings(mut self, settings: Settings) -> Self {
        self.settings = Some(settings);
        self
    }

    /// Enables a function although its function.json says `"disabled": true`; for a demonstration that must not run
    /// where the app is deployed. An app setting that disables it (`AzureWebJobs.<name>.Disabled`, or the one that
    /// `disabled` names) and a list of `functions` in host.json still do. Names match in any case; one that no folder
    /// has changes nothing.
    #[must_use]
    pub fn enable(mut self, function: impl Into<String>) -> Self {
        self.enabled.push(function.into());
        self
    }

    /// Where the handler is. Default: a child process.
    #[must_use]
    pub fn handler(mut self, handler: Handler) -> Self {
        self.handler = handler;
        self
    }

    /// Pages of other origins that may call. Default: none; preflights then reach the handler.
    #[must_use]
    pub fn cors(mut self, cors: Option<Cors>) -> Self {
        self.cors = cors;
        self
    }

    /// Whether keys are demanded. Default: not, as under `func start`.
    #[must_use]
    pub fn keys(mut self, keys: KeyPolicy) -> Self {
        self.keys = keys;
        self
    }

    /// How HTTP requests are passed on.
    #[must_use]
    pub fn mode(mut self, mode: ForwardingMode) -> Self {
        self.mode = mode;
        self
    }

    /// Which timers fire at the start.
    #[must_use]
    pub fn timers(mut self, timers: TimerStart) -> Self {
        self.timers = timers;
        self
    }

    /// What is known of earlier timer runs. Default: nothing.
    #[must_use]
    pub fn timer_history(mut self, history: TimerHistory) -> Self {
        self.history = history;
        self
    }

    /// Queues that exist already, so that a handler in this process can push before the host starts.
    #[must_use]
    pub fn queues(mut self, queues: Queues) -> Self {
        self.queues = queues;
        self
    }

    /// Where the time comes from.
    #[must_use]
    pub fn clock(mut self, clock: Clock) -> Self {
        self.clock = clock;
        self
    }

    /// Who gets the handler's output and logs. Default: `tracing`.
    #[must_use]
    pub fn lines(mut self, lines: LineSink) -> Self {
        self.lines = lines;
        self
    }

    /// How envelopes are framed.
    #[must_use]
    pub fn envelope_framing(mut self, framing: EnvelopeFraming) -> Self {
        self.framing = framing;
        self
    }

    /// Whether a traceparent is added.
    #[must_use]
    pub fn trace_context(mut self, trace: TraceContext) -> Self {
        self.trace = trace;
        self
    }

    /// Whether a child is pinged during the run.
    #[must_use]
    pub fn status_pings(mut self, pings: StatusPings) -> Self {
        self.pings = pings;
        self
    }

    /// Reads the folder.
    ///
    /// # Errors
    /// A [`Problem`] of host.json or local.settings.json. Problems of single functions are in
    /// [`Project::problems`].
    pub fn build(self) -> Result<LocalHost, Problem> {
        let settings = match self.settings {
            Some(settings) => settings,
            None => Settings::from_env().with_local_settings(&self.root.join("local.settings.json"))?,
        };
        let project = Project::load_with(&self.root, &settings, &self.enabled)?;
        let custom_handler = project.custom_handler(&settings)?;
        for problem in project.problems() {
            tracing::error!(file = problem.file(), "the function is not loaded: {problem}");
        }
        let (upstream, overruns) = Upstream::new(custom_handler.initialization_timeout);
        let limit = settings
            .get("FUNCTIONS_REQUEST_BODY_SIZE_LIMIT")
            .and_then(|limit| limit.trim().parse().ok());
        let core = Core {
            custom_handler,
            routes: RouteTable::new(&project, |function| function.state == FunctionState::Enabled),
            project,
            upstream,
            queues: self.queues,
            history: self.history,
            clock: self.clock,
            cors: self.cors,
            keys: self.keys,
            mode: self.mode,
            framing: self.framing,
            trace: self.trace,
            body_limit: limit.unwrap_or(BODY_LIMIT),
            homepage: !settings.is_true("AzureWebJobsDisableHomepage"),
            lines: self.lines,
        };
        Ok(LocalHost {
            core: SharedCore::new(core),
            handler: self.handler,
            settings,
            timers: self.timers,
            pings: self.pings,
            overruns,
        })
    }
}
