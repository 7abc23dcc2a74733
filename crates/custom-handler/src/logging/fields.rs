//! What a line has to say besides its message: the event's own fields and those of the spans around it.

use std::fmt;

use serde_json::{Map, Value};
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Subscriber};
use tracing_subscriber::layer::Context;
use tracing_subscriber::registry::LookupSpan;

/// A span's fields, kept with the span.
struct SpanFields(Map<String, Value>);

/// Message and fields of one event.
#[derive(Default)]
pub(super) struct Fields {
    pub(super) message: String,
    pub(super) map: Map<String, Value>,
    /// Names in the order of the event, without those of its spans.
    pub(super) order: Vec<&'static str>,
}

impl Fields {
    /// Everything of an event, an inner span's field before an outer one's of the same name.
    pub(super) fn of<S>(event: &Event<'_>, context: &Context<'_, S>) -> Self
    where
        S: Subscriber + for<'a> LookupSpan<'a>,
    {
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
        let mut fields = Self::default();
        event.record(&mut fields);
        all.extend(std::mem::take(&mut fields.map));
        fields.map = all;
        fields
    }

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
                self.order.push(name);
                self.map.insert(name.to_owned(), value);
            }
        }
    }
}

/// Keeps a new span's fields.
pub(super) fn keep<S>(attributes: &Attributes<'_>, id: &Id, context: &Context<'_, S>)
where
    S: Subscriber + for<'a> LookupSpan<'a>,
{
    let mut fields = Fields::default();
    attributes.record(&mut fields);
    if let Some(span) = context.span(id) {
        span.extensions_mut().replace(SpanFields(fields.map));
    }
}

/// Adds fields that a span was given later.
pub(super) fn add<S>(id: &Id, values: &Record<'_>, context: &Context<'_, S>)
where
    S: Subscriber + for<'a> LookupSpan<'a>,
{
    let mut fields = Fields::default();
    values.record(&mut fields);
    if let Some(span) = context.span(id)
        && let Some(kept) = span.extensions_mut().get_mut::<SpanFields>()
    {
        kept.0.extend(fields.map);
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
