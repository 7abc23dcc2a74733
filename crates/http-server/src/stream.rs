//! A client's socket, watched: the first byte of a request, a client that reads nothing, and a close that lets the
//! client read its answer first.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::time::{Instant, Sleep};

use crate::state::State;

/// How long what a client still sends is read and thrown away before its connection is closed. Closed at once, the
/// system would answer it with a reset, and the client might never see why it was refused.
const LINGER: Duration = Duration::from_secs(2);

pub(crate) struct Stream {
    inner: TcpStream,
    state: Arc<State>,
    write_pause: Duration,
    /// Runs while the client takes nothing, and while the end is lingered over.
    clock: Pin<Box<Sleep>>,
    blocked: bool,
    closing: Closing,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Closing {
    No,
    Lingers,
    Done,
}

impl Stream {
    pub(crate) fn new(inner: TcpStream, state: Arc<State>, write_pause: Duration) -> Self {
        // Small answers must not wait for an acknowledgement.
        let _ = inner.set_nodelay(true);
        Self {
            inner,
            state,
            write_pause,
            clock: Box::pin(tokio::time::sleep(Duration::ZERO)),
            blocked: false,
            closing: Closing::No,
        }
    }

    /// Bounds how long a write may make no progress.
    fn bounded<T>(&mut self, context: &mut Context<'_>, write: Poll<io::Result<T>>) -> Poll<io::Result<T>> {
        if write.is_ready() {
            if self.blocked {
                self.blocked = false;
                self.state.flows();
            }
            return write;
        }
        if !self.blocked {
            self.blocked = true;
            self.state.is_blocked();
            let end = Instant::now() + self.write_pause;
            self.clock.as_mut().reset(end);
        }
        ready!(self.clock.as_mut().poll(context));
        Poll::Ready(Err(io::Error::new(
            io::ErrorKind::TimedOut,
            "the client reads nothing of its answer",
        )))
    }

    /// Reads what nobody wants until the client has had its say, or for as long as that may take.
    fn linger(&mut self, context: &mut Context<'_>) -> Poll<()> {
        loop {
            let mut unwanted = [0; 4096];
            let mut buffer = ReadBuf::new(&mut unwanted);
            match Pin::new(&mut self.inner).poll_read(context, &mut buffer) {
                Poll::Ready(Ok(())) if !buffer.filled().is_empty() => {}
                Poll::Ready(_) => return Poll::Ready(()),
                Poll::Pending => return self.clock.as_mut().poll(context),
            }
            if Instant::now() >= self.clock.deadline() {
                return Poll::Ready(());
            }
        }
    }
}

impl AsyncRead for Stream {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        ready!(Pin::new(&mut self.inner).poll_read(context, buffer))?;
        if buffer.filled().len() > before {
            self.state.received();
        }
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Stream {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let write = Pin::new(&mut self.inner).poll_write(context, bytes);
        self.bounded(context, write)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let write = Pin::new(&mut self.inner).poll_write_vectored(context, slices);
        self.bounded(context, write)
    }

    fn is_write_vectored(&self) -> bool {
        self.inner.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        if self.closing == Closing::No {
            ready!(Pin::new(&mut self.inner).poll_shutdown(context))?;
            self.closing = if self.state.has_unread() {
                self.clock.as_mut().reset(Instant::now() + LINGER);
                Closing::Lingers
            } else {
                Closing::Done
            };
        }
        if self.closing == Closing::Lingers {
            ready!(self.linger(context));
            self.closing = Closing::Done;
        }
        Poll::Ready(Ok(()))
    }
}
