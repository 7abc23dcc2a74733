//! Tokens to tree, by precedence climbing. Precedence and associativity are the reference's, its oddities
//! included: equality binds tighter than comparison and `&`, and `?:` associates to the left.

use super::interpolation::{self, Close, Part};
use super::lexer::{Kind, Op, Token, lex, string_value};
use super::{Const, Expr, MAX_EXPRESSION, MAX_NESTING, SyntaxError, build};
use crate::functions::{self, Room};
use std::borrow::Cow;

/// What a function name that does not exist means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Lookup {
    /// An error of the text (plain expressions).
    Strict,
    /// An error once it is evaluated (templates).
    Late,
}

/// Room that many expressions use one after the other.
#[derive(Debug)]
pub(crate) struct Scratch {
    tokens: Vec<Token>,
    stack: Vec<Expr>,
    /// What checking literal patterns may cost.
    pub(crate) room: Room,
    /// The deepest nesting.
    most: usize,
}

impl Default for Scratch {
    fn default() -> Self {
        Self::within(MAX_NESTING)
    }
}

impl Scratch {
    /// Room for expressions that may be nested only so deep.
    pub(crate) fn within(levels: usize) -> Self {
        Self {
            tokens: Vec::new(),
            stack: Vec::new(),
            room: Room::default(),
            most: levels.min(MAX_NESTING),
        }
    }
}

/// A part of a template's string.
#[derive(Debug)]
pub(crate) enum Piece<'t> {
    Text(&'t str),
    Escape(char),
    Code(Expr),
}

/// Reads a plain expression.
pub(crate) fn parse(text: &str, lookup: Lookup) -> Result<Expr, SyntaxError> {
    parse_within(text, lookup, &mut Scratch::default())
}

/// The same in the room that is given.
pub(crate) fn parse_within(text: &str, lookup: Lookup, scratch: &mut Scratch) -> Result<Expr, SyntaxError> {
    Parser::new(text, lookup, scratch)?.range(0, text.len(), 0)
}

/// Reads a template's string that contains `${`: the text between two backticks.
pub(crate) fn parse_template_string(text: &str, scratch: &mut Scratch) -> Result<Expr, SyntaxError> {
    let quoted = format!("`{text}`");
    parse_within(&quoted, Lookup::Late, scratch).map_err(|mut error| {
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

/// The same for a text without any backtick, part by part.
pub(crate) fn template_pieces<'t>(
    text: &'t str,
    scratch: &mut Scratch,
    mut visit: impl FnMut(Piece<'t>),
) -> Result<(), SyntaxError> {
    let mut parser = Parser::new(text, Lookup::Late, scratch)?;
    interpolation::parts(text, 0, Close::EndOfText, |part| {
        visit(match part {
            Part::Text(from, to) => Piece::Text(&text[from..to]),
            Part::Escape(c) => Piece::Escape(c),
            Part::Code(from, to) => Piece::Code(parser.range(from, to, 1)?),
        });
        Ok(())
    })?;
    Ok(())
}

struct Parser<'t, 's> {
    text: &'t str,
    /// Of the range that is being read, after those of the ranges around it.
    tokens: &'s mut Vec<Token>,
    /// Arguments until their call is complete.
    stack: &'s mut Vec<Expr>,
    room: &'s mut Room,
    at: usize,
    lookup: Lookup,
    depth: usize,
    most: usize,
}

/// Binding power of the binary operators, from loose to tight.
fn power(op: Op) -> Option<(u8, Side)> {
    Some(match op {
        Op::Question => (1, Side::Left),
        Op::Coalesce => (2, Side::Left),
        Op::Or => (3, Side::Left),
        Op::And => (4, Side::Left),
        Op::Less | Op::LessOrEqual | Op::Greater | Op::GreaterOrEqual => (5, Side::Left),
        Op::Join => (6, Side::Left),
        Op::Equal | Op::NotEqual | Op::Differs => (7, Side::Left),
        Op::Plus | Op::Minus => (8, Side::Left),
        Op::Star | Op::Slash | Op::Percent => (9, Side::Left),
        Op::Caret => (10, Side::Right),
        _ => return None,
    })
}

const UNARY: u8 = 11;

#[derive(Clone, Copy, PartialEq)]
enum Side {
    Left,
    Right,
}

impl<'t, 's> Parser<'t, 's> {
    fn new(text: &'t str, lookup: Lookup, scratch: &'s mut Scratch) -> Result<Self, SyntaxError> {
        if text.len() > MAX_EXPRESSION {
            let message = format!("this expression is longer than {MAX_EXPRESSION} bytes");
            return Err(SyntaxError::new(0, message));
        }
        scratch.tokens.clear();
        scratch.stack.clear();
        Ok(Self {
            text,
            tokens: &mut scratch.tokens,
            stack: &mut scratch.stack,
            room: &mut scratch.room,
            at: 0,
            lookup,
            depth: 0,
            most: scratch.most,
        })
    }

    /// Reads the expression that is `text[from..to]`.
    fn range(&mut self, from: usize, to: usize, depth: usize) -> Result<Expr, SyntaxError> {
        let from = from + usize::from(self.text[from..to].starts_with('='));
        if from == to {
            return Ok(Expr::string(""));
        }
        let around = (self.at, self.depth, self.tokens.len());
        lex(self.text, from, to, self.tokens)?;
        self.at = around.2;
        self.depth = depth;
        let expr = self.expression(0)?;
        if self.peek().kind != Kind::End {
            return Err(self.unexpected("an operator or the end of the expression"));
        }
        self.tokens.truncate(around.2);
        (self.at, self.depth) = (around.0, around.1);
        Ok(expr)
    }

    fn peek(&self) -> Token {
        self.tokens[self.at]
    }

    fn source(&self, token: Token) -> &'t str {
        &self.text[token.start..token.end]
    }

    fn op(&self) -> Option<Op> {
        match self.peek().kind {
            Kind::Op(op) => Some(op),
            _ => None,
        }
    }

    fn accept(&mut self, op: Op) -> bool {
        let found = self.op() == Some(op);
        self.at += usize::from(found);
        found
    }

    fn expect(&mut self, op: Op, context: &str) -> Result<(), SyntaxError> {
        if self.accept(op) {
            Ok(())
        } else {
            Err(self.unexpected(&format!("`{}` {context}", op.text())))
        }
    }

    fn unexpected(&self, expected: &str) -> SyntaxError {
        let token = self.peek();
        let found = match token.kind {
            Kind::End => "the end".to_owned(),
            _ => format!("`{}`", self.source(token).chars().take(24).collect::<String>()),
        };
        SyntaxError::new(token.start, format!("found {found}, expected {expected}"))
    }

    fn nest(&mut self, levels: usize) -> Result<(), SyntaxError> {
        self.depth += levels;
        if self.depth > self.most {
            return Err(SyntaxError::too_deep(self.peek().start, self.most));
        }
        Ok(())
    }

    fn expression(&mut self, least: u8) -> Result<Expr, SyntaxError> {
        let entry = self.depth;
        self.nest(1)?;
        let start = self.peek().start;
        let mut left = match self.op() {
            Some(op @ (Op::Bang | Op::Minus | Op::Plus)) => {
                self.at += 1;
                let operand = self.expression(UNARY)?;
                let first = self.stack.len();
                if op != Op::Bang {
                    self.stack.push(Expr::Const(Const::Number(0.0)));
                }
                self.stack.push(operand);
                self.call(op.text(), first, start)?
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
            let first = self.stack.len();
            self.stack.push(left);
            let name = if op == Op::Question {
                let then = self.expression(0)?;
                self.stack.push(then);
                self.expect(Op::Colon, "and the value for the other case")?;
                "if"
            } else {
                op.text()
            };
            let right = self.expression(if side == Side::Right { power } else { power + 1 })?;
            self.stack.push(right);
            left = self.call(name, first, start)?;
        }
        self.depth = entry;
        Ok(left)
    }

    fn primary(&mut self) -> Result<Expr, SyntaxError> {
        let first = self.at;
        let start = self.peek().start;
        let mut expr = self.atom()?;
        loop {
            if self.accept(Op::Dot) {
                let token = self.peek();
                if token.kind != Kind::Ident {
                    return Err(self.unexpected("a name after the dot; other names go in brackets: ['…']"));
                }
                self.at += 1;
                expr = build::accessor(expr, self.source(token))
                    .map_err(|message| SyntaxError::new(start, message))?;
            } else if self.accept(Op::OpenList) {
                let index = self.expression(0)?;
                self.expect(Op::CloseList, "after the index")?;
                expr = Expr::Element {
                    base: Box::new(expr),
                    index: Box::new(index),
                };
            } else if self.calls() {
                // `name!(…)` calls a function whose name ends in `!`.
                self.accept(Op::Bang);
                let name = match &self.tokens[first..self.at] {
                    [only] => Cow::Borrowed(self.source(*only)),
                    several => several.iter().map(|t| self.source(*t)).collect(),
                };
                self.at += 1;
                let first = self.stack.len();
                self.arguments(Op::Close)?;
                expr = self.call(&name, first, start)?;
            } else {
                return Ok(expr);
            }
            self.nest(1)?;
        }
    }

    fn calls(&self) -> bool {
        let opens = |at: usize| self.tokens.get(at).map(|t| t.kind) == Some(Kind::Op(Op::Open));
        match self.op() {
            Some(Op::Open) => true,
            Some(Op::Bang) => opens(self.at + 1),
            _ => false,
        }
    }

    fn atom(&mut self) -> Result<Expr, SyntaxError> {
        let token = self.peek();
        let source = self.source(token);
        if matches!(token.kind, Kind::End) {
            return Err(self.unexpected("a value, a name or a function"));
        }
        self.at += 1;
        match token.kind {
            Kind::Number => Ok(Expr::Const(Const::Number(source.parse().unwrap_or(f64::NAN)))),
            Kind::String => Ok(Expr::string(&string_value(source))),
            Kind::Ident => Ok(match source {
                "true" => Expr::Const(Const::Bool(true)),
                "false" => Expr::Const(Const::Bool(false)),
                "null" => Expr::Const(Const::Null),
                "undefined" => Expr::Const(Const::Undefined),
                name => build::name(name),
            }),
            Kind::Interpolated => self.interpolated(token),
            Kind::Op(Op::Open) => {
                let inner = self.expression(0)?;
                self.expect(Op::Close, "to close the parenthesis")?;
                Ok(inner)
            }
            Kind::Op(Op::OpenList) => {
                let first = self.stack.len();
                self.arguments(Op::CloseList)?;
                self.call("createArray", first, token.start)
            }
            Kind::Op(Op::OpenObject) => self.object(),
            Kind::Op(_) | Kind::End => {
                self.at -= 1;
                Err(self.unexpected("a value, a name or a function"))
            }
        }
    }

    fn interpolated(&mut self, token: Token) -> Result<Expr, SyntaxError> {
        let text = self.text;
        let first = self.stack.len();
        self.stack.push(Expr::string(""));
        let inside = text.get(..token.end).unwrap_or(text);
        interpolation::parts(inside, token.start + 1, Close::Backtick, |part| {
            let expr = match part {
                Part::Text(from, to) => Expr::string(&text[from..to]),
                Part::Escape(c) => Expr::string(c.encode_utf8(&mut [0; 4])),
                Part::Code(from, to) => self.range(from, to, self.depth + 1)?,
            };
            self.stack.push(expr);
            Ok(())
        })?;
        self.call("concat", first, token.start)
    }

    fn object(&mut self) -> Result<Expr, SyntaxError> {
        let mut members: Vec<(std::sync::Arc<str>, Expr)> = Vec::new();
        if self.accept(Op::CloseObject) {
            return Ok(Expr::Object(Box::default()));
        }
        loop {
            let token = self.peek();
            let source = self.source(token);
            let key = match token.kind {
                Kind::Ident => source,
                Kind::String => &source[1..source.len() - 1],
                _ => return Err(self.unexpected("a property name")),
            };
            let key = std::sync::Arc::from(key);
            self.at += 1;
            self.expect(Op::Colon, "after the property name")?;
            members.push((key, self.expression(0)?));
            if self.accept(Op::CloseObject) {
                return Ok(Expr::Object(members.into_boxed_slice()));
            }
            self.expect(Op::Comma, "or `}` after the property")?;
        }
    }

    /// Puts the arguments up to `close` on the stack.
    fn arguments(&mut self, close: Op) -> Result<(), SyntaxError> {
        if self.accept(close) {
            return Ok(());
        }
        loop {
            let token = self.peek();
            if token.kind == Kind::Ident
                && self.tokens.get(self.at + 1).map(|t| t.kind) == Some(Kind::Op(Op::Arrow))
            {
                self.at += 2;
                self.stack.push(build::name(self.source(token)));
            }
            let argument = self.expression(0)?;
            self.stack.push(argument);
            if self.accept(close) {
                return Ok(());
            }
            let context = if close == Op::Close {
                "or `)` after the argument"
            } else {
                "or `]` after the argument"
            };
            self.expect(Op::Comma, context)?;
        }
    }

    fn call(&mut self, name: &str, first: usize, start: usize) -> Result<Expr, SyntaxError> {
        match build::call(name, self.stack, first, self.lookup, self.room) {
            Ok(expr) => Ok(expr),
            Err(build::CallError::Invalid(message)) => Err(SyntaxError::new(start, message)),
            Err(build::CallError::Unknown) => Err(SyntaxError::new(start, functions::unknown(name))),
        }
    }
}
