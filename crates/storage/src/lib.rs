//! Backends for the stores of notify: Azure Blob, local files, memory; one conformance suite.

pub mod azure;
#[cfg(any(test, feature = "conformance"))]
pub mod conformance;
mod durable;
pub mod file;
pub mod limits;
pub mod local;
mod lock;
pub mod memory;
mod open;
mod owner;
pub mod private_files;
pub mod references;
pub mod retrying;
pub mod transfer;

pub use open::OpenError;
pub use owner::Owner;

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
