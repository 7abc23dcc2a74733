//! Events on Teams' side, and the activities that Teams sends to the bot for them.
//!
//! `event` defines the events, `context` the common parts of activities, `build` creates each kind, `form` is what switches
//! change in them, `apply` changes the world, `sender` posts.

mod apply;
mod build;
mod context;
mod event;
mod form;
mod sender;

pub(crate) use apply::AppliedEvent;
pub(crate) use context::EventContext;
pub use event::{EventError, EventReport, InvokeAnswer, Mention, TeamsEvent};
pub(crate) use sender::ActivitySender;
pub use sender::{Delivery, DeliveryPolicy, Signer};
