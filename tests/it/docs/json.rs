//! JSON of the guides, read by what it is meant for.

use super::markdown::{Block, guide, guides};
use crate::support::{
    handler::{custom, dev},
    http::Answer,
    room::Room,
    wait,
};
use functions_project::{Project, Settings, Trigger};
use serde_json::Value;
use std::collections::BTreeSet;

/// The blocks of a guide, which must be so many: one more is one that nobody reads.
fn blocks<const N: usize>(name: &str) -> [Value; N] {
    let guide = guide(name);
    let values: Vec<Value> = guide.blocks_of("json").map(|block| read(name, block)).collect();
    values.try_into().unwrap_or_else(|values: Vec<_>| {
        panic!(
            "{name} has {} blocks of JSON, of which {N} are known",
            values.len()
        )
    })
}

fn read(name: &str, block: &Block) -> Value {
    serde_json::from_str(&block.text).unwrap_or_else(|error| panic!("{name}:{}: {error}", block.line))
}

#[test]
fn no_other_guide_has_json() {
    let with: Vec<String> = guides()
        .into_iter()
        .filter(|guide| guide.blocks_of("json").next().is_some())
        .map(|guide| guide.name)
        .collect();
    assert_eq!(
        with,
        [
            "README.md",
            "docs/cards.md",
            "docs/make-it-yours.md",
            "crates/custom-handler/README.md"
        ]
    );
}

#[tokio::test]
async fn the_request_of_the_readme_is_accepted_and_what_the_guide_to_cards_warns_of_is_told() {
    let [request] = blocks("README.md");
    let handler = dev(Room::new()).start().await;
    handler.notify(&request).await.expect(202);
    let [warning] = blocks("docs/cards.md");
    let misspelt = serde_json::json!({ "card": "alert", "data": { "severty": "critical" } });
    let accepted = handler.notify(&misspelt).await.expect(202).json();
    assert_eq!(accepted["warnings"], serde_json::json!([warning]));
}

/// A project with these files, as the Functions host reads it: without a problem.
fn project(files: &[(&str, &Value)]) -> Project {
    let room = Room::empty();
    room.write(
        "host.json",
        r#"{ "version": "2.0", "customHandler": { "description": { "defaultExecutablePath": "handler" } } }"#,
    );
    for (name, value) in files {
        room.write(name, &value.to_string());
    }
    let settings = Settings::none().with("AzureWebJobsStorage", "UseDevelopmentStorage=true");
    let project = Project::load(room.folder(), &settings).unwrap();
    assert!(project.problems().is_empty(), "{:?}", project.problems());
    project
}

#[test]
fn the_functions_of_the_guides_are_read_as_the_host_reads_them() {
    let [alert] = blocks("docs/make-it-yours.md");
    let made = project(&[("alertTrigger/function.json", &alert)]);
    let [function] = made.functions() else {
        panic!("one function")
    };
    let Trigger::Http(http) = &function.trigger else {
        panic!("an HTTP trigger")
    };
    // What the heading's code, and the address in its comment, rely on.
    assert_eq!(
        (function.name.as_str(), http.route.to_string().as_str()),
        ("alertTrigger", "alerts/{team}")
    );

    let [host, shout, _] = blocks("crates/custom-handler/README.md");
    let made = project(&[("host.json", &host), ("shout/function.json", &shout)]);
    let [function] = made.functions() else {
        panic!("one function")
    };
    assert!(matches!(function.trigger, Trigger::Queue(_)) && function.name.as_str() == "shout");
}

#[tokio::test]
async fn a_line_of_the_log_has_the_fields_that_the_guide_shows() {
    let [_, _, shown] = blocks("crates/custom-handler/README.md");
    let handler = custom(Room::new())
        .set("LOG_LEVEL", "info,custom_handler=info")
        .start()
        .await;
    let envelope = serde_json::json!({ "Data": { "timer": {} }, "Metadata": {} });
    Answer::to(handler.post("/reconcileTimer", &envelope))
        .await
        .expect(200);
    let line = wait::until("the line of the invocation", async || {
        let lines = handler.output.events();
        lines
            .into_iter()
            .find(|line| line["function"] == "reconcileTimer" && line["target"] == shown["target"])
    })
    .await;
    let fields = |line: &Value| line.as_object().unwrap().keys().cloned().collect::<BTreeSet<_>>();
    assert_eq!(fields(&line), fields(&shown), "{line}");
    let shape = |line: &Value| {
        let message = line["message"].as_str().unwrap();
        let words = message.split(' ').filter(|word| !word.contains('.')).skip(1);
        words.map(str::to_owned).collect::<Vec<_>>()
    };
    assert_eq!(shape(&line), shape(&shown), "{line}");
}
