//! Azure Storage through the official SDK: the account as the Functions host reads it, blobs as an object store,
//! a queue for wake-ups. Nothing here connects or reads certificates before the first operation.

mod account;
mod connection_string;
mod endpoint;
mod error;
mod identity;
mod objects;
mod requests;
mod shared_key;
mod transport;
mod wake_ups;

pub use account::{Account, AccountError};
pub use objects::AzureObjects;
pub use requests::{RequestCounts, RequestKind};
pub use wake_ups::{AzureWakeUpQueue, Encoding};
