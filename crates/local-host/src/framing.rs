//! Bodies whose framing or lifetime matters: chunked without a length, replayable, watched for silence.

use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use axum::BoxError;
use axum::body::Body;
use bytes::{Bytes, BytesMut};
use http_body::{Body as HttpBody, Frame, SizeHint};
use http_server::BodyTimeout;
use tokio::time::{Instant, Sleep, sleep_until};

/// Bytes sent with `Transfer-Encoding: chunked`, as the host sends envelopes.
pub(crate) struct Chunked(Option<Bytes>);

impl Chunked {
    pub(crate) fn new(bytes: Bytes) -> Self {
        Self(Some(bytes))
    }
}

impl HttpBody for Chunked {
    type Data = Bytes;
    type Error = std::convert::Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        Poll::Ready(self.0.take().map(|bytes| Ok(Frame::data(bytes))))
    }
}

/// Most of a request body that is kept so that a failed connection can be tried again, bytes. Strangers' bodies are kept
/// too, for as long as they please to send: more than this is not worth a second attempt.
const REPLAY_LIMIT: usize = 64 * 1024;

/// A request body that can be sent more than once: what was read is kept up to a limit, the rest is still streamed.
#[derive(Clone)]
pub(crate) struct Replay(Arc<Mutex<Source>>);

struct Source {
    rest: Body,
    /// Copied: a piece may hold a whole buffer of the connection in memory.
    kept: Vec<u8>,
    total: usize,
    limit: usize,
    hint: SizeHint,
    state: SourceState,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum SourceState {
    /// May be sent again.
    Replayable,
    /// Too large to be kept.
    Spent,
    /// The client went over the size limit.
    TooLarge,
    /// The client's connection broke.
    Broken,
    /// The client stopped sending, or was too slow.
    TooSlow,
}

impl Replay {
    pub(crate) fn new(body: Body, limit: usize) -> Self {
        let hint = body.size_hint();
        let source = Source {
            rest: body,
            kept: Vec::new(),
            total: 0,
            limit,
            hint,
            state: SourceState::Replayable,
        };
        Self(Arc::new(Mutex::new(source)))
    }

    pub(crate) fn state(&self) -> SourceState {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).state
    }

    /// A body for one attempt, from the beginning.
    pub(crate) fn body(&self) -> ReplayBody {
        let hint = self.0.lock().unwrap_or_else(PoisonError::into_inner).hint;
        ReplayBody {
            source: Arc::clone(&self.0),
            next: 0,
            hint,
        }
    }
}

pub(crate) struct ReplayBody {
    source: Arc<Mutex<Source>>,
    /// How much of what is kept has been sent.
    next: usize,
    hint: SizeHint,
}

impl HttpBody for ReplayBody {
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        let source = Arc::clone(&self.source);
        let mut source = source.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(bytes) = source.kept.get(self.next..).filter(|kept| !kept.is_empty()) {
            let bytes = Bytes::copy_from_slice(bytes);
            self.next += bytes.len();
            return Poll::Ready(Some(Ok(Frame::data(bytes))));
        }
        if !matches!(source.state, SourceState::Replayable | SourceState::Spent) {
            return Poll::Ready(Some(Err("the request body ended early".into())));
        }
        match ready!(Pin::new(&mut source.rest).poll_frame(context)) {
            None => Poll::Ready(None),
            Some(Err(error)) => {
                source.state = if BodyTimeout::caused(&error) {
                    SourceState::TooSlow
                } else {
                    SourceState::Broken
                };
                Poll::Ready(Some(Err(error.into())))
            }
            Some(Ok(frame)) => {
                if let Some(bytes) = frame.data_ref() {
                    source.total += bytes.len();
                    if source.total > source.limit {
                        source.state = SourceState::TooLarge;
                        return Poll::Ready(Some(Err("the request body is too large".into())));
                    }
                    if source.state == SourceState::Replayable {
                        if source.kept.len() + bytes.len() > REPLAY_LIMIT {
                            source.state = SourceState::Spent;
                            source.kept = Vec::new();
                        } else {
                            source.kept.extend_from_slice(bytes);
                        }
                    }
                    // With nothing kept any more, the index must stay past the end.
                    self.next = source.kept.len();
                }
                Poll::Ready(Some(Ok(frame)))
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        self.hint.exact() == Some(0)
    }

    fn size_hint(&self) -> SizeHint {
        // hyper asks before the first byte; afterwards it counts for itself.
        self.hint
    }
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

/// Reads a whole body of at most `limit` bytes.
pub(crate) async fn read_all(mut body: Body, limit: usize) -> Result<Bytes, ReadError> {
    if body.size_hint().lower() > limit as u64 {
        return Err(ReadError::TooLarge);
    }
    let mut all = BytesMut::new();
    while let Some(frame) = http_body_util::BodyExt::frame(&mut body).await {
        let frame = frame.map_err(|error| {
            if BodyTimeout::caused(&error) {
                ReadError::TooSlow
            } else {
                ReadError::Broken
            }
        })?;
        if let Ok(bytes) = frame.into_data() {
            if all.len() + bytes.len() > limit {
                return Err(ReadError::TooLarge);
            }
            all.extend_from_slice(&bytes);
        }
    }
    Ok(all.freeze())
}
