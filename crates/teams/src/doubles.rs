//! Stand-ins for tests: a clock that tests turn, keys, token issuers and connectors on loopback sockets.

mod clock;
mod key;
mod server;

pub(crate) use clock::TestClock;
pub(crate) use key::TestKey;
pub(crate) use server::{Request, Scripted, Server};

/// The clients that production uses, without a proxy.
pub(crate) fn http() -> crate::transport::Http {
    crate::transport::client(&|_| None).unwrap()
}
