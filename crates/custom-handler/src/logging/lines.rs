//! The layer that writes each `tracing` event as one line. How a line looks is in `json_line` and `plain_line`.

use std::io::Write as _;

use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Subscriber};
use tracing_subscriber::Layer;
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::layer::Context;
use tracing_subscriber::registry::LookupSpan;

use super::fields::{self, Fields};
use super::format::Colours;
use super::{json_line, plain_line};

/// How a line is written.
#[derive(Clone, Copy, Debug)]
pub(super) enum LineStyle {
    /// A flat JSON object.
    Json,
    /// For a person.
    Plain(Colours),
}

impl LineStyle {
    /// One line, newline included.
    pub(super) fn line(self, level: &str, target: &str, fields: &Fields) -> String {
        match self {
            Self::Json => json_line::line(level, target, fields),
            Self::Plain(colours) => plain_line::line(level, fields, colours),
        }
    }
}

/// A `tracing-subscriber` layer that writes each event as one line; for those who put a subscriber together
/// themselves. Anything else calls [`install`](super::install).
#[derive(Debug)]
pub struct Lines<W> {
    writer: W,
    style: LineStyle,
}

impl<W> Lines<W> {
    /// Writes JSON lines to `writer`, for example `std::io::stdout`.
    pub fn json(writer: W) -> Self {
        Self::new(writer, LineStyle::Json)
    }

    pub(super) fn new(writer: W, style: LineStyle) -> Self {
        Self { writer, style }
    }
}

impl<S, W> Layer<S> for Lines<W>
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
        let line = self.style.line(meta.level().as_str(), meta.target(), &fields);
        // A log that cannot be written has nowhere to say so.
        let _ = self.writer.make_writer_for(meta).write_all(line.as_bytes());
    }
}
