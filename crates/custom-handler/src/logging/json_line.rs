//! A line of the log as a flat JSON object.

use serde::Serialize;
use serde_json::{Map, Value};

use super::fields::Fields;

/// One line, newline included. Fields named like the line's own members get an underscore.
pub(super) fn line(level: &str, target: &str, fields: &Fields) -> String {
    #[derive(Serialize)]
    struct Line<'a> {
        timestamp: String,
        level: &'a str,
        target: &'a str,
        message: &'a str,
        #[serde(flatten)]
        fields: &'a Map<String, Value>,
    }
    let timestamp = format!("{:.3}", jiff::Timestamp::now());
    let mut text = serde_json::to_string(&Line {
        timestamp,
        level,
        target,
        message: &fields.message,
        fields: &fields.map,
    })
    .unwrap_or_default();
    text.push('\n');
    text
}

#[cfg(test)]
mod tests {
    use tracing_subscriber::layer::SubscriberExt as _;

    use super::*;
    use crate::logging::{Lines, captured::Kept};

    #[test]
    fn an_event_is_one_flat_line_with_its_spans_fields() {
        let written = Kept::default();
        let writer = written.clone();
        let subscriber = tracing_subscriber::registry().with(Lines::json(move || writer.clone()));
        tracing::subscriber::with_default(subscriber, || {
            let outer = tracing::info_span!(
                "invocation",
                invocation_id = "0d5f",
                later = tracing::field::Empty
            );
            let _outer = outer.enter();
            outer.record("later", 7);
            let _inner = tracing::info_span!("step", n = 1).entered();
            tracing::warn!(
                level = "mine",
                n = 2,
                skipped = None::<&str>,
                "two\nlines {}",
                1.5
            );
        });
        let text = written.text();
        assert_eq!(text.matches('\n').count(), 1, "{text}");
        let line: Value = serde_json::from_str(&text).unwrap();
        assert_eq!(line["message"], "two\nlines 1.5");
        assert_eq!(
            (&line["level"], &line["level_"]),
            (&Value::from("WARN"), &Value::from("mine"))
        );
        assert_eq!(
            (&line["invocation_id"], &line["later"], &line["n"]),
            (&"0d5f".into(), &7.into(), &2.into())
        );
        assert!(line.get("skipped").is_none());
        assert!(line["timestamp"].as_str().unwrap().ends_with('Z'), "{text}");
    }
}
