//! What one connection waits for (its client or the application), and since when. Written by its stream and its bodies,
//! read by its task and by [`eviction`](crate::eviction).

use std::net::IpAddr;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::Notify;
use tokio::time::Instant;

use crate::limits::Limits;

/// Deducted from the waiting time of an idle connection: of the same age, the half-sent request is closed first.
const IDLE_BONUS: Duration = Duration::from_secs(5);
/// A connection whose client has read nothing of its response for this long may be closed to make room.
const BLOCKED_AFTER: Duration = Duration::from_secs(2);
/// A response that takes longer than this counts as a stream.
const STREAM_AFTER: Duration = Duration::from_secs(2);
/// While the server stops, a request body that makes no progress for this long is given up.
const SHUTDOWN_BODY_PAUSE: Duration = Duration::from_secs(2);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    /// Waiting for the client: the head of a request.
    Head,
    /// Waiting for the client: the first byte after a response.
    Idle,
    /// Waiting for the client: more of the request body.
    Body,
    /// Waiting for the application.
    Working,
    /// The response body is being sent.
    SendingResponse,
}

#[derive(Debug)]
struct Progress {
    phase: Phase,
    /// When the present phase began; for `Body`, when the head was complete.
    since: Instant,
    /// Since when more of the request body is waited for.
    body_since: Instant,
    /// Since when the client has read nothing of what is written.
    blocked: Option<Instant>,
    /// The number of the present request: events of a body that outlives its request are ignored.
    request: u64,
    /// The request body has not been read to its end.
    body_open: bool,
    /// Closing was requested by [`ConnectionState::close`].
    closing: bool,
}

/// Which connections are closed first to make room: the lowest class.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum EvictionClass {
    /// The connection waits for its client.
    WaitsForClient,
    /// It sends a long-running response.
    Streaming,
}

/// What to do with a connection now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Decision {
    Close,
    /// Decide again at this time.
    Keep(Instant),
}

/// The progress of one connection.
#[derive(Debug)]
pub(crate) struct ConnectionState {
    pub(crate) peer: IpAddr,
    progress: Mutex<Progress>,
    close: Notify,
}

impl ConnectionState {
    pub(crate) fn new(peer: IpAddr) -> Self {
        let start = Instant::now();
        Self {
            peer: client_network(peer),
            progress: Mutex::new(Progress {
                phase: Phase::Head,
                since: start,
                body_since: start,
                blocked: None,
                request: 0,
                body_open: false,
                closing: false,
            }),
            close: Notify::new(),
        }
    }

    fn lock(&self) -> MutexGuard<'_, Progress> {
        self.progress.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Bytes arrived.
    pub(crate) fn received(&self) {
        let mut progress = self.lock();
        if progress.phase == Phase::Idle {
            progress.phase = Phase::Head;
            progress.since = Instant::now();
        }
    }

    /// A head is complete. Returns the request's number.
    pub(crate) fn request_started(&self) -> u64 {
        let mut progress = self.lock();
        progress.phase = Phase::Working;
        progress.since = Instant::now();
        progress.body_open = false;
        progress.request += 1;
        progress.request
    }

    /// The application waits for more of the request body.
    pub(crate) fn body_wait_started(&self, request: u64) {
        let mut progress = self.lock();
        if progress.request == request && progress.phase == Phase::Working {
            progress.phase = Phase::Body;
            progress.body_since = Instant::now();
        }
    }

    /// More of the request body came, or none will.
    pub(crate) fn body_wait_ended(&self, request: u64) {
        let mut progress = self.lock();
        if progress.request == request && progress.phase == Phase::Body {
            progress.phase = Phase::Working;
        }
    }

    /// The request has a body.
    pub(crate) fn body_opened(&self, request: u64) {
        let mut progress = self.lock();
        if progress.request == request {
            progress.body_open = true;
        }
    }

    /// The request body has been read to its end.
    pub(crate) fn body_ended(&self, request: u64) {
        let mut progress = self.lock();
        if progress.request == request {
            progress.body_open = false;
        }
    }

    /// Whether the client may still be sending a body that is not read.
    pub(crate) fn has_open_body(&self) -> bool {
        self.lock().body_open
    }

    /// The response's head is ready.
    pub(crate) fn response_started(&self, request: u64) {
        let mut progress = self.lock();
        if progress.request == request {
            progress.phase = Phase::SendingResponse;
            progress.since = Instant::now();
        }
    }

    /// The whole response has been handed to the connection.
    pub(crate) fn response_finished(&self, request: u64) {
        let mut progress = self.lock();
        if progress.request == request {
            progress.phase = Phase::Idle;
            progress.since = Instant::now();
        }
    }

    /// A write made no progress.
    pub(crate) fn write_blocked(&self) {
        self.lock().blocked.get_or_insert_with(Instant::now);
    }

    /// A write made progress.
    pub(crate) fn write_resumed(&self) {
        self.lock().blocked = None;
    }

    /// Whether a request is in flight: its head has been read and its response is not sent yet.
    pub(crate) fn has_request(&self) -> bool {
        !matches!(self.lock().phase, Phase::Head | Phase::Idle)
    }

    /// What to do with the connection while the server runs.
    pub(crate) fn decision(&self, limits: &Limits) -> Decision {
        let (now, progress) = (Instant::now(), self.lock());
        let due = match progress.phase {
            Phase::Head => Some(progress.since + limits.head),
            Phase::Idle => Some(progress.since + limits.idle),
            // Bodies have their own clock.
            Phase::Body | Phase::Working | Phase::SendingResponse => None,
        };
        // Checked often enough that no head that begins in the meantime gets more than its time.
        let next = now + limits.head;
        match due {
            Some(due) if due <= now => Decision::Close,
            due => Decision::Keep(due.map_or(next, |due| due.min(next))),
        }
    }

    /// What to do with the connection while the server stops: one without a request is closed, and so is one whose request
    /// body makes no progress.
    pub(crate) fn shutdown_decision(&self, pause: Duration) -> Decision {
        let (now, progress) = (Instant::now(), self.lock());
        let close = match progress.phase {
            Phase::Head | Phase::Idle => progress.blocked.is_none(),
            Phase::Body => progress.body_since + SHUTDOWN_BODY_PAUSE <= now,
            Phase::Working | Phase::SendingResponse => false,
        };
        if close {
            Decision::Close
        } else {
            Decision::Keep(now + pause)
        }
    }

    /// The class, and since when the connection has been in it; `None` while the application works on a request.
    pub(crate) fn eviction_class(&self) -> Option<(EvictionClass, Instant)> {
        let (now, progress) = (Instant::now(), self.lock());
        if progress.closing {
            return None;
        }
        if let Some(since) = progress.blocked {
            return (since + BLOCKED_AFTER <= now).then_some((EvictionClass::WaitsForClient, since));
        }
        match progress.phase {
            Phase::Head | Phase::Body => Some((EvictionClass::WaitsForClient, progress.since)),
            Phase::Idle => Some((EvictionClass::WaitsForClient, progress.since + IDLE_BONUS)),
            Phase::SendingResponse => {
                (progress.since + STREAM_AFTER <= now).then_some((EvictionClass::Streaming, progress.since))
            }
            Phase::Working => None,
        }
    }

    /// Requests that the connection's task closes it.
    pub(crate) fn close(&self) {
        self.lock().closing = true;
        self.close.notify_one();
    }

    /// Waits until closing is requested.
    pub(crate) async fn close_requested(&self) {
        self.close.notified().await;
    }
}

/// The address, for IPv6 its /64: an IPv6 client can choose any address of one.
fn client_network(peer: IpAddr) -> IpAddr {
    match peer.to_canonical() {
        IpAddr::V6(address) => {
            let network = u128::from(address) & !u128::from(u64::MAX);
            IpAddr::V6(network.into())
        }
        address @ IpAddr::V4(_) => address,
    }
}
