//! A document becomes a tree in which everything static is text already.

use super::error::{CompileError, push_step};
use super::node::{Code, Condition, Context, Member, Node, Object, Shape};
use super::reads::{Reads, reads};
use crate::eval::{fold, mutates};
use crate::json::{Json, push_json, push_string};
use crate::syntax::{Const, Expr, parse_template_string};

/// Keys that are never output.
const RESERVED: [&str; 6] = [
    "$data",
    "$when",
    "$root",
    "$index",
    "$host",
    "$_acTemplateVersion",
];

/// What is known of the whole template.
pub(super) struct Facts {
    pub(super) reads: Reads,
    pub(super) mutates: bool,
}

pub(super) fn compile(json: &Json<'_>, name: &str) -> Result<(Node, Facts), CompileError> {
    let facts = Facts {
        reads: Reads::DataOnly,
        mutates: false,
    };
    let mut compiler = Compiler {
        name,
        pointer: String::new(),
        facts,
    };
    let node = compiler.node(json)?;
    Ok((node, compiler.facts))
}

struct Compiler<'n> {
    name: &'n str,
    pointer: String,
    facts: Facts,
}

impl Compiler<'_> {
    fn node(&mut self, json: &Json<'_>) -> Result<Node, CompileError> {
        match json {
            Json::String(text) => match self.code(text)? {
                Some(code) => Ok(Node::Dynamic(Box::new(code))),
                None => Ok(fixed(json)),
            },
            Json::Array(items) => self.array(items),
            Json::Object(members) => self.object(members),
            _ => Ok(fixed(json)),
        }
    }

    fn at<T>(
        &mut self,
        step: &str,
        work: impl FnOnce(&mut Self) -> Result<T, CompileError>,
    ) -> Result<T, CompileError> {
        let len = self.pointer.len();
        push_step(&mut self.pointer, step);
        let result = work(self);
        self.pointer.truncate(len);
        result
    }

    fn array(&mut self, items: &[Json<'_>]) -> Result<Node, CompileError> {
        let mut nodes = Vec::with_capacity(items.len());
        for (at, item) in items.iter().enumerate() {
            nodes.push(self.at(&at.to_string(), |c| c.node(item))?);
        }
        if nodes.iter().all(|node| matches!(node, Node::Static { .. })) {
            return Ok(static_array(&nodes));
        }
        Ok(Node::Array(nodes.into_boxed_slice()))
    }

    fn object(&mut self, members: &[(std::borrow::Cow<'_, str>, Json<'_>)]) -> Result<Node, CompileError> {
        let mut context = Context::Inherited;
        let mut condition = Condition::Always;
        let mut run = String::new();
        let mut out = Vec::new();
        for (key, value) in members {
            match &**key {
                "$data" => context = self.at(key, |c| c.context(value))?,
                "$when" => condition = self.at(key, |c| c.condition(value))?,
                key if RESERVED.contains(&key) => {
                    // Not output, but its strings must still be expressions.
                    self.at(key, |c| c.node(value))?;
                }
                key => {
                    let node = self.at(key, |c| c.node(value))?;
                    let mut quoted = String::new();
                    push_string(&mut quoted, key);
                    quoted.push(':');
                    if let Node::Static { text, .. } = &node {
                        if !run.is_empty() {
                            run.push(',');
                        }
                        run.push_str(&quoted);
                        run.push_str(text);
                    } else {
                        if !run.is_empty() {
                            out.push(Member::Static(std::mem::take(&mut run).into()));
                        }
                        out.push(Member::Dynamic(quoted.into(), node));
                    }
                }
            }
        }
        let plain = matches!((&context, &condition), (Context::Inherited, Condition::Always));
        if plain && out.is_empty() {
            return Ok(Node::Static {
                text: format!("{{{run}}}").into(),
                shape: Shape::Other,
            });
        }
        if !run.is_empty() {
            out.push(Member::Static(run.into()));
        }
        let members = out.into_boxed_slice();
        Ok(Node::Object(Box::new(Object {
            context,
            condition,
            members,
            pointer: self.pointer.as_str().into(),
        })))
    }

    fn context(&mut self, value: &Json<'_>) -> Result<Context, CompileError> {
        if let Json::String(text) = value
            && let Some(code) = self.code(text)?
        {
            return Ok(Context::Code(Box::new(code)));
        }
        Ok(Context::Literal(Box::new(self.literal(value)?)))
    }

    /// Literal data. Strings with `${` in it are parsed but never evaluated; they print as canonical text.
    fn literal(&mut self, value: &Json<'_>) -> Result<Json<'static>, CompileError> {
        Ok(match value {
            Json::String(text) => match self.code(text)? {
                Some(code) => Json::Code(code.expr.to_string().into()),
                None => value.clone().into_owned(),
            },
            Json::Array(items) => {
                let mut out = Vec::with_capacity(items.len());
                for (at, item) in items.iter().enumerate() {
                    out.push(self.at(&at.to_string(), |c| c.literal(item))?);
                }
                Json::Array(out)
            }
            Json::Object(members) => {
                let mut out = Vec::with_capacity(members.len());
                for (key, item) in members {
                    out.push((key.to_string().into(), self.at(key, |c| c.literal(item))?));
                }
                Json::Object(out)
            }
            other => other.clone().into_owned(),
        })
    }

    fn condition(&mut self, value: &Json<'_>) -> Result<Condition, CompileError> {
        if let Json::String(text) = value
            && let Some(code) = self.code(text)?
        {
            return Ok(Condition::Code(Box::new(code)));
        }
        self.literal(value)?;
        Ok(match value {
            Json::Null | Json::Bool(false) => Condition::Always,
            Json::Number(n) if *n == 0.0 => Condition::Always,
            Json::String(s) if s.is_empty() => Condition::Always,
            _ => Condition::Never,
        })
    }

    /// The expression of a string with `${`; a single part that is not a constant stands for itself.
    fn code(&mut self, text: &str) -> Result<Option<Code>, CompileError> {
        if !text.contains("${") {
            return Ok(None);
        }
        let parsed = parse_template_string(text).map_err(|error| CompileError::Expression {
            name: self.name.to_owned(),
            pointer: self.pointer.clone(),
            column: error.column(text),
            message: error.message,
        })?;
        let Expr::Call { function, args } = parsed else {
            return Ok(None);
        };
        if function.name != "concat" {
            return Ok(None);
        }
        let expr = match single(args) {
            Ok(only) => fold(only),
            Err(args) => Expr::Call {
                function,
                args: args.into_iter().map(fold).collect(),
            },
        };
        self.facts.reads = self.facts.reads.max(reads(&expr));
        self.facts.mutates |= mutates(&expr);
        Ok(Some(Code {
            expr,
            pointer: self.pointer.as_str().into(),
        }))
    }
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

fn fixed(json: &Json<'_>) -> Node {
    let mut text = String::new();
    push_json(&mut text, json);
    let shape = if *json == Json::Null {
        Shape::Null
    } else {
        Shape::Other
    };
    Node::Static {
        text: text.into(),
        shape,
    }
}

/// A list of static items: nulls removed, lists spliced.
fn static_array(nodes: &[Node]) -> Node {
    let mut text = String::from("[");
    for node in nodes {
        let Node::Static { text: item, shape } = node else {
            continue;
        };
        let item = match shape {
            Shape::Null | Shape::EmptyList => continue,
            Shape::List => &item[1..item.len() - 1],
            Shape::Other => item,
        };
        if text.len() > 1 {
            text.push(',');
        }
        text.push_str(item);
    }
    text.push(']');
    let shape = if text.len() == 2 {
        Shape::EmptyList
    } else {
        Shape::List
    };
    Node::Static {
        text: text.into(),
        shape,
    }
}
