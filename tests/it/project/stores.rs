//! A project with stores of its own: what it knows and what it has begun is there after a restart.

use super::{Bot, PREFIX, of_project, room};
use crate::support::{
    activities::{Teams, personal},
    connector::Connector,
    handler::{Handler, Signal, custom, run_build},
    http::Answer,
    room::Room,
    wait,
};
use reqwest::Method;
use serde_json::{Value, json};
use std::time::Duration;

const OWN: (&str, &str) = ("OPERATIONS_STORE", "1");

#[tokio::test]
async fn everything_is_in_the_projects_own_stores() {
    let bot = Bot::in_room(room(), &[OWN]).await;
    bot.acknowledges(&bot.teams.personal_install(1, 0)).await;
    bot.says(&personal(1), 1).await;
    let alert = json!({ "title": "Disk is full", "severity": "critical" });
    let answer = bot.post("/alerts/payments", &alert).await.expect(202);
    let id = answer.json()["id"].as_str().unwrap().to_owned();
    let status = bot.ends(&id).await;
    assert_eq!(status["counts"]["delivered"], 1, "{status}");
    let health = Answer::to(bot.request(Method::GET, "/health")).await.expect(200);
    assert_eq!(health.json()["status"], "ok");

    let room = &bot.handler.room;
    assert!(room.read("installations.json").contains(&personal(1)));
    let objects: Value = serde_json::from_str(&room.read("objects.json")).unwrap();
    let names: Vec<&String> = objects["objects"].as_object().unwrap().keys().collect();
    assert!(names.iter().any(|name| name.contains(&id)), "{names:?}");
    assert!(
        !names.iter().any(|name| name.starts_with("references/")),
        "{names:?}"
    );
    let built_in = |name: &String| name.starts_with(".notify") || name.starts_with(".notification");
    assert!(!room.names().iter().any(built_in), "{:?}", room.names());
}

#[tokio::test]
async fn a_restart_continues_what_was_begun() {
    let connector = Connector::start().await;
    let teams = Teams::at(&connector.service_url());
    let start = async |room: Room| {
        of_project(custom(room))
            .settings([OWN, ("NOTIFICATION_RATE", "1000")])
            .start()
            .await
    };
    let handler: Handler = start(room()).await;
    let messages = format!("{PREFIX}/bot/messages");
    for n in 1..=3 {
        let install = teams.personal_install(n, 0);
        Answer::to(handler.post(&messages, &install)).await.expect(200);
    }
    wait::until("the greetings", async || {
        (connector.messages().len() == 3).then_some(())
    })
    .await;
    // Teams takes its time, and the process is killed meanwhile.
    connector.take_time(Duration::from_secs(600));
    let alert = json!({ "title": "Disk is full", "severity": "critical" });
    let answer = Answer::to(handler.post(&format!("{PREFIX}/alerts/payments"), &alert))
        .await
        .expect(202);
    let id = answer.json()["id"].as_str().unwrap().to_owned();
    let room = handler.kill().await;
    assert!(
        room.read("objects.json").contains(&id) && room.read("installations.json").contains(&personal(3))
    );
    connector.take_time(Duration::ZERO);

    let handler = start(room).await;
    let status = wait::until("the notification ends", async || {
        let path = format!("{PREFIX}/notices/{id}");
        let status = Answer::to(handler.request(Method::GET, &path))
            .await
            .expect(200)
            .json();
        (status["state"] == "finished").then_some(status)
    })
    .await;
    assert_eq!(status["counts"]["delivered"], 3, "{status}");

    // Operators ask the same stores.
    let (_, room, _) = handler.stop(Signal::Term).await;
    let listed = run_build(
        &super::built().program,
        &room,
        &["references", "list"],
        &[OWN],
        "",
    )
    .await;
    assert!(
        (1..=3).all(|n| listed.stdout.contains(&personal(n))),
        "{listed:#?}"
    );
    let shown = run_build(
        &super::built().program,
        &room,
        &["notification", "show", &id],
        &[OWN],
        "",
    )
    .await;
    assert!(
        shown.stdout.contains(&id) && shown.stdout.contains("finished"),
        "{shown:#?}"
    );
}
