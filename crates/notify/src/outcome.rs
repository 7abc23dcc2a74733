//! What can become of one recipient, and how outcomes add up. No reason codes of Teams here.

use serde::{Deserialize, Serialize};

/// Final state of one recipient; the public words of the API and of reports.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Outcome {
    /// 2xx from Teams, with an empty body or JSON.
    Delivered,
    /// 403 with a block code or sub-code, or the app is not allowed for this recipient.
    Blocked,
    /// Not in the roster. The reference stays until an event removes it.
    Uninstalled,
    /// Conversation not found, after one re-create of a 1:1; or the message to edit. The reference stays.
    Gone,
    /// A 4xx about the content or the target, ours or Teams'.
    Rejected,
    /// Any other final answer.
    Failed,
    /// May have arrived, not posted again.
    Uncertain,
    /// Not attempted after a cancel.
    Cancelled,
    /// Not attempted: opted out, known blocked, expired, no activity id to edit.
    Skipped,
}

impl Outcome {
    /// Every outcome, in the order of the API.
    pub const ALL: [Self; 9] = [
        Self::Delivered,
        Self::Blocked,
        Self::Uninstalled,
        Self::Gone,
        Self::Rejected,
        Self::Failed,
        Self::Uncertain,
        Self::Cancelled,
        Self::Skipped,
    ];

    /// The public word.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Delivered => "delivered",
            Self::Blocked => "blocked",
            Self::Uninstalled => "uninstalled",
            Self::Gone => "gone",
            Self::Rejected => "rejected",
            Self::Failed => "failed",
            Self::Uncertain => "uncertain",
            Self::Cancelled => "cancelled",
            Self::Skipped => "skipped",
        }
    }
}

/// How many recipients have which outcome.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
#[allow(missing_docs, reason = "one field an outcome, named alike")]
pub struct Counts {
    pub delivered: u64,
    pub blocked: u64,
    pub uninstalled: u64,
    pub gone: u64,
    pub rejected: u64,
    pub failed: u64,
    pub uncertain: u64,
    pub cancelled: u64,
    pub skipped: u64,
}

impl Counts {
    /// The count of one outcome.
    pub fn of(&self, outcome: Outcome) -> u64 {
        match outcome {
            Outcome::Delivered => self.delivered,
            Outcome::Blocked => self.blocked,
            Outcome::Uninstalled => self.uninstalled,
            Outcome::Gone => self.gone,
            Outcome::Rejected => self.rejected,
            Outcome::Failed => self.failed,
            Outcome::Uncertain => self.uncertain,
            Outcome::Cancelled => self.cancelled,
            Outcome::Skipped => self.skipped,
        }
    }

    /// Counts one more of an outcome.
    pub fn add(&mut self, outcome: Outcome) {
        *self.slot(outcome) += 1;
    }

    /// The count of one outcome, to change it.
    pub(crate) fn slot(&mut self, outcome: Outcome) -> &mut u64 {
        match outcome {
            Outcome::Delivered => &mut self.delivered,
            Outcome::Blocked => &mut self.blocked,
            Outcome::Uninstalled => &mut self.uninstalled,
            Outcome::Gone => &mut self.gone,
            Outcome::Rejected => &mut self.rejected,
            Outcome::Failed => &mut self.failed,
            Outcome::Uncertain => &mut self.uncertain,
            Outcome::Cancelled => &mut self.cancelled,
            Outcome::Skipped => &mut self.skipped,
        }
    }

    /// Adds the counts of another part.
    pub fn merge(&mut self, other: &Self) {
        for outcome in Outcome::ALL {
            *self.slot(outcome) += other.of(outcome);
        }
    }

    /// Recipients with a final outcome.
    pub fn settled(&self) -> u64 {
        Outcome::ALL.iter().map(|outcome| self.of(*outcome)).sum()
    }
}
