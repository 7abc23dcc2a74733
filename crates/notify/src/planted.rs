//! Bugs on purpose, for the tests that show that the simulator finds them. Compiled only with the feature
//! `planted-bugs`, which nothing but those tests turns on, and without effect unless a test's settings name one.

/// A planted bug.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Planted {
    /// None: the program as it is.
    #[default]
    None,
    /// The intent is appended after the posts were made.
    IntentAfterPost,
    /// A new holder leaves no takeover record, and nobody heeds another holder's lines: appends go wherever the ledger
    /// ends. (The record alone is not missed: every append states its position, and so fences as well.)
    NoTakeoverRecord,
    /// A doubtful answer is tried again although the request says `report`.
    DoubtRetriedUnderReport,
    /// The lane is handed over without its second of silence and without what the governor knew.
    GovernorReset,
    /// An answer that the bot is not in the roster takes the reference away.
    RemovedByAnswer,
}
