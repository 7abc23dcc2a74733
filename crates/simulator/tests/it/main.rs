//! The domain under virtual time.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test's panic is its message, in its helpers too"
)]

mod basics;
mod children;
mod kills;
mod limits;
mod takeover;
