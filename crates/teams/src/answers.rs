//! The table of connector responses: what each (status, body) means for the recipient. Nothing here retries or stores.
//!
//! Sources, named per row: `docs` = the bot pages on conversations, throttling and status codes; `sdk` = botbuilder,
//! TeamsFx and Company Communicator; `seen` = public issue threads, by number: BFS = microsoft/BotFramework-Services,
//! CC = OfficeDev/microsoft-teams-apps-company-communicator, TD = MicrosoftDocs/msteams-docs, js = microsoft/botbuilder-js,
//! sdk = microsoft/botframework-sdk.
//! Rows are tried in order, first by the error codes of the response, then by text anywhere in its body, because
//! gateways and older routes embed the codes in text.
//!
//! A response is about one recipient at one moment: none of them deletes a stored reference. What it may speak of beyond
//! that is `notify::evidence`'s: `Unauthorized`, `Disallowed`, `WrongBot`, `Failed` and what isn't Teams' own settle nothing
//! by themselves.

mod body;
mod fault;
mod named_address;
mod retry_after;
#[cfg(test)]
mod tests;
mod transport;

pub use body::Body;
pub use retry_after::retry_after;
pub(crate) use transport::exchange_failed;
pub use transport::request_failed;

use crate::cloud::ServiceHosts;
use fault::Fault;
use notify::{
    ids::ActivityId,
    ports::{Answer, Verdict},
};
use std::{sync::Arc, time::Duration};

/// The operation that was requested; some responses mean different things for different operations.
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

/// How a row matches a response.
enum RowMatch {
    /// Code or sub-code, case-insensitive; else the same word anywhere in the body.
    Code(&'static str),
    /// Code or sub-code, case-insensitive; the word elsewhere in the body does not match.
    CodeOnly(&'static str),
    /// Text in the body, given in lower case.
    BodyContains(&'static str),
    /// A property `errorCode` with this number.
    ErrorNumber(u64),
    /// A JSON object with an error code of its own, not inside `error`.
    BareCode,
    /// Any error code.
    AnyCode,
    /// Any body.
    AnyBody,
}

/// [`Verdict`] without its data: wait times and ids are filled in later.
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
    WrongAddress,
    /// The same, where the response is too vague for what it names to be believed.
    WrongAddressPerhaps,
    Rejected,
    Failed,
    WrongBot,
    Unauthorized,
}

struct Row(
    &'static [u16],
    RowMatch,
    Meaning,
    #[allow(dead_code, reason = "for readers")] &'static str,
);

use Meaning as M;
use RowMatch::{AnyBody, AnyCode, BareCode, BodyContains, Code, CodeOnly, ErrorNumber};

/// Tried first for edits and recalls: a message that is wrongly reported as gone could never be edited again, so only
/// Teams' own code means that it is gone.
#[rustfmt::skip]
const EDITS_AND_RECALLS: &[Row] = &[
    Row(&[404], CodeOnly("ActivityNotFoundInConversation"), M::MessageGone, "docs: the message to edit is gone"),
    Row(&[404], AnyBody, M::OnceMore, "seen, TD#9425 #6139 #2078: the message still stands; pages, ServiceError, ConversationNotFound, empty"),
    Row(&[400, 403], CodeOnly("ConversationNotFound"), M::OnceMore, "the same under another status"),
    Row(&[400, 403], CodeOnly("UserNotFound"), M::OnceMore, "the same under another status"),
];

/// All operations. Statuses without a row: 5xx is ambiguous, everything else failed.
#[rustfmt::skip]
const CATALOGUE: &[Row] = &[
    // The bot's identity.
    Row(&[401], BodyContains("failed to decrypt pairwise id"), M::WrongBot, "seen, TD#14336: a user id of another bot, not wrong credentials"),
    Row(&[401], BodyContains("failed to decrypt conversation id"), M::WrongBot, "the same of a conversation"),
    Row(&[401], AnyBody, M::Unauthorized, "docs: wrong authority, secret or clock; BotNotRegistered; after one new token"),
    Row(&[400, 403], BodyContains("failed to decrypt conversation id"), M::WrongBot, "seen: an id of another bot; once a service incident"),
    Row(&[400, 403], BodyContains("failed to decrypt pairwise id"), M::WrongBot, "seen: a user id of another bot"),
    // The address.
    Row(&[400, 403], Code("InvalidBotApiHost"), M::WrongAddress, "docs; seen, sdk#6184: the tenant is in another cloud; the message names the host"),
    Row(&[400, 403], BodyContains("different region"), M::WrongAddress, "seen, js#3280 #3298, sdk#6184: the person is reached at another region's address"),
    Row(&[400, 403], BodyContains("wrong geo"), M::WrongAddress, "seen, BFS#339: redirected to another geo, as a tenant moves"),
    // The person or the conversation.
    Row(&[400, 403, 404], Code("BotDisabledByAdmin"), M::Disallowed, "docs, TD#9390; seen, CC#311 #203 #1295: app policies are per person or group; all of the tenant may get it too"),
    Row(&[400, 403, 404], Code("BotNotInConversationRoster"), M::Uninstalled, "docs: uninstalled, or the user left; seen, CC#744: seconds after an install"),
    Row(&[403], Code("ConversationBlockedByUser"), M::Blocked, "docs: the user blocked the bot"),
    Row(&[403], Code("MessageWritesBlocked"), M::Blocked, "docs: sub-code of errorCode 209, JSON inside the message"),
    Row(&[403], ErrorNumber(209), M::Blocked, "docs: the same without its sub-code"),
    Row(&[400, 403, 404], Code("ConversationNotFound"), M::NotFound, "docs: gone, or the user is deleted; seen, BFS#352, js#4479 #2722: an incident says so of everybody"),
    Row(&[400, 403, 404], Code("UserNotFound"), M::NotFound, "seen: the account is gone"),
    Row(&[400, 403, 404], BodyContains("user not found in aad"), M::NotFound, "seen: the account is gone"),
    Row(&[404], Code("ActivityNotFoundInConversation"), M::NotFound, "the thread that a post answers is gone"),
    Row(&[403], Code("ForbiddenOperationException"), M::Rejected, "docs: 1:1 by Entra id without a personal install"),
    Row(&[403], Code("NotEnoughPermissions"), M::Failed, "docs: a permission of the app is missing"),
    Row(&[403], AnyBody, M::Failed, "seen: policies, moderation, empty bodies; the target is kept"),
    Row(&[404], AnyCode, M::Rejected, "docs: a target that Teams refuses, not one that is gone"),
    Row(&[404], AnyBody, M::Failed, "a wrong path would give this for every target"),
    // The request.
    Row(&[400], BareCode, M::WrongAddressPerhaps, "seen, BFS#339: what redirects between geos answers without `error`; the connector answers with it"),
    Row(&[413], AnyBody, M::Rejected, "docs: MessageSizeTooBig, RequestEntityTooLarge"),
    Row(&[400, 411, 414, 415, 422], AnyBody, M::Rejected, "docs: BadArgument, BadSyntax, archived or deleted places"),
    // The service.
    Row(&[429], AnyBody, M::Throttled, "docs: certainly not delivered"),
    Row(&[412, 503], AnyBody, M::NotNow, "docs: a concurrent operation, or unavailable: not delivered"),
    Row(&[408, 500, 502, 504], AnyBody, M::Ambiguous, "docs: no promise either way"),
    Row(&[501, 505], AnyBody, M::Failed, "HTTP: refused before anything was done"),
];

/// Classifies a response of the connector.
///
/// `retry_after` is [`retry_after`] of its headers; `hosts` may be sent to, others are not taken from a response. A 2xx with an empty body or JSON is delivered, with or without a
/// message id: Teams responds 202 without an id when it splits a message. Any other 2xx is not from Teams, but a page of
/// a proxy or captive portal, or a truncated response: it proves nothing, whatever its content type.
pub fn classify(
    operation: Operation,
    status: u16,
    body: &Body,
    retry_after: Option<Duration>,
    hosts: &ServiceHosts,
) -> Answer {
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
    let (meaning, matched_code) = meaning(operation, status, &fault);
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
        Meaning::WrongAddress => Verdict::WrongAddress {
            named: named_address::find(body.bytes(), hosts),
        },
        Meaning::WrongAddressPerhaps => Verdict::WrongAddress { named: None },
        Meaning::Rejected => Verdict::Rejected,
        Meaning::Failed => Verdict::Failed,
        Meaning::WrongBot => Verdict::WrongBot,
        Meaning::Unauthorized => Verdict::Unauthorized,
    };
    Answer {
        verdict,
        status: Some(status),
        code: fault.code(matched_code),
    }
}

/// Code of a 2xx that is not from Teams.
const NOT_JSON: &str = "not-teams-json";

/// The meaning, and the code in the row that matched.
fn meaning(operation: Operation, status: u16, fault: &Fault) -> (Meaning, Option<&'static str>) {
    let for_edits_and_recalls: &[Row] = match operation {
        Operation::Update | Operation::Delete => EDITS_AND_RECALLS,
        Operation::Post | Operation::Open | Operation::Read => &[],
    };
    let found =
        first_match(for_edits_and_recalls, status, fault).or_else(|| first_match(CATALOGUE, status, fault));
    match (found, status) {
        (Some(Row(_, Code(code) | CodeOnly(code), meaning, _)), _) => (*meaning, Some(code)),
        (Some(row), _) => (row.2, None),
        (None, 506..=599) => (Meaning::Ambiguous, None),
        (None, _) => (Meaning::Failed, None),
    }
}

/// The first row that matches a response.
fn first_match(rows: &'static [Row], status: u16, fault: &Fault) -> Option<&'static Row> {
    let rows = || rows.iter().filter(|row| row.0.contains(&status));
    let by_code = rows().find(|row| match row.1 {
        Code(code) | CodeOnly(code) => fault.has_code_named(code),
        _ => false,
    });
    let by_words = || {
        rows().find(|row| match row.1 {
            Code(code) => fault.body_contains(&code.to_ascii_lowercase()),
            CodeOnly(_) => false,
            BodyContains(words) => fault.body_contains(words),
            ErrorNumber(number) => fault.number == Some(number),
            BareCode => fault.is_bare,
            AnyCode => fault.has_code(),
            AnyBody => true,
        })
    };
    by_code.or_else(by_words)
}

/// An answer that was not decided by a response of Teams; the code is this program's own.
pub(crate) fn local_answer(verdict: Verdict, code: &str) -> Answer {
    Answer {
        verdict,
        status: None,
        code: Some(Arc::from(code)),
    }
}

/// Longest message id that is kept, bytes: it is written to the ledger.
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
    struct IdOnly<'a> {
        #[serde(borrow, default)]
        id: Option<Id<'a>>,
    }
    let named: IdOnly<'_> = serde_json::from_slice(json).ok()?;
    let id = match named.id? {
        Id::Text(id) => id.into_owned(),
        Id::Number(id) => id.to_string(),
    };
    (!id.is_empty() && id.len() <= LONGEST_ID).then(|| ActivityId::from(id))
}
