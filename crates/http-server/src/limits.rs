//! How long a client may take, and how many may be there at once.

use std::time::Duration;

/// Most connections whatever the system allows: each may fill a buffer of [`MOST_HEAD`].
const MOST: u64 = 512;
/// Fewest connections, however little the system allows.
const FEWEST: u64 = 8;
/// Descriptors left for files, storage and calls of other servers; at most half of what there is.
const RESERVE: u64 = 256;
/// What a request may cost: its own connection, and where it is passed on inside the process both ends of another one,
/// of which the receiving server may have some more.
const DESCRIPTORS_EACH: u64 = 4;
/// Limit of open files that is assumed where the system has none to tell.
#[cfg(not(unix))]
const UNKNOWN: u64 = 1024;

/// Largest head of a request, bytes; also what a connection buffers of a body that nobody reads. Twice what the
/// Functions host takes of headers.
pub(crate) const MOST_HEAD: usize = 64 * 1024;

/// Bounds of one server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Limits {
    /// Connections at once.
    pub connections: usize,
    /// For a request's head, from the connection's start or the head's first byte.
    pub head: Duration,
    /// Between an answer and the next request.
    pub idle: Duration,
    /// Between two pieces of a body.
    pub body_pause: Duration,
    /// For waiting for a whole body; more only for those who send [`body_rate`](Self::body_rate).
    pub body_total: Duration,
    /// Bytes a second that a body needs to take longer than [`body_total`](Self::body_total).
    pub body_rate: u32,
    /// Between two moments in which a client takes something of its answer.
    pub write_pause: Duration,
}

impl Limits {
    /// For clients that are strangers.
    #[must_use]
    pub fn public() -> Self {
        Self {
            connections: for_descriptors(descriptors()),
            head: Duration::from_secs(10),
            idle: Duration::from_secs(75),
            body_pause: Duration::from_secs(10),
            body_total: Duration::from_secs(30),
            body_rate: 64 * 1024,
            write_pause: Duration::from_secs(30),
        }
    }

    /// For a loopback port behind a host that bounds its own clients: room for twice as many connections, and a little
    /// more patience, so that a slow client is the host's to refuse. The host's own pool gives idle connections up
    /// after 60 s, before this side does.
    #[must_use]
    pub fn behind_a_host() -> Self {
        let public = Self::public();
        Self {
            connections: public.connections * 2,
            body_pause: Duration::from_secs(15),
            body_total: Duration::from_secs(45),
            ..public
        }
    }
}

fn for_descriptors(limit: u64) -> usize {
    let left = limit - RESERVE.min(limit / 2);
    let connections = (left / DESCRIPTORS_EACH).clamp(FEWEST, MOST);
    usize::try_from(connections).unwrap_or(FEWEST as usize)
}

/// How many files this process may have open.
#[cfg(unix)]
fn descriptors() -> u64 {
    use rustix::process::{Resource, getrlimit};
    // None is no limit.
    getrlimit(Resource::Nofile).current.unwrap_or(u64::MAX)
}

#[cfg(not(unix))]
fn descriptors() -> u64 {
    UNKNOWN
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn connections_leave_descriptors_for_the_rest() {
        for (limit, connections) in [
            (0, 8),
            (64, 8),
            (256, 32),
            (1024, 192),
            (2048, 448),
            (4096, 512),
            (1_048_576, 512),
            (u64::MAX, 512),
        ] {
            assert_eq!(for_descriptors(limit), connections, "{limit}");
        }
        let limits = Limits::public();
        assert_eq!(limits.connections, for_descriptors(descriptors()));
        assert!(Limits::behind_a_host().body_pause > limits.body_pause);
    }
}
