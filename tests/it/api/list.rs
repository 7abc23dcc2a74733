//! `GET /api/notification`: every notification once, newest first, page by page.

use super::served;
use crate::support::{
    activities::entra,
    connector::Reply,
    handler::{Handler, serve},
    http::Answer,
};
use reqwest::Method;
use serde_json::{Value, json};

async fn page(handler: &Handler, query: &str) -> Value {
    let path = format!("/api/notification?{query}");
    Answer::to(handler.request(Method::GET, &path))
        .await
        .expect(200)
        .json()
}

/// All pages of a list.
async fn all(handler: &Handler, query: &str) -> Vec<Value> {
    let (mut found, mut after) = (Vec::new(), String::new());
    for _ in 0..50 {
        let page = page(handler, &format!("{query}{after}")).await;
        found.extend(page["notifications"].as_array().unwrap().iter().cloned());
        match page["next"].as_str() {
            Some(next) => after = format!("&after={next}"),
            None => return found,
        }
    }
    panic!("the list doesn't end: {found:#?}");
}

fn ids(items: &[Value]) -> Vec<&str> {
    items.iter().map(|item| item["id"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn every_notification_is_in_it_once_newest_first() {
    let (handler, _connector) = served(1).await;
    assert_eq!(page(&handler, "").await, json!({ "notifications": [] }));
    let to = json!({ "users": [entra(1)] });
    let mut sent = Vec::new();
    for n in 0..5 {
        let id = handler
            .accepts(&json!({ "text": format!("{n}"), "audience": to }))
            .await;
        handler.ends(&id).await;
        sent.push(id);
    }
    let parent = sent[4].clone();
    let path = format!("/api/notification/{parent}");
    let child = Answer::to(handler.request(Method::DELETE, &path))
        .await
        .expect(202)
        .json();
    let child = child["id"].as_str().unwrap().to_owned();
    handler.ends(&child).await;
    sent.push(child.clone());
    sent.reverse();

    for limit in [1, 2, 4, 6, 200] {
        let items = all(&handler, &format!("limit={limit}")).await;
        assert_eq!(ids(&items), sent, "limit {limit}");
    }
    let exact = page(&handler, "limit=6").await;
    assert_eq!(exact.get("next"), None, "the last page says so: {exact}");

    let items = all(&handler, "").await;
    assert_eq!(
        (&items[0]["kind"], &items[0]["of"]),
        (&json!("delete"), &json!(parent))
    );
    for item in &items {
        let id = item["id"].as_str().unwrap();
        let status = handler.status(id).await;
        for name in [
            "state",
            "createdAt",
            "finishedAt",
            "total",
            "counts",
            "kind",
            "of",
            "links",
        ] {
            assert_eq!(item.get(name), status.get(name), "{name} of {id}");
        }
    }
    let since = items[2]["createdAt"].as_str().unwrap();
    assert_eq!(ids(&all(&handler, &format!("since={since}")).await), sent[..3]);
    assert_eq!(ids(&all(&handler, "state=finished&limit=2").await), sent);
    assert_eq!(all(&handler, "state=cancelled").await, [] as [Value; 0]);
}

/// What was sent before entries said what became of it is read.
#[tokio::test]
async fn entries_without_metadata_and_unfinished_notifications_are_in_it() {
    let (handler, connector) = served(2).await;
    let done = handler
        .accepts(&json!({ "text": "a", "audience": { "users": [entra(1)] } }))
        .await;
    handler.ends(&done).await;
    connector.everything(Some(Reply::throttled(600)));
    let open = handler
        .accepts(&json!({ "text": "b", "audience": { "users": [entra(2)] } }))
        .await;
    let before = all(&handler, "").await;
    assert_eq!(ids(&before), [&open, &done]);
    assert_eq!(before[0]["state"], "sending");
    assert_eq!(before[0]["counts"]["pending"], 1);
    assert_eq!(ids(&all(&handler, "state=sending").await), [&open]);

    // A store as the version before left it.
    let room = handler.kill().await;
    let mut entries = 0;
    for file in crate::support::modes::kept(&room) {
        let name = file.display().to_string();
        if name.contains("/timeline/") && file.is_file() {
            entries += usize::from(forget_metadata(&file));
        }
    }
    assert!(entries > 0, "no entry's metadata was found");
    let handler = serve(room).start().await;
    let after = all(&handler, "").await;
    assert_eq!(ids(&after), ids(&before));
    assert_eq!(after[1], before[1]);
}

/// Leaves in an entry only what the version before wrote: its time.
fn forget_metadata(file: &std::path::Path) -> bool {
    let bytes = std::fs::read(file).unwrap();
    let end = bytes.iter().position(|byte| *byte == b'\n').unwrap();
    let mut head: Value = serde_json::from_slice(&bytes[..end]).unwrap();
    let metadata = head["metadata"].as_object_mut().unwrap();
    let before = metadata.len();
    metadata.retain(|name, _| name == "at");
    let forgotten = before > metadata.len();
    let text = [head.to_string().as_bytes(), &bytes[end..]].concat();
    std::fs::write(file, text).unwrap();
    forgotten
}
