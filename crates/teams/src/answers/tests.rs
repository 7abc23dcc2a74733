//! Answers as Teams, its gateways and its older routes give them.

use super::*;
use crate::cloud::{Cloud, CloudName};

fn whole(body: &str) -> Body {
    Body::Whole(body.as_bytes().to_vec())
}

fn hosts() -> ServiceHosts {
    Cloud::named(CloudName::Public).hosts
}

fn answer(operation: Operation, status: u16, body: &str) -> (Verdict, Option<String>) {
    let answer = classify(operation, status, &whole(body), None, &hosts());
    assert_eq!(answer.status, Some(status));
    (answer.verdict, answer.code.map(|code| code.to_string()))
}

fn post(status: u16, body: &str) -> (Verdict, Option<String>) {
    answer(Operation::Post, status, body)
}

fn coded(verdict: Verdict, code: &str) -> (Verdict, Option<String>) {
    (verdict, Some(code.to_owned()))
}

const HTML: &str = "<html><head><title>502 Bad Gateway</title></head></html>";
const DENIED: &str = r#"{"message":"Authorization has been denied for this request."}"#;

#[test]
fn ids_are_kept_as_far_as_a_ledger_can() {
    let id = |body: &str| match post(201, body).0 {
        Verdict::Delivered(id) => id.map(|id| id.to_string()),
        other => panic!("{other:?}"),
    };
    assert_eq!(id(r#"{"id":"17"}"#).as_deref(), Some("17"));
    assert_eq!(id(r#"{"id":17}"#).as_deref(), Some("17"));
    for body in [
        r#"{"id":null}"#,
        r#"{"id":{}}"#,
        r#"{"id":""}"#,
        "[]",
        &format!(r#"{{"id":"{}"}}"#, "x".repeat(100_000)),
    ] {
        assert_eq!(id(body), None);
    }
}

#[test]
fn accepted_with_and_without_an_id() {
    assert_eq!(
        post(201, r#"{"id":"1767603800789"}"#).0,
        Verdict::Delivered(Some("1767603800789".into()))
    );
    assert_eq!(
        post(200, r#"{"id":"17\u0036","other":[1]}"#).0,
        Verdict::Delivered(Some("176".into()))
    );
    for (status, body) in [
        (202, ""),
        (202, "{}"),
        (200, r#"{"id":""}"#),
        (201, r#"{"id":null}"#),
        (200, " \u{feff}".trim_start()),
        (204, ""),
    ] {
        assert_eq!(post(status, body).0, Verdict::Delivered(None), "{status} {body}");
    }
    assert_eq!(
        post(200, "\u{feff}{\"id\":\"17\"}\n").0,
        Verdict::Delivered(Some("17".into()))
    );
}

#[test]
fn a_page_with_a_good_status_proves_nothing() {
    for body in [HTML, "OK", r#"{"id":"17"#, "<b>{\"id\":\"17\"}</b>"] {
        for operation in [Operation::Post, Operation::Update, Operation::Delete] {
            assert_eq!(
                answer(operation, 200, body),
                coded(Verdict::Ambiguous, "not-teams-json"),
                "{operation:?} {body}"
            );
        }
        // Nothing was posted by opening a chat.
        assert_eq!(
            answer(Operation::Open, 200, body),
            coded(Verdict::OnceMore, "not-teams-json")
        );
        assert_eq!(
            answer(Operation::Read, 200, body),
            coded(Verdict::Failed, "unreadable-answer")
        );
    }
    let cut = Body::Cut(Vec::new());
    let request_failed = classify(Operation::Post, 201, &cut, None, &hosts());
    assert_eq!(
        request_failed.verdict,
        Verdict::Ambiguous,
        "a head without its body"
    );
}

#[test]
fn the_person_or_the_place() {
    assert_eq!(
        post(
            403,
            r#"{"error":{"code":"BotNotInConversationRoster","message":"The bot is not part of the roster."}}"#
        ),
        coded(Verdict::Uninstalled, "BotNotInConversationRoster")
    );
    assert_eq!(
        post(
            403,
            r#"{"errorCode":209,"message":"{\"subCode\":\"MessageWritesBlocked\",\"details\":null,\"errorCode\":null,\"errorSubCode\":null}"}"#
        ),
        coded(Verdict::Blocked, "209/MessageWritesBlocked")
    );
    assert_eq!(
        post(403, r#"{"errorCode":209,"message":"no more"}"#),
        coded(Verdict::Blocked, "209")
    );
    assert_eq!(
        post(
            403,
            r#"{"error":{"code":"ServiceError","message":"{\"subCode\":\"MessageWritesBlocked\"}"}}"#
        ),
        coded(Verdict::Blocked, "ServiceError/MessageWritesBlocked")
    );
    assert_eq!(
        post(403, r#"{"error":{"code":"ConversationBlockedByUser"}}"#),
        coded(Verdict::Blocked, "ConversationBlockedByUser")
    );
    assert_eq!(
        post(404, r#"{"error":{"code":"ConversationNotFound"}}"#),
        coded(Verdict::NotFound, "ConversationNotFound")
    );
    let inner = r#"{"error":{"code":"Forbidden","innerHttpError":{"statusCode":403,"body":{"error":{"code":"BotNotInConversationRoster"}}}}}"#;
    assert_eq!(
        post(403, inner),
        coded(Verdict::Uninstalled, "Forbidden/BotNotInConversationRoster")
    );
    // A word in text counts where no code does.
    assert_eq!(
        post(403, "Operation failed: BotNotInConversationRoster").0,
        Verdict::Uninstalled
    );
}

#[test]
fn an_app_that_is_not_allowed_is_reported_by_code_sub_code_or_word() {
    let sub_code = r#"{"errorCode":209,"message":"{\"subCode\":\"BotDisabledByAdmin\"}"}"#;
    for (body, code) in [
        (
            r#"{"error":{"code":"BotDisabledByAdmin","message":"…"}}"#,
            "BotDisabledByAdmin",
        ),
        (r#"{"error":{"code":"BOTDISABLEDBYADMIN"}}"#, "BOTDISABLEDBYADMIN"),
        (sub_code, "209/BotDisabledByAdmin"),
        (
            r#"{"error":{"code":"Forbidden","message":"botDisabledByAdmin, says the policy"}}"#,
            "Forbidden/BotDisabledByAdmin",
        ),
        ("BotDisabledByAdmin", "BotDisabledByAdmin"),
        (
            r#"{"errorCode":209,"message":"BotDisabledByAdmin"}"#,
            "209/BotDisabledByAdmin",
        ),
    ] {
        for operation in [
            Operation::Post,
            Operation::Open,
            Operation::Update,
            Operation::Delete,
        ] {
            assert_eq!(
                answer(operation, 403, body),
                coded(Verdict::Disallowed, code),
                "{operation:?} {body}"
            );
        }
    }
    // The person's own block keeps its meaning.
    assert_eq!(
        post(
            403,
            r#"{"errorCode":209,"message":"{\"subCode\":\"MessageWritesBlocked\"}"}"#
        )
        .0,
        Verdict::Blocked
    );
}

#[test]
fn refusals_that_say_little_keep_the_target() {
    assert_eq!(post(403, ""), (Verdict::Failed, None));
    assert_eq!(post(403, HTML), (Verdict::Failed, None));
    assert_eq!(post(404, "").0, Verdict::Failed);
    assert_eq!(post(404, HTML).0, Verdict::Failed);
    for code in ["NotEnoughPermissions", "ServiceError"] {
        assert_eq!(
            post(403, &format!(r#"{{"error":{{"code":"{code}"}}}}"#)),
            coded(Verdict::Failed, code)
        );
    }
    assert_eq!(post(405, "").0, Verdict::Failed);
    assert_eq!(post(302, "").0, Verdict::Failed);
    assert_eq!(
        post(501, r#"{"error":{"code":"NotImplemented"}}"#).0,
        Verdict::Failed
    );
}

#[test]
fn a_wrong_address_is_told_by_its_code_its_words_or_its_shape() {
    let wrong = |named: Option<&str>| Verdict::WrongAddress {
        named: named.map(Into::into),
    };
    // As documented: the message names the host of the cloud.
    let gcc = r#"{"error":{"code":"InvalidBotApiHost","message":"Invalid bot api host. For GCC tenants, please call `https://smba.infra.gcc.teams.microsoft.com`."}}"#;
    let named = wrong(Some("https://smba.infra.gcc.teams.microsoft.com/"));
    assert_eq!(post(403, gcc), coded(named, "InvalidBotApiHost"));
    let elsewhere = gcc.replace("smba.infra.gcc.teams.microsoft.com", "evil.example");
    assert_eq!(post(403, &elsewhere), coded(wrong(None), "InvalidBotApiHost"));
    let nameless = r#"{"error":{"code":"InvalidBotApiHost"}}"#;
    assert_eq!(post(403, nameless), coded(wrong(None), "InvalidBotApiHost"));
    // As reported.
    let geo = r#"{"code":"BadArgument","message":"Incoming request was redirected to the wrong geo! Current geo: EMEA, Target geo: EUDB"}"#;
    let region = r#"{"error":{"code":"BadArgument","message":"User is from different region"}}"#;
    for operation in [
        Operation::Post,
        Operation::Open,
        Operation::Update,
        Operation::Delete,
    ] {
        for (status, body) in [(400, geo), (403, region)] {
            assert_eq!(
                answer(operation, status, body),
                coded(wrong(None), "BadArgument"),
                "{operation:?} {body}"
            );
        }
    }
    // The connector's own refusals have an `error`; what has none comes from what stands before it.
    assert_eq!(
        post(400, r#"{"code":"BadArgument","message":"…"}"#),
        coded(wrong(None), "BadArgument")
    );
    for body in [
        r#"{"error":{"code":"BadArgument","message":"…"}}"#,
        r#"{"errorCode":209,"message":"…"}"#,
        r#"{"code":"Not a code","message":"…"}"#,
        r#"{"message":"…"}"#,
        HTML,
        "",
    ] {
        assert_eq!(post(400, body).0, Verdict::Rejected, "{body}");
    }
}

#[test]
fn ids_of_another_bot_and_credentials_concern_the_run() {
    for status in [400, 403] {
        let body = r#"{"error":{"code":"BadArgument","message":"Failed to decrypt conversation id"}}"#;
        assert_eq!(post(status, body), coded(Verdict::WrongBot, "BadArgument"));
        assert_eq!(
            post(status, &body.replace("conversation", "pairwise")).0,
            Verdict::WrongBot
        );
    }
    assert_eq!(post(401, DENIED), (Verdict::Unauthorized, None));
    assert_eq!(
        post(401, r#"{"error":{"code":"BotNotRegistered"}}"#).0,
        Verdict::Unauthorized
    );
}

#[test]
fn the_content_is_refused() {
    assert_eq!(
        post(413, r#"{"error":{"code":"MessageSizeTooBig"}}"#),
        coded(Verdict::Rejected, "MessageSizeTooBig")
    );
    assert_eq!(post(413, "").0, Verdict::Rejected);
    assert_eq!(
        post(
            400,
            r#"{"error":{"code":"BadSyntax","message":"No valid activities found"}}"#
        )
        .0,
        Verdict::Rejected
    );
    assert_eq!(post(400, "").0, Verdict::Rejected);
}

#[test]
fn the_service_is_busy_or_unsure() {
    let wait = Some(Duration::from_secs(7));
    let busy = |status| classify(Operation::Post, status, &whole(""), wait, &hosts()).verdict;
    assert_eq!(busy(429), Verdict::Throttled { retry_after: wait });
    assert_eq!(busy(412), Verdict::NotNow { retry_after: wait });
    assert_eq!(busy(503), Verdict::NotNow { retry_after: wait });
    for status in [408, 500, 502, 504, 520] {
        assert_eq!(post(status, HTML), (Verdict::Ambiguous, None), "{status}");
    }
}

#[test]
fn only_its_own_code_says_that_a_message_is_gone() {
    let inner =
        r#"{"error":{"code":"ServiceError","message":"{\"subCode\":\"ActivityNotFoundInConversation\"}"}}"#;
    for operation in [Operation::Update, Operation::Delete] {
        for body in [
            r#"{"error":{"code":"ActivityNotFoundInConversation"}}"#,
            r#"{"error":{"code":"activitynotfoundinconversation"}}"#,
            inner,
        ] {
            assert_eq!(answer(operation, 404, body).0, Verdict::MessageGone, "{body}");
        }
        for (status, body) in [
            (404, ""),
            (404, HTML),
            (404, "<p>ActivityNotFoundInConversation</p>"),
            (404, r#"{"error":{"code":"ServiceError"}}"#),
            (404, r#"{"error":{"code":"ConversationNotFound"}}"#),
            (404, r#"{"error":{"code":"BotNotInConversationRoster"}}"#),
            (403, r#"{"error":{"code":"ConversationNotFound"}}"#),
            (400, r#"{"error":{"code":"UserNotFound"}}"#),
        ] {
            assert_eq!(
                answer(operation, status, body).0,
                Verdict::OnceMore,
                "{status} {body}"
            );
        }
    }
    assert_eq!(
        answer(
            Operation::Delete,
            404,
            r#"{"error":{"code":"ConversationNotFound"}}"#
        )
        .1
        .as_deref(),
        Some("ConversationNotFound")
    );
    assert_eq!(
        answer(Operation::Delete, 200, "{\"id\":\"1\"}").0,
        Verdict::Delivered(None)
    );
}

#[test]
fn a_code_is_a_code_and_never_a_sentence() {
    assert_eq!(
        post(
            400,
            r#"{"error":{"code":"Mail anna@example.com was not delivered"}}"#
        )
        .1,
        None
    );
    let nested = r#"{"message":"{\"message\":\"{}\"}"}"#;
    assert_eq!(post(400, nested), (Verdict::Rejected, None));
    assert_eq!(
        post(400, "\u{feff}{\"error\":{\"code\":\"BadArgument\"}}")
            .1
            .as_deref(),
        Some("BadArgument")
    );
}
