//! Cards that would overflow the stack, or keep a processor or the memory busy: refused when they are sent, rejected when an
//! earlier program has accepted them, and in nobody's way meanwhile.

use crate::support::{
    activities::personal,
    connector::Reply,
    handler::custom,
    http::Answer,
    local_bot::LocalBot,
    notification::{accepted, to, to_all},
    room::Room,
    wait,
};
use reqwest::Method;
use serde_json::{Value, json};
use std::path::{Path, PathBuf};

/// A text that is evaluated in itself.
const ITSELF: &str = "${stringOrValue(s)}";

fn card(text: &str) -> Value {
    json!({ "type": "AdaptiveCard", "version": "1.5", "body": [{ "type": "TextBlock", "text": text }] })
}

/// Hostile bodies, with a word of the limit that each reaches.
fn hostile() -> Vec<(Value, &'static str)> {
    let turns = |body: &str| card(&format!("${{count(select(range(0, 100000), i, {body}))}}"));
    let long = "a".repeat(190_000);
    let items: Vec<u32> = (0..20_000).collect();
    vec![
        (json!({ "card": card(ITSELF), "data": { "s": ITSELF } }), "levels"),
        (
            json!({ "card": { "type": "AdaptiveCard", "$data": ITSELF, "body": [] }, "data": { "s": format!("x {ITSELF}") } }),
            "levels",
        ),
        (
            json!({ "card": turns("indexOf(s, 'b')"), "data": { "s": long } }),
            "steps",
        ),
        (
            json!({ "card": turns("l == reverse(l)"), "data": { "l": items } }),
            "steps",
        ),
        (
            json!({ "card": turns("flatten(createArray(l, l))"), "data": { "l": items } }),
            "bytes",
        ),
        (
            json!({ "card": turns("int(s)"), "data": { "s": "7".repeat(190_000) } }),
            "steps",
        ),
    ]
}

/// The folders of notifications in the file store.
fn stored(room: &Room) -> Vec<PathBuf> {
    let folder = room.path(".notify/objects/notifications");
    let entries =
        std::fs::read_dir(folder).map(|entries| entries.map(|entry| entry.unwrap().path()).collect());
    entries.unwrap_or_default()
}

#[tokio::test]
async fn a_card_without_end_is_refused_and_nothing_is_stored() {
    let bot = LocalBot::with_people(1, &[]).await;
    for (body, limit) in hostile() {
        let problem = bot.handler.notify(&body).await.problem(400);
        let (pointer, detail) = (&problem["pointer"], problem["detail"].as_str().unwrap());
        assert!(pointer.as_str().unwrap().starts_with("/card/"), "{problem}");
        assert!(detail.contains(limit), "{problem}");
    }
    assert_eq!(stored(&bot.handler.room), [] as [PathBuf; 0]);
    let status = bot.handler.sends(&json!({ "text": "still here" })).await;
    assert_eq!(status["counts"]["delivered"], 1, "{status}");

    // In a replacement too.
    let id = status["id"].as_str().unwrap();
    let (body, limit) = hostile().swap_remove(0);
    let path = format!("/api/notification/{id}");
    let put = bot
        .handler
        .request(Method::PUT, &path)
        .header("content-type", "application/json")
        .body(body.to_string());
    let problem = Answer::to(put).await.problem(400);
    assert!(problem["detail"].as_str().unwrap().contains(limit), "{problem}");
    assert_eq!(bot.handler.status(id).await["state"], "finished");
}

#[tokio::test]
async fn an_alert_does_not_wait_until_hostile_cards_have_been_refused() {
    let bot = LocalBot::with_people(1, &[]).await;
    let (body, _) = hostile().swap_remove(2);
    let slow = |_| {
        let request = bot.handler.post("/api/notification", &body);
        tokio::spawn(async move { Answer::to(request).await })
    };
    // More than can be filled side by side.
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let slow: Vec<_> = (0..6 * cores.max(2)).map(slow).collect();
    // They have been sent once one of them is answered.
    let started = slow.len();
    wait::until("the first refusal", async || {
        slow.iter()
            .any(tokio::task::JoinHandle::is_finished)
            .then_some(())
    })
    .await;
    let mut alerts = Vec::new();
    for card in [json!("alert"), card("${title}")] {
        let data = json!({ "title": "Down", "text": "The shop is down" });
        let alert = json!({ "card": card, "data": data, "priority": "urgent" });
        alerts.push(accepted(&bot.handler.notify(&alert).await.expect(202).json()));
        let refused = slow.iter().filter(|slow| slow.is_finished()).count();
        assert!(refused < started, "all were refused before an alert was accepted");
    }
    for alert in alerts {
        assert_eq!(bot.handler.ends(&alert).await["counts"]["delivered"], 1);
    }
    for slow in slow {
        slow.await.unwrap().problem(400);
    }
}

/// The file of a notification's record.
fn record(folder: &Path) -> PathBuf {
    let files = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path());
    let is_record = |file: &PathBuf| {
        let name = file.file_name().unwrap().to_string_lossy();
        name.starts_with("notification.json")
    };
    files.into_iter().find(is_record).unwrap()
}

#[tokio::test]
async fn what_an_earlier_program_has_accepted_ends_as_rejected_and_the_process_lives() {
    let bot = LocalBot::with_people(3, &[]).await;
    // Nothing is posted while Teams asks to wait.
    bot.connector.always(&personal(1), Reply::throttled(15));
    let first = bot
        .handler
        .accepts(&to(&[personal(1)], json!({ "text": "hello" })))
        .await;
    wait::until("Teams asks to wait", async || {
        (bot.connector.calls().len() == 1).then_some(())
    })
    .await;
    // As long as the text that takes its place: an earlier program accepted that, and fell over it.
    let plain = "a text without end.";
    assert_eq!(plain.len(), ITSELF.len());
    let body = json!({ "card": card("${stringOrValue(s)}"), "data": { "s": plain } });
    let hostile = bot.handler.accepts(&to_all(body)).await;
    let each = json!({ "card": card("${$host.recipient.name} ${stringOrValue(s)}"), "data": { "s": plain } });
    let each = bot.handler.accepts(&to_all(each)).await;
    let good = bot.handler.accepts(&to_all(json!({ "text": "good" }))).await;
    for id in [&hostile, &each, &good] {
        wait::until("it is planned", async || {
            (bot.handler.status(id).await["planned"] == true).then_some(())
        })
        .await;
    }
    let room = bot.handler.kill().await;
    assert_eq!(bot.connector.calls().len(), 1, "nothing of them was posted");
    for id in [&hostile, &each] {
        let path = record(&room.path(&format!(".notify/objects/notifications/{id}")));
        let text = std::fs::read_to_string(&path).unwrap();
        assert!(text.contains(plain), "{text}");
        std::fs::write(&path, text.replace(plain, ITSELF)).unwrap();
    }
    bot.connector.relent(&personal(1));

    let handler = custom(room).start().await;
    for id in [&hostile, &each] {
        let status = handler.ends(id).await;
        assert_eq!(
            (&status["state"], &status["counts"]["rejected"]),
            (&json!("finished"), &json!(3)),
            "{status}"
        );
        for line in handler.report(id).await {
            assert_eq!(
                (&line["outcome"], &line["code"]),
                (&json!("rejected"), &json!("card-limit")),
                "{line}"
            );
        }
    }
    for (id, reached) in [(&first, 1), (&good, 3)] {
        let status = handler.ends(id).await;
        assert_eq!(status["counts"]["delivered"], reached, "{status}");
    }
    // The next start finds nothing to fall over either.
    let room = handler.kill().await;
    let handler = custom(room).start().await;
    assert_eq!(handler.status(&hostile).await["state"], "finished");
}
