//! The sandbox over sockets: connector, control API, events to a real listening bot, page.

// A test may unwrap, and so may what tests share.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod connector;
mod control;
mod events;
mod page;
mod recordings;
mod rig;
mod switches;
