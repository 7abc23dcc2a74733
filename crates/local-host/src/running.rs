//! A started local host: its tasks, its handle, its end.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use jiff::SignedDuration;
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinHandle;
use uuid::Uuid;

use crate::builder::{Handler, LocalHost, StatusPings};
use crate::child::{ChildSpec, Readiness, StartError, Stop, Supervisor, SupervisorOptions, wait_until_ready};
use crate::core::{Core, SharedCore};
use crate::envelope::{Envelope, MessageFacts, queue_message};
use crate::invocation::{Invocation, InvocationError};
use crate::queues::{Queues, listen};
use crate::timers::{TimerStart, fire_by_hand, keep};
use crate::upstream::{HandlerState, Target};
use functions_project::{Function, FunctionState, Project, Trigger};

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

/// A local host at work. Dropping it ends its tasks and kills its child.
#[derive(Debug)]
pub struct Running {
    core: SharedCore,
    /// Timers, queue listeners, and the watch over the handler.
    tasks: Vec<JoinHandle<()>>,
    /// Reaches the supervisor of a child.
    stops: Option<mpsc::Sender<Stop>>,
}

impl Running {
    pub(crate) async fn start(host: LocalHost) -> Result<Self, StartError> {
        let LocalHost {
            core,
            handler,
            settings,
            timers,
            pings,
            overruns,
        } = host;
        let has_work = core
            .project
            .functions()
            .iter()
            .any(|function| function.state == FunctionState::Enabled);
        let mut tasks = Vec::new();
        let mut stops = None;
        match handler {
            // The real host does not start a handler without functions either.
            Handler::Child if has_work => {
                let spec = ChildSpec::new(core.project.root(), &core.custom_handler, settings)?;
                let (sender, receiver) = mpsc::channel(1);
                let repeat_ping = match pings {
                    StatusPings::UntilReady => None,
                    StatusPings::Every(pause) => Some(pause),
                };
                let options = SupervisorOptions {
                    spec,
                    overruns,
                    stops: receiver,
                    repeat_ping,
                };
                let mut supervisor = Supervisor::new(core.clone(), options);
                let child = supervisor.start()?;
                tasks.push(tokio::spawn(supervisor.run(child)));
                stops = Some(sender);
            }
            Handler::Child => tracing::warn!("there is no function to serve: the handler is not started"),
            Handler::At(address) => tasks.push(tokio::spawn(attach(
                core.clone(),
                Target {
                    address,
                    generation: 0,
                },
            ))),
        }
        let triggers: Vec<JoinHandle<()>> = core
            .project
            .functions()
            .iter()
            .filter(|function| function.state == FunctionState::Enabled)
            .filter_map(|function| trigger_task(&core, function, timers))
            .collect();
        // Triggers end with the host, whatever ends it.
        let aborts: Vec<_> = triggers.iter().map(JoinHandle::abort_handle).collect();
        let mut state = core.upstream.watch();
        tasks.push(tokio::spawn(async move {
            let _ = state
                .wait_for(|state| matches!(state, HandlerState::Stopped(_)))
                .await;
            aborts.iter().for_each(tokio::task::AbortHandle::abort);
        }));
        tasks.extend(triggers);
        Ok(Self { core, tasks, stops })
    }

    /// Calls a function now: a timer fires, a queue function gets an empty message, any other an empty text.
    /// HTTP functions are called over HTTP.
    ///
    /// # Errors
    /// [`InvocationError`], after all attempts of a retry policy.
    pub async fn invoke(&self, function: &str) -> Result<Invocation, InvocationError> {
        self.invoke_with(function, "").await
    }

    /// Calls a function now with a text; for a queue function it is the message.
    ///
    /// # Errors
    /// As [`invoke`](Self::invoke).
    pub async fn invoke_with(&self, function: &str, input: &str) -> Result<Invocation, InvocationError> {
        let function = self.core.function(function)?;
        invoke_by_hand(&self.core, function, input).await
    }

    /// Fires a timer now, beside its schedule.
    ///
    /// # Errors
    /// As [`invoke`](Self::invoke), and [`InvocationError::NotATimer`].
    pub async fn trigger_timer(&self, function: &str) -> Result<Invocation, InvocationError> {
        let function = self.core.function(function)?;
        match &function.trigger {
            Trigger::Timer(timer) => fire_by_hand(&self.core, function, timer).await,
            _ => Err(InvocationError::NotATimer(function.name.to_string())),
        }
    }

    /// Waits until the handler answers.
    ///
    /// # Errors
    /// [`InvocationError::Unavailable`] when it does not, within four times `initializationTimeout`.
    pub async fn ready(&self) -> Result<std::net::SocketAddr, InvocationError> {
        self.core.upstream.target().await.map(|target| target.address)
    }

    /// The queues.
    #[must_use]
    pub fn queues(&self) -> Queues {
        self.core.queues.clone()
    }

    /// What was loaded.
    #[must_use]
    pub fn project(&self) -> &Project {
        &self.core.project
    }

    /// The public HTTP side, as [`LocalHost::router`].
    pub fn router(&self) -> Router {
        crate::http::router(self.core.clone())
    }

    /// Waits until the host has stopped by itself, and says why: the handler crashed too often, or never
    /// became ready.
    pub async fn stopped(&self) -> String {
        let mut state = self.core.upstream.watch();
        match state
            .wait_for(|state| matches!(state, HandlerState::Stopped(_)))
            .await
            .as_deref()
        {
            Ok(HandlerState::Stopped(reason)) => reason.to_string(),
            _ => String::new(),
        }
    }

    /// Ends timers, queues and the child. Invocations in flight are cut off, as by the real host; a handler
    /// that was only attached goes on.
    pub async fn stop(mut self, mode: StopMode) {
        if let Some(stops) = self.stops.take() {
            let (done, ended) = oneshot::channel();
            if stops.send(Stop(mode, done)).await.is_ok() {
                let _ = ended.await;
            }
        }
        self.core
            .upstream
            .set(HandlerState::Stopped(Arc::from("the local host was stopped")));
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        for task in &self.tasks {
            task.abort();
        }
    }
}

async fn attach(core: SharedCore, target: Target) {
    let limit = core.custom_handler.initialization_timeout;
    let ping_limit = core
        .function_timeout()
        .map(|limit| limit + Duration::from_secs(60));
    match wait_until_ready(core.upstream.client.clone(), target.address, limit, ping_limit).await {
        Readiness::Ready => core.upstream.set(HandlerState::Ready(target)),
        Readiness::TooLate => {
            let reason = format!("nothing answered GET / at {} within {limit:?}", target.address);
            core.upstream.set(HandlerState::Stopped(Arc::from(reason)));
        }
    }
}

fn trigger_task(core: &SharedCore, function: &Function, start: TimerStart) -> Option<JoinHandle<()>> {
    let (core, function) = (core.clone(), function.clone());
    match function.trigger.clone() {
        Trigger::Timer(timer) if start != TimerStart::Off => Some(tokio::spawn(async move {
            keep(&core, &function, &timer, start).await
        })),
        Trigger::Queue(queue) => Some(tokio::spawn(listen(core, function, queue))),
        _ => None,
    }
}

/// An invocation that no trigger caused; what the trigger would have known is made up.
pub(crate) async fn invoke_by_hand(
    core: &Core,
    function: &Function,
    input: &str,
) -> Result<Invocation, InvocationError> {
    let now = core.clock.now();
    let trigger = function.trigger_name.as_str();
    let envelope = match &function.trigger {
        Trigger::Http(_) => return Err(InvocationError::IsHttp(function.name.to_string())),
        Trigger::Timer(timer) => return fire_by_hand(core, function, timer).await,
        Trigger::Queue(queue) => {
            let id = Uuid::new_v4().to_string();
            let later = |span| now.checked_add(span).unwrap_or(now);
            let facts = MessageFacts {
                id: &id,
                body: input.as_bytes(),
                dequeue_count: 1,
                inserted: now,
                expires: later(SignedDuration::from_hours(7 * 24)),
                next_visible: later(SignedDuration::from_mins(10)),
                pop_receipt: &id,
            };
            queue_message(&function.name, trigger, queue.data_type, &facts, now)
        }
        Trigger::Other(_) => Envelope::generic(&function.name, trigger, input, now),
    };
    core.invoke(function, envelope).await
}
