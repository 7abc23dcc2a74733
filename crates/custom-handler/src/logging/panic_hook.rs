//! Logs a panic as one JSON line on stdout. Written without the subscriber, as the panic may be inside it.

use std::io::Write as _;
use std::panic::PanicHookInfo;

use serde_json::{Map, Value};

use super::json_lines::line;

/// Replaces the standard hook, which writes several lines to stderr. [`install`](super::install) calls it.
pub fn install() {
    std::panic::set_hook(Box::new(|info| {
        let _ = std::io::stdout().lock().write_all(describe(info).as_bytes());
    }));
}

fn describe(info: &PanicHookInfo<'_>) -> String {
    let mut fields = Map::new();
    if let Some(place) = info.location() {
        fields.insert("location".to_owned(), Value::String(place.to_string()));
    }
    if let Some(name) = std::thread::current().name() {
        fields.insert("thread".to_owned(), Value::String(name.to_owned()));
    }
    if let Some(id) = crate::layers::current_invocation() {
        fields.insert("invocation_id".to_owned(), Value::String(id.to_string()));
    }
    let message = format!("panic: {}", crate::layers::panic::message(info.payload()));
    line("ERROR", "panic", &message, &fields)
}
