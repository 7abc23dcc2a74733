//! The domain under virtual time: the same code as production, against stores in memory and a scripted Teams.
//!
//! [`simulate`] runs one large notification under the documented limits and says what it took; the program `simulator`
//! prints that. The rest is the rig of the domain's tests: a [`world::World`] has stores, Teams and a clock, and *processes*
//! (a service with what follows its wake-ups) that can be killed before or after the effect of any call to a port ([`fuse`]),
//! frozen beyond their lease ([`freeze`]), and cut off from their stores ([`wire`]). Everything is seeded; a run is
//! repeated exactly by its seed.
//!
//! All of it are doubles: nothing here sends anything anywhere.

pub mod composer;
pub mod counting;
pub mod freeze;
pub mod fuse;
pub mod fused;
pub mod planted;
pub mod queue;
pub mod references;
pub mod remote;
pub mod seed;
mod simulate;
pub mod skew;
mod summary;
pub mod tally;
pub mod teams;
pub mod time;
pub mod wake_ups;
pub mod wire;
pub mod world;

pub use simulate::{Options, simulate};
pub use summary::Summary;
pub use teams::{Latency, LimiterModel};

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
