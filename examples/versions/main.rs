//! Two builds of the program on one store, for those who release it. Not a test: it needs an older build.
//!
//! ```text
//! cargo build --workspace
//! cargo run --example versions -- write  --old target/older/handler
//! cargo run --example versions -- beside --old target/older/handler
//! ```
//!
//! `write` lets the older build write the stores of `tests/it/fixtures/store-v1`. `beside` lets the newer one (`--new`,
//! otherwise the one of this build) write a store and then starts the older one on it: where a record's version is newer than
//! the older build knows, it must send nothing, change nothing and delete nothing. Both need what the tests need:
//! `eval "$(cargo xtask env)"`.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "a tool for the terminal; it stops at the first surprise"
)]

mod backdate;
mod beside;
mod record;

#[path = "../../tests/it/support/mod.rs"]
#[allow(dead_code, reason = "the tests' doubles, of which this needs some")]
mod support;

#[path = "../../tests/it/versions/place.rs"]
#[allow(dead_code, reason = "the tests need the rest")]
mod place;

#[path = "../../tests/it/versions/scene.rs"]
#[allow(dead_code, reason = "the tests need the rest")]
mod scene;

use std::{path::PathBuf, process::ExitCode};

/// What the command line says.
struct Arguments {
    command: String,
    old: PathBuf,
    new: PathBuf,
}

const USAGE: &str = "versions (write | beside) --old HANDLER [--new HANDLER]";

fn arguments() -> Option<Arguments> {
    let mut given = std::env::args().skip(1);
    let command = given.next()?;
    let built = std::env::current_exe().ok()?.parent()?.parent()?.join("handler");
    let (mut old, mut new) = (None, built);
    while let Some(name) = given.next() {
        let value = given.next()?;
        match name.as_str() {
            "--old" => old = Some(PathBuf::from(value)),
            "--new" => new = value.into(),
            _ => return None,
        }
    }
    Some(Arguments {
        command,
        old: old?.canonicalize().ok()?,
        new: new.canonicalize().ok()?,
    })
}

#[tokio::main(flavor = "multi_thread", worker_threads = 2)]
async fn main() -> ExitCode {
    let Some(asked) = arguments() else {
        println!("{USAGE}");
        return ExitCode::from(2);
    };
    match asked.command.as_str() {
        "write" => record::write(&asked.old).await,
        "beside" => return beside::check(&asked.old, &asked.new).await,
        _ => {
            println!("{USAGE}");
            return ExitCode::from(2);
        }
    }
    ExitCode::SUCCESS
}
