//! Printing for people. A pipe whose reader has gone is no failure, and no reason to leave the work half done.

/// Prints a line to standard output.
macro_rules! say {
    ($($words:tt)*) => {{
        use std::io::Write as _;
        // What can't be written has nowhere to be said.
        let _ = writeln!(std::io::stdout(), $($words)*);
    }};
}

/// Prints a line to standard error.
macro_rules! remark {
    ($($words:tt)*) => {{
        use std::io::Write as _;
        let _ = writeln!(std::io::stderr(), $($words)*);
    }};
}

pub(crate) use {remark, say};
