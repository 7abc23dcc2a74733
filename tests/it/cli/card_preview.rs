//! `handler card preview`: what the page shows in a browser, and nothing of it from the network.

use crate::support::{browser, handler::run, room::Room};
use serde_json::json;

fn room() -> Room {
    let room = Room::empty();
    browser::with_renderer(&room);
    let card = |greeting: &str| {
        json!({
            "type": "AdaptiveCard", "version": "1.5",
            "body": [
                { "type": "TextBlock", "text": format!("{greeting} ${{if(exists($host.recipient.locale), $host.recipient.locale, '?')}}, **${{title}}**") },
                { "type": "TextBlock", "text": "${markup}" },
                { "type": "TextBlock", "text": "{{DATE(${when}, SHORT)}}" },
                { "type": "Image", "url": "https://pictures.example.com/a.png", "altText": "a picture" },
            ],
            "actions": [{ "type": "Action.Execute", "title": "Acknowledge", "verb": "acknowledge" }],
        })
        .to_string()
    };
    room.write("cards/hello.json", &card("Hello"));
    room.write("cards/hello.de.json", &card("Hallo"));
    let markup = "</script><script>document.title = 'broken'</script><img src=x onerror=alert(1)>";
    let data = json!({ "title": "Ann", "markup": markup, "when": "2026-01-30T14:05:00Z" });
    room.write("cards/hello.data.json", &data.to_string());
    room.write(
        "other.json",
        &json!({ "title": "Bob", "markup": "x", "when": "2026-01-30T14:05:00Z" }).to_string(),
    );
    room
}

#[tokio::test]
async fn every_language_is_drawn_light_and_dark_on_desktop_and_phone() {
    let room = room();
    let finished = run(&room, &["card", "preview", "cards/hello.json"], &[], "").await;
    assert_eq!(finished.success().stdout, "hello.preview.html\n");
    let page = room.path("hello.preview.html");
    browser::run(
        "preview.mjs",
        &[page.to_str().unwrap(), "en-US=Hello en-US", "de=Hallo de"],
    )
    .await;
}

#[tokio::test]
async fn one_language_other_data_and_standard_output() {
    let room = room();
    let arguments = [
        "card",
        "preview",
        "cards/hello.json",
        "--locale",
        "de-AT",
        "--data",
        "other.json",
        "--out",
        "-",
    ];
    let finished = run(&room, &arguments, &[], "").await;
    let page = &finished.success().stdout;
    assert!(page.starts_with("<!doctype html>"), "{}", &page[..100]);
    assert!(page.contains("Hallo de-AT, **Bob**") && !page.contains("Hello en"));
    let finished = run(&room, &["card", "preview", "cards/nowhere.json"], &[], "").await;
    finished.complains(&["nowhere.json"]);
}
