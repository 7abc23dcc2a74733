//! The domain: who can be reached, what is sent, in which order and at what rate, and what became of it.
//!
//! Knows neither HTTP nor Azure. Clocks, stores, the wake-up queue and the connector come in as the traits of
//! [`ports`], so the simulator runs the same code as production.

pub mod accept;
pub mod change;
pub mod clock;
pub mod content;
#[cfg(test)]
mod debug_output;
pub mod dispatch;
mod ending;
mod env;
pub mod evidence;
pub mod identity;
pub mod ids;
pub mod lane;
pub mod maintenance;
pub mod notification;
pub mod outcome;
pub mod person;
pub mod persons;
pub mod plan;
pub mod ports;
pub mod rate_limiter;
pub mod recipient;
pub mod reference;
pub mod report;
pub mod request;
pub mod service;
pub mod settings;
pub mod status;
pub mod store;
pub mod target;
pub mod worker;

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
