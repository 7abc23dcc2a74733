//! The one catalogue of Teams' answers: what each means for the recipient. Nothing here retries or stores.
//!
//! Sources, named per row: `docs` = the bot pages on conversations, throttling and status codes; `sdk` = botbuilder,
//! TeamsFx and Company Communicator; `seen` = public issue threads, by number: BFS = microsoft/BotFramework-Services,
//! CC = OfficeDev/microsoft-teams-apps-company-communicator, TD = MicrosoftDocs/msteams-docs, js = microsoft/botbuilder-js.
//! Rows are tried from the top, first by the codes of the answer, then by words anywhere in its body, because gateways
//! and older routes wrap the codes in text.
//!
//! An answer is about one recipient at one moment: none of them takes a stored reference away.

mod body;
mod fault;
mod retry_after;
#[cfg(test)]
mod tests;
mod transport;

pub use body::Body;
pub use retry_after::retry_after;
pub use transport::broken;
pub(crate) use transport::lost;

use fault::Fault;
use notify::{
    ids::ActivityId,
    ports::{Answer, Verdict},
};
use std::{sync::Arc, time::Duration};

/// What was asked; some answers mean something else for another request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operation {
    /// A new message.
    Post,
    /// Opening a 1:1 conversation.
    Open,
    /// Replacing a message.
    Update,
    /// Deleting a message.
    Delete,
    /// Reading a roster, a team or its channels.
    Read,
}

/// How a row knows its answer.
enum Sign {
    /// Code or sub-code, without case; else the word in the body.
    Code(&'static str),
    /// Code or sub-code, without case, and nothing else: a page that has the word in it doesn't do.
    OnlyCode(&'static str),
    /// Words in the body, lower-case.
    Says(&'static str),
    /// A member `errorCode` with this number.
    Number(u64),
    /// An error code, whichever.
    Coded,
    /// Any answer with the status.
    Any,
}

/// Meanings, before times and ids are filled in.
#[derive(Clone, Copy)]
enum Meaning {
    Throttled,
    NotNow,
    Ambiguous,
    Blocked,
    Disallowed,
    Uninstalled,
    NotFound,
    MessageGone,
    OnceMore,
    Rejected,
    Failed,
    WrongBot,
    Unauthorized,
}

struct Row(
    &'static [u16],
    Sign,
    Meaning,
    #[allow(dead_code, reason = "for readers")] &'static str,
);

use Meaning as M;
use Sign::{Any, Code, Coded, Number, OnlyCode, Says};

/// What is tried first for edits and recalls: a message that is reported gone stands for good, so nothing but Teams' own
/// code says that it is.
#[rustfmt::skip]
const OF_A_MESSAGE: &[Row] = &[
    Row(&[404], OnlyCode("ActivityNotFoundInConversation"), M::MessageGone, "docs: the message to edit is gone"),
    Row(&[404], Any, M::OnceMore, "seen, TD#9425 #6139 #2078: the message still stands; pages, ServiceError, ConversationNotFound, empty"),
    Row(&[400, 403], OnlyCode("ConversationNotFound"), M::OnceMore, "the same under another status"),
    Row(&[400, 403], OnlyCode("UserNotFound"), M::OnceMore, "the same under another status"),
];

/// The catalogue. Statuses that no row names: 5xx may have arrived, the rest failed.
#[rustfmt::skip]
const CATALOGUE: &[Row] = &[
    // Who we are.
    Row(&[401], Any, M::Unauthorized, "docs: wrong authority, secret or clock; BotNotRegistered; after one new token"),
    Row(&[400, 403], Says("failed to decrypt conversation id"), M::WrongBot, "seen: an id of another bot; once a service incident"),
    Row(&[400, 403], Says("failed to decrypt pairwise id"), M::WrongBot, "seen: a user id of another bot"),
    // The person or the place.
    Row(&[400, 403, 404], Code("BotDisabledByAdmin"), M::Disallowed, "docs, TD#9390; seen, CC#311 #203 #1295: app policies are per person or group; all of the tenant may get it too"),
    Row(&[400, 403, 404], Code("BotNotInConversationRoster"), M::Uninstalled, "docs: uninstalled, or the user left; seen, CC#744: seconds after an install"),
    Row(&[403], Code("ConversationBlockedByUser"), M::Blocked, "docs: the user blocked the bot"),
    Row(&[403], Code("MessageWritesBlocked"), M::Blocked, "docs: sub-code of errorCode 209, JSON inside the message"),
    Row(&[403], Number(209), M::Blocked, "docs: the same without its sub-code"),
    Row(&[400, 403, 404], Code("ConversationNotFound"), M::NotFound, "docs: gone, or the user is deleted; seen, BFS#352, js#4479 #2722: an incident says so of everybody"),
    Row(&[400, 403, 404], Code("UserNotFound"), M::NotFound, "seen: the account is gone"),
    Row(&[400, 403, 404], Says("user not found in aad"), M::NotFound, "seen: the account is gone"),
    Row(&[404], Code("ActivityNotFoundInConversation"), M::NotFound, "the thread that a post answers is gone"),
    Row(&[403], Code("ForbiddenOperationException"), M::Rejected, "docs: 1:1 by Entra id without a personal install"),
    Row(&[403], Code("InvalidBotApiHost"), M::Failed, "docs: the tenant is in another cloud"),
    Row(&[403], Code("NotEnoughPermissions"), M::Failed, "docs: a permission of the app is missing"),
    Row(&[403], Any, M::Failed, "seen: policies, moderation, empty bodies; the target is kept"),
    Row(&[404], Coded, M::Rejected, "docs: a target that Teams refuses, not one that is gone"),
    Row(&[404], Any, M::Failed, "a wrong path would say so for every target"),
    // What we sent.
    Row(&[413], Any, M::Rejected, "docs: MessageSizeTooBig, RequestEntityTooLarge"),
    Row(&[400, 411, 414, 415, 422], Any, M::Rejected, "docs: BadArgument, BadSyntax, archived or deleted places"),
    // The service.
    Row(&[429], Any, M::Throttled, "docs: certainly not delivered"),
    Row(&[412, 503], Any, M::NotNow, "docs: a concurrent operation, or unavailable: not delivered"),
    Row(&[408, 500, 502, 504], Any, M::Ambiguous, "docs: no promise either way"),
    Row(&[501, 505], Any, M::Failed, "HTTP: refused before anything was done"),
];

/// Gives an answer of the connector its meaning.
///
/// `retry_after` is [`retry_after`] of its headers. A 2xx with an empty body or JSON is delivered whether or not it names
/// the message: Teams answers 202 without an id when it splits one. Any other 2xx is not Teams' own, but a page of a
/// proxy or captive portal, or half an answer: it proves nothing, whatever type it says it has.
pub fn classify(operation: Operation, status: u16, body: &Body, retry_after: Option<Duration>) -> Answer {
    if (200..300).contains(&status) {
        let (verdict, code) = match (body.json(), operation) {
            (Some(json), Operation::Post | Operation::Update) => (Verdict::Delivered(id(json)), None),
            (Some(_), _) => (Verdict::Delivered(None), None),
            // Nothing was posted yet: what is ambiguous about opening is certain about the message.
            (None, Operation::Open) => (Verdict::OnceMore, Some(NOT_JSON)),
            (None, Operation::Read) => (Verdict::Failed, Some("unreadable-answer")),
            (None, _) => (Verdict::Ambiguous, Some(NOT_JSON)),
        };
        return Answer {
            verdict,
            status: Some(status),
            code: code.map(Arc::from),
        };
    }
    let fault = Fault::read(body.bytes());
    let (meaning, decisive) = meaning(operation, status, &fault);
    let verdict = match meaning {
        Meaning::Throttled => Verdict::Throttled { retry_after },
        Meaning::NotNow => Verdict::NotNow { retry_after },
        Meaning::Ambiguous => Verdict::Ambiguous,
        Meaning::Blocked => Verdict::Blocked,
        Meaning::Disallowed => Verdict::Disallowed,
        Meaning::Uninstalled => Verdict::Uninstalled,
        Meaning::NotFound => Verdict::NotFound,
        Meaning::MessageGone => Verdict::MessageGone,
        Meaning::OnceMore => Verdict::OnceMore,
        Meaning::Rejected => Verdict::Rejected,
        Meaning::Failed => Verdict::Failed,
        Meaning::WrongBot => Verdict::WrongBot,
        Meaning::Unauthorized => Verdict::Unauthorized,
    };
    Answer {
        verdict,
        status: Some(status),
        code: fault.code(decisive),
    }
}

/// Code of a 2xx that isn't Teams' own.
const NOT_JSON: &str = "not-teams-json";

/// The meaning, and the code of Teams that decided it.
fn meaning(operation: Operation, status: u16, fault: &Fault) -> (Meaning, Option<&'static str>) {
    let of_a_message: &[Row] = match operation {
        Operation::Update | Operation::Delete => OF_A_MESSAGE,
        Operation::Post | Operation::Open | Operation::Read => &[],
    };
    let found = of(of_a_message, status, fault).or_else(|| of(CATALOGUE, status, fault));
    match (found, status) {
        (Some(Row(_, Code(code) | OnlyCode(code), meaning, _)), _) => (*meaning, Some(code)),
        (Some(row), _) => (row.2, None),
        (None, 506..=599) => (Meaning::Ambiguous, None),
        (None, _) => (Meaning::Failed, None),
    }
}

/// The first row that knows an answer.
fn of(rows: &'static [Row], status: u16, fault: &Fault) -> Option<&'static Row> {
    let rows = || rows.iter().filter(|row| row.0.contains(&status));
    let by_code = rows().find(|row| match row.1 {
        Code(code) | OnlyCode(code) => fault.names(code),
        _ => false,
    });
    let by_words = || {
        rows().find(|row| match row.1 {
            Code(code) => fault.says(&code.to_ascii_lowercase()),
            OnlyCode(_) => false,
            Says(words) => fault.says(words),
            Number(number) => fault.number == Some(number),
            Coded => fault.has_code(),
            Any => true,
        })
    };
    by_code.or_else(by_words)
}

/// An answer that didn't come from Teams: the code is ours.
pub(crate) fn ours(verdict: Verdict, code: &str) -> Answer {
    Answer {
        verdict,
        status: None,
        code: Some(Arc::from(code)),
    }
}

/// Longest id of a message that is kept, bytes: it stands in a ledger's line.
const LONGEST_ID: usize = 512;

fn id(json: &[u8]) -> Option<ActivityId> {
    #[derive(serde::Deserialize)]
    #[serde(untagged)]
    enum Id<'a> {
        #[serde(borrow)]
        Text(std::borrow::Cow<'a, str>),
        Number(u64),
    }
    #[derive(serde::Deserialize)]
    struct Named<'a> {
        #[serde(borrow, default)]
        id: Option<Id<'a>>,
    }
    let named: Named<'_> = serde_json::from_slice(json).ok()?;
    let id = match named.id? {
        Id::Text(id) => id.into_owned(),
        Id::Number(id) => id.to_string(),
    };
    (!id.is_empty() && id.len() <= LONGEST_ID).then(|| ActivityId::from(id))
}
