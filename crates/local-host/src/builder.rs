//! A local host: what it is made of, and the choices for it, each with the real host's behaviour as its default.

use std::sync::Arc;

use axum::Router;
use serde_json::value::RawValue;

use crate::clock::Clock;
use crate::core::{Core, SharedCore};
use crate::handler::Handler;
use crate::http::keys::KeyPolicy;
use crate::running::Running;
use crate::timers::{TimerHistory, TimerStart};
use functions_project::{
    Cors, CustomHandler, DataType, Function, FunctionState, HttpTrigger, Problem, Project, QueueName,
    RouteTable, Settings, Trigger,
};

/// The default limit of a request body, in bytes.
const BODY_LIMIT: usize = 104_857_600;

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

/// Takes what a function wrote for a queue, or says why not.
pub(crate) type QueueOutputs =
    Arc<dyn Fn(&QueueName, DataType, &RawValue) -> Result<(), String> + Send + Sync>;

/// A function app that is loaded but not started.
#[derive(Debug)]
pub struct LocalHost {
    core: SharedCore,
    timers: TimerStart,
}

impl LocalHost {
    /// Begins with a project as loaded, and the settings that it was loaded with.
    ///
    /// # Errors
    /// The [`Problem`] of host.json for which the real host would not start the handler. Problems of single functions
    /// are in [`Project::problems`], and are logged.
    pub fn builder(project: Project, settings: &Settings) -> Result<LocalHostBuilder, Problem> {
        for problem in project.problems() {
            tracing::error!(file = problem.file(), "the function is not loaded: {problem}");
        }
        let limit = settings
            .get("FUNCTIONS_REQUEST_BODY_SIZE_LIMIT")
            .and_then(|limit| limit.trim().parse().ok());
        Ok(LocalHostBuilder {
            custom_handler: project.custom_handler(settings)?,
            body_limit: limit.unwrap_or(BODY_LIMIT),
            homepage: !settings.is_true("AzureWebJobsDisableHomepage"),
            project,
            cors: None,
            keys: KeyPolicy::default(),
            mode: ForwardingMode::default(),
            timers: TimerStart::default(),
            history: TimerHistory::default(),
            clock: Clock::default(),
            queue_outputs: None,
        })
    }

    /// What was loaded, and the problems of what was not.
    #[must_use]
    pub fn project(&self) -> &Project {
        &self.core.project
    }

    /// The public HTTP side as a fallback router: merge it into one of your own, whose routes win.
    ///
    /// Serve it with [`serve`](crate::serve), or else with connect info for `SocketAddr`, from which X-Forwarded-For is
    /// made.
    pub fn router(&self) -> Router {
        crate::http::router(self.core.clone())
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

    /// Starts the timers. Must be called inside a tokio runtime with time.
    #[must_use]
    pub fn start(self) -> Running {
        Running::start(self.core, self.timers)
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
pub struct LocalHostBuilder {
    project: Project,
    custom_handler: CustomHandler,
    body_limit: usize,
    homepage: bool,
    cors: Option<Cors>,
    keys: KeyPolicy,
    mode: ForwardingMode,
    timers: TimerStart,
    history: TimerHistory,
    clock: Clock,
    queue_outputs: Option<QueueOutputs>,
}

impl LocalHostBuilder {
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

    /// Whether timers fire by their schedules.
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

    /// Where the time comes from.
    #[must_use]
    pub fn clock(mut self, clock: Clock) -> Self {
        self.clock = clock;
        self
    }

    /// Who takes the values that functions write for queues. Default: nobody, and a warning says so.
    #[must_use]
    pub fn queue_outputs(
        mut self,
        write: impl Fn(&QueueName, DataType, &RawValue) -> Result<(), String> + Send + Sync + 'static,
    ) -> Self {
        self.queue_outputs = Some(Arc::new(write));
        self
    }

    /// The host around a handler: [`InProcess`](crate::InProcess), or one of your own.
    #[must_use]
    pub fn build(self, handler: Arc<dyn Handler>) -> LocalHost {
        let core = Core {
            routes: RouteTable::new(&self.project, |function| function.state == FunctionState::Enabled),
            project: self.project,
            custom_handler: self.custom_handler,
            handler,
            queue_outputs: self.queue_outputs,
            history: self.history,
            clock: self.clock,
            cors: self.cors,
            keys: self.keys,
            mode: self.mode,
            body_limit: self.body_limit,
            homepage: self.homepage,
        };
        LocalHost {
            core: SharedCore::new(core),
            timers: self.timers,
        }
    }
}
