//! Microsoft Teams as a bot sees it: activities, conversation references, the connector, tokens in and out.
//!
//! Implements the connector port of `notify`; knows nothing of stores, lanes or the Functions host.
//! Inbound: [`inbound`] authenticates the request, [`activity`] parses it, [`capture`] determines what it changes.
//! Outbound: [`connector`] posts with a token from [`outbound`] to hosts that [`cloud`] allows, and [`answers`]
//! classifies every response.

pub mod activity;
pub mod answers;
pub mod capture;
pub mod cloud;
pub mod connector;
pub mod identity;
pub mod inbound;
pub mod invoke;
pub mod mention;
pub mod outbound;
mod reference;
pub mod settings;
pub mod transport;

#[cfg(test)]
mod debug_output;
#[cfg(test)]
mod doubles;

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
