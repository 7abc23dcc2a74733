//! Expressions that fail with the data: mostly because a field in them is missing. Finds which.

use crate::{
    filled::Known,
    finding::{Finding, Rule},
};

/// The finding for an expression that failed, `what` says how.
pub(crate) fn failed(expression: &str, what: String, pointer: &str, known: &Known<'_>) -> Finding {
    for name in fields(expression) {
        if !known.has(name) {
            return Finding::error(
                Rule::Field,
                pointer,
                format!("the data have no `{name}`, so `{expression}` fails"),
            )
            .mend(known.suggestion(name));
        }
    }
    Finding::error(Rule::Fill, pointer, what)
}

/// The expressions that a filled text shows as they stand, because they failed.
pub(crate) fn left(text: &str) -> impl Iterator<Item = &str> {
    text.match_indices("${").filter_map(|(from, _)| {
        let rest = &text[from + 2..];
        rest.find('}').map(|end| &rest[..end])
    })
}

/// Names of fields in an expression's canonical text: neither functions, nor texts, nor names that a function gives.
fn fields(expression: &str) -> Vec<&str> {
    let mut names = Vec::new();
    let mut at = 0;
    while let Some(first) = expression[at..].chars().next() {
        if first == '\'' {
            at = text_end(expression, at);
        } else if first.is_ascii_alphabetic() || first == '_' || first == '$' {
            let rest = &expression[at..];
            let length = rest
                .find(|c: char| !c.is_ascii_alphanumeric() && c != '_' && c != '$')
                .unwrap_or(rest.len());
            let name = &rest[..length];
            let follows = rest[length..].chars().next();
            if !matches!(follows, Some('(' | '.' | '['))
                && !name.starts_with('$')
                && !matches!(name, "true" | "false" | "null" | "undefined")
            {
                names.push(name);
            }
            at += length;
        } else {
            at += first.len_utf8();
        }
    }
    // `x` in `select(items, x, x.name)`
    names.retain(|name| !expression.contains(&format!("{name}.")));
    names
}

/// The offset after the text that opens at `at`.
fn text_end(expression: &str, at: usize) -> usize {
    let mut escaped = false;
    for (offset, c) in expression[at + 1..].char_indices() {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '\'' => return at + 1 + offset + 1,
            _ => {}
        }
    }
    expression.len()
}
