//! JSON lines from standard input to standard output: `lines expand` or `lines eval`.

use std::io::{BufRead, Write};

fn main() -> std::io::Result<()> {
    let answer = match std::env::args().nth(1).as_deref() {
        Some("expand") => card::jsonl::expand_line,
        Some("eval") => card::jsonl::eval_line,
        _ => return Err(std::io::Error::other("say `expand` or `eval`")),
    };
    let mut out = std::io::BufWriter::new(std::io::stdout().lock());
    for line in std::io::stdin().lock().lines() {
        writeln!(out, "{}", answer(&line?))?;
    }
    out.flush()
}
