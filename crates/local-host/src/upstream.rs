//! Where the handler is at the moment, and the one keep-alive client that talks to it.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::{TokioExecutor, TokioTimer};
use tokio::sync::{mpsc, watch};

use crate::invocation::InvocationError;

/// Connections kept for the next requests; each costs two descriptors while the handler is in this process.
const MOST_IDLE: usize = 32;
/// What a connection to the handler buffers, bytes: a body that the handler does not read waits at its client.
const MOST_BUFFERED: usize = 64 * 1024;

pub(crate) type HttpClient = Client<HttpConnector, Body>;

/// What is known of the handler.
#[derive(Clone, Debug)]
pub(crate) enum HandlerState {
    /// Not yet, or not again, ready.
    Starting,
    /// Answers at this address.
    Ready(Target),
    /// Will not come back; the host stops.
    Stopped(Arc<str>),
}

/// One run of the handler's process.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Target {
    pub(crate) address: SocketAddr,
    /// Counts the starts, so that an overrun of an earlier process does not end its successor.
    pub(crate) generation: u64,
}

/// Sent when an invocation overran functionTimeout in the process of that generation.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Overrun(pub(crate) u64);

#[derive(Debug)]
pub(crate) struct Upstream {
    pub(crate) client: HttpClient,
    state: watch::Sender<HandlerState>,
    overruns: mpsc::UnboundedSender<Overrun>,
    start_limit: Duration,
}

impl Upstream {
    /// `initialization_timeout` is host.json's: an invocation waits four times as long.
    pub(crate) fn new(initialization_timeout: Duration) -> (Self, mpsc::UnboundedReceiver<Overrun>) {
        let mut connector = HttpConnector::new();
        connector.set_nodelay(true);
        let client = Client::builder(TokioExecutor::new())
            .pool_timer(TokioTimer::new())
            .pool_idle_timeout(Duration::from_secs(60))
            .pool_max_idle_per_host(MOST_IDLE)
            .http1_max_buf_size(MOST_BUFFERED)
            .build(connector);
        let (overruns, receiver) = mpsc::unbounded_channel();
        let state = watch::Sender::new(HandlerState::Starting);
        (
            Self {
                client,
                state,
                overruns,
                start_limit: initialization_timeout * 4,
            },
            receiver,
        )
    }

    pub(crate) fn set(&self, state: HandlerState) {
        self.state.send_replace(state);
    }

    pub(crate) fn watch(&self) -> watch::Receiver<HandlerState> {
        self.state.subscribe()
    }

    /// Waits until the handler is ready. Waiting in vain stops the host, as the real one does.
    pub(crate) async fn target(&self) -> Result<Target, InvocationError> {
        let mut state = self.state.subscribe();
        let settled = state.wait_for(|state| !matches!(state, HandlerState::Starting));
        match tokio::time::timeout(self.start_limit, settled).await {
            Ok(Ok(settled)) => match &*settled {
                HandlerState::Ready(target) => Ok(*target),
                HandlerState::Stopped(reason) => Err(InvocationError::Unavailable(reason.to_string())),
                HandlerState::Starting => Err(InvocationError::Unavailable("starting".to_owned())),
            },
            Ok(Err(_)) => Err(InvocationError::Unavailable("the host has stopped".to_owned())),
            Err(_) => {
                let reason: Arc<str> =
                    Arc::from(format!("the handler was not ready within {:?}", self.start_limit));
                self.set(HandlerState::Stopped(Arc::clone(&reason)));
                Err(InvocationError::Unavailable(reason.to_string()))
            }
        }
    }

    /// Ends the process in which an invocation overran functionTimeout, and all its other invocations.
    pub(crate) fn overrun(&self, target: Target) {
        // Nobody listens when the handler is not our child: then there is nothing to end.
        let _ = self.overruns.send(Overrun(target.generation));
    }
}
