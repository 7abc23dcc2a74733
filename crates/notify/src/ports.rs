//! What the domain needs from outside, as traits. Backends live in `storage`, `teams` and the binary.

mod clock;
mod connector;
mod hints;
mod objects;
mod references;

pub use clock::{Clock, Moment};
pub use connector::{Answer, Connector, Verdict};
pub use hints::{Hint, Hints};
pub use objects::{
    Appended, Entry, Etag, Lease, LeaseError, Listing, Object, ObjectStore, Read, ReadIf, WriteIf,
};
pub use references::{
    Continuation, Expected, Listed, Page, ReferenceStore, Selection, StoreError, Stored, Version, WriteError,
};
