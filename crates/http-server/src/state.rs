//! Whom a connection waits for, and since when. Seen by its stream and its bodies, read by its task and by whoever
//! needs room.

use std::net::IpAddr;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::Notify;
use tokio::time::Instant;

use crate::limits::Limits;

/// An idle connection counts as having waited so much shorter: of the same age, the half-sent request goes first.
const IDLE_BONUS: Duration = Duration::from_secs(5);
/// A client that takes nothing of its answer for so long is waited for.
const BLOCKED: Duration = Duration::from_secs(2);
/// An answer that goes on for so long is a stream.
const STREAM: Duration = Duration::from_secs(2);
/// At the end, a body that stands still for so long is given up.
const LAST_PAUSE: Duration = Duration::from_secs(2);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    /// For the client: a request's head.
    Head,
    /// For the client: the first byte after an answer.
    Idle,
    /// For the client: more of the body.
    Body,
    /// For the application.
    Working,
    /// The answer's body is on its way.
    Answering,
}

#[derive(Debug)]
struct Now {
    phase: Phase,
    /// When the head was begun, the request complete as far as its head, the answer begun or ended.
    since: Instant,
    /// Since when more of the body is waited for.
    body_since: Instant,
    /// Since when the client takes nothing of what is written.
    blocked: Option<Instant>,
    /// Counts requests: a body that outlives its request says nothing of the next.
    request: u64,
    /// A request body was let go of before its end.
    unread: bool,
    /// Its end was asked for.
    closing: bool,
}

/// How much a connection is worth keeping; the least first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Worth {
    /// It waits for its client.
    Waits,
    /// A stream that goes on and on.
    Streams,
}

/// What to do with a connection at a moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    Close,
    /// Look again then.
    Keep(Instant),
}

/// The state of one connection.
#[derive(Debug)]
pub(crate) struct State {
    pub(crate) peer: IpAddr,
    now: Mutex<Now>,
    close: Notify,
}

impl State {
    pub(crate) fn new(peer: IpAddr) -> Self {
        let start = Instant::now();
        Self {
            peer: network(peer),
            now: Mutex::new(Now {
                phase: Phase::Head,
                since: start,
                body_since: start,
                blocked: None,
                request: 0,
                unread: false,
                closing: false,
            }),
            close: Notify::new(),
        }
    }

    fn lock(&self) -> MutexGuard<'_, Now> {
        self.now.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Bytes came.
    pub(crate) fn received(&self) {
        let mut now = self.lock();
        if now.phase == Phase::Idle {
            now.phase = Phase::Head;
            now.since = Instant::now();
        }
    }

    /// A head is complete. Returns the request's number.
    pub(crate) fn begins(&self) -> u64 {
        let mut now = self.lock();
        now.phase = Phase::Working;
        now.since = Instant::now();
        now.unread = false;
        now.request += 1;
        now.request
    }

    /// More of the body is waited for.
    pub(crate) fn body_waits(&self, request: u64) {
        let mut now = self.lock();
        if now.request == request && now.phase == Phase::Working {
            now.phase = Phase::Body;
            now.body_since = Instant::now();
        }
    }

    /// More of the body came, or no more will.
    pub(crate) fn body_goes_on(&self, request: u64) {
        let mut now = self.lock();
        if now.request == request && now.phase == Phase::Body {
            now.phase = Phase::Working;
        }
    }

    /// The body is let go of before its end.
    pub(crate) fn body_is_left(&self, request: u64) {
        self.body_goes_on(request);
        let mut now = self.lock();
        if now.request == request {
            now.unread = true;
        }
    }

    /// Whether the client may still be sending what nobody reads.
    pub(crate) fn has_unread(&self) -> bool {
        self.lock().unread
    }

    /// The answer begins.
    pub(crate) fn answers(&self, request: u64) {
        let mut now = self.lock();
        if now.request == request {
            now.phase = Phase::Answering;
            now.since = Instant::now();
        }
    }

    /// The answer has been handed over whole.
    pub(crate) fn answered(&self, request: u64) {
        let mut now = self.lock();
        if now.request == request {
            now.phase = Phase::Idle;
            now.since = Instant::now();
        }
    }

    /// The client takes nothing.
    pub(crate) fn is_blocked(&self) {
        self.lock().blocked.get_or_insert_with(Instant::now);
    }

    /// The client takes something.
    pub(crate) fn flows(&self) {
        self.lock().blocked = None;
    }

    /// Whether a request's head has been read whose answer is not out.
    pub(crate) fn has_request(&self) -> bool {
        !matches!(self.lock().phase, Phase::Head | Phase::Idle)
    }

    /// While the server runs.
    pub(crate) fn verdict(&self, limits: &Limits) -> Verdict {
        let (time, now) = (Instant::now(), self.lock());
        let due = match now.phase {
            Phase::Head => Some(now.since + limits.head),
            Phase::Idle => Some(now.since + limits.idle),
            // Bodies have their own clock.
            Phase::Body | Phase::Working | Phase::Answering => None,
        };
        // Looked at often enough that no head which begins meanwhile gets more than its time.
        let next = time + limits.head;
        match due {
            Some(due) if due <= time => Verdict::Close,
            due => Verdict::Keep(due.map_or(next, |due| due.min(next))),
        }
    }

    /// While the server stops: what is without a request goes, and so does a body that stands still.
    pub(crate) fn last_verdict(&self, pause: Duration) -> Verdict {
        let (time, now) = (Instant::now(), self.lock());
        let over = match now.phase {
            Phase::Head | Phase::Idle => now.blocked.is_none(),
            Phase::Body => now.body_since + LAST_PAUSE <= time,
            Phase::Working | Phase::Answering => false,
        };
        if over {
            Verdict::Close
        } else {
            Verdict::Keep(time + pause)
        }
    }

    /// What it is worth, and since when it has been no more than that; `None` while it is at work.
    pub(crate) fn worth(&self) -> Option<(Worth, Instant)> {
        let (time, now) = (Instant::now(), self.lock());
        if now.closing {
            return None;
        }
        if let Some(since) = now.blocked {
            return (since + BLOCKED <= time).then_some((Worth::Waits, since));
        }
        match now.phase {
            Phase::Head | Phase::Body => Some((Worth::Waits, now.since)),
            Phase::Idle => Some((Worth::Waits, now.since + IDLE_BONUS)),
            Phase::Answering => (now.since + STREAM <= time).then_some((Worth::Streams, now.since)),
            Phase::Working => None,
        }
    }

    /// Asks for its end.
    pub(crate) fn close(&self) {
        self.lock().closing = true;
        self.close.notify_one();
    }

    /// Its end was asked for.
    pub(crate) async fn closed(&self) {
        self.close.notified().await;
    }
}

/// An IPv6 client has at least a /64 to choose addresses from.
fn network(peer: IpAddr) -> IpAddr {
    match peer.to_canonical() {
        IpAddr::V6(address) => {
            let network = u128::from(address) & !u128::from(u64::MAX);
            IpAddr::V6(network.into())
        }
        address @ IpAddr::V4(_) => address,
    }
}
