//! A line of the log for a person: `12:34:56 INFO  message  key=value …`, the time being UTC.

use std::fmt::Write as _;

use serde_json::Value;

use super::fields::Fields;
use super::format::Colours;

/// One line, newline included: the message, what the event counts or names, then the ids, the spans' last.
pub(super) fn line(level: &str, fields: &Fields, colours: Colours) -> String {
    let time = jiff::Timestamp::now().strftime("%H:%M:%S");
    let mut line = match (colours, colour(level)) {
        (Colours::On, Some(colour)) => format!("{time} \u{1b}[{colour}m{level:<5}\u{1b}[0m "),
        _ => format!("{time} {level:<5} "),
    };
    escape(&mut line, &fields.message);
    let own = fields.order.iter().copied();
    let inherited = fields.map.keys().map(String::as_str);
    let inherited = inherited.filter(|name| !fields.order.contains(name));
    let (ids, others): (Vec<&str>, Vec<&str>) = own.chain(inherited).partition(|name| name.ends_with("_id"));
    let mut before = "  ";
    for name in others.into_iter().chain(ids) {
        if let Some(value) = fields.map.get(name) {
            // Writing to a string can't fail.
            let _ = write!(line, "{before}{name}=");
            put(&mut line, value);
            before = " ";
        }
    }
    line.push('\n');
    line
}

fn colour(level: &str) -> Option<u8> {
    match level {
        "ERROR" => Some(31),
        "WARN" => Some(33),
        "DEBUG" | "TRACE" => Some(2),
        _ => None,
    }
}

/// A value; in quotes where it would not be one word.
fn put(line: &mut String, value: &Value) {
    match value {
        Value::String(text) => {
            let is_word = !text.is_empty() && !text.contains(|c: char| c.is_whitespace() || c == '"');
            if !is_word {
                line.push('"');
            }
            escape(line, text);
            if !is_word {
                line.push('"');
            }
        }
        other => line.push_str(&other.to_string()),
    }
}

/// A text from anywhere stays on its line, and moves no terminal's cursor.
fn escape(line: &mut String, text: &str) {
    for c in text.chars() {
        if c.is_control() {
            line.extend(c.escape_default());
        } else {
            line.push(c);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::logging::{Lines, captured::Kept, lines::LineStyle};
    use tracing_subscriber::layer::SubscriberExt as _;

    /// What is written, without the time.
    fn written(colours: Colours, events: impl FnOnce()) -> String {
        let kept = Kept::default();
        let writer = kept.clone();
        let lines = Lines::new(move || writer.clone(), LineStyle::Plain(colours));
        tracing::subscriber::with_default(tracing_subscriber::registry().with(lines), events);
        let text = kept.text();
        let (time, rest) = text.split_at(8);
        assert!(
            time.bytes().enumerate().all(|(at, byte)| match at {
                2 | 5 => byte == b':',
                _ => byte.is_ascii_digit(),
            }),
            "{text}"
        );
        rest.to_owned()
    }

    #[test]
    fn the_message_comes_first_and_ids_last() {
        let text = written(Colours::Off, || {
            let _span = tracing::info_span!("worker", tenant_id = "t", owner = "p-1").entered();
            tracing::info!(
                notification_id = "n",
                delivered = 3,
                seconds = 0.5,
                "notification ended"
            );
        });
        assert_eq!(
            text,
            " INFO  notification ended  delivered=3 seconds=0.5 owner=p-1 notification_id=n tenant_id=t\n"
        );
    }

    #[test]
    fn an_event_is_one_line_whatever_is_in_it() {
        let text = written(Colours::Off, || {
            tracing::warn!(error = "two\nlines \u{1b}[2J", empty = "", "a\nb");
        });
        assert_eq!(
            text,
            " WARN  a\\nb  error=\"two\\nlines \\u{1b}[2J\" empty=\"\"\n"
        );
    }

    #[test]
    fn only_the_level_is_coloured() {
        let text = written(Colours::On, || tracing::error!(n = 1, "bad"));
        assert_eq!(text, " \u{1b}[31mERROR\u{1b}[0m bad  n=1\n");
    }
}
