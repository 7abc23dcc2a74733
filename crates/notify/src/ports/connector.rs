//! Posting to Teams, as the lane sees it: an answer with one meaning. Which answer means what is `teams`' table.

use crate::{
    content::Content,
    ids::{ActivityId, ConversationId, ServiceUrl},
    recipient::Recipient,
};
use async_trait::async_trait;
use std::{sync::Arc, time::Duration};

/// What a call to Teams came to, with what the report keeps of it.
#[derive(Clone, Debug, PartialEq)]
pub struct Answer {
    /// Its meaning.
    pub verdict: Verdict,
    /// HTTP status, if there was an answer.
    pub status: Option<u16>,
    /// Teams' error code and sub-code as `code` or `code/subCode`; ours where none came (`timeout`, `connect`).
    pub code: Option<Arc<str>>,
}

impl Answer {
    /// Code of an answer that Teams was not asked for, as the store failed before.
    pub const STORE: &'static str = "store";
}

/// The meanings an answer can have.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Verdict {
    /// Accepted; Teams may leave out the id (202).
    Delivered(Option<ActivityId>),
    /// 429: certainly not delivered, come back; uses up no attempt.
    Throttled {
        /// `Retry-After`, exact.
        retry_after: Option<Duration>,
    },
    /// 412, 503 or a failed connect: certainly not delivered, come back; uses up no attempt.
    NotNow {
        /// `Retry-After`, exact.
        retry_after: Option<Duration>,
    },
    /// 408, 500, 502, 504, timeout or reset after the request was written, a 2xx that isn't Teams' own: it may have
    /// arrived, and nothing is proven of anything.
    Ambiguous,
    /// The user blocked the bot.
    Blocked,
    /// The app is not allowed for this recipient or for all, by a policy that may change any day.
    Disallowed,
    /// The bot is not in the roster.
    Uninstalled,
    /// The conversation does not exist (any more).
    NotFound,
    /// The message to edit or recall does not exist (any more), in Teams' own words.
    MessageGone,
    /// Certainly not done, and perhaps only for now: tried once more, then failed.
    OnceMore,
    /// The conversation is reached at another connector address than it was called at: certainly not done.
    WrongAddress {
        /// The address that the answer names, if that may be sent to.
        named: Option<ServiceUrl>,
    },
    /// The content or the target was refused.
    Rejected,
    /// A refusal that Teams does not explain: this recipient's, or an incident.
    Failed,
    /// The ids belong to another bot ("Failed to decrypt …").
    WrongBot,
    /// Our credentials are refused, also with a new token.
    Unauthorized,
}

/// The connector of Teams.
#[async_trait]
pub trait Connector: Send + Sync {
    /// Posts a new message to the recipient's conversation.
    async fn post(&self, to: &Recipient, content: &Content) -> Answer;
    /// Opens (or finds again) the 1:1 conversation of a personal recipient.
    ///
    /// # Errors
    /// The answer of Teams when it can't be opened.
    async fn open(&self, to: &Recipient) -> Result<ConversationId, Answer>;
    /// Replaces a message (`to.activity`).
    async fn update(&self, to: &Recipient, content: &Content) -> Answer;
    /// Deletes a message (`to.activity`).
    async fn delete(&self, to: &Recipient) -> Answer;
    /// Whether a connector address may be sent to: it is on the allow-list of the bot's cloud.
    fn trusts(&self, address: &ServiceUrl) -> bool;
}
