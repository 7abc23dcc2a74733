//! Settings of the log.

use crate::{Choice, Text, setting::settings, word::words};

words! {
    /// The form of the log's lines.
    Format {
        /// One flat JSON object a line, for machines.
        Json = "json",
        /// Time, level, message, `key=value`: for a person at a terminal.
        Plain = "plain",
    }
}

settings! {
    /// `off`, `error`, `warn`, `info`, `debug`, `trace`, or by module: `info,teams=debug`.
    LEVEL: Text = "LOG_LEVEL", Text { unset: "`RUST_LOG`, else `info`" };
    /// The same by the name that other Rust programs use.
    RUST_LOG: Text = "RUST_LOG", Text::OPTIONAL;
    /// How a line is written: for a person, or flat JSON.
    FORMAT: Choice<Format> = "LOG_FORMAT", Choice::without_default("plain on a terminal, JSON otherwise");
    /// Any value takes a terminal's colours away.
    NO_COLOR: Text = "NO_COLOR", Text::OPTIONAL;
}
