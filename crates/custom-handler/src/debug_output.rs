//! `{:?}` of what holds a trigger's value or a function's result prints none of it: a project may log any of them.

use crate::{Batch, Binary, Envelope, Invocation, QueueItem, Reply, Text, Trigger};
use http::HeaderMap;
use serde_json::json;
use std::fmt::Debug;

const SECRET: &str = "planted-word";

#[track_caller]
fn hides(value: &dyn Debug) {
    for shown in [format!("{value:?}"), format!("{value:#?}")] {
        assert!(!shown.contains(SECRET), "{shown}");
        // As a list of numbers it would be there all the same.
        assert!(
            !shown.contains("112, 108") && !shown.contains("112,\n"),
            "{shown}"
        );
    }
}

fn envelope(data: &serde_json::Value) -> Envelope {
    let body = json!({ "Data": { "job": data }, "Metadata": { "Id": SECRET } });
    Envelope::parse(body.to_string().as_bytes()).unwrap()
}

#[test]
fn trigger_values() {
    let text = envelope(&json!(SECRET));
    hides(&text);
    hides(&text.data("job").unwrap());
    hides(&text.metadata("Id").unwrap());
    hides(&QueueItem::decode(&text, None).unwrap());
    hides(&Text::decode(&text, None).unwrap());
    hides(&Binary(SECRET.into()));
    hides(&Batch::decode(&envelope(&json!([SECRET, { SECRET: SECRET }])), None).unwrap());
    hides(&Invocation::new("f".into(), &HeaderMap::new(), text));
}

#[test]
fn results() {
    let reply = Reply::new()
        .queue("out", [SECRET])
        .output("card", json!({ SECRET: SECRET }))
        .log(SECRET)
        .return_value(json!(SECRET));
    hides(&reply);
}
