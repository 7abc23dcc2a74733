//! A request body that can be sent again when the connection to the handler broke.

use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, ready};

use axum::BoxError;
use axum::body::Body;
use bytes::Bytes;
use http_body::{Body as HttpBody, Frame, SizeHint};

/// Most of a request body that is kept so that a failed connection can be tried again, bytes. Strangers' bodies are kept
/// too, for as long as they please to send: more than this is not worth a second attempt.
const LIMIT: usize = 64 * 1024;

/// A request body that can be sent more than once: what was read is kept up to a limit, the rest is still streamed.
pub(crate) struct Replay(Arc<Mutex<Source>>);

struct Source {
    rest: Body,
    /// Copied: a piece may hold a whole buffer of the connection in memory. `None`: too large, or it ended early.
    kept: Option<Vec<u8>>,
}

fn lock(source: &Mutex<Source>) -> MutexGuard<'_, Source> {
    source.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Replay {
    pub(crate) fn new(rest: Body) -> Self {
        let kept = Some(Vec::new());
        Self(Arc::new(Mutex::new(Source { rest, kept })))
    }

    /// Whether there can be a further attempt.
    pub(crate) fn is_whole(&self) -> bool {
        lock(&self.0).kept.is_some()
    }

    /// A body for one attempt, from the beginning. `hint` is the original's before its first byte.
    pub(crate) fn body(&self, hint: SizeHint) -> ReplayBody {
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
        let Source { rest, kept } = &mut *lock(&source);
        let again = kept.as_ref().and_then(|kept| kept.get(self.next..));
        if let Some(bytes) = again.filter(|bytes| !bytes.is_empty()) {
            self.next += bytes.len();
            return Poll::Ready(Some(Ok(Frame::data(Bytes::copy_from_slice(bytes)))));
        }
        let frame = match ready!(Pin::new(rest).poll_frame(context)) {
            None => return Poll::Ready(None),
            Some(Ok(frame)) => frame,
            Some(Err(error)) => {
                *kept = None;
                return Poll::Ready(Some(Err(error.into())));
            }
        };
        let bytes = frame.data_ref().map_or(&[][..], |bytes| bytes);
        if let Some(so_far) = kept {
            if so_far.len() + bytes.len() > LIMIT {
                *kept = None;
            } else {
                so_far.extend_from_slice(bytes);
                self.next = so_far.len();
            }
        }
        Poll::Ready(Some(Ok(frame)))
    }

    fn is_end_stream(&self) -> bool {
        self.hint.exact() == Some(0)
    }

    fn size_hint(&self) -> SizeHint {
        // hyper asks before the first byte; afterwards it counts for itself.
        self.hint
    }
}
