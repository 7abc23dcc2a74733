//! The domain's test rig: the same code as production, against stores in memory and a scripted Teams, under virtual time.
//!
//! Everything is seeded; a run is repeated exactly by its seed. A *process* is a desk with its pipeline; it can be killed
//! before or after the effect of any call to a port ([`fuse`]), and others started on the same stores.

pub mod composer;
pub mod fuse;
pub mod references;
pub mod seed;
pub mod teams;
pub mod world;
