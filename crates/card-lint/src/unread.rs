//! Data that no expression of the template reads: a note, as data often have more than a card shows.

use crate::{finding::Finding, rule::Rule, strings};
use serde_json::Value;

/// Notes the properties of the data whose names are in no expression, unless another finding names them.
pub(crate) fn check(template: &Value, data: &Value, others: &[Finding]) -> Option<Finding> {
    let mut code = String::new();
    collect(template, &mut code);
    let code = code.to_lowercase();
    if code.is_empty() || reads_whole(&code) {
        return None;
    }
    let unread: Vec<&str> = data
        .as_object()?
        .keys()
        .map(String::as_str)
        .filter(|name| !name.starts_with(['$', '_']) && !mentions(&code, &name.to_lowercase()))
        .filter(|name| !others.iter().any(|one| one.suggestion.contains(name)))
        .collect();
    let (first, more) = unread.split_first()?;
    let mut names = format!("`{first}`");
    for name in more.iter().take(9) {
        names.push_str(&format!(", `{name}`"));
    }
    if more.len() > 9 {
        names.push_str(", …");
    }
    Some(Finding::note(
        Rule::Unread,
        "",
        format!("no expression of the card reads {names} of the data"),
    ))
}

fn collect(value: &Value, code: &mut String) {
    match value {
        Value::String(text) if strings::is_dynamic(text) => {
            code.push_str(text);
            code.push('\n');
        }
        Value::Array(items) => items.iter().for_each(|item| collect(item, code)),
        Value::Object(members) => members.values().for_each(|item| collect(item, code)),
        _ => {}
    }
}

/// Whether an expression reads all of the data, or a property whose name is computed.
fn reads_whole(code: &str) -> bool {
    ["$root", "$data"].iter().any(|name| {
        code.match_indices(name).any(|(at, _)| {
            let rest = &code[at + name.len()..];
            !rest.starts_with(['.', '_']) && !rest.starts_with("['")
        })
    })
}

fn mentions(code: &str, name: &str) -> bool {
    let part = |c: char| c.is_alphanumeric() || c == '_';
    code.match_indices(name)
        .any(|(at, _)| !code[..at].ends_with(part) && !code[at + name.len()..].starts_with(part))
}
