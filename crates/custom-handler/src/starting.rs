//! Serving before the application is ready: pings are answered at once, everything else waits for it.
//!
//! The host polls `GET /` at once, and triggers may fire meanwhile. So the server starts first and the application
//! initialises in parallel (`serve_app`).

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::Request;
use axum::response::Response;
use http::{HeaderValue, StatusCode, header};
use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::BoxError;
use crate::app::{App, Caller, Dispatcher};
use crate::response::{self, ErrorAudience, with_trace_info};

/// How long a request waits for the application to start before the response is 503.
pub const DEFAULT_START_LIMIT: Duration = Duration::from_secs(60);

/// Holds requests back until the application has started.
#[derive(Clone)]
pub(crate) enum StartGate {
    Open(Arc<Dispatcher>),
    Starting {
        state: watch::Receiver<StartState>,
        limit: Duration,
    },
}

#[derive(Clone)]
pub(crate) enum StartState {
    Pending,
    Ready(Arc<Dispatcher>),
    Failed,
}

/// Why a request can't be passed to the application.
pub(crate) enum NotReady {
    TimedOut(Duration),
    Failed,
}

impl StartGate {
    pub(crate) fn open(dispatcher: Dispatcher) -> Self {
        Self::Open(Arc::new(dispatcher))
    }

    pub(crate) async fn dispatcher(&self) -> Result<Arc<Dispatcher>, NotReady> {
        let (mut state, limit) = match self {
            Self::Open(dispatcher) => return Ok(Arc::clone(dispatcher)),
            Self::Starting { state, limit } => (state.clone(), *limit),
        };
        let started = state.wait_for(|state| !matches!(state, StartState::Pending));
        match tokio::time::timeout(limit, started).await {
            Err(_) => Err(NotReady::TimedOut(limit)),
            Ok(Err(_)) => Err(NotReady::Failed),
            Ok(Ok(state)) => match &*state {
                StartState::Ready(dispatcher) => Ok(Arc::clone(dispatcher)),
                StartState::Pending | StartState::Failed => Err(NotReady::Failed),
            },
        }
    }
}

impl NotReady {
    pub(crate) fn answer(self, request: &Request) -> Response {
        let reader = if let Caller::Host(_) = Caller::of(request) {
            ErrorAudience::Host
        } else {
            ErrorAudience::Client
        };
        let why = match self {
            Self::TimedOut(limit) => format!(
                "the application is still starting after {} s",
                limit.as_secs_f32()
            ),
            Self::Failed => "the application could not start".to_owned(),
        };
        let mut response = response::error(reader, StatusCode::SERVICE_UNAVAILABLE, &why);
        response
            .headers_mut()
            .insert(header::RETRY_AFTER, HeaderValue::from_static("1"));
        with_trace_info(response, |trace| trace.error = Some(why))
    }
}

/// An application that is starting in its own task.
pub(crate) struct Starting {
    pub(crate) gate: StartGate,
    task: JoinHandle<Result<(), BoxError>>,
}

impl Starting {
    pub(crate) fn spawn<F, E>(limit: Duration, app: F) -> Self
    where
        F: Future<Output = Result<App, E>> + Send + 'static,
        E: Into<BoxError>,
    {
        let (sender, state) = watch::channel(StartState::Pending);
        let task = tokio::spawn(async move {
            let made = match app.await {
                Ok(app) => app.into_dispatcher().map_err(BoxError::from),
                Err(error) => Err(error.into()),
            };
            let (state, outcome) = match made {
                Ok(dispatcher) => (StartState::Ready(Arc::new(dispatcher)), Ok(())),
                Err(error) => (StartState::Failed, Err(error)),
            };
            sender.send_replace(state);
            outcome
        });
        Self {
            gate: StartGate::Starting { state, limit },
            task,
        }
    }

    /// Completes only when the start fails.
    pub(crate) async fn failure(self) -> BoxError {
        match self.task.await {
            Ok(Ok(())) => std::future::pending().await,
            Ok(Err(error)) => error,
            Err(join) => join.into(),
        }
    }
}
