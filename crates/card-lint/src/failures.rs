//! Explains expressions that fail with the data, usually because of a missing field.

use crate::{filled::KnownNames, finding::Finding, hints, rule::Rule};

/// The finding for an expression that failed; `what` is the error.
pub(crate) fn failed(expression: &str, what: String, pointer: &str, known: &KnownNames<'_>) -> Finding {
    let dashed = hints::dashed(expression);
    if dashed.contains('-') && known.has(&dashed) {
        let what = format!("`{dashed}` is read as a subtraction, which fails");
        return Finding::error(Rule::Fill, pointer, what).suggest(format!("write ${{$data['{dashed}']}}"));
    }
    for name in fields(expression) {
        if !known.has(name) {
            return Finding::error(
                Rule::Field,
                pointer,
                format!("the data have no `{name}`, so `{expression}` fails"),
            )
            .suggest(known.suggestion(name));
        }
    }
    Finding::error(Rule::Fill, pointer, what)
}

/// Expressions that are left in a filled string because they failed.
pub(crate) fn unevaluated(text: &str) -> impl Iterator<Item = &str> {
    text.match_indices("${").filter_map(|(from, _)| {
        let rest = &text[from + 2..];
        rest.find('}').map(|end| &rest[..end])
    })
}

/// What a card may ask before it reads a field, and functions with names of their own.
const ASKS: [&str; 10] = [
    "exists(",
    "if(",
    "coalesce(",
    "empty(",
    "&&",
    "||",
    "select(",
    "where(",
    "foreach(",
    "sortBy(",
];

/// An expression to fill in instead of a failing one: the first of its fields that the data lack, or else `found`.
/// While checking, a missing field has a text as its value, so that the failure itself would speak of a text.
pub(crate) fn probe(expression: &str, found: &str) -> Option<String> {
    if ASKS.iter().any(|ask| expression.contains(ask)) {
        return None;
    }
    let paths = paths(expression);
    let probe = paths.iter().rev().fold(format!("'{found}'"), |rest, path| {
        format!("if(exists({path}), {rest}, {path})")
    });
    (!paths.is_empty()).then(|| format!("${{{probe}}}"))
}

/// The plain paths in an expression's canonical text: `order.total`.
fn paths(expression: &str) -> Vec<&str> {
    let part = |c: char| c.is_ascii_alphanumeric() || "_$.".contains(c);
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(first) = expression[at..].chars().next() {
        if first == '\'' {
            at = text_end(expression, at);
        } else if part(first) {
            let rest = &expression[at..];
            let length = rest.find(|c| !part(c)).unwrap_or(rest.len());
            let path = &rest[..length];
            let reads = path.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
                && !rest[length..].starts_with(['(', '['])
                && !matches!(path, "true" | "false" | "null" | "undefined");
            if reads && !found.contains(&path) {
                found.push(path);
            }
            at += length;
        } else {
            at += first.len_utf8();
        }
    }
    found
}

/// Names of fields in an expression's canonical text, without functions, strings and lambda parameters.
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

/// The offset after the string that starts at `at`.
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
