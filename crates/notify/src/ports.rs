//! What the domain needs from outside, as traits. Backends live in `storage`, `teams` and the binary.

use crate::content::Composer;
use std::sync::Arc;

mod clock;
mod connector;
mod objects;
mod references;
mod wake_ups;

pub use clock::{Clock, Moment};
pub use connector::{Answer, Connector, Verdict};
pub use objects::{
    Appended, Created, Entry, Etag, Folders, Lease, LeaseError, Listing, Object, ObjectStore, Read, ReadIf,
    WriteIf,
};
pub use references::{
    Continuation, Expected, Listed, Page, ReferenceStore, Selection, StoreError, Stored, Version, WriteError,
};
pub use wake_ups::{AddressedWakeUp, WakeUp, WakeUpQueue, WakeUps};

/// Everything from outside, together.
#[derive(Clone)]
pub struct Ports {
    /// Notifications, audiences, ledgers, lanes.
    pub objects: Arc<dyn ObjectStore>,
    /// Where the bot is installed.
    pub references: Arc<dyn ReferenceStore>,
    /// Wake-ups.
    pub wake_ups: Arc<dyn WakeUps>,
    /// Teams.
    pub connector: Arc<dyn Connector>,
    /// Fills templates.
    pub composer: Arc<dyn Composer>,
    /// Time.
    pub clock: Arc<dyn Clock>,
}
