//! host.json and function.json as the real host would refuse them.

use crate::support::{
    handler::{Handler, custom, serve},
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

/// With Blob Storage the wake-ups' way is chosen by the same files: that must not report them a second time.
#[tokio::test]
async fn a_broken_function_json_is_reported_once_under_the_functions_host() {
    // A storage account that nobody is at: the start doesn't wait for it.
    let account = "DefaultEndpointsProtocol=http;AccountName=a;AccountKey=c2VjcmV0;\
        BlobEndpoint=http://127.0.0.1:1/a;QueueEndpoint=http://127.0.0.1:1/a";
    let room = Room::new();
    room.write("timerTrigger/function.json", "{");
    room.write(
        "unknownTrigger/function.json",
        r#"{"bindings":[{"type":"timerTrigger","name":"t","schedule":"0 0 0 1 1 *"}]}"#,
    );
    let handler = custom(room).set("AzureWebJobsStorage", account).start().await;
    // The last line of the check of files and code.
    handler.says(&["unknownTrigger", "no code"]).await;
    let events = handler.output.events();
    let about = |event: &&serde_json::Value| event.to_string().contains("timerTrigger");
    let reports: Vec<_> = events.iter().filter(about).collect();
    assert_eq!(reports.len(), 1, "{reports:#?}");
    assert_eq!(reports[0]["level"], "WARN");
    assert!(
        reports[0]["problem"]
            .as_str()
            .unwrap()
            .contains("timerTrigger/function.json, line 1")
    );
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
