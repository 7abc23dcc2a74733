//! What a user, an operator and Teams see of the binary `handler`: black-box tests, by subject.
//!
//! Real parts: the binary as a child process, Azurite, Chromium, RS256 tokens, sockets. `cargo xtask env` prints the
//! variables that the tests with Azurite and Chromium need; nothing is skipped when one is missing.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)] // a test's panic is its message

mod support;

mod api;
mod auth;
mod bad_input;
mod capture;
mod cli;
mod custom_handler;
mod delivery;
mod dev;
mod docs;
mod functions_host;
mod half_sent;
mod kills;
mod log;
mod persons;
mod project;
mod sends;
mod stores;
mod template;
mod versions;
