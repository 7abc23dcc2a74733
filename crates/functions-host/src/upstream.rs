//! Where the handler is at the moment, and the one keep-alive client that talks to it.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use axum::body::Body;
use axum::extract::Request;
use axum::response::Response;
use http::Uri;
use http_body::Body as _;
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::{TokioExecutor, TokioTimer};
use local_host::{Handler, InvocationError, Run};
use tokio::sync::{mpsc, watch};

use crate::replay::Replay;

/// How often the real host sends a proxied request before it gives up, and how long it waits in between.
const ATTEMPTS: u32 = 10;
const DELAYS_MS: [u64; 4] = [50, 100, 200, 250];
/// How long the host lets a function end after its time is up, before the process is killed.
const GRACE: Duration = Duration::from_secs(2);
/// Connections kept for the next requests.
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

    pub(crate) fn is_stopped(&self) -> bool {
        matches!(*self.state.borrow(), HandlerState::Stopped(_))
    }

    async fn send(&self, address: SocketAddr, mut request: Request) -> Result<Response, InvocationError> {
        let target = request
            .uri()
            .path_and_query()
            .map_or("/", |target| target.as_str());
        *request.uri_mut() = format!("http://{address}{target}")
            .parse::<Uri>()
            .map_err(|error| InvocationError::transport(&error))?;
        let response = self.client.request(request).await;
        response
            .map(|response| response.map(Body::new))
            .map_err(|error| InvocationError::transport(&error))
    }
}

#[async_trait]
impl Handler for Upstream {
    async fn ready(&self) -> Result<Run, InvocationError> {
        self.target().await.map(|target| Run(target.generation))
    }

    async fn call(&self, _: Run, request: Request) -> Result<Response, InvocationError> {
        self.send(self.target().await?.address, request).await
    }

    /// Sends until an answer begins; a POST may therefore reach the handler more than once.
    async fn proxy(&self, _: Run, request: Request) -> Result<Response, InvocationError> {
        let (parts, body) = request.into_parts();
        let (hint, replay) = (body.size_hint(), Replay::new(body));
        let mut attempt: u32 = 0;
        loop {
            let address = self.target().await?.address;
            let request = Request::from_parts(parts.clone(), Body::new(replay.body(hint)));
            let error = match self.send(address, request).await {
                Ok(response) => return Ok(response),
                Err(error) => error,
            };
            attempt += 1;
            if attempt >= ATTEMPTS || !replay.is_whole() {
                return Err(error);
            }
            let delay = DELAYS_MS.get(attempt as usize - 1).or(DELAYS_MS.last());
            tokio::time::sleep(Duration::from_millis(delay.copied().unwrap_or_default())).await;
        }
    }

    /// Ends the process in which an invocation overran functionTimeout, and all its other invocations.
    fn overran(&self, run: Run) {
        let overruns = self.overruns.clone();
        tokio::spawn(async move {
            tokio::time::sleep(GRACE).await;
            // Nobody listens when the handler is not our child: then there is nothing to end.
            let _ = overruns.send(Overrun(run.0));
        });
    }
}
