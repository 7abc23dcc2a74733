//! The domain: who can be reached, what is sent, in which order and at what rate, and what became of it.
//!
//! Knows neither HTTP nor Azure. Clocks, stores, the hint queue and the connector come in as the traits of
//! [`ports`], so the simulator runs the same code as production.

pub mod change;
pub mod content;
pub mod ids;
pub mod outcome;
pub mod ports;
pub mod recipient;
pub mod target;
