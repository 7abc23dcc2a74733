//! How a line is written: one setting, checked, with a default that depends on who reads.

use std::sync::OnceLock;

/// The setting's name.
const VARIABLE: &str = "LOG_FORMAT";

/// The form of the log's lines.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// One flat JSON object a line, for machines.
    Json,
    /// Time, level, message, `key=value`: for a person at a terminal.
    Plain,
}

/// A `LOG_FORMAT` that is none.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "{VARIABLE} has `{0}`; accepted are `json` and `plain` (without it: plain on a terminal, JSON otherwise)"
)]
pub struct FormatError(String);

/// Whether lines may have colours.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Colours {
    On,
    Off,
}

/// What the log's stream is connected to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reader {
    /// A person.
    Terminal,
    /// A pipe or a file.
    Machine,
}

impl Reader {
    pub(super) fn of(stream: &impl std::io::IsTerminal) -> Self {
        match stream.is_terminal() {
            true => Self::Terminal,
            false => Self::Machine,
        }
    }

    /// The format of a log without `LOG_FORMAT`.
    pub(super) fn usual_format(self) -> Format {
        match self {
            Self::Terminal => Format::Plain,
            Self::Machine => Format::Json,
        }
    }
}

impl Format {
    /// `LOG_FORMAT`; `None` when it isn't set.
    pub(super) fn from_lookup(lookup: impl Fn(&str) -> Option<String>) -> Result<Option<Self>, FormatError> {
        let Some(value) = lookup(VARIABLE).filter(|value| !value.trim().is_empty()) else {
            return Ok(None);
        };
        match value.trim().to_ascii_lowercase().as_str() {
            "json" => Ok(Some(Self::Json)),
            "plain" => Ok(Some(Self::Plain)),
            _ => Err(FormatError(value)),
        }
    }
}

/// Colours are for terminals that know them, unless the person wants none (`NO_COLOR`, see <https://no-color.org>).
pub(super) fn colours(reader: Reader, lookup: impl Fn(&str) -> Option<String>) -> Colours {
    let unwanted = lookup("NO_COLOR").is_some_and(|value| !value.is_empty());
    let unable = lookup("TERM").is_some_and(|value| value == "dumb");
    match reader {
        Reader::Terminal if !unwanted && !unable => Colours::On,
        _ => Colours::Off,
    }
}

/// The format of this process's log, for lines that are written without the subscriber.
static IN_USE: OnceLock<Format> = OnceLock::new();

pub(super) fn remember(format: Format) {
    // Set once, as the subscriber is.
    let _ = IN_USE.set(format);
}

pub(super) fn in_use() -> Format {
    IN_USE.get().copied().unwrap_or(Format::Json)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(name: &'static str, value: &'static str) -> impl Fn(&str) -> Option<String> {
        move |asked| (asked == name).then(|| value.to_owned())
    }

    #[test]
    fn a_format_is_taken_by_name_and_anything_else_is_refused_with_what_is_accepted() {
        assert_eq!(Format::from_lookup(|_| None), Ok(None));
        assert_eq!(Format::from_lookup(with(VARIABLE, " ")), Ok(None));
        assert_eq!(
            Format::from_lookup(with(VARIABLE, "JSON")),
            Ok(Some(Format::Json))
        );
        assert_eq!(
            Format::from_lookup(with(VARIABLE, "plain")),
            Ok(Some(Format::Plain))
        );
        let error = Format::from_lookup(with(VARIABLE, "pretty"))
            .unwrap_err()
            .to_string();
        assert!(
            error.starts_with("LOG_FORMAT has `pretty`; accepted are `json` and `plain`"),
            "{error}"
        );
    }

    #[test]
    fn a_terminal_is_read_by_a_person_with_colours_unless_they_want_none() {
        assert_eq!(Reader::Terminal.usual_format(), Format::Plain);
        assert_eq!(Reader::Machine.usual_format(), Format::Json);
        assert_eq!(colours(Reader::Terminal, |_| None), Colours::On);
        assert_eq!(colours(Reader::Terminal, with("NO_COLOR", "")), Colours::On);
        assert_eq!(colours(Reader::Terminal, with("NO_COLOR", "1")), Colours::Off);
        assert_eq!(colours(Reader::Terminal, with("TERM", "dumb")), Colours::Off);
        assert_eq!(colours(Reader::Machine, |_| None), Colours::Off);
    }
}
