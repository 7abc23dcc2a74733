//! The bodies of a request and its response. The request body must make progress; the end of the response body is the end
//! of the request.

use std::error::Error;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use axum::BoxError;
use axum::body::Body;
use bytes::{Buf as _, Bytes};
use http_body::{Body as HttpBody, Frame, SizeHint};
use hyper::body::Incoming;
use tokio::time::{Instant, Sleep};

use crate::limits::Limits;
use crate::state::ConnectionState;

/// The client sent its request body too slowly, or stopped sending. The status for it is 408.
#[derive(Clone, Copy, Debug, thiserror::Error)]
#[error("the client sent its request body too slowly, or stopped sending")]
pub struct BodyTimeout;

impl BodyTimeout {
    /// Whether this is the cause of a body's error.
    #[must_use]
    pub fn caused(error: &(dyn Error + 'static)) -> bool {
        let mut current = Some(error);
        while let Some(error) = current {
            if error.is::<Self>() {
                return true;
            }
            current = error.source();
        }
        false
    }
}

/// A request body with a time limit.
pub(crate) struct RequestBody {
    inner: Incoming,
    state: Arc<ConnectionState>,
    request: u64,
    timer: BodyTimer,
    ended: bool,
}

/// Measures how long the client has been waited for, and ends the wait in time.
struct BodyTimer {
    pause: Duration,
    total: Duration,
    rate: u32,
    received: u64,
    /// The sum of all waits before the present one.
    waited: Duration,
    /// When the present wait began.
    since: Option<Instant>,
    sleep: Option<Pin<Box<Sleep>>>,
}

impl BodyTimer {
    fn new(limits: &Limits) -> Self {
        Self {
            pause: limits.body_pause,
            total: limits.body_total,
            rate: limits.body_rate,
            received: 0,
            waited: Duration::ZERO,
            since: None,
            sleep: None,
        }
    }

    fn received(&mut self, bytes: usize) {
        self.received += bytes as u64;
        if let Some(since) = self.since.take() {
            self.waited += since.elapsed();
        }
    }

    /// Ready when the client's time is used up.
    fn poll_wait(&mut self, context: &mut Context<'_>) -> Poll<()> {
        if self.since.is_none() {
            let now = Instant::now();
            self.since = Some(now);
            let earned = Duration::from_secs(self.received / u64::from(self.rate.max(1)));
            let left = self.total.max(earned).saturating_sub(self.waited).min(self.pause);
            match &mut self.sleep {
                Some(sleep) => sleep.as_mut().reset(now + left),
                None => self.sleep = Some(Box::pin(tokio::time::sleep(left))),
            }
        }
        self.sleep
            .as_mut()
            .map_or(Poll::Pending, |sleep| sleep.as_mut().poll(context))
    }
}

impl RequestBody {
    pub(crate) fn new(inner: Incoming, state: Arc<ConnectionState>, request: u64, limits: &Limits) -> Self {
        let ended = inner.is_end_stream();
        if !ended {
            state.body_opened(request);
        }
        Self {
            inner,
            state,
            request,
            timer: BodyTimer::new(limits),
            ended,
        }
    }
}

impl HttpBody for RequestBody {
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        match Pin::new(&mut self.inner).poll_frame(context) {
            Poll::Ready(frame) => {
                let bytes = match &frame {
                    Some(Ok(frame)) => frame.data_ref().map_or(0, Bytes::remaining),
                    Some(Err(_)) => 0,
                    None => {
                        self.ended = true;
                        0
                    }
                };
                if self.timer.since.is_some() {
                    self.state.body_wait_ended(self.request);
                }
                self.timer.received(bytes);
                self.ended |= self.inner.is_end_stream();
                if self.ended {
                    self.state.body_ended(self.request);
                }
                Poll::Ready(frame.map(|frame| frame.map_err(Into::into)))
            }
            Poll::Pending => {
                if self.timer.since.is_none() {
                    self.state.body_wait_started(self.request);
                }
                match self.timer.poll_wait(context) {
                    Poll::Ready(()) => {
                        self.state.body_wait_ended(self.request);
                        Poll::Ready(Some(Err(BodyTimeout.into())))
                    }
                    Poll::Pending => Poll::Pending,
                }
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        self.inner.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.inner.size_hint()
    }
}

impl Drop for RequestBody {
    fn drop(&mut self) {
        if !self.ended {
            self.state.body_wait_ended(self.request);
        }
    }
}

/// A response body whose start and end are reported to the connection's state.
pub(crate) struct ResponseBody {
    inner: Body,
    state: Arc<ConnectionState>,
    request: u64,
}

impl ResponseBody {
    pub(crate) fn new(inner: Body, state: Arc<ConnectionState>, request: u64) -> Self {
        state.response_started(request);
        Self {
            inner,
            state,
            request,
        }
    }
}

impl HttpBody for ResponseBody {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        Pin::new(&mut self.inner).poll_frame(context)
    }

    fn is_end_stream(&self) -> bool {
        self.inner.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.inner.size_hint()
    }
}

impl Drop for ResponseBody {
    fn drop(&mut self) {
        self.state.response_finished(self.request);
    }
}
