//! The client's socket. Reports to [`ConnectionState`] when bytes arrive and when the client reads nothing, and on
//! closing lets the client read its response first.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::time::{Instant, Sleep};

use crate::state::ConnectionState;

/// How long what the client still sends is read and discarded before its connection is closed (a lingering close).
/// Closed at once, the system would send a reset, and the client might never see the response that refused its request.
const LINGER: Duration = Duration::from_secs(2);

pub(crate) struct ClientStream {
    inner: TcpStream,
    state: Arc<ConnectionState>,
    write_pause: Duration,
    /// Runs while the client reads nothing, and during the lingering close.
    timer: Pin<Box<Sleep>>,
    blocked: bool,
    close_phase: ClosePhase,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum ClosePhase {
    Open,
    Lingering,
    Closed,
}

impl ClientStream {
    pub(crate) fn new(inner: TcpStream, state: Arc<ConnectionState>, write_pause: Duration) -> Self {
        // Small responses must not wait for an acknowledgement.
        let _ = inner.set_nodelay(true);
        Self {
            inner,
            state,
            write_pause,
            timer: Box::pin(tokio::time::sleep(Duration::ZERO)),
            blocked: false,
            close_phase: ClosePhase::Open,
        }
    }

    /// Fails a write that makes no progress for longer than `write_pause`.
    fn limit_write_pause<T>(
        &mut self,
        context: &mut Context<'_>,
        write: Poll<io::Result<T>>,
    ) -> Poll<io::Result<T>> {
        if write.is_ready() {
            if self.blocked {
                self.blocked = false;
                self.state.write_resumed();
            }
            return write;
        }
        if !self.blocked {
            self.blocked = true;
            self.state.write_blocked();
            let end = Instant::now() + self.write_pause;
            self.timer.as_mut().reset(end);
        }
        ready!(self.timer.as_mut().poll(context));
        Poll::Ready(Err(io::Error::new(
            io::ErrorKind::TimedOut,
            "the client reads nothing of its response",
        )))
    }

    /// Reads and discards until the client has sent everything, or for at most [`LINGER`].
    fn linger(&mut self, context: &mut Context<'_>) -> Poll<()> {
        loop {
            let mut discarded = [0; 4096];
            let mut buffer = ReadBuf::new(&mut discarded);
            match Pin::new(&mut self.inner).poll_read(context, &mut buffer) {
                Poll::Ready(Ok(())) if !buffer.filled().is_empty() => {}
                Poll::Ready(_) => return Poll::Ready(()),
                Poll::Pending => return self.timer.as_mut().poll(context),
            }
            if Instant::now() >= self.timer.deadline() {
                return Poll::Ready(());
            }
        }
    }
}

impl AsyncRead for ClientStream {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let filled_before = buffer.filled().len();
        ready!(Pin::new(&mut self.inner).poll_read(context, buffer))?;
        if buffer.filled().len() > filled_before {
            self.state.received();
        }
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for ClientStream {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let write = Pin::new(&mut self.inner).poll_write(context, bytes);
        self.limit_write_pause(context, write)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let write = Pin::new(&mut self.inner).poll_write_vectored(context, slices);
        self.limit_write_pause(context, write)
    }

    fn is_write_vectored(&self) -> bool {
        self.inner.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        if self.close_phase == ClosePhase::Open {
            ready!(Pin::new(&mut self.inner).poll_shutdown(context))?;
            self.close_phase = if self.state.has_open_body() {
                self.timer.as_mut().reset(Instant::now() + LINGER);
                ClosePhase::Lingering
            } else {
                ClosePhase::Closed
            };
        }
        if self.close_phase == ClosePhase::Lingering {
            ready!(self.linger(context));
            self.close_phase = ClosePhase::Closed;
        }
        Poll::Ready(Ok(()))
    }
}
