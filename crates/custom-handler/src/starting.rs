//! Serving before the application is ready: pings are answered at once, everything else waits for it.
//!
//! The host polls `GET /` from the first millisecond and triggers may fire while it does. So the socket serves
//! first and the application initialises beside it (`serve_app`).

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::Request;
use axum::response::Response;
use http::{HeaderValue, StatusCode, header};
use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::BoxError;
use crate::answer::{self, Reader, tell};
use crate::app::{App, Dispatcher, looks_like_envelope};

/// How long a request waits for the application to start before it is answered 503.
pub const DEFAULT_START_LIMIT: Duration = Duration::from_secs(60);

/// What stands between a request and the application.
#[derive(Clone)]
pub(crate) enum Gate {
    Open(Arc<Dispatcher>),
    Starting {
        state: watch::Receiver<State>,
        limit: Duration,
    },
}

#[derive(Clone)]
pub(crate) enum State {
    Pending,
    Ready(Arc<Dispatcher>),
    Failed,
}

/// Why a request cannot reach the application.
pub(crate) enum NotReady {
    Slow(Duration),
    Failed,
}

impl Gate {
    pub(crate) fn open(dispatcher: Dispatcher) -> Self {
        Self::Open(Arc::new(dispatcher))
    }

    pub(crate) async fn dispatcher(&self) -> Result<Arc<Dispatcher>, NotReady> {
        let (mut state, limit) = match self {
            Self::Open(dispatcher) => return Ok(Arc::clone(dispatcher)),
            Self::Starting { state, limit } => (state.clone(), *limit),
        };
        let started = state.wait_for(|state| !matches!(state, State::Pending));
        match tokio::time::timeout(limit, started).await {
            Err(_) => Err(NotReady::Slow(limit)),
            Ok(Err(_)) => Err(NotReady::Failed),
            Ok(Ok(state)) => match &*state {
                State::Ready(dispatcher) => Ok(Arc::clone(dispatcher)),
                State::Pending | State::Failed => Err(NotReady::Failed),
            },
        }
    }
}

impl NotReady {
    pub(crate) fn answer(self, request: &Request) -> Response {
        let reader = if looks_like_envelope(request).is_some() {
            Reader::Host
        } else {
            Reader::Client
        };
        let why = match self {
            Self::Slow(limit) => format!(
                "the application is still starting after {} s",
                limit.as_secs_f32()
            ),
            Self::Failed => "the application could not start".to_owned(),
        };
        let mut response = answer::error(reader, StatusCode::SERVICE_UNAVAILABLE, &why);
        response
            .headers_mut()
            .insert(header::RETRY_AFTER, HeaderValue::from_static("1"));
        tell(response, |told| told.error = Some(why))
    }
}

/// An application that is starting in its own task.
pub(crate) struct Starting {
    pub(crate) gate: Gate,
    task: JoinHandle<Result<(), BoxError>>,
}

impl Starting {
    pub(crate) fn spawn<F, E>(limit: Duration, app: F) -> Self
    where
        F: Future<Output = Result<App, E>> + Send + 'static,
        E: Into<BoxError>,
    {
        let (sender, state) = watch::channel(State::Pending);
        let task = tokio::spawn(async move {
            let made = match app.await {
                Ok(app) => app.into_dispatcher().map_err(BoxError::from),
                Err(error) => Err(error.into()),
            };
            let (state, outcome) = match made {
                Ok(dispatcher) => (State::Ready(Arc::new(dispatcher)), Ok(())),
                Err(error) => (State::Failed, Err(error)),
            };
            sender.send_replace(state);
            outcome
        });
        Self {
            gate: Gate::Starting { state, limit },
            task,
        }
    }

    /// Ends only when the start fails.
    pub(crate) async fn failure(self) -> BoxError {
        match self.task.await {
            Ok(Ok(())) => std::future::pending().await,
            Ok(Err(error)) => error,
            Err(join) => join.into(),
        }
    }
}
