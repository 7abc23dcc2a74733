#![doc = include_str!("../README.md")]
//!
//! # Map
//!
//! | file | idea |
//! |---|---|
//! | `limits` | how long and how many |
//! | `server` | accepting, making room, stopping |
//! | `room` | whose connection is closed when there are too many |
//! | `connection` | one connection from its first byte to its end |
//! | `state` | whom a connection waits for, and since when |
//! | `stream`, `body` | where that is seen: the socket, the two bodies |
//! | `shutdown`, `signals` | when to stop, and how long work in flight may take to end |

mod body;
mod connection;
mod limits;
mod room;
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
