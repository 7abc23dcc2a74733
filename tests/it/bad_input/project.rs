//! host.json and function.json as the real host would refuse them.

use crate::support::{
    handler::{Handler, serve},
    http::Answer,
    room::Room,
};
use reqwest::Method;

/// A function that is wrong does not stop the others; what is wrong is said at the start.
async fn reported_at_start(room: Room, words: &[&str]) -> Handler {
    let mut handler = serve(room).spawn();
    if !handler.refused().await {
        Answer::to(handler.request(Method::GET, "/api/notification/none")).await;
    }
    handler.says(words).await;
    handler
}

#[tokio::test]
async fn a_broken_host_json_names_line_and_column() {
    let room = Room::new();
    room.write(
        "host.json",
        "{\n  \"version\": \"2.0\"\n  \"customHandler\": {}\n}",
    );
    serve(room)
        .end()
        .await
        .complains(&["host.json", "line 3", "column"]);
}

#[tokio::test]
async fn a_host_json_of_another_version_is_refused() {
    let room = Room::new();
    room.edit("host.json", |host| host["version"] = "3.0".into());
    serve(room)
        .end()
        .await
        .complains(&["host.json", "version", "2.0"]);
}

#[tokio::test]
async fn a_broken_function_json_names_file_line_and_column() {
    let room = Room::new();
    room.write(
        "timerTrigger/function.json",
        "{\n  \"bindings\": [\n    { \"type\": }\n  ]\n}",
    );
    reported_at_start(room, &["timerTrigger/function.json", "line 3", "column"]).await;
}

#[tokio::test]
async fn a_wrong_ncrontab_names_the_field() {
    let cases: [(&str, &[&str]); 8] = [
        ("99 * * * * *", &["second"]),
        ("0 60 * * * *", &["minute"]),
        ("0 0 24 * * *", &["hour"]),
        ("0 0 0 32 * *", &["day"]),
        ("0 0 0 1 13 *", &["month"]),
        ("0 0 0 * * 7", &["week"]),
        ("0 0 0 ? * *", &["day"]),
        ("1,,2 * * * * *", &["second"]),
    ];
    for (schedule, words) in cases {
        let room = Room::new();
        room.edit("timerTrigger/function.json", |function| {
            function["bindings"][0]["schedule"] = schedule.into()
        });
        let words: Vec<_> = ["timerTrigger"].iter().chain(words).copied().collect();
        reported_at_start(room, &words).await;
    }
}

#[tokio::test]
async fn functions_that_the_host_would_refuse_are_reported() {
    let room = Room::new();
    room.edit("timerTrigger/function.json", |function| {
        function["bindings"][0]["type"] = "sundial".into()
    });
    reported_at_start(room, &["timerTrigger", "sundial"]).await;

    let room = Room::new();
    room.edit("timerTrigger/function.json", |function| {
        function["bindings"] = serde_json::json!([])
    });
    reported_at_start(room, &["timerTrigger", "trigger"]).await;

    let room = Room::new();
    room.edit("messageHandler/function.json", |function| {
        function["bindings"][0]["route"] = "admin/messages".into()
    });
    reported_at_start(room, &["messageHandler", "admin"]).await;
}

#[tokio::test]
async fn the_other_functions_go_on() {
    let room = Room::new();
    room.edit("timerTrigger/function.json", |function| {
        function["bindings"][0]["schedule"] = "never".into()
    });
    let handler = reported_at_start(room, &["timerTrigger"]).await;
    handler.sends(&serde_json::json!({ "text": "hello" })).await;
}
