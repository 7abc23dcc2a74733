//! What the host calls: the functions, in this process or wherever somebody else's [`Handler`] finds them.

use std::panic::AssertUnwindSafe;

use async_trait::async_trait;
use axum::Router;
use axum::extract::Request;
use axum::response::Response;
use futures::FutureExt as _;
use http::{Extensions, HeaderValue, header};
use tower::ServiceExt as _;

use crate::invocation::InvocationError;

/// One run of the handler: a process that was started again is another run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Run(pub u64);

/// The functions, as something that answers the requests of a Functions host.
///
/// A request's URI is a path with its query; its headers say how its body is framed. Bodies may still flow in both
/// directions when a call returns. Whoever drops the future of a call, or the answer's body, is not interested any more.
#[async_trait]
pub trait Handler: Send + Sync + 'static {
    /// Waits until requests are answered.
    ///
    /// # Errors
    /// [`InvocationError::Unavailable`] when they never will be.
    async fn ready(&self) -> Result<Run, InvocationError>;

    /// Passes one request on, once.
    ///
    /// # Errors
    /// [`InvocationError::Transport`] when there is no answer.
    async fn call(&self, run: Run, request: Request) -> Result<Response, InvocationError>;

    /// Passes a streamed request on, as often as it takes and its body allows.
    ///
    /// # Errors
    /// As [`call`](Self::call).
    async fn proxy(&self, run: Run, request: Request) -> Result<Response, InvocationError> {
        self.call(run, request).await
    }

    /// Learns that an invocation overran functionTimeout in that run.
    fn overran(&self, _run: Run) {}
}

/// A router in this process, which is always ready. Nothing but the socket is missing of what the real host does to it.
#[derive(Clone, Debug)]
pub struct InProcess {
    router: Router,
    host: Option<HeaderValue>,
}

impl InProcess {
    /// The router, and the port at which it believes to listen: `Host` names it, as a real host's requests do.
    #[must_use]
    pub fn new(router: Router, port: u16) -> Self {
        let host = HeaderValue::try_from(format!("127.0.0.1:{port}")).ok();
        Self { router, host }
    }
}

#[async_trait]
impl Handler for InProcess {
    async fn ready(&self) -> Result<Run, InvocationError> {
        Ok(Run::default())
    }

    async fn call(&self, _: Run, mut request: Request) -> Result<Response, InvocationError> {
        if let (None, Some(host)) = (request.headers().get(header::HOST), &self.host) {
            request.headers_mut().insert(header::HOST, host.clone());
        }
        // A panic that the router does not catch ends its answer, and neither a timer nor a client's connection.
        let answer = AssertUnwindSafe(self.router.clone().oneshot(request)).catch_unwind();
        match answer.await {
            Ok(Ok(mut response)) => {
                // They would not have come over a socket.
                *response.extensions_mut() = Extensions::new();
                Ok(response)
            }
            Ok(Err(never)) => match never {},
            Err(_) => Err(InvocationError::Transport("the handler panicked".to_owned())),
        }
    }
}
