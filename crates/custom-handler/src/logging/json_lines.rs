//! `tracing` events as flat JSON lines.

use std::fmt;
use std::io::Write as _;

use serde::Serialize;
use serde_json::{Map, Value};
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Subscriber};
use tracing_subscriber::Layer;
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::layer::Context;
use tracing_subscriber::registry::LookupSpan;

/// A `tracing-subscriber` layer that writes each event as one line, for custom subscribers. Otherwise call
/// [`install`](super::install).
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

/// A span's fields, kept with the span.
struct SpanFields(Map<String, Value>);

impl<S, W> Layer<S> for JsonLines<W>
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    W: for<'a> MakeWriter<'a> + 'static,
{
    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        let mut fields = Fields::default();
        attributes.record(&mut fields);
        if let Some(span) = context.span(id) {
            span.extensions_mut().insert(SpanFields(fields.map));
        }
    }

    fn on_record(&self, id: &Id, values: &Record<'_>, context: Context<'_, S>) {
        let mut fields = Fields::default();
        values.record(&mut fields);
        if let Some(span) = context.span(id)
            && let Some(kept) = span.extensions_mut().get_mut::<SpanFields>()
        {
            kept.0.extend(fields.map);
        }
    }

    fn on_event(&self, event: &Event<'_>, context: Context<'_, S>) {
        let mut all = Map::new();
        for span in context
            .event_scope(event)
            .into_iter()
            .flat_map(|scope| scope.from_root())
        {
            if let Some(kept) = span.extensions().get::<SpanFields>() {
                all.extend(kept.0.clone());
            }
        }
        let mut fields = Fields::default();
        event.record(&mut fields);
        all.extend(fields.map);
        let meta = event.metadata();
        let line = line(meta.level().as_str(), meta.target(), &fields.message, &all);
        // There is nowhere to report a log that can't be written.
        let _ = self.writer.make_writer().write_all(line.as_bytes());
    }
}

/// One line, newline included. Fields with the name of a standard property get an underscore.
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

#[derive(Default)]
struct Fields {
    message: String,
    map: Map<String, Value>,
}

impl Fields {
    fn put(&mut self, field: &Field, value: Value) {
        match field.name() {
            "message" => {
                self.message = match value {
                    Value::String(text) => text,
                    other => other.to_string(),
                }
            }
            taken @ ("timestamp" | "level" | "target") => {
                self.map.insert(format!("{taken}_"), value);
            }
            name => {
                self.map.insert(name.to_owned(), value);
            }
        }
    }
}

impl Visit for Fields {
    fn record_f64(&mut self, field: &Field, value: f64) {
        self.put(field, Value::from(value));
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.put(field, Value::from(value));
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.put(field, Value::from(value));
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.put(field, Value::from(value));
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.put(field, Value::from(value));
    }

    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.put(field, Value::from(format!("{value:?}")));
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use tracing_subscriber::layer::SubscriberExt as _;

    use super::*;

    /// A log kept in memory.
    #[derive(Clone, Default)]
    struct Kept(Arc<Mutex<Vec<u8>>>);

    impl std::io::Write for Kept {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0.lock().unwrap().write(bytes)
        }

        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }

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
        let text = String::from_utf8(written.0.lock().unwrap().clone()).unwrap();
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
