//! The function key of `dev`: made up once, kept for its owner alone.

use crate::support::{
    handler::{Handler, LOCAL_KEY, Signal, dev},
    room::Room,
};
use std::{fs, os::unix::fs::PermissionsExt as _};

const FILE: &str = ".notify/local-key";

/// Its key, once requests with it are let in.
async fn key(handler: &Handler) -> String {
    handler
        .notify(&serde_json::json!({ "text": "hello" }))
        .await
        .expect(202);
    handler.printed_key().unwrap()
}

#[tokio::test]
async fn a_restart_keeps_the_key_and_a_damaged_one_is_replaced() {
    let handler = dev(Room::new()).umask("000").start().await;
    let first = key(&handler).await;
    let (_, room, _) = handler.stop(Signal::Term).await;
    let mode = fs::metadata(room.path(FILE)).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    assert_eq!(room.read(FILE).trim(), first);

    let handler = dev(room).start().await;
    assert_eq!(key(&handler).await, first);
    let (_, room, _) = handler.stop(Signal::Term).await;

    room.write(FILE, &first[..7]);
    let handler = dev(room).start().await;
    let second = key(&handler).await;
    assert!(second != first && second.len() == first.len(), "{second}");
}

#[tokio::test]
async fn a_key_that_is_set_wins_and_is_not_kept() {
    let handler = dev(Room::new())
        .set("NOTIFICATION_LOCAL_KEY", LOCAL_KEY)
        .start()
        .await;
    assert_eq!(key(&handler).await, LOCAL_KEY);
    assert!(!handler.room.path(FILE).exists());
}
