//! The guides say what is so: README.md, CONTRIBUTING.md, SECURITY.md, ARCHITECTURE.md, docs/ and the crates' READMEs.
//!
//! Every block of code and every command of theirs is compiled, run, posted or parsed by one of these tests, or is in a
//! table here with what covers it instead. A guide that gets a new one fails until it is accounted for.

mod blocks;
mod cargo_targets;
mod commands;
mod curl;
mod files;
mod json;
mod links;
mod markdown;
mod operators;
mod outputs;
mod paths;
mod shell;

/// The project's folder.
const ROOT: &str = env!("CARGO_MANIFEST_DIR");
