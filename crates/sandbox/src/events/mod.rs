//! What happens on Teams' side, and the activities that tell the bot about it (`teams-protocol` 3.4).
//!
//! `happening` names the events, `scene` knows the shared parts of activities, `build` writes each kind,
//! `apply` changes the world, `courier` posts.

mod apply;
mod build;
mod courier;
mod happening;
mod scene;

pub(crate) use apply::Applied;
pub(crate) use courier::Courier;
pub use courier::{Delivery, DeliveryPolicy, Signer};
pub use happening::{EventError, Happening, InvokeAnswer, Mention, Report};
pub(crate) use scene::Scene;
