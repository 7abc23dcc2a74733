//! The error responses, in the shapes that Teams sends. All text that a client might match is here and in `reported`.

use std::time::Duration;

use serde_json::json;

use super::{Answer, Reply};
use crate::connector::Media;
use crate::faults::Fault;
use crate::limits::{LimitExceeded, RetryAfter};
use crate::world::{AccessDenial, UnknownConversation};

/// `{"error":{"code","message"}}`
pub(crate) fn error(status: u16, code: &str, message: &str) -> Reply {
    Reply::json_text(
        status,
        json!({ "error": { "code": code, "message": message } }).to_string(),
    )
}

pub(crate) fn bad_syntax(message: &str) -> Reply {
    error(400, "BadSyntax", message)
}

pub(crate) fn bad_argument(message: &str) -> Reply {
    error(400, "BadArgument", message)
}

/// 401, without the usual `error` object.
pub(crate) fn denied() -> Reply {
    Reply::json_text(
        401,
        r#"{"message":"Authorization has been denied for this request."}"#,
    )
}

/// 403 with JSON inside the string `message`, as Teams sends it for a bot that was blocked.
fn writes_blocked() -> Reply {
    let inner = r#"{"subCode":"MessageWritesBlocked","details":null,"errorCode":null,"errorSubCode":null}"#;
    Reply::json_text(403, json!({ "errorCode": 209, "message": inner }).to_string())
}

pub(crate) fn conversation_not_found() -> Reply {
    error(404, "ConversationNotFound", "Conversation not found.")
}

pub(crate) fn activity_not_found() -> Reply {
    error(
        404,
        "ActivityNotFoundInConversation",
        "The activity was not found in the conversation.",
    )
}

pub(crate) fn too_big() -> Reply {
    error(413, "MessageSizeTooBig", "Message size too large.")
}

pub(crate) fn body_too_large() -> Reply {
    error(413, "RequestEntityTooLarge", "The request body is too large.")
}

pub(crate) fn undecryptable_conversation() -> Reply {
    error(403, "BadArgument", "Failed to decrypt conversation id")
}

pub(crate) fn undecryptable_person() -> Reply {
    error(403, "BadArgument", "Failed to decrypt pairwise id")
}

pub(crate) fn unknown_conversation(problem: UnknownConversation) -> Reply {
    match problem {
        UnknownConversation::Malformed => bad_syntax("Bad format of conversation ID"),
        UnknownConversation::Undecryptable => undecryptable_conversation(),
        UnknownConversation::NotFound => conversation_not_found(),
    }
}

pub(crate) fn access_denied(denial: AccessDenial) -> Reply {
    match denial {
        AccessDenial::TenantDisabled | AccessDenial::Disallowed => {
            error(403, "BotDisabledByAdmin", "The tenant admin disabled this bot")
        }
        AccessDenial::NotInRoster => error(
            403,
            "BotNotInConversationRoster",
            "The bot is not part of the conversation roster.",
        ),
        AccessDenial::Blocked => writes_blocked(),
        AccessDenial::Archived => bad_argument("The team is archived and read-only."),
        AccessDenial::Deleted => conversation_not_found(),
    }
}

pub(crate) fn throttled(refused: LimitExceeded, policy: RetryAfter) -> Reply {
    let seconds = match policy {
        RetryAfter::Computed => Some(round_up(refused.wait)),
        RetryAfter::Absent => None,
        RetryAfter::Seconds(seconds) => Some(seconds),
    };
    Reply {
        retry_after: seconds,
        ..error(429, "Throttled", "Too Many Requests")
    }
}

/// Whole seconds, at least one.
fn round_up(wait: Duration) -> u32 {
    u32::try_from(wait.as_micros().div_ceil(1_000_000).max(1)).unwrap_or(u32::MAX)
}

/// The response of an injected fault.
pub(crate) fn of_fault(fault: &Fault) -> Answer {
    const GATEWAY: &str = "<html><head><title>502 Bad Gateway</title></head>\
        <body><center><h1>502 Bad Gateway</h1></center></body></html>";
    Answer::Reply(match fault {
        Fault::Reset => return Answer::Reset,
        Fault::Throttled { retry_after } => Reply {
            retry_after: *retry_after,
            ..error(429, "Throttled", "Too Many Requests")
        },
        Fault::RequestTimeout => Reply::empty(408),
        Fault::PreconditionFailed => error(
            412,
            "PreconditionFailed",
            "Precondition failed, please try again.",
        ),
        Fault::ServerError => error(500, "ServiceError", "Unknown"),
        Fault::BadGateway => Reply {
            media: Media::Html,
            body: GATEWAY.into(),
            ..Reply::empty(502)
        },
        Fault::ServiceUnavailable => error(503, "ServiceUnavailable", "The service is unavailable."),
        Fault::GatewayTimeout => error(504, "GatewayTimeout", "Gateway timeout"),
        Fault::Answer {
            status,
            body,
            retry_after,
        } => {
            let media = match body.as_str() {
                "" => Media::Empty,
                body if serde_json::from_str::<serde::de::IgnoredAny>(body).is_ok() => Media::Json,
                body if body.trim_start().starts_with('<') => Media::Html,
                _ => Media::Text,
            };
            Reply {
                retry_after: *retry_after,
                media,
                body: body.clone().into(),
                ..Reply::empty(*status)
            }
        }
    })
}
