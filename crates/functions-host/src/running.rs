//! A started Functions host: its tasks, its handle, its end.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use functions_project::{FunctionState, Project};
use local_host::{Invocation, InvocationError};
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinHandle;

use crate::builder::{FunctionsHost, HandlerProcess};
use crate::child::{ChildSpec, Readiness, StartError, Stop, Supervisor, SupervisorOptions, wait_until_ready};
use crate::upstream::{HandlerState, Target, Upstream};

/// How the handler's process is ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StopMode {
    /// SIGKILL without warning: all that the real host ever does.
    Kill,
    /// SIGTERM, and SIGKILL after `grace`: what a terminal or a container runtime does.
    Terminate {
        /// How long the process may take.
        grace: Duration,
    },
}

/// A Functions host at work. Dropping it ends its tasks and kills its child.
#[derive(Debug)]
pub struct Running {
    local: Arc<local_host::Running>,
    upstream: Arc<Upstream>,
    /// The watch over the handler.
    tasks: Vec<JoinHandle<()>>,
    /// Reaches the supervisor of a child.
    stops: Option<mpsc::Sender<Stop>>,
}

impl Running {
    pub(crate) fn start(host: FunctionsHost) -> Result<Self, StartError> {
        let FunctionsHost {
            local,
            custom_handler,
            settings,
            process,
            upstream,
            overruns,
            lines,
        } = host;
        let project = local.project();
        let function_timeout = project.host().function_timeout;
        let has_work = project
            .functions()
            .iter()
            .any(|function| function.state == FunctionState::Enabled);
        let mut tasks = Vec::new();
        let mut stops = None;
        match process {
            // The real host does not start a handler without functions either.
            HandlerProcess::Started if has_work => {
                let spec = ChildSpec::new(project.root(), &custom_handler, settings)?;
                let (sender, receiver) = mpsc::channel(1);
                let mut supervisor = Supervisor::new(SupervisorOptions {
                    spec,
                    overruns,
                    stops: receiver,
                    upstream: Arc::clone(&upstream),
                    custom_handler,
                    function_timeout,
                    lines,
                });
                let child = supervisor.start()?;
                tasks.push(tokio::spawn(supervisor.run(child)));
                stops = Some(sender);
            }
            HandlerProcess::Started => {
                tracing::warn!("there is no function to serve: the handler is not started");
            }
            HandlerProcess::Attached(address) => {
                let limit = custom_handler.initialization_timeout;
                tasks.push(tokio::spawn(attach(
                    Arc::clone(&upstream),
                    address,
                    limit,
                    function_timeout,
                )));
            }
        }
        let local = Arc::new(local.start());
        // Triggers end with the host, whatever ends it.
        let (mut state, timers) = (upstream.watch(), Arc::downgrade(&local));
        tasks.push(tokio::spawn(async move {
            let stopped = state.wait_for(|state| matches!(state, HandlerState::Stopped(_)));
            if stopped.await.is_ok()
                && let Some(local) = timers.upgrade()
            {
                local.end_timers();
            }
        }));
        Ok(Self {
            local,
            upstream,
            tasks,
            stops,
        })
    }

    /// As [`local_host::Running::invoke`].
    ///
    /// # Errors
    /// [`InvocationError`], after all attempts of a retry policy.
    pub async fn invoke(&self, function: &str) -> Result<Invocation, InvocationError> {
        self.local.invoke(function).await
    }

    /// As [`local_host::Running::invoke_with`].
    ///
    /// # Errors
    /// As [`invoke`](Self::invoke).
    pub async fn invoke_with(&self, function: &str, input: &str) -> Result<Invocation, InvocationError> {
        self.local.invoke_with(function, input).await
    }

    /// As [`local_host::Running::trigger_timer`].
    ///
    /// # Errors
    /// As [`invoke`](Self::invoke), and [`InvocationError::NotATimer`].
    pub async fn trigger_timer(&self, function: &str) -> Result<Invocation, InvocationError> {
        self.local.trigger_timer(function).await
    }

    /// Waits until the handler answers.
    ///
    /// # Errors
    /// [`InvocationError::Unavailable`] when it does not, within four times `initializationTimeout`.
    pub async fn ready(&self) -> Result<SocketAddr, InvocationError> {
        self.upstream.target().await.map(|target| target.address)
    }

    /// What was loaded.
    #[must_use]
    pub fn project(&self) -> &Project {
        self.local.project()
    }

    /// Waits until the host has stopped by itself, and says why: the handler crashed too often, or never
    /// became ready.
    pub async fn stopped(&self) -> String {
        let mut state = self.upstream.watch();
        match state
            .wait_for(|state| matches!(state, HandlerState::Stopped(_)))
            .await
            .as_deref()
        {
            Ok(HandlerState::Stopped(reason)) => reason.to_string(),
            _ => String::new(),
        }
    }

    /// Ends timers and the child. Invocations in flight are cut off, as by the real host; a handler
    /// that was only attached goes on.
    pub async fn stop(mut self, mode: StopMode) {
        if let Some(stops) = self.stops.take() {
            let (done, ended) = oneshot::channel();
            if stops.send(Stop(mode, done)).await.is_ok() {
                let _ = ended.await;
            }
        }
        self.upstream
            .set(HandlerState::Stopped(Arc::from("the host was stopped")));
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        for task in &self.tasks {
            task.abort();
        }
    }
}

async fn attach(
    upstream: Arc<Upstream>,
    address: SocketAddr,
    limit: Duration,
    function_timeout: Option<Duration>,
) {
    let state = match wait_until_ready(upstream.client.clone(), address, limit, function_timeout).await {
        Readiness::Ready => HandlerState::Ready(Target {
            address,
            generation: 0,
        }),
        Readiness::TooLate => HandlerState::Stopped(Arc::from(format!(
            "nothing answered GET / at {address} within {limit:?}"
        ))),
    };
    upstream.set(state);
}
