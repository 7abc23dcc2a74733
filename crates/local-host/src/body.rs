//! Bodies that are counted, watched for silence, or read to their end.

use std::pin::Pin;
use std::sync::{Arc, OnceLock};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use axum::BoxError;
use axum::body::Body;
use bytes::{Bytes, BytesMut};
use http_body::{Body as HttpBody, Frame, SizeHint};
use http_body_util::BodyExt as _;
use http_server::BodyTimeout;
use tokio::time::{Instant, Sleep, sleep_until};

/// Why a body could not be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ReadError {
    /// More than the limit.
    TooLarge,
    /// The client's connection broke.
    Broken,
    /// The client stopped sending, or was too slow.
    TooSlow,
}

impl From<&axum::Error> for ReadError {
    fn from(error: &axum::Error) -> Self {
        if BodyTimeout::caused(error) {
            Self::TooSlow
        } else {
            Self::Broken
        }
    }
}

/// A client's body on its way to the handler, at most `left` bytes more of it.
pub(crate) struct Metered {
    inner: Body,
    left: usize,
    ended_early: EndedEarly,
}

/// Why a [`Metered`] body ended before its end, if it did.
#[derive(Clone, Default)]
pub(crate) struct EndedEarly(Arc<OnceLock<ReadError>>);

impl EndedEarly {
    pub(crate) fn reason(&self) -> Option<ReadError> {
        self.0.get().copied()
    }
}

impl Metered {
    pub(crate) fn new(inner: Body, limit: usize) -> (Self, EndedEarly) {
        let ended_early = EndedEarly::default();
        let metered = Self {
            inner,
            left: limit,
            ended_early: ended_early.clone(),
        };
        (metered, ended_early)
    }

    fn end(&self, reason: ReadError, error: BoxError) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        let _ = self.ended_early.0.set(reason);
        Poll::Ready(Some(Err(error)))
    }
}

impl HttpBody for Metered {
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        match ready!(Pin::new(&mut self.inner).poll_frame(context)) {
            None => Poll::Ready(None),
            Some(Err(error)) => self.end(ReadError::from(&error), error.into()),
            Some(Ok(frame)) => {
                let length = frame.data_ref().map_or(0, Bytes::len);
                match self.left.checked_sub(length) {
                    Some(left) => {
                        self.left = left;
                        Poll::Ready(Some(Ok(frame)))
                    }
                    None => self.end(ReadError::TooLarge, "the request body is too large".into()),
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

/// Reads a whole body of at most `limit` bytes.
pub(crate) async fn read_all(body: Body, limit: usize) -> Result<Bytes, ReadError> {
    if body.size_hint().lower() > limit as u64 {
        return Err(ReadError::TooLarge);
    }
    let (mut body, ended_early) = Metered::new(body, limit);
    let mut all = BytesMut::new();
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|_| ended_early.reason().unwrap_or(ReadError::Broken))?;
        if let Ok(bytes) = frame.into_data() {
            all.extend_from_slice(&bytes);
        }
    }
    Ok(all.freeze())
}

/// A streamed response that ends with an error after too long a silence or at a deadline.
pub(crate) struct Watched<B> {
    inner: B,
    idle: Duration,
    silence: Pin<Box<Sleep>>,
    deadline: Option<Instant>,
    on_deadline: Option<Box<dyn FnOnce() + Send>>,
}

impl<B> Watched<B> {
    /// `deadline` and what to do when it passes before the body's end.
    pub(crate) fn new(
        inner: B,
        idle: Duration,
        deadline: Option<(Instant, Box<dyn FnOnce() + Send>)>,
    ) -> Self {
        let (deadline, on_deadline) = deadline.map_or((None, None), |(at, action)| (Some(at), Some(action)));
        let mut watched = Self {
            inner,
            idle,
            silence: Box::pin(sleep_until(Instant::now())),
            deadline,
            on_deadline,
        };
        watched.rest();
        watched
    }

    fn rest(&mut self) {
        let silent = Instant::now() + self.idle;
        let until = self.deadline.map_or(silent, |deadline| deadline.min(silent));
        self.silence.as_mut().reset(until);
    }
}

impl<B> HttpBody for Watched<B>
where
    B: HttpBody<Data = Bytes> + Unpin,
    B::Error: Into<BoxError>,
{
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        if let Poll::Ready(frame) = Pin::new(&mut self.inner).poll_frame(context) {
            if matches!(frame, Some(Ok(_))) {
                self.rest();
            }
            return Poll::Ready(frame.map(|frame| frame.map_err(Into::into)));
        }
        ready!(self.silence.as_mut().poll(context));
        let late = self.deadline.is_some_and(|deadline| Instant::now() >= deadline);
        if late && let Some(action) = self.on_deadline.take() {
            action();
        }
        Poll::Ready(Some(Err(if late {
            "functionTimeout passed"
        } else {
            "the handler fell silent"
        }
        .into())))
    }

    fn is_end_stream(&self) -> bool {
        self.inner.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.inner.size_hint()
    }
}
