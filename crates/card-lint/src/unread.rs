//! Data that no expression of the template reads: a note, as data often have more than a card shows.

use crate::{finding::Finding, rule::Rule};
use card::{Json, Template};
use serde_json::Value;

/// Notes the properties of the data that no expression reads, unless another finding names them. A template that can't be
/// compiled has other findings.
pub(crate) fn check(template: &Value, data: &Value, others: &[Finding]) -> Option<Finding> {
    let fields = Template::from_json(&Json::from(template), "").ok()?.fields();
    if !fields.reads_any() {
        return None;
    }
    let unread: Vec<&str> = data
        .as_object()?
        .keys()
        .map(String::as_str)
        .filter(|name| !name.starts_with(['$', '_']) && !fields.reads(name))
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
