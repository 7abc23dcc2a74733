//! Everything that is persisted: names of objects, versioned records, notifications, audiences and ledgers.
//!
//! Names and formats here are the contract between versions of the program. Nothing here decides what is sent.

pub(crate) mod audience;
pub(crate) mod bot_signal;
pub(crate) mod keys;
pub(crate) mod lease_note;
pub mod ledger;
pub(crate) mod notifications;
pub mod record;
pub mod signing_key;
pub(crate) mod timeline;
pub(crate) mod waits;
