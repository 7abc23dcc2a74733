//! The sandbox's page in a real browser.

use super::{at_least, conversation};
use crate::support::{browser, handler::dev, room::Room};

#[tokio::test]
async fn cards_are_drawn_live_by_the_official_renderer() {
    let room = Room::new();
    browser::with_renderer(&room);
    let handler = dev(room).start().await;
    at_least(&handler, &conversation(&handler, "personal").await, 1).await;
    browser::run("drawn.mjs", &[&handler.url(""), &handler.printed_key().unwrap()]).await;
}

#[tokio::test]
async fn without_the_renderer_the_content_is_shown_and_what_is_missing_is_said() {
    let handler = dev(Room::new()).start().await;
    at_least(&handler, &conversation(&handler, "personal").await, 1).await;
    browser::run("plain.mjs", &[&handler.url("")]).await;
}

#[tokio::test]
async fn the_buttons_install_uninstall_write_and_block() {
    let handler = dev(Room::new()).start().await;
    at_least(&handler, &conversation(&handler, "personal").await, 1).await;
    browser::run(
        "buttons.mjs",
        &[&handler.url(""), &handler.printed_key().unwrap()],
    )
    .await;
}

#[tokio::test]
async fn the_switches_are_those_of_the_control_api_and_end_by_themselves() {
    let handler = dev(Room::new()).start().await;
    at_least(&handler, &conversation(&handler, "personal").await, 1).await;
    browser::run("switches.mjs", &[&handler.url("")]).await;
}
