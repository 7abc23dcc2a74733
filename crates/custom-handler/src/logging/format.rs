//! How a line is written: one setting, checked, with a default that depends on who reads.

use config::log::NO_COLOR;
use std::sync::OnceLock;

pub use config::log::Format;

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

/// Colours are for terminals that know them, unless the person wants none (`NO_COLOR`, see <https://no-color.org>).
pub(super) fn colours(reader: Reader, lookup: impl Fn(&str) -> Option<String>) -> Colours {
    let unwanted = NO_COLOR.is_set(&lookup);
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
