//! What every backend must do, as plain async functions that panic with what is wrong.
//!
//! The semantics are Azure Blob Storage's. Each function takes a closure that makes a fresh, empty store, so the same
//! suite runs over memory, a directory, a file, Azurite, and a real account. Only the interface is tested here; what a
//! backend guarantees beyond it is tested beside it.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a suite's panic is its verdict"
)]

mod layers;
mod leases;
mod limits;
mod listing;
mod objects;
mod records;
mod references;

pub use layers::{Counted, Requests, ShortPages};
pub use limits::most_appends;
pub use listing::many_objects;
pub use records::{installation, key, removal};
pub use references::{many_references, references};

use futures::future::BoxFuture;
use notify::ports::ObjectStore;
use std::{sync::Arc, time::Duration};

/// Lets time pass for the store under test: really, or on its own clock.
pub type Pass<'a> = &'a (dyn Fn(Duration) -> BoxFuture<'static, ()> + Send + Sync);

/// Everything that an object store must do, Azure's limits included; `pass` is called once, with a little more than 15 s.
pub async fn objects(make: &(dyn Fn() -> Arc<dyn ObjectStore> + Send + Sync), pass: Pass<'_>) {
    limits::run(make).await;
    semantics(make, pass).await;
}

/// What callers of an object store rely on: a store elsewhere may take more than Azure does.
pub async fn semantics(make: &(dyn Fn() -> Arc<dyn ObjectStore> + Send + Sync), pass: Pass<'_>) {
    objects::run(make).await;
    listing::run(make).await;
    leases::run(&*make(), pass).await;
}

/// A memory store on real time, for tests that only need some store.
#[cfg(test)]
pub(crate) fn memory() -> Arc<dyn ObjectStore> {
    Arc::new(crate::memory::MemoryObjects::new(Arc::new(tests::TestClock)))
}

#[cfg(test)]
mod tests;
