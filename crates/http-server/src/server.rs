//! Accepting, making room, stopping.

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

use crate::connection::{self, Site};
use crate::limits::Limits;
use crate::room;
use crate::shutdown::{Shutdown, Stopped};
use crate::state::State;

/// How long the system is left alone after it refused a connection for want of something.
const BREATHER: Duration = Duration::from_millis(100);
/// The same trouble is logged so often.
const SAID_EVERY: Duration = Duration::from_secs(60);

/// Serves a router until `shutdown` asks to stop: then no further connection is accepted and requests in flight get until
/// the end of the grace. What is in flight then is cut off. Requests carry
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
        site: Site {
            router,
            limits,
            stopping: stopped,
        },
        tasks: JoinSet::new(),
        states: HashMap::new(),
        waiting: None,
        said: None,
    };
    tokio::select! {
        biased;
        () = &mut stop => {}
        () = server.accept(&listener) => {}
    }
    server.accept_waiting(listener);
    tracing::info!(
        grace_ms = milliseconds(grace),
        "stopping: requests in flight get {} s",
        grace.as_secs_f32()
    );
    let _ = stopping.send(true);
    let how = tokio::select! {
        biased;
        () = server.drain() => Stopped::Drained,
        () = force => Stopped::Forced,
        () = tokio::time::sleep(grace) => Stopped::OutOfTime,
    };
    match how {
        Stopped::Drained => tracing::info!("stopped"),
        Stopped::Forced => tracing::warn!("stopped at once, with requests in flight: asked a second time"),
        Stopped::OutOfTime => tracing::warn!(
            grace_ms = milliseconds(grace),
            "stopped with requests in flight: out of time"
        ),
    }
    how
}

struct Server {
    site: Site,
    tasks: JoinSet<()>,
    states: HashMap<Id, Arc<State>>,
    /// Accepted, and waits for room.
    waiting: Option<(TcpStream, SocketAddr)>,
    /// When trouble was last logged.
    said: Option<Instant>,
}

impl Server {
    /// Never ends.
    async fn accept(&mut self, listener: &TcpListener) {
        loop {
            tokio::select! {
                biased;
                () = self.ended() => {}
                accepted = listener.accept() => match accepted {
                    Ok(client) => {
                        self.waiting = Some(client);
                        self.make_room().await;
                        self.begin_waiting();
                    }
                    Err(error) => self.refused(&error).await,
                }
            }
        }
    }

    /// Waits until a connection has ended; for ever where there is none.
    async fn ended(&mut self) {
        match self.tasks.join_next_with_id().await {
            Some(Ok((id, ()))) => drop(self.states.remove(&id)),
            // The application's code panicked, and said so.
            Some(Err(error)) => drop(self.states.remove(&error.id())),
            None => std::future::pending().await,
        }
    }

    /// Waits until there is room for one more. Where nobody can be done without, that is when a request is answered.
    async fn make_room(&mut self) {
        while self.tasks.len() >= self.site.limits.connections {
            if room::make(self.states.values()) {
                self.say_full();
            }
            tokio::select! {
                biased;
                () = self.ended() => {}
                () = tokio::time::sleep(BREATHER) => {}
            }
        }
    }

    fn begin_waiting(&mut self) {
        if let Some((stream, peer)) = self.waiting.take() {
            self.begin(stream, peer);
        }
    }

    fn begin(&mut self, stream: TcpStream, peer: SocketAddr) {
        let state = Arc::new(State::new(peer.ip()));
        let work = connection::run(self.site.clone(), stream, peer, Arc::clone(&state));
        let task = self.tasks.spawn(work);
        self.states.insert(task.id(), state);
    }

    /// A connection that could not be accepted.
    async fn refused(&mut self, error: &io::Error) {
        let clients_own = matches!(
            error.kind(),
            io::ErrorKind::ConnectionAborted
                | io::ErrorKind::ConnectionRefused
                | io::ErrorKind::ConnectionReset
        );
        if clients_own {
            return;
        }
        if self.may_say() {
            tracing::warn!(%error, "a connection could not be accepted; raise the limit of open files (ulimit -n)");
        }
        // Descriptors are short, most likely: one that waits for its client is given back.
        room::make(self.states.values());
        tokio::select! {
            () = self.ended() => {}
            () = tokio::time::sleep(BREATHER) => {}
        }
    }

    /// Takes what the system accepted for us before the end was asked for; a request may have come with it.
    fn accept_waiting(&mut self, listener: TcpListener) {
        self.begin_waiting();
        let Ok(listener) = listener.into_std() else {
            return;
        };
        // Whatever is there already ends soon.
        for _ in 0..self.site.limits.connections {
            let Ok((stream, peer)) = listener.accept() else {
                return;
            };
            let stream = stream
                .set_nonblocking(true)
                .and_then(|()| TcpStream::from_std(stream));
            if let Ok(stream) = stream {
                self.begin(stream, peer);
            }
        }
    }

    /// Waits until all have ended.
    async fn drain(&mut self) {
        while !self.tasks.is_empty() {
            self.ended().await;
        }
    }

    fn say_full(&mut self) {
        if self.may_say() {
            tracing::warn!(
                connections = self.site.limits.connections,
                "all connections are taken: those that wait longest for their client are closed"
            );
        }
    }

    fn may_say(&mut self) -> bool {
        let now = Instant::now();
        let may = self.said.is_none_or(|said| said + SAID_EVERY <= now);
        if may {
            self.said = Some(now);
        }
        may
    }
}

fn milliseconds(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}
