//! What commands write for people and scripts. A pipe whose reader has gone is no failure: nobody wants the rest.

use std::{
    io::{self, ErrorKind, Write},
    sync::atomic::{AtomicBool, Ordering},
};

/// Whether a write to standard output found its reader gone.
static CLOSED: AtomicBool = AtomicBool::new(false);

/// Says something to the person at the terminal.
pub(crate) fn say(line: &str) {
    // What can't be written has nowhere to be said.
    let _ = writeln!(Output, "{line}");
}

/// Says what went wrong.
pub(crate) fn complain(text: &str) {
    let _ = writeln!(io::stderr(), "{}", text.trim_end());
}

/// Whether the output's reader has gone: whatever else went wrong, nobody waits for it.
pub(crate) fn is_closed() -> bool {
    CLOSED.load(Ordering::Relaxed)
}

/// Standard output, for whole reports.
pub(crate) struct Output;

impl Output {
    fn noted<T>(written: io::Result<T>) -> io::Result<T> {
        if let Err(error) = &written
            && error.kind() == ErrorKind::BrokenPipe
        {
            CLOSED.store(true, Ordering::Relaxed);
        }
        written
    }
}

impl Write for Output {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        Self::noted(io::stdout().write(bytes))
    }

    fn write_all(&mut self, bytes: &[u8]) -> io::Result<()> {
        Self::noted(io::stdout().write_all(bytes))
    }

    fn flush(&mut self) -> io::Result<()> {
        Self::noted(io::stdout().flush())
    }
}

/// Ends when the reader of standard output has gone, though nothing is written meanwhile: a process that runs until it is
/// stopped has then lost the person who started it. Never ends where the output is no pipe.
#[cfg(unix)]
pub(crate) async fn reader_gone() {
    use std::os::fd::AsFd as _;
    use tokio::{io::Interest, net::unix::pipe};
    let watched = io::stdout().as_fd().try_clone_to_owned();
    // Unchecked, as the check would change the pipe for everybody who has it. A file can't be watched, and has no reader
    // that could go.
    if let Ok(pipe) = watched.and_then(pipe::Sender::from_owned_fd_unchecked)
        && pipe.ready(Interest::ERROR).await.is_ok()
    {
        return;
    }
    std::future::pending().await
}

/// Elsewhere nobody tells.
#[cfg(not(unix))]
pub(crate) async fn reader_gone() {
    std::future::pending().await
}
