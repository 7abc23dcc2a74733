//! Evaluates XPath over a document.

use super::xml_doc::{Document, Id, Kind, ROOT};
use super::xpath_functions;
use super::xpath_parse::{Axis, Expr, Start, Step, Test};
use crate::budget::Budget;
use crate::eval::Fail;
use crate::value::same_text;

/// A value of XPath. Nodes are in document order.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Found {
    Nodes(Vec<Id>),
    Number(f64),
    Text(String),
    Bool(bool),
}

/// Why an evaluation stops: a limit, or a mistake in the path.
pub(super) enum Stop {
    Limit(Fail),
    Mistake(String),
}

impl From<Fail> for Stop {
    fn from(fail: Fail) -> Self {
        Stop::Limit(fail)
    }
}

pub(super) fn evaluate(
    budget: &Budget,
    document: &Document,
    expr: &Expr,
) -> Result<Result<Found, String>, Fail> {
    let engine = Engine { budget, document };
    match engine.evaluate(
        expr,
        Context {
            node: ROOT,
            position: 1,
            size: 1,
        },
    ) {
        Ok(found) => Ok(Ok(found)),
        Err(Stop::Mistake(message)) => Ok(Err(message)),
        Err(Stop::Limit(fail)) => Err(fail),
    }
}

#[derive(Clone, Copy)]
pub(super) struct Context {
    pub(super) node: Id,
    pub(super) position: usize,
    pub(super) size: usize,
}

pub(super) struct Engine<'c> {
    pub(super) budget: &'c Budget,
    pub(super) document: &'c Document,
}

impl Engine<'_> {
    pub(super) fn evaluate(&self, expr: &Expr, context: Context) -> Result<Found, Stop> {
        self.budget.step()?;
        let _level = self.budget.level()?;
        Ok(match expr {
            Expr::Number(n) => Found::Number(*n),
            Expr::Text(text) => {
                self.budget.bytes(text.len())?;
                Found::Text(text.clone())
            }
            Expr::Negate(inner) => Found::Number(-self.number(&self.evaluate(inner, context)?)?),
            Expr::Call { name, args } => return xpath_functions::call(self, name, args, context),
            Expr::Path { start, steps } => Found::Nodes(self.path(start, steps, context)?),
            Expr::Binary { op, args } => return self.binary(op, &args.0, &args.1, context),
        })
    }

    fn binary(&self, op: &str, left: &Expr, right: &Expr, context: Context) -> Result<Found, Stop> {
        let a = self.evaluate(left, context)?;
        if op == "or" || op == "and" {
            let first = self.truth(&a);
            let decided = first == (op == "or");
            return Ok(Found::Bool(if decided {
                first
            } else {
                self.truth(&self.evaluate(right, context)?)
            }));
        }
        let b = self.evaluate(right, context)?;
        if op == "|" {
            let (Found::Nodes(mut nodes), Found::Nodes(more)) = (a, b) else {
                return Err(Stop::Mistake("only nodes can be united".to_owned()));
            };
            nodes.extend(more);
            self.in_order(&mut nodes)?;
            return Ok(Found::Nodes(nodes));
        }
        if matches!(op, "=" | "!=" | "<" | "<=" | ">" | ">=") {
            return Ok(Found::Bool(self.compare(op, &a, &b)?));
        }
        let (a, b) = (self.number(&a)?, self.number(&b)?);
        Ok(Found::Number(match op {
            "+" => a + b,
            "-" => a - b,
            "*" => a * b,
            "div" => a / b,
            _ => a % b,
        }))
    }

    fn compare(&self, op: &str, a: &Found, b: &Found) -> Result<bool, Stop> {
        if let (Found::Bool(_), _) | (_, Found::Bool(_)) = (a, b)
            && matches!(op, "=" | "!=")
        {
            return Ok((self.truth(a) == self.truth(b)) == (op == "="));
        }
        let (left, right) = (self.each(a)?, self.each(b)?);
        for a in &left {
            for b in &right {
                self.budget.step()?;
                if self.compare_scalars(op, a, b)? {
                    return Ok(true);
                }
            }
        }
        Ok(false)
    }

    /// The texts of nodes, or the value itself.
    fn each(&self, found: &Found) -> Result<Vec<Found>, Stop> {
        let Found::Nodes(nodes) = found else {
            return Ok(vec![found.clone()]);
        };
        let mut out = Vec::with_capacity(nodes.len());
        for &node in nodes {
            let text = self.document.text(self.budget, node)?;
            self.budget.make(size_of::<Found>() + text.len())?;
            out.push(Found::Text(text));
        }
        Ok(out)
    }

    fn compare_scalars(&self, op: &str, a: &Found, b: &Found) -> Result<bool, Stop> {
        if matches!(op, "=" | "!=") {
            let equal = match (a, b) {
                (Found::Text(a), Found::Text(b)) => same_text(self.budget, a, b)?,
                _ => self.number(a)? == self.number(b)?,
            };
            return Ok(equal == (op == "="));
        }
        let (a, b) = (self.number(a)?, self.number(b)?);
        Ok(match op {
            "<" => a < b,
            "<=" => a <= b,
            ">" => a > b,
            _ => a >= b,
        })
    }

    /// Puts nodes in document order, each once.
    fn in_order(&self, nodes: &mut Vec<Id>) -> Result<(), Stop> {
        self.budget
            .items(nodes.len() * (usize::BITS - nodes.len().leading_zeros()) as usize / 4)?;
        nodes.sort_unstable();
        nodes.dedup();
        Ok(())
    }

    pub(super) fn truth(&self, found: &Found) -> bool {
        match found {
            Found::Nodes(nodes) => !nodes.is_empty(),
            Found::Number(n) => *n != 0.0 && !n.is_nan(),
            Found::Text(text) => !text.is_empty(),
            Found::Bool(b) => *b,
        }
    }

    pub(super) fn text(&self, found: &Found) -> Result<String, Stop> {
        Ok(match found {
            Found::Nodes(nodes) => match nodes.first() {
                Some(&node) => self.document.text(self.budget, node)?,
                None => String::new(),
            },
            Found::Number(n) => crate::number::number_text(*n),
            Found::Text(text) => {
                self.budget.bytes(text.len())?;
                text.clone()
            }
            Found::Bool(b) => b.to_string(),
        })
    }

    pub(super) fn number(&self, found: &Found) -> Result<f64, Stop> {
        Ok(match found {
            Found::Number(n) => *n,
            Found::Bool(b) => f64::from(u8::from(*b)),
            other => {
                let text = self.text(other)?;
                self.budget.bytes(text.len())?;
                let text = text.trim();
                let plain = text
                    .bytes()
                    .all(|b| b.is_ascii_digit() || matches!(b, b'.' | b'-'));
                if plain {
                    text.parse().unwrap_or(f64::NAN)
                } else {
                    f64::NAN
                }
            }
        })
    }

    fn path(&self, start: &Start, steps: &[Step], context: Context) -> Result<Vec<Id>, Stop> {
        let mut nodes = match start {
            Start::Root => vec![ROOT],
            Start::Context => vec![context.node],
            Start::Filter { base, predicates } => {
                let Found::Nodes(mut nodes) = self.evaluate(base, context)? else {
                    return Err(Stop::Mistake("a path can only start from nodes".to_owned()));
                };
                for predicate in predicates {
                    nodes = self.filter(nodes, predicate)?;
                }
                nodes
            }
        };
        for step in steps {
            let mut next = Vec::new();
            for node in nodes {
                let mut found = self.axis(step.axis, node)?;
                found.retain(|&id| self.passes(step, id));
                for predicate in &step.predicates {
                    found = self.filter(found, predicate)?;
                }
                // Kept until all nodes have had their turn.
                self.budget.make(found.len() * size_of::<Id>())?;
                next.extend(found);
            }
            self.in_order(&mut next)?;
            nodes = next;
        }
        Ok(nodes)
    }

    fn filter(&self, nodes: Vec<Id>, predicate: &Expr) -> Result<Vec<Id>, Stop> {
        let size = nodes.len();
        self.budget.items(size)?;
        let mut kept = Vec::new();
        for (at, node) in nodes.into_iter().enumerate() {
            let position = at + 1;
            let holds = match self.evaluate(predicate, Context { node, position, size })? {
                Found::Number(n) => n == position as f64,
                other => self.truth(&other),
            };
            if holds {
                kept.push(node);
            }
        }
        Ok(kept)
    }

    fn passes(&self, step: &Step, id: Id) -> bool {
        let node = &self.document.nodes[id];
        let principal = match node.kind {
            Kind::Element { .. } => step.axis != Axis::Attribute,
            Kind::Attribute { .. } => step.axis == Axis::Attribute,
            _ => false,
        };
        match &step.test {
            Test::Node => true,
            Test::Any => principal,
            // A name without a prefix is in no namespace.
            Test::Name(name) => principal && self.document.name(id) == name && !node.namespaced,
            Test::Text => matches!(node.kind, Kind::Text(_) | Kind::Cdata(_)),
            Test::Comment => matches!(node.kind, Kind::Comment(_)),
            Test::Instruction(target) => {
                matches!(&node.kind, Kind::Instruction { name, .. } if target.as_ref().is_none_or(|t| t == name))
            }
        }
    }

    /// The nodes of an axis, nearest first.
    fn axis(&self, axis: Axis, node: Id) -> Result<Vec<Id>, Stop> {
        let document = self.document;
        let siblings_of = document.children(document.nodes[node].parent).len();
        // What is looked at to find them, before what is found.
        self.budget.items(match axis {
            Axis::Itself | Axis::Parent | Axis::Namespace | Axis::Attribute | Axis::Child => 1,
            Axis::Ancestor | Axis::AncestorOrSelf | Axis::Descendant | Axis::DescendantOrSelf => 8,
            Axis::FollowingSibling | Axis::PrecedingSibling => siblings_of,
            // Each is looked for among up to 128 ancestors.
            Axis::Following | Axis::Preceding => document.nodes.len() * 8,
        })?;
        let ancestors = || {
            let mut out = Vec::new();
            let mut at = node;
            while at != ROOT {
                at = document.nodes[at].parent;
                out.push(at);
            }
            out
        };
        let is_attribute = matches!(document.nodes[node].kind, Kind::Attribute { .. });
        let siblings = || {
            if node == ROOT || is_attribute {
                &[][..]
            } else {
                document.children(document.nodes[node].parent)
            }
        };
        let mut out = match axis {
            Axis::Itself => vec![node],
            Axis::Child => document.children(node).to_vec(),
            Axis::Attribute => match &document.nodes[node].kind {
                Kind::Element { attributes, .. } => attributes.clone(),
                _ => Vec::new(),
            },
            Axis::Parent => {
                if node == ROOT {
                    Vec::new()
                } else {
                    vec![document.nodes[node].parent]
                }
            }
            Axis::Ancestor => ancestors(),
            Axis::AncestorOrSelf => std::iter::once(node).chain(ancestors()).collect(),
            Axis::Descendant => self.below(node)?,
            Axis::DescendantOrSelf => std::iter::once(node).chain(self.below(node)?).collect(),
            Axis::FollowingSibling => siblings().iter().copied().filter(|&id| id > node).collect(),
            Axis::PrecedingSibling => siblings().iter().rev().copied().filter(|&id| id < node).collect(),
            Axis::Following => {
                let last = self.below(node)?.last().copied().unwrap_or(node);
                (last + 1..document.nodes.len())
                    .filter(|&id| !matches!(document.nodes[id].kind, Kind::Attribute { .. }))
                    .collect()
            }
            Axis::Preceding => {
                let above = ancestors();
                (1..node)
                    .rev()
                    .filter(|id| {
                        !above.contains(id) && !matches!(document.nodes[*id].kind, Kind::Attribute { .. })
                    })
                    .collect()
            }
            Axis::Namespace => Vec::new(),
        };
        out.retain(|&id| !matches!(document.nodes[id].kind, Kind::Doctype(_)));
        self.budget.items(out.len())?;
        Ok(out)
    }

    /// Everything below a node, in document order.
    fn below(&self, node: Id) -> Result<Vec<Id>, Stop> {
        let mut out = Vec::new();
        let mut pending: Vec<Id> = self.document.children(node).iter().rev().copied().collect();
        while let Some(id) = pending.pop() {
            self.budget.step()?;
            out.push(id);
            pending.extend(self.document.children(id).iter().rev());
        }
        Ok(out)
    }
}
