//! Deliberate bugs, for the tests that show that the simulator finds them. Compiled only with the feature
//! `planted-bugs`, which nothing but those tests turns on, and without effect unless a test's settings name one.

/// A planted bug.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Planted {
    /// None: the program as it is.
    #[default]
    None,
    /// The intent is appended after the posts were made.
    IntentAfterPost,
    /// A new owner leaves no fencing record, and nobody respects another owner's lines: appends go wherever the ledger
    /// ends. (The record alone is not missed: every append states its position, and so fences as well.)
    NoFencingRecord,
    /// An ambiguous answer is tried again although the request says `report`.
    AmbiguousRetriedUnderReport,
    /// The lane is handed over without the second without posts and without what the rate limiter knew.
    RateLimiterReset,
    /// An answer that the bot is not in the roster takes the reference away.
    RemovedByAnswer,
}
