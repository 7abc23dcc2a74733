//! What a bot's store has in it after a busy day that ended with a power cut: every kind of reference, notifications with
//! every outcome, and some that are half sent. Any build of the program can write it; it is seen from outside only.

use super::place::{Place, Unfinished};
use crate::support::{
    activities::{CHANNEL, OTHER_TENANT, TEAM, TENANT, Teams, entra, group, personal, user},
    connector::{Connector, Reply, UNANSWERED},
    handler::{Handler, Signal},
    http::Answer,
    notification::{accepted, count},
    room::Room,
    wait,
};
use reqwest::Method;
use serde_json::{Value, json};
use std::{collections::BTreeMap, ops::RangeInclusive};

/// Where Teams answers: the stored references name it, so it is the same whenever they are used.
pub(crate) const FILE_TEAMS: &str = "127.83.1.1:19101";
/// The same for the store of blobs: the two are used at the same time.
pub(crate) const BLOB_TEAMS: &str = "127.83.1.2:19102";

/// So long Teams wants silence of one tenant: longer than all this takes, and over when the store is read again.
const PAUSE_SECONDS: u64 = 90;
/// So long nothing expires.
const LATE: &str = "2090-01-01T00:00:00Z";
/// Occurrence of the timer that was followed.
pub(crate) const OCCURRENCE: &str = "2026-11-22T07:00:00Z";
/// Idempotency key of the notification `mixed`.
pub(crate) const KEY: &str = "mixed-once";
/// Nobody knows this conversation.
pub(crate) const UNKNOWN: &str = "a:1Unknown";

const EDITED: &str = "7e4a2222-2222-4222-8222-0000000000d0";
const RECALLED: &str = "7e4a2222-2222-4222-8222-0000000000e0";
const PAUSED: &str = "7e4a2222-2222-4222-8222-0000000000f0";
const REPORTED: &str = "7e4a2222-2222-4222-8222-0000000000c0";
const ANSWERED: &str = "7e4a2222-2222-4222-8222-000000000100";
const REFUSED: &str = "7e4a2222-2222-4222-8222-000000000110";
const UNPLANNED: &str = "7e4a2222-2222-4222-8222-000000000120";

/// Who is where: a tenant with the numbers of its people.
pub(crate) const PEOPLE: [(&str, RangeInclusive<u32>); 9] = [
    (TENANT, 1..=9),
    (OTHER_TENANT, 11..=14),
    (REPORTED, 21..=26),
    (EDITED, 31..=34),
    (RECALLED, 41..=44),
    (PAUSED, 51..=53),
    (ANSWERED, 61..=62),
    (REFUSED, 71..=74),
    (UNPLANNED, 81..=120),
];

/// Who said "stop".
pub(crate) const OPTED_OUT: u32 = 2;
/// Who blocked the bot.
pub(crate) const BLOCKED: u32 = 3;
/// Who removed it.
pub(crate) const REMOVED: u32 = 8;

/// Notifications by what they show.
pub(crate) type Ids = BTreeMap<&'static str, String>;

/// A written store with what is to be known of it.
pub(crate) struct Scene {
    pub(crate) room: Room,
    pub(crate) connector: Connector,
    pub(crate) ids: Ids,
}

/// The body of `mixed`, which is asked for once more later.
pub(crate) fn mixed() -> Value {
    json!({ "text": "mixed", "onUncertain": "report", "expiresAt": LATE,
        "audience": { "all": true, "conversations": [UNKNOWN] } })
}

/// A tick of the timer.
pub(crate) fn tick(occurrence: &str) -> Value {
    let status = json!({ "Last": "0001-01-01T00:00:00+00:00", "Next": occurrence,
        "LastUpdated": "0001-01-01T00:00:00+00:00" });
    json!({
        "Data": { "timer": { "Schedule": { "AdjustForDST": true }, "ScheduleStatus": status, "IsPastDue": false } },
        "Metadata": { "sys": { "MethodName": "timerTrigger", "UtcNow": occurrence,
            "RandGuid": "0d5f7f0e-54be-4ba1-9a8e-0a5d3c0f6b77" } },
    })
}

/// Posts with the key of [`mixed`]; the notification's id.
pub(crate) async fn keyed(handler: &Handler, body: &Value) -> String {
    let asked = handler
        .post("/api/notification", body)
        .header("idempotency-key", KEY);
    accepted(&Answer::to(asked).await.expect(202).json())
}

/// Writes the store with the place's build of the program.
pub(crate) async fn write(place: &Place, connector: Connector) -> Scene {
    let mut ids = Ids::new();
    let handler = place.custom(Room::new(), &[("NOTIFICATION_UNNAMED_LIMIT", "20")]);
    let handler = handler.start().await;
    finished(&handler, &connector, &mut ids).await;
    let (_, room, _) = handler.stop(Signal::Term).await;
    let room = half_sent(place, room, &connector, &mut ids).await;
    Scene { room, connector, ids }
}

/// Everything that is known, and what came to its end.
async fn finished(handler: &Handler, connector: &Connector, ids: &mut Ids) {
    let teams = Teams::at(&connector.service_url());
    let tell = async |activity: &Value| drop(handler.receives(activity).await.expect(200));
    for n in 1..=9 {
        tell(&teams.personal_install(n, 0)).await;
    }
    tell(&teams.group_update(1, "add", 0)).await;
    tell(&teams.team_update("add", CHANNEL, 0)).await;
    tell(&teams.personal_message(OPTED_OUT, "stop", 60)).await;
    tell(&teams.personal_update(REMOVED, "remove", 60)).await;

    let before = connector.messages().len();
    Answer::to(handler.post("/timerTrigger", &tick(OCCURRENCE)))
        .await
        .expect(200);
    wait::until("the timer's cards", async || {
        (connector.messages().len() == before + 9).then_some(())
    })
    .await;

    connector.script(&personal(BLOCKED), [Reply::blocked()]);
    connector.script(&personal(4), [Reply::uninstalled()]);
    connector.script(&personal(5), [Reply::error(404, "ConversationNotFound")]);
    connector.script("", [Reply::error(403, "ForbiddenOperationException")]);
    connector.script(&personal(6), [Reply::empty(403)]);
    connector.script(&personal(7), [Reply::html(200)]);
    ids.insert("mixed", keyed(handler, &mixed()).await);
    handler.ends(&ids["mixed"]).await;
    let again = json!({ "text": "again", "expiresAt": LATE, "audience": { "all": true } });
    ids.insert("again", handler.accepts(&again).await);
    handler.ends(&ids["again"]).await;

    for (tenant, people) in PEOPLE.iter().skip(1) {
        let teams = teams.in_tenant(tenant);
        for n in people.clone() {
            tell(&teams.personal_install(n, 0)).await;
        }
    }
    let unnamed = json!({ "text": "unnamed", "expiresAt": LATE });
    ids.insert("unnamed", handler.accepts(&unnamed).await);
    assert_eq!(handler.ends(&ids["unnamed"]).await["state"], "stopped");
    for (name, people) in [("edited", 31..=34), ("recalled", 41..=44)] {
        ids.insert(name, handler.accepts(&to_users(name, people, "resend")).await);
        handler.ends(&ids[name]).await;
    }
    for n in [52, 53] {
        connector.script(&personal(n), [Reply::throttled(PAUSE_SECONDS)]);
    }
    let cancelled = handler.accepts(&to_users("cancelled", 51..=53, "resend")).await;
    wait::until("one message", async || {
        (count(&handler.status(&cancelled).await, "delivered") == 1).then_some(())
    })
    .await;
    let path = format!("/api/notification/{cancelled}/cancel");
    Answer::to(handler.request(Method::POST, &path)).await.expect(202);
    assert_eq!(handler.ends(&cancelled).await["state"], "cancelled");
    ids.insert("cancelled", cancelled);
}

/// What was under way when the power went.
async fn half_sent(place: &Place, room: Room, connector: &Connector, ids: &mut Ids) -> Room {
    let handler = place.busy(room).start().await;
    let never = |people: &[u32]| {
        for n in people {
            connector.always(&personal(*n), Reply::never());
        }
    };
    never(&[13, 14, 23, 24, 25, 26, 33, 34, 43, 44, 71]);
    for n in 72..=74 {
        let denied = json!({ "message": "Authorization has been denied for this request." });
        connector.always(&personal(n), Reply::json(401, &denied));
    }
    let conversations: Vec<String> = (61..=62).chain(71..=74).map(personal).collect();
    let refused =
        json!({ "text": "refused", "expiresAt": LATE, "audience": { "conversations": conversations } });
    let begun = [
        ("resent", to_users("resent", 11..=14, "resend")),
        ("reported", to_users("reported", 21..=24, "report")),
        // No word came back of any of them.
        ("untold", to_users("untold", 25..=26, "resend")),
        ("waiting", to_users("waiting", 51..=53, "resend")),
        ("refused", refused),
    ];
    // All at once: each call waits a while for its posts, and a post has its time too.
    let accepts = begun.map(|(name, body)| {
        let handler = &handler;
        async move { (name, handler.accepts(&body).await) }
    });
    ids.extend(futures::future::join_all(accepts).await);
    let change = async |method: Method, of: &str, text: &str| {
        let mut request = handler.request(method.clone(), &format!("/api/notification/{of}"));
        if method == Method::PUT {
            let body = json!({ "text": text }).to_string();
            request = request.header("content-type", "application/json").body(body);
        }
        accepted(&Answer::to(request).await.expect(202).json())
    };
    let edited = ids["edited"].clone();
    ids.insert("edit", change(Method::PUT, &edited, "edit").await);
    // It waits for the one before it.
    ids.insert("second edit", change(Method::PUT, &edited, "second edit").await);
    ids.insert("recall", change(Method::DELETE, &ids["recalled"], "").await);
    for name in ["resent", "reported", "edit", "recall", "refused"] {
        wait::until(name, async || {
            (count(&handler.status(&ids[name]).await, "delivered") == 2).then_some(())
        })
        .await;
    }
    wait::until(
        "the refusal is waited for, or stops it, as in earlier versions",
        async || {
            let status = handler.status(&ids["refused"]).await;
            (status["state"] == "stopped" || status["waiting"].is_array()).then_some(())
        },
    )
    .await;
    // One tenant's part is planned, the other's waits for a post that is under way.
    ids.insert("partly", change(Method::PUT, &ids["refused"], "partly").await);
    wait::until("a part is planned", async || {
        (handler.status(&ids["partly"]).await["total"] == 2).then_some(())
    })
    .await;
    wait::until("posts without an answer", async || {
        let calls = connector.calls();
        let open = calls.iter().filter(|call| call.status == UNANSWERED);
        (open.count() >= 11).then_some(())
    })
    .await;
    let unplanned = json!({ "text": "unplanned", "expiresAt": LATE, "audience": { "tenants": [UNPLANNED] } });
    match place.ends() {
        Unfinished::ByItself => {
            // The file of its audience is the first that is too large.
            let _ = Answer::try_to(handler.post("/api/notification", &unplanned)).await;
            let room = handler.breaks().await;
            let known: Vec<_> = ids.values().cloned().collect();
            ids.insert("unplanned", place.newest(&room, &known).await);
            room
        }
        Unfinished::Killed => {
            let room = handler.kill().await;
            let handler = place.deaf(room).start().await;
            ids.insert("unplanned", handler.accepts(&unplanned).await);
            handler.kill().await
        }
    }
}

/// A notification to some people by their ids, one kind or the other.
fn to_users(text: &str, people: RangeInclusive<u32>, on_uncertain: &str) -> Value {
    let users: Vec<String> = people
        .map(|n| if n % 2 == 0 { user(n) } else { entra(n) })
        .collect();
    json!({ "text": text, "onUncertain": on_uncertain, "expiresAt": LATE, "audience": { "users": users } })
}

/// Whoever is to get a message to all.
pub(crate) fn everyone() -> Vec<String> {
    let people = PEOPLE.into_iter().flat_map(|(_, people)| people);
    let mut all: Vec<String> = people
        .filter(|n| ![OPTED_OUT, BLOCKED, REMOVED].contains(n))
        .map(personal)
        .chain([group(1), CHANNEL.to_owned()])
        .collect();
    assert!(
        !all.contains(&TEAM.to_owned()),
        "the team is reached in its channel"
    );
    all.sort();
    all
}
