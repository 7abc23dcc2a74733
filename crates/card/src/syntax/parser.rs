//! Tokens to tree, by precedence climbing. Precedence and associativity are the reference's, its oddities
//! included: equality binds tighter than comparison and `&`, and `?:` associates to the left.

use super::interpolation::Part;
use super::lexer::{Kind, Token, string_value, tokens};
use super::{Const, Expr, MAX_EXPRESSION, MAX_NESTING, SyntaxError, build};
use crate::functions;

/// What a function name that does not exist means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Lookup {
    /// An error of the text (plain expressions).
    Strict,
    /// An error once it is evaluated (templates).
    Late,
}

/// Reads a plain expression.
pub(crate) fn parse(text: &str, lookup: Lookup) -> Result<Expr, SyntaxError> {
    parse_at(text, 0, lookup, 0)
}

/// Reads a template's string that contains `${`: the text between two backticks.
pub(crate) fn parse_template_string(text: &str) -> Result<Expr, SyntaxError> {
    let quoted = format!("`{text}`");
    parse_at(&quoted, 0, Lookup::Late, 0).map_err(|mut error| {
        // A backtick in the text ends the literal: say so rather than naming what follows it.
        if let Some(at) = text.find('`')
            && (error.offset > at || error.offset == 0)
            && !text[..at].ends_with('\\')
        {
            error.offset = at;
            error.message = "a backtick must be written \\` in a text that contains ${".to_owned();
            return error;
        }
        error.offset = error.offset.saturating_sub(1).min(text.len());
        error
    })
}

fn parse_at(text: &str, base: usize, lookup: Lookup, depth: usize) -> Result<Expr, SyntaxError> {
    if text.len() > MAX_EXPRESSION {
        return Err(SyntaxError::new(
            base,
            format!("this expression is longer than {MAX_EXPRESSION} bytes"),
        ));
    }
    let shift = |mut error: SyntaxError| {
        error.offset += base;
        error
    };
    let (body, skipped) = match text.strip_prefix('=') {
        Some(rest) => (rest, 1),
        None => (text, 0),
    };
    if body.is_empty() {
        return Ok(Expr::string(""));
    }
    let shift_body = |mut error: SyntaxError| {
        error.offset += skipped;
        shift(error)
    };
    let tokens = tokens(body).map_err(shift_body)?;
    let mut parser = Parser {
        text: body,
        tokens,
        at: 0,
        lookup,
        depth,
    };
    let expr = parser.expression(0).map_err(shift_body)?;
    if parser.peek().kind != Kind::End {
        return Err(shift_body(
            parser.unexpected("an operator or the end of the expression"),
        ));
    }
    Ok(expr)
}

struct Parser<'t> {
    text: &'t str,
    tokens: Vec<Token>,
    at: usize,
    lookup: Lookup,
    depth: usize,
}

/// Binding power of the binary operators, from loose to tight.
fn power(op: &str) -> Option<(u8, Side)> {
    Some(match op {
        "?" => (1, Side::Left),
        "??" => (2, Side::Left),
        "||" => (3, Side::Left),
        "&&" => (4, Side::Left),
        "<" | "<=" | ">" | ">=" => (5, Side::Left),
        "&" => (6, Side::Left),
        "==" | "!=" | "<>" => (7, Side::Left),
        "+" | "-" => (8, Side::Left),
        "*" | "/" | "%" => (9, Side::Left),
        "^" => (10, Side::Right),
        _ => return None,
    })
}

const UNARY: u8 = 11;

#[derive(Clone, Copy, PartialEq)]
enum Side {
    Left,
    Right,
}

impl Parser<'_> {
    fn peek(&self) -> &Token {
        &self.tokens[self.at]
    }

    fn op(&self) -> Option<&'static str> {
        match self.peek().kind {
            Kind::Op(op) => Some(op),
            _ => None,
        }
    }

    fn accept(&mut self, op: &str) -> bool {
        let found = self.op() == Some(op);
        self.at += usize::from(found);
        found
    }

    fn expect(&mut self, op: &str, context: &str) -> Result<(), SyntaxError> {
        if self.accept(op) {
            Ok(())
        } else {
            Err(self.unexpected(&format!("`{op}` {context}")))
        }
    }

    fn unexpected(&self, expected: &str) -> SyntaxError {
        let token = self.peek();
        let found = match &token.kind {
            Kind::End => "the end".to_owned(),
            _ => format!(
                "`{}`",
                self.text[token.start..token.end]
                    .chars()
                    .take(24)
                    .collect::<String>()
            ),
        };
        SyntaxError::new(token.start, format!("found {found}, expected {expected}"))
    }

    fn nest(&mut self, levels: usize) -> Result<(), SyntaxError> {
        self.depth += levels;
        if self.depth > MAX_NESTING {
            let message = format!("this expression is nested deeper than {MAX_NESTING} levels");
            return Err(SyntaxError::new(self.peek().start, message));
        }
        Ok(())
    }

    fn expression(&mut self, least: u8) -> Result<Expr, SyntaxError> {
        let entry = self.depth;
        self.nest(1)?;
        let start = self.peek().start;
        let mut left = match self.op() {
            Some(op @ ("!" | "-" | "+")) => {
                self.at += 1;
                let operand = self.expression(UNARY)?;
                let args = if op == "!" {
                    vec![operand]
                } else {
                    vec![Expr::Const(Const::Number(0.0)), operand]
                };
                self.call(op, args, start)?
            }
            _ => self.primary()?,
        };
        while let Some((op, (power, side))) = self.op().and_then(|op| power(op).map(|p| (op, p))) {
            if power < least {
                break;
            }
            self.at += 1;
            // A chain leans to the left: each operator makes the tree one deeper.
            self.nest(1)?;
            if op == "?" {
                let then = self.expression(0)?;
                self.expect(":", "and the value for the other case")?;
                let otherwise = self.expression(power + 1)?;
                left = self.call("if", vec![left, then, otherwise], start)?;
            } else {
                let right = self.expression(if side == Side::Right { power } else { power + 1 })?;
                left = self.call(op, vec![left, right], start)?;
            }
        }
        self.depth = entry;
        Ok(left)
    }

    fn primary(&mut self) -> Result<Expr, SyntaxError> {
        let first = self.at;
        let start = self.peek().start;
        let mut expr = self.atom()?;
        loop {
            if self.accept(".") {
                let token = self.peek().clone();
                if token.kind != Kind::Ident {
                    return Err(self.unexpected("a name after the dot; other names go in brackets: ['…']"));
                }
                self.at += 1;
                expr = build::accessor(expr, &self.text[token.start..token.end])
                    .map_err(|message| SyntaxError::new(start, message))?;
            } else if self.accept("[") {
                let index = self.expression(0)?;
                self.expect("]", "after the index")?;
                expr = Expr::Element {
                    base: Box::new(expr),
                    index: Box::new(index),
                };
            } else if self.calls() {
                let name: String = self.tokens[first..self.at]
                    .iter()
                    .map(|t| &self.text[t.start..t.end])
                    .collect();
                self.accept("!");
                self.at += 1;
                let name = if self.tokens[self.at - 2].kind == Kind::Op("!") {
                    name + "!"
                } else {
                    name
                };
                let args = self.arguments(")")?;
                expr = self.call(&name, args, start)?;
            } else {
                return Ok(expr);
            }
            self.nest(1)?;
        }
    }

    fn calls(&self) -> bool {
        let after_bang = self.tokens.get(self.at + 1).map(|t| &t.kind);
        self.op() == Some("(") || (self.op() == Some("!") && after_bang == Some(&Kind::Op("(")))
    }

    fn atom(&mut self) -> Result<Expr, SyntaxError> {
        let token = self.peek().clone();
        let source = &self.text[token.start..token.end];
        match &token.kind {
            Kind::Number => {
                self.at += 1;
                Ok(Expr::Const(Const::Number(source.parse().unwrap_or(f64::NAN))))
            }
            Kind::String => {
                self.at += 1;
                Ok(Expr::string(&string_value(source)))
            }
            Kind::Ident => {
                self.at += 1;
                Ok(match source {
                    "true" => Expr::Const(Const::Bool(true)),
                    "false" => Expr::Const(Const::Bool(false)),
                    "null" => Expr::Const(Const::Null),
                    "undefined" => Expr::Const(Const::Undefined),
                    name => build::name(name),
                })
            }
            Kind::Interpolated(parts) => {
                self.at += 1;
                self.interpolated(parts, token.start)
            }
            Kind::Op("(") => {
                self.at += 1;
                let inner = self.expression(0)?;
                self.expect(")", "to close the parenthesis")?;
                Ok(inner)
            }
            Kind::Op("[") => {
                self.at += 1;
                let args = self.arguments("]")?;
                self.call("createArray", args, token.start)
            }
            Kind::Op("{") => {
                self.at += 1;
                self.object()
            }
            Kind::Op(_) | Kind::End => Err(self.unexpected("a value, a name or a function")),
        }
    }

    fn interpolated(&mut self, parts: &[Part], start: usize) -> Result<Expr, SyntaxError> {
        let mut args = vec![Expr::string("")];
        for part in parts {
            args.push(match *part {
                Part::Text(from, to) => Expr::string(&self.text[from..to]),
                Part::Escape(c) => Expr::string(c.encode_utf8(&mut [0; 4])),
                Part::Code(from, to) => {
                    // Offsets inside are relative to this text; the caller adds this text's own base.
                    parse_at(&self.text[from..to], from, self.lookup, self.depth + 1)?
                }
            });
        }
        self.call("concat", args, start)
    }

    fn object(&mut self) -> Result<Expr, SyntaxError> {
        let mut members: Vec<(std::sync::Arc<str>, Expr)> = Vec::new();
        if self.accept("}") {
            return Ok(Expr::Object(Box::default()));
        }
        loop {
            let token = self.peek().clone();
            let source = &self.text[token.start..token.end];
            let key = match token.kind {
                Kind::Ident => source,
                Kind::String => &source[1..source.len() - 1],
                _ => return Err(self.unexpected("a property name")),
            };
            let key = std::sync::Arc::from(key);
            self.at += 1;
            self.expect(":", "after the property name")?;
            members.push((key, self.expression(0)?));
            if self.accept("}") {
                return Ok(Expr::Object(members.into_boxed_slice()));
            }
            self.expect(",", "or `}` after the property")?;
        }
    }

    fn arguments(&mut self, close: &str) -> Result<Vec<Expr>, SyntaxError> {
        let mut args = Vec::new();
        if self.accept(close) {
            return Ok(args);
        }
        loop {
            let token = self.peek().clone();
            let arrow = self
                .tokens
                .get(self.at + 1)
                .is_some_and(|t| t.kind == Kind::Op("=>"));
            if token.kind == Kind::Ident && arrow {
                self.at += 2;
                args.push(build::name(&self.text[token.start..token.end]));
            }
            args.push(self.expression(0)?);
            if self.accept(close) {
                return Ok(args);
            }
            self.expect(",", &format!("or `{close}` after the argument"))?;
        }
    }

    fn call(&self, name: &str, args: Vec<Expr>, start: usize) -> Result<Expr, SyntaxError> {
        match build::call(name, args, self.lookup) {
            Ok(expr) => Ok(expr),
            Err(build::CallError::Invalid(message)) => Err(SyntaxError::new(start, message)),
            Err(build::CallError::Unknown) => Err(SyntaxError::new(start, functions::unknown(name))),
        }
    }
}
