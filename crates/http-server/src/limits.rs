//! How long a client may take, and how many connections there may be at once.

use std::time::Duration;

/// Most connections, however many descriptors the system allows: each may fill a buffer of [`MAX_HEAD_BYTES`].
const MAX_CONNECTIONS: u64 = 512;
/// Fewest connections, however few descriptors the system allows.
const MIN_CONNECTIONS: u64 = 8;
/// Descriptors left for files, storage and calls to other servers; at most half of the limit.
const RESERVED_DESCRIPTORS: u64 = 256;
/// Descriptors that a request may need: its own connection and, where it is passed on inside the process, both ends of a
/// second one, of which the receiving server may hold some more.
const DESCRIPTORS_PER_CONNECTION: u64 = 4;
/// Limit of open files that is assumed where the system reports none.
#[cfg(not(unix))]
const ASSUMED_DESCRIPTORS: u64 = 1024;

/// Largest head of a request, bytes; also how much a connection buffers of a body that is not read. Twice what the
/// Functions host accepts as headers.
pub(crate) const MAX_HEAD_BYTES: usize = 64 * 1024;

/// Limits of one server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Limits {
    /// Most connections at once.
    pub connections: usize,
    /// Time for a request's head, from the connection's start or the head's first byte.
    pub head: Duration,
    /// Time between a response and the next request.
    pub idle: Duration,
    /// Time between two pieces of a request body.
    pub body_pause: Duration,
    /// Time that a whole request body may be waited for; longer only at [`body_rate`](Self::body_rate) or faster.
    pub body_total: Duration,
    /// Bytes a second that a request body needs to take longer than [`body_total`](Self::body_total).
    pub body_rate: u32,
    /// Time that a client may read nothing of its response.
    pub write_pause: Duration,
}

impl Limits {
    /// For a public port.
    #[must_use]
    pub fn public() -> Self {
        Self {
            connections: connections_for(descriptors()),
            head: Duration::from_secs(10),
            idle: Duration::from_secs(75),
            body_pause: Duration::from_secs(10),
            body_total: Duration::from_secs(30),
            body_rate: 64 * 1024,
            write_pause: Duration::from_secs(30),
        }
    }

    /// For a loopback port behind a host that bounds its own clients: room for twice as many connections, and a little
    /// more time for bodies, so that the host refuses a slow client first. The host's own pool closes idle connections
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

fn connections_for(limit: u64) -> usize {
    let left = limit - RESERVED_DESCRIPTORS.min(limit / 2);
    let connections = (left / DESCRIPTORS_PER_CONNECTION).clamp(MIN_CONNECTIONS, MAX_CONNECTIONS);
    usize::try_from(connections).unwrap_or(MIN_CONNECTIONS as usize)
}

/// How many descriptors this process may have open.
#[cfg(unix)]
fn descriptors() -> u64 {
    use rustix::process::{Resource, getrlimit};
    // `None` means no limit.
    getrlimit(Resource::Nofile).current.unwrap_or(u64::MAX)
}

#[cfg(not(unix))]
fn descriptors() -> u64 {
    ASSUMED_DESCRIPTORS
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
            assert_eq!(connections_for(limit), connections, "{limit}");
        }
        let limits = Limits::public();
        assert_eq!(limits.connections, connections_for(descriptors()));
        assert!(Limits::behind_a_host().body_pause > limits.body_pause);
    }
}
