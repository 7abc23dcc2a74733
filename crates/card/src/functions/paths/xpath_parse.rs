//! The grammar of XPath 1.0.

/// The deepest nesting of an expression.
const MAX_NESTING: usize = 40;

#[derive(Debug)]
pub(super) enum Expr {
    Binary {
        op: &'static str,
        args: Box<(Expr, Expr)>,
    },
    Negate(Box<Expr>),
    Number(f64),
    Text(String),
    Call {
        name: String,
        args: Vec<Expr>,
    },
    /// A location path, from the root, from the context, or from the nodes of an expression.
    Path {
        start: Start,
        steps: Vec<Step>,
    },
}

#[derive(Debug)]
pub(super) enum Start {
    Root,
    Context,
    Filter { base: Box<Expr>, predicates: Vec<Expr> },
}

#[derive(Debug)]
pub(super) struct Step {
    pub(super) axis: Axis,
    pub(super) test: Test,
    pub(super) predicates: Vec<Expr>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Axis {
    Ancestor,
    AncestorOrSelf,
    Attribute,
    Child,
    Descendant,
    DescendantOrSelf,
    Following,
    FollowingSibling,
    Namespace,
    Parent,
    Preceding,
    PrecedingSibling,
    Itself,
}

#[derive(Debug)]
pub(super) enum Test {
    Any,
    Name(String),
    Node,
    Text,
    Comment,
    Instruction(Option<String>),
}

#[derive(Debug, Clone, PartialEq)]
enum Token {
    Name(String),
    Number(f64),
    Text(String),
    Op(&'static str),
    End,
}

const OPERATORS: [&str; 22] = [
    "::", "//", "..", "!=", "<=", ">=", "(", ")", "[", "]", ".", "@", ",", "/", "|", "+", "-", "=", "<", ">",
    "*", "$",
];

pub(super) fn parse(path: &str) -> Result<Expr, String> {
    let mut parser = Parser {
        tokens: tokens(path)?,
        at: 0,
        depth: 0,
    };
    let expr = parser.binary(0)?;
    if parser.peek() == &Token::End {
        Ok(expr)
    } else {
        Err(parser.unexpected())
    }
}

fn tokens(path: &str) -> Result<Vec<Token>, String> {
    let mut out = Vec::new();
    let mut rest = path;
    while let Some(c) = rest.chars().next() {
        if c.is_whitespace() {
            rest = &rest[c.len_utf8()..];
            continue;
        }
        let digit = |at: usize| rest.as_bytes().get(at).is_some_and(u8::is_ascii_digit);
        let len;
        if c.is_ascii_digit() || (c == '.' && digit(1)) {
            len = rest
                .find(|c: char| !(c.is_ascii_digit() || c == '.'))
                .unwrap_or(rest.len());
            out.push(Token::Number(
                rest[..len]
                    .parse()
                    .map_err(|_| "has a malformed number".to_owned())?,
            ));
        } else if matches!(c, '"' | '\'') {
            let end = rest[1..].find(c).ok_or("has a string that is not closed")?;
            out.push(Token::Text(rest[1..=end].to_owned()));
            len = end + 2;
        } else if c.is_alphabetic() || c == '_' {
            len = name_length(rest);
            out.push(Token::Name(rest[..len].to_owned()));
        } else if let Some(op) = OPERATORS.iter().find(|op| rest.starts_with(**op)) {
            out.push(Token::Op(op));
            len = op.len();
        } else {
            return Err(format!("has an unexpected `{c}`"));
        }
        rest = &rest[len..];
    }
    out.push(Token::End);
    Ok(out)
}

/// The length of a name, with a prefix if there is one (`a:b`, not the axis in `a::b`).
fn name_length(text: &str) -> usize {
    let part = |t: &str| {
        t.find(|c: char| !(c.is_alphanumeric() || matches!(c, '_' | '-' | '.')))
            .unwrap_or(t.len())
    };
    let len = part(text);
    match text[len..].strip_prefix(':') {
        Some(local) if local.starts_with(|c: char| c.is_alphabetic() || c == '_') => len + 1 + part(local),
        _ => len,
    }
}

struct Parser {
    tokens: Vec<Token>,
    at: usize,
    depth: usize,
}

const LEVELS: [&[&str]; 6] = [
    &["or"],
    &["and"],
    &["=", "!="],
    &["<=", ">=", "<", ">"],
    &["+", "-"],
    &["*", "div", "mod"],
];

impl Parser {
    fn peek(&self) -> &Token {
        self.tokens.get(self.at).unwrap_or(&Token::End)
    }

    fn accept(&mut self, op: &str) -> bool {
        let found = matches!(self.peek(), Token::Op(o) if *o == op);
        self.at += usize::from(found);
        found
    }

    fn expect(&mut self, op: &str) -> Result<(), String> {
        if self.accept(op) {
            Ok(())
        } else {
            Err(self.unexpected())
        }
    }

    fn unexpected(&self) -> String {
        match self.peek() {
            Token::End => "ends too early".to_owned(),
            Token::Op(op) => format!("has an unexpected `{op}`"),
            Token::Name(text) | Token::Text(text) => format!("has an unexpected `{text}`"),
            Token::Number(n) => format!("has an unexpected `{n}`"),
        }
    }

    fn binary(&mut self, level: usize) -> Result<Expr, String> {
        let Some(ops) = LEVELS.get(level) else {
            return self.unary();
        };
        if self.depth > MAX_NESTING {
            return Err("is nested too deep".to_owned());
        }
        let entry = self.depth;
        let mut left = self.binary(level + 1)?;
        loop {
            let found = match self.peek() {
                Token::Op(op) => ops.iter().find(|o| *o == op),
                Token::Name(name) => ops.iter().find(|o| *o == name),
                _ => None,
            };
            let Some(op) = found.copied() else { break };
            self.at += 1;
            self.depth += 1;
            if self.depth > MAX_NESTING {
                return Err("is nested too deep".to_owned());
            }
            let right = self.binary(level + 1)?;
            left = Expr::Binary {
                op,
                args: Box::new((left, right)),
            };
        }
        self.depth = entry;
        Ok(left)
    }

    fn nested(&mut self) -> Result<Expr, String> {
        self.depth += 1;
        let result = self.binary(0);
        self.depth -= 1;
        result
    }

    fn unary(&mut self) -> Result<Expr, String> {
        let mut minus = false;
        let mut any = false;
        while self.accept("-") {
            minus = !minus;
            any = true;
        }
        let mut left = self.path()?;
        let mut unions = 0;
        while self.accept("|") {
            unions += 1;
            if unions > MAX_NESTING {
                return Err("is nested too deep".to_owned());
            }
            let right = self.path()?;
            left = Expr::Binary {
                op: "|",
                args: Box::new((left, right)),
            };
        }
        if !any {
            return Ok(left);
        }
        let negative = Expr::Negate(Box::new(left));
        Ok(if minus {
            negative
        } else {
            Expr::Negate(Box::new(negative))
        })
    }

    fn path(&mut self) -> Result<Expr, String> {
        let mut steps = Vec::new();
        let start = if self.accept("//") {
            steps.push(any_below());
            steps.push(self.step()?);
            Start::Root
        } else if self.accept("/") {
            if self.starts_step() {
                steps.push(self.step()?);
            } else {
                return Ok(Expr::Path {
                    start: Start::Root,
                    steps,
                });
            }
            Start::Root
        } else if self.starts_filter() {
            let base = self.primary()?;
            let predicates = self.predicates()?;
            let follows = matches!(self.peek(), Token::Op("/" | "//"));
            if predicates.is_empty() && !follows {
                return Ok(base);
            }
            Start::Filter {
                base: Box::new(base),
                predicates,
            }
        } else {
            steps.push(self.step()?);
            Start::Context
        };
        loop {
            if self.accept("//") {
                steps.push(any_below());
            } else if !self.accept("/") {
                return Ok(Expr::Path { start, steps });
            }
            steps.push(self.step()?);
        }
    }

    fn starts_step(&self) -> bool {
        matches!(self.peek(), Token::Name(_) | Token::Op("." | ".." | "@" | "*"))
    }

    fn starts_filter(&self) -> bool {
        match self.peek() {
            Token::Number(_) | Token::Text(_) | Token::Op("(" | "$") => true,
            Token::Name(name) => {
                self.tokens.get(self.at + 1) == Some(&Token::Op("("))
                    && !matches!(
                        name.as_str(),
                        "node" | "text" | "comment" | "processing-instruction"
                    )
            }
            _ => false,
        }
    }

    fn primary(&mut self) -> Result<Expr, String> {
        let token = self.peek().clone();
        self.at += 1;
        match token {
            Token::Number(n) => Ok(Expr::Number(n)),
            Token::Text(text) => Ok(Expr::Text(text)),
            Token::Op("(") => {
                let inner = self.nested()?;
                self.expect(")")?;
                Ok(inner)
            }
            Token::Name(name) => {
                self.expect("(")?;
                let mut args = Vec::new();
                if !self.accept(")") {
                    loop {
                        args.push(self.nested()?);
                        if self.accept(")") {
                            break;
                        }
                        self.expect(",")?;
                    }
                }
                Ok(Expr::Call { name, args })
            }
            _ => Err("has a variable, and there are none".to_owned()),
        }
    }

    fn predicates(&mut self) -> Result<Vec<Expr>, String> {
        let mut out = Vec::new();
        while self.accept("[") {
            out.push(self.nested()?);
            self.expect("]")?;
        }
        Ok(out)
    }

    fn step(&mut self) -> Result<Step, String> {
        if self.accept("..") {
            return Ok(Step {
                axis: Axis::Parent,
                test: Test::Node,
                predicates: Vec::new(),
            });
        }
        if self.accept(".") {
            return Ok(Step {
                axis: Axis::Itself,
                test: Test::Node,
                predicates: Vec::new(),
            });
        }
        let mut axis = Axis::Child;
        if self.accept("@") {
            axis = Axis::Attribute;
        } else if let (Token::Name(name), Some(Token::Op("::"))) =
            (self.peek().clone(), self.tokens.get(self.at + 1))
        {
            axis = axis_of(&name)?;
            self.at += 2;
        }
        let test = self.test()?;
        Ok(Step {
            axis,
            test,
            predicates: self.predicates()?,
        })
    }

    fn test(&mut self) -> Result<Test, String> {
        if self.accept("*") {
            return Ok(Test::Any);
        }
        let Token::Name(name) = self.peek().clone() else {
            return Err(self.unexpected());
        };
        self.at += 1;
        if !self.accept("(") {
            return match name.split_once(':') {
                Some((prefix, _)) => Err(format!("has the prefix `{prefix}`, which nothing declares")),
                None => Ok(Test::Name(name)),
            };
        }
        let test = match name.as_str() {
            "node" => Test::Node,
            "text" => Test::Text,
            "comment" => Test::Comment,
            "processing-instruction" => match self.peek().clone() {
                Token::Text(target) => {
                    self.at += 1;
                    Test::Instruction(Some(target))
                }
                _ => Test::Instruction(None),
            },
            _ => return Err(format!("has the unknown node test `{name}()`")),
        };
        self.expect(")")?;
        Ok(test)
    }
}

fn any_below() -> Step {
    Step {
        axis: Axis::DescendantOrSelf,
        test: Test::Node,
        predicates: Vec::new(),
    }
}

fn axis_of(name: &str) -> Result<Axis, String> {
    Ok(match name {
        "ancestor" => Axis::Ancestor,
        "ancestor-or-self" => Axis::AncestorOrSelf,
        "attribute" => Axis::Attribute,
        "child" => Axis::Child,
        "descendant" => Axis::Descendant,
        "descendant-or-self" => Axis::DescendantOrSelf,
        "following" => Axis::Following,
        "following-sibling" => Axis::FollowingSibling,
        "namespace" => Axis::Namespace,
        "parent" => Axis::Parent,
        "preceding" => Axis::Preceding,
        "preceding-sibling" => Axis::PrecedingSibling,
        "self" => Axis::Itself,
        _ => return Err(format!("has the unknown axis `{name}`")),
    })
}
