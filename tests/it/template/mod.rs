//! What users edit: `src/`, `cards/`, host.json and the functions' folders, as they are in this checkout.
//!
//! These tests are the users' own, to be changed with those files. A card, a function or a language more turns none of them
//! red unless something is wrong with it. All other tests run the fixture bot (`tests/it/fixtures/bot`).

mod apart;
mod cards;

use crate::support::{
    handler::{Handler, custom, dev, run_build},
    http::{Answer, client},
    room::Room,
};
use serde_json::json;
use std::{fs, path::Path};

/// The program that `src/` makes.
const PROGRAM: &str = env!("CARGO_BIN_EXE_handler");

const PROJECT: &str = env!("CARGO_MANIFEST_DIR");

fn room() -> Room {
    Room::of(Path::new(PROJECT), Path::new(PROGRAM))
}

/// Nothing that it logged is an error or a warning: a function without code, code without a function, a broken card. That
/// the page has no renderer here is none of the template's business.
#[track_caller]
fn has_no_complaint(handler: &Handler) {
    let text = handler.output.text();
    for event in handler.output.events() {
        let level = event["level"].as_str().unwrap();
        let of_page = event["message"] == "the page shows cards as text";
        assert!(of_page || !["WARN", "ERROR"].contains(&level), "{text}");
    }
    assert!(handler.output.err().is_empty(), "{text}");
}

#[tokio::test]
async fn every_card_is_clean_with_its_sample() {
    let names = fs::read_dir(Path::new(PROJECT).join("cards")).unwrap();
    let mut files: Vec<String> = names
        .map(|entry| format!("cards/{}", entry.unwrap().file_name().to_str().unwrap()))
        .filter(|name| name.ends_with(".json"))
        .collect();
    files.sort();
    let arguments: Vec<&str> = ["card", "check", "--deny", "warnings"]
        .into_iter()
        .chain(files.iter().map(String::as_str))
        .collect();
    let checked = run_build(Path::new(PROGRAM), &room(), &arguments, &[], "").await;
    assert_eq!(checked.success().stdout, "");
}

#[tokio::test]
async fn it_starts_under_the_functions_host_without_complaint() {
    let handler = custom(room()).of(Path::new(PROGRAM)).start().await;
    // Answered once the bot is set up.
    let health = Answer::to(client().get(handler.url("/api/health"))).await;
    assert_eq!(health.status, 200, "{health:#?}\n{}", handler.output.text());
    has_no_complaint(&handler);
}

#[tokio::test]
async fn dev_reaches_the_three_installations_of_its_sandbox() {
    let handler = dev(room()).of(Path::new(PROGRAM)).start().await;
    let status = handler
        .sends(&json!({ "text": "hello", "audience": { "all": true } }))
        .await;
    assert_eq!(status["counts"]["delivered"], 3, "{status}");
    has_no_complaint(&handler);
}
