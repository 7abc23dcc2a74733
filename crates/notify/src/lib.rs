//! The domain: who can be reached, what is sent, in which order and at what rate, and what became of it.
//!
//! Knows neither HTTP nor Azure. Clocks, stores, the hint queue and the connector come in as the traits of
//! [`ports`], so the simulator runs the same code as production.

pub mod accept;
pub mod change;
pub mod clock;
pub mod content;
pub mod desk;
mod effects;
mod env;
pub mod governor;
pub mod identity;
pub mod ids;
pub mod lane;
pub mod ledger;
mod names;
pub mod notification;
pub mod outcome;
pub mod person;
pub mod pipeline;
pub mod plan;
#[cfg(feature = "planted-bugs")]
pub mod planted;
pub mod ports;
pub mod recipient;
pub mod record;
pub mod report;
pub mod request;
pub mod settings;
pub mod status;
mod stored;
pub mod target;
