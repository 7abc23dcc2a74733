//! `tracing` events as flat JSON lines.

use std::io::Write as _;

use serde::Serialize;
use serde_json::{Map, Value};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Subscriber};
use tracing_subscriber::Layer;
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::layer::Context;
use tracing_subscriber::registry::LookupSpan;

use super::fields::{self, Fields};

/// A `tracing-subscriber` layer that writes each event as one line; for those who put a subscriber together
/// themselves. Anything else calls [`install`](super::install).
#[derive(Debug)]
pub struct JsonLines<W> {
    writer: W,
}

impl<W> JsonLines<W> {
    /// Writes to `writer`, for example `std::io::stdout`.
    pub fn new(writer: W) -> Self {
        Self { writer }
    }
}

impl<S, W> Layer<S> for JsonLines<W>
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    W: for<'a> MakeWriter<'a> + 'static,
{
    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        fields::keep(attributes, id, &context);
    }

    fn on_record(&self, id: &Id, values: &Record<'_>, context: Context<'_, S>) {
        fields::add(id, values, &context);
    }

    fn on_event(&self, event: &Event<'_>, context: Context<'_, S>) {
        let fields = Fields::of(event, &context);
        let meta = event.metadata();
        let line = line(meta.level().as_str(), meta.target(), &fields.message, &fields.map);
        // A log that cannot be written has nowhere to say so.
        let _ = self.writer.make_writer_for(meta).write_all(line.as_bytes());
    }
}

/// One line, newline included. Fields named like the line's own members get an underscore.
pub(super) fn line(level: &str, target: &str, message: &str, fields: &Map<String, Value>) -> String {
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
        message,
        fields,
    })
    .unwrap_or_default();
    text.push('\n');
    text
}

#[cfg(test)]
mod tests {
    use tracing_subscriber::layer::SubscriberExt as _;

    use super::super::kept::Kept;
    use super::*;

    #[test]
    fn an_event_is_one_flat_line_with_its_spans_fields() {
        let written = Kept::default();
        let writer = written.clone();
        let subscriber = tracing_subscriber::registry().with(JsonLines::new(move || writer.clone()));
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
