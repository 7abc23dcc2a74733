//! The parser, by precedence climbing. Precedence and associativity are the reference's, oddities included:
//! equality binds tighter than comparison and `&`, and `?:` associates to the left.

use super::interpolation::{self, Close, Part};
use super::lexer::{Op, Token, TokenKind, lex, string_value};
use super::{Const, Expr, MAX_EXPRESSION, MAX_NESTING, SyntaxError, build};
use crate::functions::{self, PatternBudget};
use std::borrow::Cow;

/// When a call of an unknown function is an error.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum FunctionLookup {
    /// When it is parsed (plain expressions).
    Strict,
    /// When it is evaluated (templates).
    Late,
}

/// Buffers that are reused for one expression after the other.
#[derive(Debug)]
pub(crate) struct Scratch {
    tokens: Vec<Token>,
    stack: Vec<Expr>,
    /// For checking literal patterns.
    pub(crate) pattern_budget: PatternBudget,
    /// The deepest nesting.
    most: usize,
}

impl Default for Scratch {
    fn default() -> Self {
        Self::within(MAX_NESTING)
    }
}

impl Scratch {
    /// Buffers for expressions that may be nested at most `levels` deep.
    pub(crate) fn within(levels: usize) -> Self {
        Self {
            tokens: Vec::new(),
            stack: Vec::new(),
            pattern_budget: PatternBudget::default(),
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
pub(crate) fn parse(text: &str, lookup: FunctionLookup) -> Result<Expr, SyntaxError> {
    parse_within(text, lookup, &mut Scratch::default())
}

/// The same with reused buffers.
pub(crate) fn parse_within(
    text: &str,
    lookup: FunctionLookup,
    scratch: &mut Scratch,
) -> Result<Expr, SyntaxError> {
    Parser::new(text, lookup, scratch)?.range(0, text.len(), 0)
}

/// Reads a template's string that contains `${`: the text between two backticks.
pub(crate) fn parse_template_string(text: &str, scratch: &mut Scratch) -> Result<Expr, SyntaxError> {
    let quoted = format!("`{text}`");
    parse_within(&quoted, FunctionLookup::Late, scratch).map_err(|mut error| {
        // A backtick ends the literal: report that rather than what follows it.
        if let Some(at) = text.find('`')
            && (error.offset > at || error.offset == 0)
            && !text[..at].ends_with('\\')
        {
            error.offset = at;
            error.message = "a backtick must be written \\` in a string that contains ${".to_owned();
            return error;
        }
        error.offset = error.offset.saturating_sub(1).min(text.len());
        error
    })
}

const FINAL_BACKSLASH: &str = "a string with ${ cannot end in a backslash; in JSON, write ${'\\\\\\\\'} for it, or put a blank after it";

/// The same for a string without any backtick, part by part.
pub(crate) fn template_pieces<'t>(
    text: &'t str,
    scratch: &mut Scratch,
    mut visit: impl FnMut(Piece<'t>),
) -> Result<(), SyntaxError> {
    let mut parser = Parser::new(text, FunctionLookup::Late, scratch)?;
    if text.ends_with('\\') {
        // It escapes the backtick that ends the text.
        return Err(SyntaxError::new(text.len() - 1, FINAL_BACKSLASH));
    }
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

pub(super) struct Parser<'t, 's> {
    pub(super) text: &'t str,
    /// Tokens of the current range, after those of the enclosing ranges.
    tokens: &'s mut Vec<Token>,
    /// Arguments of calls that are not complete yet.
    stack: &'s mut Vec<Expr>,
    pattern_budget: &'s mut PatternBudget,
    pub(super) at: usize,
    lookup: FunctionLookup,
    depth: usize,
    most: usize,
}

/// Binding power of the binary operators, from loose to tight.
fn power(op: Op) -> Option<(u8, Associativity)> {
    Some(match op {
        Op::Question => (1, Associativity::Left),
        Op::Coalesce => (2, Associativity::Left),
        Op::Or => (3, Associativity::Left),
        Op::And => (4, Associativity::Left),
        Op::Less | Op::LessOrEqual | Op::Greater | Op::GreaterOrEqual => (5, Associativity::Left),
        Op::Join => (6, Associativity::Left),
        Op::Equal | Op::NotEqual | Op::Differs => (7, Associativity::Left),
        Op::Plus | Op::Minus => (8, Associativity::Left),
        Op::Star | Op::Slash | Op::Percent => (9, Associativity::Left),
        Op::Caret => (10, Associativity::Right),
        _ => return None,
    })
}

const UNARY: u8 = 11;

#[derive(Clone, Copy, PartialEq)]
enum Associativity {
    Left,
    Right,
}

impl<'t, 's> Parser<'t, 's> {
    fn new(text: &'t str, lookup: FunctionLookup, scratch: &'s mut Scratch) -> Result<Self, SyntaxError> {
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
            pattern_budget: &mut scratch.pattern_budget,
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
        if self.peek().kind != TokenKind::End {
            return Err(self.unexpected("an operator or the end of the expression"));
        }
        self.tokens.truncate(around.2);
        (self.at, self.depth) = (around.0, around.1);
        Ok(expr)
    }

    pub(super) fn peek(&self) -> Token {
        self.tokens[self.at]
    }

    pub(super) fn token(&self, at: usize) -> Option<Token> {
        self.tokens.get(at).copied()
    }

    pub(super) fn source(&self, token: Token) -> &'t str {
        &self.text[token.start..token.end]
    }

    fn op(&self) -> Option<Op> {
        match self.peek().kind {
            TokenKind::Op(op) => Some(op),
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
            TokenKind::End => "the end".to_owned(),
            _ => format!("`{}`", self.source(token).chars().take(24).collect::<String>()),
        };
        let hint = self.hint();
        SyntaxError::new(token.start, format!("found {found}, expected {expected}{hint}"))
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
            let right = self.expression(if side == Associativity::Right {
                power
            } else {
                power + 1
            })?;
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
                if token.kind != TokenKind::Ident {
                    return Err(self.unexpected("a name after the dot; other names go in brackets: ['…']"));
                }
                self.at += 1;
                expr = build::accessor(expr, self.source(token))
                    .map_err(|message| SyntaxError::new(start, message))?;
            } else if self.accept(Op::OpenBracket) {
                let index = self.expression(0)?;
                self.expect(Op::CloseBracket, "after the index")?;
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
        let opens = |at: usize| self.tokens.get(at).map(|t| t.kind) == Some(TokenKind::Op(Op::Open));
        match self.op() {
            Some(Op::Open) => true,
            Some(Op::Bang) => opens(self.at + 1),
            _ => false,
        }
    }

    fn atom(&mut self) -> Result<Expr, SyntaxError> {
        let token = self.peek();
        let source = self.source(token);
        if matches!(token.kind, TokenKind::End) {
            return Err(self.unexpected("a value, a name or a function"));
        }
        self.at += 1;
        match token.kind {
            TokenKind::Number => Ok(Expr::Const(Const::Number(source.parse().unwrap_or(f64::NAN)))),
            TokenKind::String => Ok(Expr::string(&string_value(source))),
            TokenKind::Ident => Ok(match source {
                "true" => Expr::Const(Const::Bool(true)),
                "false" => Expr::Const(Const::Bool(false)),
                "null" => Expr::Const(Const::Null),
                "undefined" => Expr::Const(Const::Undefined),
                name => build::name(name),
            }),
            TokenKind::Interpolated => self.interpolated(token),
            TokenKind::Op(Op::Open) => {
                let inner = self.expression(0)?;
                self.expect(Op::Close, "to close the parenthesis")?;
                Ok(inner)
            }
            TokenKind::Op(Op::OpenBracket) => {
                let first = self.stack.len();
                self.arguments(Op::CloseBracket)?;
                self.call("createArray", first, token.start)
            }
            TokenKind::Op(Op::OpenBrace) => self.object(),
            TokenKind::Op(_) | TokenKind::End => {
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
        let mut properties: Vec<(std::sync::Arc<str>, Expr)> = Vec::new();
        if self.accept(Op::CloseBrace) {
            return Ok(Expr::Object(Box::default()));
        }
        loop {
            let token = self.peek();
            let source = self.source(token);
            let key = match token.kind {
                TokenKind::Ident => source,
                TokenKind::String => &source[1..source.len() - 1],
                _ => return Err(self.unexpected("a property name")),
            };
            let key = std::sync::Arc::from(key);
            self.at += 1;
            self.expect(Op::Colon, "after the property name")?;
            properties.push((key, self.expression(0)?));
            if self.accept(Op::CloseBrace) {
                return Ok(Expr::Object(properties.into_boxed_slice()));
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
            if token.kind == TokenKind::Ident
                && self.tokens.get(self.at + 1).map(|t| t.kind) == Some(TokenKind::Op(Op::Arrow))
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
        match build::call(name, self.stack, first, self.lookup, self.pattern_budget) {
            Ok(expr) => Ok(expr),
            Err(build::CallError::Invalid(message)) => Err(SyntaxError::new(start, message)),
            Err(build::CallError::Unknown) => Err(SyntaxError::new(start, functions::unknown(name))),
        }
    }
}
