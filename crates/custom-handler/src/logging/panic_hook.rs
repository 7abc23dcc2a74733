//! A panic as one line of the log. Written without the subscriber, which may be what panicked.

use std::panic::PanicHookInfo;

use serde_json::{Map, Value};

use super::{ErrorLines, write_error};

/// Replaces the standard hook, which writes several lines to stderr. [`install`](super::install) calls it.
pub fn install() {
    install_with(ErrorLines::OnStdout);
}

pub(super) fn install_with(errors: ErrorLines) {
    std::panic::set_hook(Box::new(move |info| {
        let (message, fields) = describe(info);
        write_error("panic", &message, fields, errors);
    }));
}

fn describe(info: &PanicHookInfo<'_>) -> (String, Map<String, Value>) {
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
    (message, fields)
}
