//! A Functions host: what it is made of, and the choices for it.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::Response;
use functions_project::{CustomHandler, Problem, Project, Settings};
use http::StatusCode;
use local_host::{ForwardingMode, KeyPolicy, LocalHost, TimerStart};
use tokio::sync::mpsc;

use crate::child::StartError;
use crate::child::lines::LineSink;
use crate::running::Running;
use crate::upstream::{Overrun, Upstream};

/// Which process handles.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum HandlerProcess {
    /// A child, started from host.json's `customHandler.description` on a free port.
    #[default]
    Started,
    /// Whatever listens at this address, or is about to. It is neither started nor ended by the host.
    Attached(SocketAddr),
}

/// A function app that is loaded but not started.
#[derive(Debug)]
pub struct FunctionsHost {
    pub(crate) local: LocalHost,
    pub(crate) custom_handler: CustomHandler,
    pub(crate) settings: Settings,
    pub(crate) process: HandlerProcess,
    pub(crate) upstream: Arc<Upstream>,
    pub(crate) overruns: mpsc::UnboundedReceiver<Overrun>,
    pub(crate) lines: LineSink,
}

impl FunctionsHost {
    /// Begins with the folder that holds host.json.
    pub fn from_dir(root: impl Into<PathBuf>) -> FunctionsHostBuilder {
        FunctionsHostBuilder {
            root: root.into(),
            settings: None,
            process: HandlerProcess::default(),
            keys: KeyPolicy::default(),
            mode: ForwardingMode::default(),
            timers: TimerStart::default(),
            lines: LineSink::tracing(),
        }
    }

    /// What was loaded, and the problems of what was not.
    #[must_use]
    pub fn project(&self) -> &Project {
        self.local.project()
    }

    /// The public HTTP side. Requests that arrive before the handler is ready wait for it.
    pub fn router(&self) -> Router {
        let stopped = from_fn_with_state(Arc::clone(&self.upstream), refuse_when_stopped);
        self.local.router().layer(stopped)
    }

    /// One line for each function: as [`LocalHost::describe`].
    #[must_use]
    pub fn describe(&self, base: &str) -> Vec<String> {
        self.local.describe(base)
    }

    /// Starts the handler (if it is a child), and the timers. Does not wait for the handler to become ready:
    /// whatever needs it waits. Must be called inside a tokio runtime with I/O and time.
    ///
    /// # Errors
    /// [`StartError`] when the executable cannot be started.
    pub fn start(self) -> Result<Running, StartError> {
        Running::start(self)
    }
}

async fn refuse_when_stopped(
    State(upstream): State<Arc<Upstream>>,
    request: Request,
    next: Next,
) -> Response {
    if !upstream.is_stopped() {
        return next.run(request).await;
    }
    let mut response = Response::new(Body::from("Function host is not running."));
    *response.status_mut() = StatusCode::SERVICE_UNAVAILABLE;
    response
}

/// Collects choices for a [`FunctionsHost`], each with the real host's behaviour as its default.
#[derive(Debug)]
pub struct FunctionsHostBuilder {
    root: PathBuf,
    settings: Option<Settings>,
    process: HandlerProcess,
    keys: KeyPolicy,
    mode: ForwardingMode,
    timers: TimerStart,
    lines: LineSink,
}

impl FunctionsHostBuilder {
    /// App settings. Default: the environment, and `Values` of local.settings.json in the folder.
    #[must_use]
    pub fn settings(mut self, settings: Settings) -> Self {
        self.settings = Some(settings);
        self
    }

    /// Which process handles. Default: a child.
    #[must_use]
    pub fn process(mut self, process: HandlerProcess) -> Self {
        self.process = process;
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

    /// Who gets the handler's output. Default: `tracing`.
    #[must_use]
    pub fn lines(mut self, lines: LineSink) -> Self {
        self.lines = lines;
        self
    }

    /// Reads the folder.
    ///
    /// # Errors
    /// A [`Problem`] of host.json or local.settings.json. Problems of single functions are in
    /// [`Project::problems`].
    pub fn build(self) -> Result<FunctionsHost, Problem> {
        let settings = match self.settings {
            Some(settings) => settings,
            None => Settings::from_env().with_local_settings(&self.root.join("local.settings.json"))?,
        };
        let project = Project::load(&self.root, &settings)?;
        let custom_handler = project.custom_handler(&settings)?;
        let (upstream, overruns) = Upstream::new(custom_handler.initialization_timeout);
        let upstream = Arc::new(upstream);
        let local = LocalHost::builder(project, &settings)?
            .keys(self.keys)
            .mode(self.mode)
            .timers(self.timers)
            .build(upstream.clone());
        Ok(FunctionsHost {
            local,
            custom_handler,
            settings,
            process: self.process,
            upstream,
            overruns,
            lines: self.lines,
        })
    }
}
