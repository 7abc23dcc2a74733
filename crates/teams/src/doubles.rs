//! Test doubles: a manual clock, RSA keys, and an HTTP server on loopback for token issuers and connectors.

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
