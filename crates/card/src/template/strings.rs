//! Strings of a template: literal text, one expression, or text with expressions in it.

use super::compile::Compiler;
use super::error::CompileError;
use super::node::{Code, Part};
use super::reads::reads;
use crate::eval::{fold, mutates};
use crate::json::push_escaped;
use crate::syntax::{Const, Expr, Piece, SyntaxError, parse_template_string, template_pieces};

/// A string that has `${`.
pub(super) enum ParsedString {
    /// One expression, which keeps its type.
    Whole(Expr),
    /// Text, whose pieces are read.
    Pieces,
}

impl<'j> Compiler<'j, '_> {
    /// Reads a string that has `${`; a single part that is not a constant keeps its type.
    pub(super) fn parse_string(&mut self, text: &'j str) -> Result<ParsedString, CompileError> {
        self.pieces.clear();
        if text.contains('`') {
            // A backtick can end the interpolated string early; then the whole is another expression.
            let parsed = parse_template_string(text, &mut self.scratch);
            match parsed.map_err(|error| self.wrong(text, &error))? {
                Expr::Call { function, args } if function.name == "concat" => {
                    let empty =
                        |arg: &Expr| matches!(arg, Expr::Const(Const::String(text)) if text.is_empty());
                    let skipped = usize::from(args.first().is_some_and(empty));
                    self.pieces
                        .extend(args.into_iter().skip(skipped).map(Piece::Code));
                }
                _ => self.pieces.push(Piece::Text(text)),
            }
        } else {
            let pieces = &mut self.pieces;
            template_pieces(text, &mut self.scratch, |piece| pieces.push(piece))
                .map_err(|error| self.wrong(text, &error))?;
        }
        let single = matches!(&self.pieces[..], [Piece::Code(expr)] if !expr.is_const());
        match self.pieces.pop() {
            Some(Piece::Code(expr)) if single => {
                let expr = self.analysed(expr);
                match expr {
                    // `expand` concatenates the arguments itself.
                    Expr::Call { function, args } if function.name == "concat" => {
                        self.pieces.extend(args.into_iter().map(Piece::Code));
                        Ok(ParsedString::Pieces)
                    }
                    expr => Ok(ParsedString::Whole(expr)),
                }
            }
            last => {
                self.pieces.extend(last);
                Ok(ParsedString::Pieces)
            }
        }
    }

    /// Writes the pieces of a string.
    pub(super) fn string(&mut self) {
        self.text.push('"');
        let mut pieces = std::mem::take(&mut self.pieces);
        for piece in pieces.drain(..) {
            match piece {
                Piece::Text(text) => push_escaped(&mut self.text, text),
                Piece::Escape(c) => self.text.push(c),
                Piece::Code(Expr::Const(Const::String(text))) => push_escaped(&mut self.text, &text),
                Piece::Code(expr) => {
                    self.flush();
                    let location = self.location();
                    let expr = self.analysed(expr);
                    self.parts.push(Part::Text(Code { expr, location }));
                }
            }
        }
        self.pieces = pieces;
        self.text.push('"');
    }

    fn wrong(&self, text: &str, error: &SyntaxError) -> CompileError {
        CompileError::Expression {
            name: self.name.to_owned(),
            pointer: self.pointers.pointer(self.here),
            column: error.column(text),
            position: None,
            message: error.message.clone(),
        }
    }

    /// Folds constants, and records what the expression reads and changes.
    fn analysed(&mut self, mut expr: Expr) -> Expr {
        match &mut expr {
            // `expand` concatenates the arguments itself.
            Expr::Call { function, args } if function.name == "concat" => {
                args.iter_mut().for_each(|arg| fold(arg, &mut self.folding));
            }
            expr => fold(expr, &mut self.folding),
        }
        self.facts.reads = self.facts.reads.max(reads(&expr));
        self.facts.mutates |= mutates(&expr);
        expr
    }

    /// The expression of a string with `${` that is not written but evaluated.
    pub(super) fn code(&mut self, text: &'j str) -> Result<Code, CompileError> {
        let expr = match self.parse_string(text)? {
            ParsedString::Whole(expr) => expr,
            ParsedString::Pieces => {
                let parsed = parse_template_string(text, &mut self.scratch);
                let expr = match parsed.map_err(|error| self.wrong(text, &error))? {
                    Expr::Call { function, args } if function.name == "concat" => match single(args) {
                        Ok(only) => only,
                        Err(args) => Expr::Call { function, args },
                    },
                    _ => Expr::string(text),
                };
                self.analysed(expr)
            }
        };
        Ok(self.with_location(expr))
    }
}

/// Whether a string contains an expression.
pub(super) fn has_code(text: &str) -> bool {
    text.as_bytes().windows(2).any(|pair| pair == b"${")
}

/// The only part of an interpolated string, if it is one and not a constant.
fn single(args: Box<[Expr]>) -> Result<Expr, Box<[Expr]>> {
    let only = match &args[..] {
        [only] => !only.is_const(),
        [Expr::Const(Const::String(empty)), only] => empty.is_empty() && !only.is_const(),
        _ => false,
    };
    if !only {
        return Err(args);
    }
    let mut args = args.into_vec();
    args.pop().ok_or_else(Box::default)
}
