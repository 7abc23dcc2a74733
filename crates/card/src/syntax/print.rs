//! Prints the canonical text of an expression, as error messages and cards show it.

use super::{Const, Expr, Step};
use crate::number::push_number;
use std::fmt;

impl fmt::Display for Expr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut out = String::new();
        push(&mut out, self, usize::MAX);
        f.write_str(&out)
    }
}

/// How much of the canonical text a message shows, bytes.
const BRIEF_BYTES: usize = 160;

/// The beginning of an expression's text. Short, as a message is built for every failure, also those that are caught in loops.
pub(crate) struct Brief<'e>(&'e Expr);

impl Expr {
    /// The canonical text, shortened.
    pub(crate) fn brief(&self) -> Brief<'_> {
        Brief(self)
    }
}

impl fmt::Display for Brief<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut out = String::new();
        push(&mut out, self.0, BRIEF_BYTES);
        f.write_str(&shortened(&out, BRIEF_BYTES))
    }
}

/// A text as messages show it: at most `most` bytes.
pub(crate) fn shortened(text: &str, most: usize) -> std::borrow::Cow<'_, str> {
    if text.len() <= most {
        return text.into();
    }
    format!("{}…", crate::json::up_to(text, most)).into()
}

/// Appends the text of an expression; stops soon after `most` bytes.
fn push(out: &mut String, expr: &Expr, most: usize) {
    if out.len() > most {
        return;
    }
    match expr {
        Expr::Const(constant) => push_const(out, constant, most),
        Expr::Folded(folded) => push(out, &folded.source, most),
        Expr::Name(name) => out.push_str(name),
        Expr::Access(path) => {
            let mut first = true;
            if let Some(base) = &path.base {
                push(out, base, most);
                first = false;
            }
            for step in &path.steps {
                match step {
                    Step::Name(name) => {
                        if !first {
                            out.push('.');
                        }
                        out.push_str(name);
                    }
                    Step::Index(index) => push_index(out, index, most),
                }
                first = false;
            }
        }
        Expr::Element { base, index } => {
            push(out, base, most);
            push_index(out, index, most);
        }
        Expr::Call { function, args } => push_call(out, function.name, args, most),
        Expr::Unknown(unknown) => push_call(out, &unknown.name, &unknown.args, most),
        Expr::Object(properties) => {
            out.push_str(&"setProperty(".repeat(properties.len().min(most)));
            out.push_str("json('{}')");
            for (key, value) in properties {
                if out.len() > most {
                    return;
                }
                out.push_str(", ");
                push_quoted(out, key, most);
                out.push_str(", ");
                push(out, value, most);
                out.push(')');
            }
        }
    }
}

fn push_index(out: &mut String, index: &Expr, most: usize) {
    out.push('[');
    push(out, index, most);
    out.push(']');
}

fn push_call(out: &mut String, name: &str, args: &[Expr], most: usize) {
    let infix = !name.starts_with(|c: char| c.is_ascii_alphabetic()) && args.len() >= 2;
    if !infix {
        out.push_str(name);
    }
    out.push('(');
    for (at, arg) in args.iter().enumerate() {
        if at > 0 {
            if infix {
                out.push(' ');
                out.push_str(name);
                out.push(' ');
            } else {
                out.push_str(", ");
            }
        }
        if out.len() > most {
            return;
        }
        push(out, arg, most);
    }
    out.push(')');
}

fn push_const(out: &mut String, constant: &Const, most: usize) {
    match constant {
        Const::Undefined => out.push_str("undefined"),
        Const::Null => out.push_str("null"),
        Const::Bool(b) => out.push_str(if *b { "true" } else { "false" }),
        Const::Number(n) => push_number(out, *n),
        Const::String(s) => push_quoted(out, s, most),
    }
}

fn push_quoted(out: &mut String, text: &str, most: usize) {
    out.push('\'');
    for c in text.chars().take(most) {
        if matches!(c, '\\' | '\'') {
            out.push('\\');
        }
        out.push(c);
    }
    out.push('\'');
}
