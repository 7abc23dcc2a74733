//! Microsoft Teams as a bot sees it: activities, conversation references, the connector, tokens in and out.
//!
//! Implements the connector port of `notify`; knows nothing of stores, lanes or the Functions host.
//! The way of an inbound request: [`activity`] parses it, [`inbound`] decides who may come in,
//! [`capture`] says what it changes. The way out: [`connector`] posts with a token from [`outbound`] to hosts that
//! [`cloud`] allows, and [`answers`] gives every reply one meaning.

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
mod doubles;

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
