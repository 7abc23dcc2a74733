//! One answer speaks of one recipient and one moment: it stops nobody else's message and takes no reference away.

use super::LocalBot;
use crate::{
    custom_handler::tick,
    support::{
        activities::{TEAM, group, personal, user},
        connector::Reply,
        http::Answer,
        notification::{count, to_all},
        wait,
    },
};
use serde_json::{Value, json};

/// Fast enough for hundreds of people.
const FAST: (&str, &str) = ("NOTIFICATION_RATE", "1000");

fn to_everybody(text: &str) -> Value {
    to_all(json!({ "text": text, "onUncertain": "report" }))
}

#[tokio::test]
async fn an_app_that_one_person_may_not_use_is_that_person_s_outcome() {
    let bot = LocalBot::with_people(300, &[FAST]).await;
    bot.connector.always(&personal(7), Reply::disabled());
    for text in ["first", "second"] {
        let id = bot.handler.accepts(&to_everybody(text)).await;
        let status = bot.handler.ends(&id).await;
        assert_eq!(
            (
                &status["state"],
                count(&status, "delivered"),
                count(&status, "blocked")
            ),
            (&json!("finished"), 299, 1),
            "{text}: {status}"
        );
        let line = bot.handler.outcome(&id, &personal(7)).await;
        assert_eq!(
            (&line["status"], &line["code"]),
            (&json!(403), &json!("BotDisabledByAdmin")),
            "{line}"
        );
        // At once where others got it before, else after three tries; and anew by each run.
        assert!((1..=3).contains(&line["attempts"].as_u64().unwrap()), "{line}");
    }
    // The policy changed.
    bot.connector.relent(&personal(7));
    let status = bot.handler.sends(&to_everybody("third")).await;
    assert_eq!(count(&status, "delivered"), 300, "{status}");
}

#[tokio::test]
async fn an_app_that_is_not_allowed_is_reported_in_many_ways() {
    let bot = LocalBot::with_people(8, &[]).await;
    let inner = json!({ "subCode": "botDisabledByAdmin", "details": null });
    let replies = [
        Reply::error(403, "botdisabledbyadmin"),
        Reply::json(403, &json!({ "errorCode": 209, "message": inner.to_string() })),
        Reply::json(
            403,
            &json!({ "error": { "code": "Forbidden", "innerHttpError": { "statusCode": 403,
                "body": { "error": { "code": "BotDisabledByAdmin" } } } } }),
        ),
        Reply::json(
            403,
            &json!({ "error": { "code": "Forbidden", "message": "Refused: BOTDISABLEDBYADMIN." } }),
        ),
        Reply::raw(403, "BotDisabledByAdmin: the app is disabled"),
        Reply::json(
            403,
            &json!({ "errorCode": 209, "message": "Reason: BotDisabledByAdmin" }),
        ),
    ];
    for (n, reply) in (1..).zip(replies) {
        bot.connector.always(&personal(n), reply);
    }
    // The chat is gone, and no other may be opened.
    bot.connector
        .always(&personal(7), Reply::error(404, "ConversationNotFound"));
    bot.connector.always("", Reply::disabled());
    for text in ["first", "second"] {
        let id = bot.handler.accepts(&to_everybody(text)).await;
        let status = bot.handler.ends(&id).await;
        assert_eq!(
            (count(&status, "delivered"), count(&status, "blocked")),
            (1, 7),
            "{text}: {status}"
        );
        for n in 1..=7 {
            let line = bot.handler.outcome(&id, &personal(n)).await;
            let code = line["code"].as_str().unwrap_or_default().to_lowercase();
            assert!(code.contains("botdisabledbyadmin"), "{n}: {line}");
        }
    }
}

#[tokio::test]
async fn a_tenant_where_the_app_is_disabled_for_everybody_waits_and_nobody_is_given_up() {
    let bot = LocalBot::with_people(20, &[]).await;
    bot.connector.everything(Some(Reply::disabled()));
    let first = bot.handler.accepts(&to_everybody("first")).await;
    let status = bot.handler.waits(&first).await;
    let wait = &status["waiting"][0];
    assert_eq!(
        (&wait["reason"], &wait["code"], count(&status, "pending")),
        (&json!("not-allowed"), &json!("BotDisabledByAdmin"), 20),
        "{status}"
    );
    bot.connector.everything(None);
    let second = bot.handler.accepts(&to_everybody("second")).await;
    for id in [first, second] {
        let status = bot.handler.ends(&id).await;
        assert_eq!(count(&status, "delivered"), 20, "{status}");
    }
}

#[tokio::test]
async fn a_timer_goes_on_reaching_the_others() {
    let bot = LocalBot::with_people(3, &[]).await;
    bot.connector.always(&personal(1), Reply::disabled());
    for (nth, at) in ["2026-11-22T07:00:00Z", "2026-11-22T08:00:00Z"]
        .into_iter()
        .enumerate()
    {
        wait::until("the tick's cards for the others", async || {
            // Skipped as long as the one before is on its way.
            Answer::to(bot.handler.post("/timerTrigger", &tick(Some(at), at)))
                .await
                .expect(200);
            (bot.connector.reached().len() == 2 * (nth + 1)).then_some(())
        })
        .await;
    }
    let wanted = [2, 2, 3, 3].map(personal);
    assert_eq!(bot.connector.reached(), wanted);
}

#[tokio::test]
async fn an_incident_that_denies_every_conversation_loses_no_reference() {
    let bot = LocalBot::with_people(300, &[FAST]).await;
    bot.connector
        .everything(Some(Reply::error(404, "ConversationNotFound")));
    let status = bot.handler.sends(&to_everybody("lost")).await;
    assert_eq!(
        (&status["state"], count(&status, "gone")),
        (&json!("finished"), 300),
        "{status}"
    );
    let everybody: Vec<String> = (1..=300).map(personal).collect();
    bot.knows(&everybody);
    bot.connector.everything(None);
    let status = bot.handler.sends(&to_everybody("arrives")).await;
    assert_eq!(
        (&status["total"], count(&status, "delivered")),
        (&json!(300), 300),
        "{status}"
    );
    assert_eq!(bot.connector.reached(), everybody);
    bot.knows(&everybody);
}

#[tokio::test]
async fn a_person_a_group_and_a_team_are_tried_again_whatever_was_answered_once() {
    let bot = LocalBot::with_people(1, &[]).await;
    bot.acknowledges(&bot.teams.group_update(1, "add", 0)).await;
    bot.acknowledges(&bot.teams.team_update("add", TEAM, 0)).await;
    let known = [personal(1), group(1), TEAM.to_owned()];
    let answers = [
        (Reply::uninstalled(), "uninstalled"),
        (Reply::error(404, "BotNotInConversationRoster"), "uninstalled"),
        (Reply::error(403, "ConversationNotFound"), "gone"),
        (Reply::error(404, "ConversationNotFound"), "gone"),
        (Reply::error(404, "UserNotFound"), "gone"),
        (Reply::html(404), "failed"),
        (Reply::empty(403), "failed"),
    ];
    for (reply, outcome) in answers {
        bot.connector.everything(Some(reply.clone()));
        let status = bot.handler.sends(&to_everybody("lost")).await;
        assert_eq!(
            (&status["total"], count(&status, outcome)),
            (&json!(3), 3),
            "{reply:?}: {status}"
        );
        bot.connector.everything(None);
        let status = bot.handler.sends(&to_everybody("arrives")).await;
        assert_eq!(
            (&status["total"], count(&status, "delivered")),
            (&json!(3), 3),
            "after {reply:?}: {status}"
        );
        bot.knows(&known);
    }
    // Events remove them, as ever.
    bot.acknowledges(&bot.teams.group_update(1, "remove", 60)).await;
    bot.acknowledges(&bot.teams.team_event("teamDeleted", 60)).await;
    bot.acknowledges(&bot.teams.personal_update(1, "remove", 60))
        .await;
    bot.knows(&[]);
}

#[tokio::test]
async fn a_bot_that_is_not_in_the_roster_yet_is_tried_once_more_in_the_same_run() {
    let bot = LocalBot::start().await;
    bot.acknowledges(&bot.teams.team_update("add", TEAM, 0)).await;
    bot.connector.script(TEAM, [Reply::uninstalled()]);
    let status = bot.handler.sends(&to_everybody("seconds after")).await;
    assert_eq!(count(&status, "delivered"), 1, "{status}");
}

#[tokio::test]
async fn only_an_empty_body_or_json_is_a_message() {
    let pages = [
        Reply::html(200),
        Reply::html(201).with("content-type", "application/json"),
        Reply::raw(200, "OK"),
        Reply::raw(200, "\u{feff}<html></html>"),
        Reply::raw(201, r#"{"id":"17"#),
        Reply::raw(202, r#"{"id":"17"} <!-- appended -->"#),
    ];
    let messages = [
        Reply::empty(200),
        Reply::raw(202, " \r\n\t"),
        Reply::raw(200, "\u{feff}\n"),
        Reply::raw(201, "\u{feff} {\"id\":\"18\"} "),
        Reply::raw(200, "{}"),
        Reply::raw(200, "null"),
        Reply::raw(200, "\"x\""),
        Reply::json(201, &json!({ "id": null })).with("content-type", "text/html"),
    ];
    let (first, second) = (pages.len() as u32, messages.len() as u32);
    let bot = LocalBot::with_people(first + second, &[]).await;
    for (n, reply) in (1..).zip(pages.into_iter().chain(messages)) {
        bot.connector.script(&personal(n), [reply]);
    }
    let id = bot.handler.accepts(&to_everybody("hello")).await;
    let status = bot.handler.ends(&id).await;
    for n in 1..=first {
        let line = bot.handler.outcome(&id, &personal(n)).await;
        assert_eq!(
            (&line["outcome"], &line["code"], &line["activityId"]),
            (&json!("uncertain"), &json!("not-teams-json"), &Value::Null),
            "{n}: {line}"
        );
    }
    for n in first + 1..=first + second {
        let line = bot.handler.outcome(&id, &personal(n)).await;
        assert_eq!(line["outcome"], "delivered", "{n}: {line}");
    }
    assert_eq!(
        bot.handler.outcome(&id, &personal(first + 4)).await["activityId"],
        "18"
    );
    assert_eq!(count(&status, "delivered"), u64::from(second), "{status}");
}

#[tokio::test]
async fn under_resend_a_page_instead_of_an_answer_is_posted_again_and_counted() {
    let bot = LocalBot::with_people(2, &[]).await;
    bot.connector.script(&personal(1), [Reply::html(200)]);
    let status = bot
        .handler
        .sends(&json!({ "text": "hello", "audience": { "users": [user(1), user(2)] } }))
        .await;
    assert_eq!(
        (count(&status, "delivered"), status["resent"].as_u64()),
        (2, Some(1)),
        "{status}"
    );
    let posts = bot.connector.calls();
    assert_eq!(
        posts
            .iter()
            .filter(|call| call.conversation == personal(1))
            .count(),
        2
    );
}
