//! A value as indented XML: members are elements, lists repeat their element.

use crate::json::MAX_DEPTH;
use crate::value::{MAX_OUTPUT, Val, js_string};

pub(super) fn document(value: &Val<'_>) -> String {
    let mut out = String::new();
    match value {
        Val::Object(map) => {
            for (key, member) in map.iter() {
                element(&mut out, &key, &member, 0);
            }
        }
        Val::Array(items) => {
            for (at, item) in items.iter().enumerate() {
                element(&mut out, &at.to_string(), &item, 0);
            }
        }
        Val::String(text) => {
            for (at, unit) in text.chars().enumerate() {
                element(&mut out, &at.to_string(), &Val::string(unit.to_string()), 0);
            }
        }
        _ => {}
    }
    let text = format!("<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n{out}");
    text.trim_matches(crate::number::is_js_space).to_owned()
}

fn element(out: &mut String, name: &str, value: &Val<'_>, depth: usize) {
    if depth > MAX_DEPTH || out.len() > MAX_OUTPUT {
        return;
    }
    let indent = "  ".repeat(depth);
    match value {
        Val::Undefined => {}
        Val::Null => out.push_str(&format!("{indent}<{name}/>\n")),
        Val::Array(items) => {
            for item in items.iter() {
                match item {
                    // A list in a list is an object whose keys are its indices.
                    Val::Array(inner) => nested(out, name, depth, |out| {
                        for (at, item) in inner.iter().enumerate() {
                            element(out, &at.to_string(), &item, depth + 1);
                        }
                    }),
                    other => element(out, name, &other, depth),
                }
            }
        }
        Val::Object(map) => nested(out, name, depth, |out| {
            for (key, member) in map.iter() {
                if &*key == "#text" {
                    escape(out, &js_string(&member));
                } else {
                    element(out, &key, &member, depth + 1);
                }
            }
        }),
        scalar => {
            out.push_str(&format!("{indent}<{name}>"));
            escape(out, &js_string(scalar));
            out.push_str(&format!("</{name}>\n"));
        }
    }
}

fn nested(out: &mut String, name: &str, depth: usize, write: impl FnOnce(&mut String)) {
    let indent = "  ".repeat(depth);
    out.push_str(&format!("{indent}<{name}>"));
    let start = out.len();
    out.push('\n');
    write(out);
    if out.len() == start + 1 {
        out.truncate(start);
        out.push_str(&format!("</{name}>\n"));
    } else if out.ends_with('\n') {
        out.push_str(&format!("{indent}</{name}>\n"));
    } else {
        out.push_str(&format!("</{name}>\n"));
    }
}

fn escape(out: &mut String, text: &str) {
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '>' => out.push_str("&gt;"),
            '<' => out.push_str("&lt;"),
            '\'' => out.push_str("&apos;"),
            '"' => out.push_str("&quot;"),
            other => out.push(other),
        }
    }
}
