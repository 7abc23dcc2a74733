#![doc = include_str!("../README.md")]
//!
//! # Map
//!
//! | file | idea |
//! |---|---|
//! | `limits` | how long clients may take, and how many connections there may be |
//! | `server` | accepting connections, making room for new ones, stopping |
//! | `eviction` | which connection is closed when there are too many |
//! | `connection` | one connection from its first byte to its end |
//! | `state` | what a connection waits for, and since when |
//! | `stream`, `body` | the socket and the two bodies, which report to `state` |
//! | `shutdown`, `signals` | when to stop, and how long work in flight may take to end |

mod body;
mod connection;
mod eviction;
mod limits;
mod server;
mod shutdown;
mod signals;
mod state;
mod stream;

pub use body::BodyTimeout;
pub use limits::Limits;
pub use server::serve;
pub use shutdown::{Shutdown, Stopped};
pub use signals::Signals;
