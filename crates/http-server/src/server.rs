//! Accepting connections, making room for new ones, stopping.

use std::collections::HashMap;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::{Id, JoinSet};
use tokio::time::Instant;

use crate::connection::{self, ConnectionContext};
use crate::eviction;
use crate::limits::Limits;
use crate::shutdown::{Shutdown, Stopped};
use crate::state::ConnectionState;

/// Pause after a failed accept, and between two attempts to make room.
const RETRY_DELAY: Duration = Duration::from_millis(100);
/// The shortest time between two warnings about missing connections or descriptors.
const LOG_INTERVAL: Duration = Duration::from_secs(60);

/// Serves a router until `shutdown` asks to stop: then no further connection is accepted and requests in flight have until
/// the end of the grace period. What is in flight then is cut off. Requests carry
/// [`ConnectInfo<SocketAddr>`](axum::extract::ConnectInfo).
///
/// Dropping the future closes every connection.
pub async fn serve(listener: TcpListener, router: Router, limits: Limits, shutdown: Shutdown) -> Stopped {
    let Shutdown {
        mut stop,
        force,
        grace,
    } = shutdown;
    let (stopping, stopped) = watch::channel(false);
    let mut server = Server {
        shared: ConnectionContext {
            router,
            limits,
            stopping: stopped,
        },
        tasks: JoinSet::new(),
        states: HashMap::new(),
        pending: None,
        last_logged: None,
    };
    tokio::select! {
        biased;
        () = &mut stop => {}
        () = server.accept(&listener) => {}
    }
    server.accept_backlog(listener);
    tracing::info!(
        grace_ms = milliseconds(grace),
        "HTTP server stopping: requests in flight have {} s to finish",
        grace.as_secs_f32()
    );
    let _ = stopping.send(true);
    let outcome = tokio::select! {
        biased;
        () = server.drain() => Stopped::Drained,
        () = force => Stopped::Forced,
        () = tokio::time::sleep(grace) => Stopped::OutOfTime,
    };
    match outcome {
        Stopped::Drained => tracing::info!("HTTP server stopped"),
        Stopped::Forced => tracing::warn!(
            "HTTP server stopped at once, with requests in flight: a second stop was requested"
        ),
        Stopped::OutOfTime => tracing::warn!(
            grace_ms = milliseconds(grace),
            "HTTP server stopped with requests in flight: the grace period is over"
        ),
    }
    outcome
}

struct Server {
    shared: ConnectionContext,
    tasks: JoinSet<()>,
    states: HashMap<Id, Arc<ConnectionState>>,
    /// Accepted, and waiting for room.
    pending: Option<(TcpStream, SocketAddr)>,
    /// When a warning was last logged.
    last_logged: Option<Instant>,
}

impl Server {
    /// Accepts connections. Never returns.
    async fn accept(&mut self, listener: &TcpListener) {
        loop {
            tokio::select! {
                biased;
                () = self.connection_ended() => {}
                accepted = listener.accept() => match accepted {
                    Ok(client) => {
                        self.pending = Some(client);
                        self.make_room().await;
                        self.serve_pending();
                    }
                    Err(error) => self.accept_failed(&error).await,
                }
            }
        }
    }

    /// Waits until a connection has ended; forever if there is none.
    async fn connection_ended(&mut self) {
        match self.tasks.join_next_with_id().await {
            Some(Ok((id, ()))) => drop(self.states.remove(&id)),
            // The application panicked; the panic hook has reported it.
            Some(Err(error)) => drop(self.states.remove(&error.id())),
            None => std::future::pending().await,
        }
    }

    /// Waits until there is room for one more connection. If none can be closed, that is when a request is finished.
    async fn make_room(&mut self) {
        while self.tasks.len() >= self.shared.limits.connections {
            if eviction::evict_one(self.states.values()) {
                self.log_full();
            }
            tokio::select! {
                biased;
                () = self.connection_ended() => {}
                () = tokio::time::sleep(RETRY_DELAY) => {}
            }
        }
    }

    fn serve_pending(&mut self) {
        if let Some((stream, peer)) = self.pending.take() {
            self.serve_connection(stream, peer);
        }
    }

    fn serve_connection(&mut self, stream: TcpStream, peer: SocketAddr) {
        let state = Arc::new(ConnectionState::new(peer.ip()));
        let work = connection::run(self.shared.clone(), stream, peer, Arc::clone(&state));
        let task = self.tasks.spawn(work);
        self.states.insert(task.id(), state);
    }

    /// Handles a failed accept.
    async fn accept_failed(&mut self, error: &io::Error) {
        let client_gone = matches!(
            error.kind(),
            io::ErrorKind::ConnectionAborted
                | io::ErrorKind::ConnectionRefused
                | io::ErrorKind::ConnectionReset
        );
        if client_gone {
            return;
        }
        if self.log_is_due() {
            tracing::warn!(%error, "HTTP server could not accept a connection; raise the limit of open files (ulimit -n)");
        }
        // Most likely descriptors have run out: a connection that waits for its client gives one back.
        eviction::evict_one(self.states.values());
        tokio::select! {
            () = self.connection_ended() => {}
            () = tokio::time::sleep(RETRY_DELAY) => {}
        }
    }

    /// Accepts the connections that the system has queued (the listen backlog): a request may have arrived on them already.
    fn accept_backlog(&mut self, listener: TcpListener) {
        self.serve_pending();
        let Ok(listener) = listener.into_std() else {
            return;
        };
        // No more than the limit: the present connections end soon.
        for _ in 0..self.shared.limits.connections {
            let Ok((stream, peer)) = listener.accept() else {
                return;
            };
            let stream = stream
                .set_nonblocking(true)
                .and_then(|()| TcpStream::from_std(stream));
            if let Ok(stream) = stream {
                self.serve_connection(stream, peer);
            }
        }
    }

    /// Waits until all connections have ended.
    async fn drain(&mut self) {
        while !self.tasks.is_empty() {
            self.connection_ended().await;
        }
    }

    fn log_full(&mut self) {
        if self.log_is_due() {
            tracing::warn!(
                connections = self.shared.limits.connections,
                "HTTP server has reached its limit of connections: those that wait longest for their client are closed"
            );
        }
    }

    fn log_is_due(&mut self) -> bool {
        let now = Instant::now();
        let is_due = self
            .last_logged
            .is_none_or(|last_logged| last_logged + LOG_INTERVAL <= now);
        if is_due {
            self.last_logged = Some(now);
        }
        is_due
    }
}

fn milliseconds(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}
