//! Answers as Teams, its gateways and its older routes give them.

use super::*;

fn post(status: u16, body: &str) -> (Verdict, Option<String>) {
    let answer = classify(Operation::Post, status, body.as_bytes(), None);
    assert_eq!(answer.status, Some(status));
    (answer.verdict, answer.code.map(|code| code.to_string()))
}

fn coded(verdict: Verdict, code: &str) -> (Verdict, Option<String>) {
    (verdict, Some(code.to_owned()))
}

const HTML: &str = "<html><head><title>502 Bad Gateway</title></head></html>";
const DENIED: &str = r#"{"message":"Authorization has been denied for this request."}"#;

#[test]
fn ids_are_kept_as_far_as_a_ledger_can() {
    let id = |body: &str| match classify(Operation::Post, 201, body.as_bytes(), None).verdict {
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
        "no JSON",
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
        (200, HTML),
        (204, ""),
    ] {
        assert_eq!(post(status, body).0, Verdict::Delivered(None), "{status} {body}");
    }
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
    assert_eq!(
        post(403, r#"{"error":{"code":"BotDisabledByAdmin","message":"…"}}"#),
        coded(Verdict::TenantRefused, "BotDisabledByAdmin")
    );
    let inner = r#"{"error":{"code":"Forbidden","innerHttpError":{"statusCode":403,"body":{"error":{"code":"BotNotInConversationRoster"}}}}}"#;
    assert_eq!(post(403, inner), coded(Verdict::Uninstalled, "Forbidden"));
    // A word in text counts where no code does.
    assert_eq!(
        post(403, "Operation failed: BotNotInConversationRoster").0,
        Verdict::Uninstalled
    );
}

#[test]
fn refusals_that_say_little_keep_the_target() {
    assert_eq!(post(403, ""), (Verdict::Failed, None));
    assert_eq!(post(403, HTML), (Verdict::Failed, None));
    assert_eq!(post(404, "").0, Verdict::Failed);
    assert_eq!(post(404, HTML).0, Verdict::Failed);
    for code in ["InvalidBotApiHost", "NotEnoughPermissions", "ServiceError"] {
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
    let busy = |status| classify(Operation::Post, status, b"", wait).verdict;
    assert_eq!(busy(429), Verdict::Throttled { retry_after: wait });
    assert_eq!(busy(412), Verdict::NotNow { retry_after: wait });
    assert_eq!(busy(503), Verdict::NotNow { retry_after: wait });
    for status in [408, 500, 502, 504, 520] {
        assert_eq!(post(status, HTML), (Verdict::Ambiguous, None), "{status}");
    }
}

#[test]
fn a_missing_message_is_not_a_missing_conversation() {
    let edit = |operation| classify(operation, 404, b"", None).verdict;
    assert_eq!(edit(Operation::Update), Verdict::NotFound);
    assert_eq!(edit(Operation::Delete), Verdict::NotFound);
    assert_eq!(
        classify(Operation::Delete, 200, b"{\"id\":\"1\"}", None).verdict,
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
