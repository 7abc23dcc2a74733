//! The grammar of JSPath.

/// The deepest nesting of a path.
const MAX_NESTING: usize = 40;

#[derive(Debug, Clone, PartialEq)]
pub(super) enum Node {
    Path {
        root: Root,
        parts: Vec<Part>,
    },
    Concat(Vec<Node>),
    Logical {
        all: bool,
        args: Vec<Node>,
    },
    Compare {
        op: &'static str,
        args: Box<(Node, Node)>,
    },
    Math {
        op: char,
        args: Box<(Node, Node)>,
    },
    Not(Box<Node>),
    Negate(Box<Node>),
    Number(f64),
    Text(String),
    Bool(bool),
    Null,
}

#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Root {
    Context,
    /// `^`
    Document,
    /// `$name`: no such values are given, so it is undefined.
    Substitution,
}

#[derive(Debug, Clone, PartialEq)]
pub(super) enum Part {
    Child(Option<String>),
    Descendant(Option<String>),
    Filter(Node),
    Index(Node),
    Slice(Option<Node>, Option<Node>),
    Group(Node),
}

#[derive(Debug, Clone, PartialEq)]
enum Token {
    Id(String),
    Number(f64),
    Text(String),
    Punct(&'static str),
    End,
}

const PUNCTUATION: [&str; 39] = [
    "===", "!==", "^==", "$==", "*==", "==^", "==$", "==*", "==", "!=", "^=", "$=", "*=", "=^", "=$", "=*",
    "<=", ">=", "||", "&&", "..", ".", ":", "{", "}", "(", ")", "[", "]", "^", "+", "-", "*", "/", "%", "!",
    ">", "<", "|",
];

/// Operators that compare.
const COMPARE: [&str; 16] = [
    "===", "!==", "^==", "$==", "*==", "==^", "==$", "==*", "==", "!=", "^=", "$=", "*=", "=^", "=$", "=*",
];

pub(super) fn parse(path: &str) -> Result<Node, String> {
    let mut parser = Parser {
        tokens: tokens(path)?,
        at: 0,
        depth: 0,
    };
    let node = parser.concat()?;
    match parser.peek() {
        Token::End => Ok(node),
        _ => Err(parser.unexpected()),
    }
}

fn tokens(path: &str) -> Result<Vec<Token>, String> {
    let mut out = Vec::new();
    let mut rest = path;
    while let Some(c) = rest.chars().next() {
        let len;
        let next = rest[c.len_utf8()..].chars().next();
        if matches!(c, ' ' | '\r' | '\n' | '\t') {
            rest = &rest[1..];
            continue;
        }
        let id = |c: char| c.is_ascii_alphabetic() || matches!(c, '$' | '@' | '_');
        if c.is_ascii_digit() || (c == '.' && next.is_some_and(|n| n.is_ascii_digit())) {
            len = rest
                .find(|c: char| !(c.is_ascii_digit() || c == '.'))
                .unwrap_or(rest.len());
            let number = rest[..len]
                .parse()
                .map_err(|_| format!("has the number {}", &rest[..len]))?;
            out.push(Token::Number(number));
        } else if matches!(c, '"' | '\'') {
            let (text, used) = quoted(rest, c).ok_or("has a string that is not closed")?;
            out.push(Token::Text(text));
            len = used;
        } else if let Some(op) = PUNCTUATION
            .iter()
            .find(|op| rest.starts_with(**op))
            .filter(|op| !(id(c) && op.len() == 1))
        {
            out.push(Token::Punct(op));
            len = op.len();
        } else if id(c) {
            len = rest
                .find(|c: char| !(id(c) || c.is_ascii_digit()))
                .unwrap_or(rest.len());
            out.push(Token::Id(rest[..len].to_owned()));
        } else {
            return Err(format!("has an unexpected `{c}`"));
        }
        rest = &rest[len..];
    }
    out.push(Token::End);
    Ok(out)
}

/// The text between quotes and how long it is with them.
fn quoted(text: &str, quote: char) -> Option<(String, usize)> {
    let mut out = String::new();
    let mut chars = text.char_indices().skip(1);
    while let Some((at, c)) = chars.next() {
        match c {
            '\\' => out.extend(chars.next().map(|(_, c)| c)),
            c if c == quote => return Some((out, at + 1)),
            c => out.push(c),
        }
    }
    None
}

struct Parser {
    tokens: Vec<Token>,
    at: usize,
    depth: usize,
}

impl Parser {
    fn peek(&self) -> &Token {
        self.tokens.get(self.at).unwrap_or(&Token::End)
    }

    fn is(&self, punct: &str) -> bool {
        matches!(self.peek(), Token::Punct(p) if *p == punct)
    }

    fn accept(&mut self, punct: &str) -> bool {
        let found = self.is(punct);
        self.at += usize::from(found);
        found
    }

    fn expect(&mut self, punct: &str) -> Result<(), String> {
        if self.accept(punct) {
            Ok(())
        } else {
            Err(self.unexpected())
        }
    }

    fn unexpected(&self) -> String {
        match self.peek() {
            Token::End => "ends too early".to_owned(),
            Token::Punct(p) => format!("has an unexpected `{p}`"),
            Token::Id(text) | Token::Text(text) => format!("has an unexpected `{text}`"),
            Token::Number(n) => format!("has an unexpected `{n}`"),
        }
    }

    fn nested<T>(&mut self, read: impl FnOnce(&mut Self) -> Result<T, String>) -> Result<T, String> {
        if self.depth >= MAX_NESTING {
            return Err("is nested too deep".to_owned());
        }
        self.depth += 1;
        let result = read(self);
        self.depth -= 1;
        result
    }

    fn concat(&mut self) -> Result<Node, String> {
        self.nested(|p| {
            let first = p.concat_part()?;
            if !p.is("|") {
                return Ok(first);
            }
            let mut args = vec![first];
            while p.accept("|") {
                args.push(p.concat_part()?);
            }
            Ok(Node::Concat(args))
        })
    }

    fn concat_part(&mut self) -> Result<Node, String> {
        if self.is("(") {
            self.path_group()
        } else {
            self.path()
        }
    }

    fn path_group(&mut self) -> Result<Node, String> {
        self.expect("(")?;
        let inner = self.concat()?;
        self.expect(")")?;
        let mut parts = Vec::new();
        while let Some(part) = self.predicate()? {
            parts.push(part);
        }
        Ok(match inner {
            inner if parts.is_empty() => inner,
            Node::Path {
                root,
                parts: mut earlier,
            } => {
                earlier.extend(parts);
                Node::Path { root, parts: earlier }
            }
            other => {
                parts.insert(0, Part::Group(other));
                Node::Path {
                    root: Root::Context,
                    parts,
                }
            }
        })
    }

    fn predicate(&mut self) -> Result<Option<Part>, String> {
        if self.accept("[") {
            let part = self.position()?;
            self.expect("]")?;
            return Ok(Some(part));
        }
        if self.accept("{") {
            let test = self.or()?;
            self.expect("}")?;
            return Ok(Some(Part::Filter(test)));
        }
        if self.is("(") {
            return self.nested(Self::path_group).map(|node| Some(Part::Group(node)));
        }
        Ok(None)
    }

    fn position(&mut self) -> Result<Part, String> {
        if self.accept(":") {
            return Ok(Part::Slice(None, Some(self.unary()?)));
        }
        let from = self.unary()?;
        if !self.accept(":") {
            return Ok(Part::Index(from));
        }
        let to = if self.is("]") { None } else { Some(self.unary()?) };
        Ok(Part::Slice(Some(from), to))
    }

    fn starts_path(&self) -> bool {
        match self.peek() {
            Token::Punct(p) => matches!(*p, "." | ".." | "^"),
            Token::Id(id) => id.starts_with('$'),
            _ => false,
        }
    }

    fn path(&mut self) -> Result<Node, String> {
        if !self.starts_path() {
            return Err(self.unexpected());
        }
        let root = if self.accept("^") {
            Root::Document
        } else if let Token::Id(name) = self.peek() {
            // A bare `$` names no substitution, so it is the context.
            let root = if name == "$" {
                Root::Context
            } else {
                Root::Substitution
            };
            self.at += 1;
            root
        } else {
            Root::Context
        };
        let mut parts = Vec::new();
        loop {
            if self.is(".") || self.is("..") {
                let deep = self.is("..");
                self.at += 1;
                let name = match self.peek().clone() {
                    Token::Id(name) | Token::Text(name) => Some(name),
                    Token::Punct("*") => Some("*".to_owned()),
                    _ => None,
                };
                self.at += usize::from(name.is_some());
                parts.push(if deep {
                    Part::Descendant(name)
                } else {
                    Part::Child(name)
                });
            } else if let Some(part) = self.predicate()? {
                parts.push(part);
            } else {
                return Ok(Node::Path { root, parts });
            }
        }
    }

    fn or(&mut self) -> Result<Node, String> {
        self.nested(|p| p.logical("||", |p| p.logical("&&", Self::equality)))
    }

    fn logical(
        &mut self,
        op: &'static str,
        mut next: impl FnMut(&mut Self) -> Result<Node, String>,
    ) -> Result<Node, String> {
        let first = next(self)?;
        if !self.is(op) {
            return Ok(first);
        }
        let mut args = vec![first];
        while self.accept(op) {
            args.push(next(self)?);
        }
        Ok(Node::Logical {
            all: op == "&&",
            args,
        })
    }

    fn equality(&mut self) -> Result<Node, String> {
        let mut left = self.relational()?;
        while let Some(op) = COMPARE.iter().find(|op| self.is(op)).copied() {
            self.at += 1;
            let right = self.nested(Self::equality)?;
            left = Node::Compare {
                op,
                args: Box::new((left, right)),
            };
        }
        Ok(left)
    }

    fn relational(&mut self) -> Result<Node, String> {
        let mut left = self.additive()?;
        while let Some(op) = ["<=", ">=", "<", ">"].iter().find(|op| self.is(op)).copied() {
            self.at += 1;
            let right = self.nested(Self::relational)?;
            left = Node::Compare {
                op,
                args: Box::new((left, right)),
            };
        }
        Ok(left)
    }

    fn additive(&mut self) -> Result<Node, String> {
        let mut left = self.multiplicative()?;
        let entry = self.depth;
        while let Some(op) = ["+", "-"].iter().find(|op| self.is(op)) {
            self.at += 1;
            self.deepen()?;
            let right = self.multiplicative()?;
            left = Node::Math {
                op: char::from(op.as_bytes()[0]),
                args: Box::new((left, right)),
            };
        }
        self.depth = entry;
        Ok(left)
    }

    fn deepen(&mut self) -> Result<(), String> {
        self.depth += 1;
        if self.depth > MAX_NESTING {
            Err("is nested too deep".to_owned())
        } else {
            Ok(())
        }
    }

    fn multiplicative(&mut self) -> Result<Node, String> {
        let left = self.unary()?;
        match ["*", "/", "%"].iter().find(|op| self.is(op)) {
            Some(op) => {
                self.at += 1;
                let right = self.nested(Self::multiplicative)?;
                Ok(Node::Math {
                    op: char::from(op.as_bytes()[0]),
                    args: Box::new((left, right)),
                })
            }
            None => Ok(left),
        }
    }

    fn unary(&mut self) -> Result<Node, String> {
        if self.accept("!") {
            return self.nested(Self::unary).map(|n| Node::Not(Box::new(n)));
        }
        if self.accept("-") {
            return self.nested(Self::unary).map(|n| Node::Negate(Box::new(n)));
        }
        self.primary()
    }

    fn primary(&mut self) -> Result<Node, String> {
        let node = match self.peek().clone() {
            Token::Text(text) => Node::Text(text),
            Token::Number(n) => Node::Number(n),
            Token::Id(id) if id == "true" || id == "false" => Node::Bool(id == "true"),
            Token::Id(id) if id == "null" => Node::Null,
            _ if self.starts_path() => return self.nested(Self::path),
            Token::Punct("(") => {
                self.at += 1;
                let inner = self.or()?;
                self.expect(")")?;
                return Ok(inner);
            }
            _ => return Err(self.unexpected()),
        };
        self.at += 1;
        Ok(node)
    }
}
