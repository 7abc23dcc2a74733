//! The canonical text of an expression, as error texts inside cards show it.

use super::{Const, Expr, Step};
use crate::number::push_number;
use std::fmt;

impl fmt::Display for Expr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut out = String::new();
        push(&mut out, self);
        f.write_str(&out)
    }
}

fn push(out: &mut String, expr: &Expr) {
    match expr {
        Expr::Const(constant) => push_const(out, constant),
        Expr::Folded(folded) => push(out, &folded.source),
        Expr::Name(name) => out.push_str(name),
        Expr::Access(path) => {
            let mut first = true;
            if let Some(base) = &path.base {
                push(out, base);
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
                    Step::Index(index) => push_index(out, index),
                }
                first = false;
            }
        }
        Expr::Element { base, index } => {
            push(out, base);
            push_index(out, index);
        }
        Expr::Call { function, args } => push_call(out, function.name, args),
        Expr::Unknown(unknown) => push_call(out, &unknown.name, &unknown.args),
        Expr::Object(members) => {
            out.push_str(&"setProperty(".repeat(members.len()));
            out.push_str("json('{}')");
            for (key, value) in members {
                out.push_str(", ");
                push_quoted(out, key);
                out.push_str(", ");
                push(out, value);
                out.push(')');
            }
        }
    }
}

fn push_index(out: &mut String, index: &Expr) {
    out.push('[');
    push(out, index);
    out.push(']');
}

fn push_call(out: &mut String, name: &str, args: &[Expr]) {
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
        push(out, arg);
    }
    out.push(')');
}

fn push_const(out: &mut String, constant: &Const) {
    match constant {
        Const::Undefined => out.push_str("undefined"),
        Const::Null => out.push_str("null"),
        Const::Bool(b) => out.push_str(if *b { "true" } else { "false" }),
        Const::Number(n) => push_number(out, *n),
        Const::String(s) => push_quoted(out, s),
    }
}

fn push_quoted(out: &mut String, text: &str) {
    out.push('\'');
    for c in text.chars() {
        if matches!(c, '\\' | '\'') {
            out.push('\\');
        }
        out.push(c);
    }
    out.push('\'');
}
