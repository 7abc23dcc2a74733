//! The ledger: what was about to be posted and what came of it, appended once a window by the lane's owner.
//!
//! `ledger/{n}` speaks of the recipients of `audience/{n}` only. At most two are open: ledger *k* begins when ledger
//! *k - 2* has closed. So every record carries `base`, the sums of the chunks before the previous one, and its own
//! chunk's `sums`; the sums of a part are `base` of its last ledger and `sums` of its last two, whoever reads them.

mod record;
mod replay;
mod sums;
mod tail;

pub(crate) use record::{BulkCancelled, Certainty, Record, Returned, Settled, Span};
pub(crate) use replay::{Replay, RowLog, RowState};
pub(crate) use sums::StoredSums;
pub use sums::Sums;
pub(crate) use tail::part_sums;
