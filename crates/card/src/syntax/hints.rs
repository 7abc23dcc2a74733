//! What may be meant where an expression cannot go on: keys that need brackets, and what other template languages write.

use super::lexer::{Op, Token, TokenKind};
use super::parser::Parser;

/// How much of a key is shown.
const KEY_BYTES: usize = 64;

impl Parser<'_, '_> {
    /// What to write instead, by the tokens around the one that is not expected; often empty.
    #[cold]
    pub(super) fn hint(&self) -> String {
        let token = self.peek();
        let before = self.at.checked_sub(1).and_then(|at| self.token(at));
        let Some(before) = before.filter(|before| before.end <= token.start) else {
            return String::new();
        };
        match (before.kind, token.kind) {
            (_, TokenKind::Ident) if self.source(token) == "and" => "; write && for and".to_owned(),
            (_, TokenKind::Ident) if self.source(token) == "or" => "; write || for or".to_owned(),
            (TokenKind::Ident, _) if self.source(before) == "not" => "; write ! for not".to_owned(),
            (TokenKind::Ident, TokenKind::Ident) => {
                self.bracketed("a blank", before, self.last_ident(self.at))
            }
            (TokenKind::Ident, TokenKind::Op(Op::Colon)) => self.colon(before),
            (TokenKind::Ident, TokenKind::Op(Op::OpenBrace)) if self.source(before) == "$" => {
                "; leave out `${` and `}`: here the expression stands alone".to_owned()
            }
            (TokenKind::Op(Op::OpenBrace), TokenKind::Op(Op::OpenBrace)) => {
                "; one pair of braces is enough: ${name}".to_owned()
            }
            _ => String::new(),
        }
    }

    fn colon(&self, before: Token) -> String {
        if self.source(before) == "rs" {
            return "; string resources (`rs:`) are not resolved here: put the text into the template or the data"
                .to_owned();
        }
        self.bracketed("a colon", before, self.last_ident(self.at + 1))
    }

    /// The last of the names that follow each other from a token on.
    fn last_ident(&self, from: usize) -> Option<Token> {
        (from..)
            .map_while(|at| self.token(at).filter(|token| token.kind == TokenKind::Ident))
            .last()
    }

    fn bracketed(&self, what: &str, first: Token, last: Option<Token>) -> String {
        let end = last.map_or(first.end, |last| last.end);
        let key = self.text.get(first.start..end).unwrap_or("").trim();
        let holder = match self.text.get(..first.start) {
            Some(before) if before.ends_with('.') => "…",
            _ => "$data",
        };
        if key.len() > KEY_BYTES || key.contains('\'') {
            return format!("; a key with {what} goes in brackets: {holder}['…']");
        }
        format!("; a key with {what} goes in brackets: {holder}['{key}']")
    }
}
