//! Evaluates XPath over a document.

use super::xml_doc::{Document, NodeId, NodeKind, ROOT};
use super::xpath_functions;
use super::xpath_parse::{Axis, Expr, Start, Step, Test};
use crate::budget::Budget;
use crate::eval::Fail;
use crate::value::same_text;

/// A value of XPath. Nodes are in document order.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum XPathValue {
    Nodes(Vec<NodeId>),
    Number(f64),
    Text(String),
    Bool(bool),
}

/// Why an evaluation fails: a limit, or an error in the path.
pub(super) enum XPathError {
    Limit(Fail),
    Mistake(String),
}

impl From<Fail> for XPathError {
    fn from(fail: Fail) -> Self {
        XPathError::Limit(fail)
    }
}

pub(super) fn evaluate(
    budget: &Budget,
    document: &Document,
    expr: &Expr,
) -> Result<Result<XPathValue, String>, Fail> {
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
        Err(XPathError::Mistake(message)) => Ok(Err(message)),
        Err(XPathError::Limit(fail)) => Err(fail),
    }
}

#[derive(Clone, Copy)]
pub(super) struct Context {
    pub(super) node: NodeId,
    pub(super) position: usize,
    pub(super) size: usize,
}

pub(super) struct Engine<'c> {
    pub(super) budget: &'c Budget,
    pub(super) document: &'c Document,
}

impl Engine<'_> {
    pub(super) fn evaluate(&self, expr: &Expr, context: Context) -> Result<XPathValue, XPathError> {
        self.budget.step()?;
        let _level = self.budget.level()?;
        Ok(match expr {
            Expr::Number(n) => XPathValue::Number(*n),
            Expr::Text(text) => {
                self.budget.bytes(text.len())?;
                XPathValue::Text(text.clone())
            }
            Expr::Negate(inner) => XPathValue::Number(-self.number(&self.evaluate(inner, context)?)?),
            Expr::Call { name, args } => return xpath_functions::call(self, name, args, context),
            Expr::Path { start, steps } => XPathValue::Nodes(self.path(start, steps, context)?),
            Expr::Binary { op, args } => return self.binary(op, &args.0, &args.1, context),
        })
    }

    fn binary(
        &self,
        op: &str,
        left: &Expr,
        right: &Expr,
        context: Context,
    ) -> Result<XPathValue, XPathError> {
        let a = self.evaluate(left, context)?;
        if op == "or" || op == "and" {
            let first = self.truth(&a);
            let decided = first == (op == "or");
            return Ok(XPathValue::Bool(if decided {
                first
            } else {
                self.truth(&self.evaluate(right, context)?)
            }));
        }
        let b = self.evaluate(right, context)?;
        if op == "|" {
            let (XPathValue::Nodes(mut nodes), XPathValue::Nodes(more)) = (a, b) else {
                return Err(XPathError::Mistake("only nodes can be united".to_owned()));
            };
            nodes.extend(more);
            self.in_order(&mut nodes)?;
            return Ok(XPathValue::Nodes(nodes));
        }
        if matches!(op, "=" | "!=" | "<" | "<=" | ">" | ">=") {
            return Ok(XPathValue::Bool(self.compare(op, &a, &b)?));
        }
        let (a, b) = (self.number(&a)?, self.number(&b)?);
        Ok(XPathValue::Number(match op {
            "+" => a + b,
            "-" => a - b,
            "*" => a * b,
            "div" => a / b,
            _ => a % b,
        }))
    }

    fn compare(&self, op: &str, a: &XPathValue, b: &XPathValue) -> Result<bool, XPathError> {
        if let (XPathValue::Bool(_), _) | (_, XPathValue::Bool(_)) = (a, b)
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

    /// The string values of nodes, or the value itself.
    fn each(&self, found: &XPathValue) -> Result<Vec<XPathValue>, XPathError> {
        let XPathValue::Nodes(nodes) = found else {
            return Ok(vec![found.clone()]);
        };
        let mut out = Vec::with_capacity(nodes.len());
        for &node in nodes {
            let text = self.document.text(self.budget, node)?;
            self.budget.allocate(size_of::<XPathValue>() + text.len())?;
            out.push(XPathValue::Text(text));
        }
        Ok(out)
    }

    fn compare_scalars(&self, op: &str, a: &XPathValue, b: &XPathValue) -> Result<bool, XPathError> {
        if matches!(op, "=" | "!=") {
            let equal = match (a, b) {
                (XPathValue::Text(a), XPathValue::Text(b)) => same_text(self.budget, a, b)?,
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
    fn in_order(&self, nodes: &mut Vec<NodeId>) -> Result<(), XPathError> {
        self.budget
            .items(nodes.len() * (usize::BITS - nodes.len().leading_zeros()) as usize / 4)?;
        nodes.sort_unstable();
        nodes.dedup();
        Ok(())
    }

    pub(super) fn truth(&self, found: &XPathValue) -> bool {
        match found {
            XPathValue::Nodes(nodes) => !nodes.is_empty(),
            XPathValue::Number(n) => *n != 0.0 && !n.is_nan(),
            XPathValue::Text(text) => !text.is_empty(),
            XPathValue::Bool(b) => *b,
        }
    }

    pub(super) fn text(&self, found: &XPathValue) -> Result<String, XPathError> {
        Ok(match found {
            XPathValue::Nodes(nodes) => match nodes.first() {
                Some(&node) => self.document.text(self.budget, node)?,
                None => String::new(),
            },
            XPathValue::Number(n) => crate::number::number_text(*n),
            XPathValue::Text(text) => {
                self.budget.bytes(text.len())?;
                text.clone()
            }
            XPathValue::Bool(b) => b.to_string(),
        })
    }

    pub(super) fn number(&self, found: &XPathValue) -> Result<f64, XPathError> {
        Ok(match found {
            XPathValue::Number(n) => *n,
            XPathValue::Bool(b) => f64::from(u8::from(*b)),
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

    fn path(&self, start: &Start, steps: &[Step], context: Context) -> Result<Vec<NodeId>, XPathError> {
        let mut nodes = match start {
            Start::Root => vec![ROOT],
            Start::Context => vec![context.node],
            Start::Filter { base, predicates } => {
                let XPathValue::Nodes(mut nodes) = self.evaluate(base, context)? else {
                    return Err(XPathError::Mistake("a path can only start from nodes".to_owned()));
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
                // Collected until all nodes are done.
                self.budget.allocate(found.len() * size_of::<NodeId>())?;
                next.extend(found);
            }
            self.in_order(&mut next)?;
            nodes = next;
        }
        Ok(nodes)
    }

    fn filter(&self, nodes: Vec<NodeId>, predicate: &Expr) -> Result<Vec<NodeId>, XPathError> {
        let size = nodes.len();
        self.budget.items(size)?;
        let mut kept = Vec::new();
        for (at, node) in nodes.into_iter().enumerate() {
            let position = at + 1;
            let holds = match self.evaluate(predicate, Context { node, position, size })? {
                XPathValue::Number(n) => n == position as f64,
                other => self.truth(&other),
            };
            if holds {
                kept.push(node);
            }
        }
        Ok(kept)
    }

    fn passes(&self, step: &Step, id: NodeId) -> bool {
        let node = &self.document.nodes[id];
        let principal = match node.kind {
            NodeKind::Element { .. } => step.axis != Axis::Attribute,
            NodeKind::Attribute { .. } => step.axis == Axis::Attribute,
            _ => false,
        };
        match &step.test {
            Test::Node => true,
            Test::Any => principal,
            // A name without a prefix is in no namespace.
            Test::Name(name) => principal && self.document.name(id) == name && !node.namespaced,
            Test::Text => matches!(node.kind, NodeKind::Text(_) | NodeKind::Cdata(_)),
            Test::Comment => matches!(node.kind, NodeKind::Comment(_)),
            Test::Instruction(target) => {
                matches!(&node.kind, NodeKind::Instruction { name, .. } if target.as_ref().is_none_or(|t| t == name))
            }
        }
    }

    /// The nodes of an axis, nearest first.
    fn axis(&self, axis: Axis, node: NodeId) -> Result<Vec<NodeId>, XPathError> {
        let document = self.document;
        let siblings_of = document.children(document.nodes[node].parent).len();
        // Counts the nodes that are visited, before those that are returned.
        self.budget.items(match axis {
            Axis::Itself | Axis::Parent | Axis::Namespace | Axis::Attribute | Axis::Child => 1,
            Axis::Ancestor | Axis::AncestorOrSelf | Axis::Descendant | Axis::DescendantOrSelf => 8,
            Axis::FollowingSibling | Axis::PrecedingSibling => siblings_of,
            // Each is compared with up to 128 ancestors.
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
        let is_attribute = matches!(document.nodes[node].kind, NodeKind::Attribute { .. });
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
                NodeKind::Element { attributes, .. } => attributes.clone(),
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
                    .filter(|&id| !matches!(document.nodes[id].kind, NodeKind::Attribute { .. }))
                    .collect()
            }
            Axis::Preceding => {
                let above = ancestors();
                (1..node)
                    .rev()
                    .filter(|id| {
                        !above.contains(id) && !matches!(document.nodes[*id].kind, NodeKind::Attribute { .. })
                    })
                    .collect()
            }
            Axis::Namespace => Vec::new(),
        };
        out.retain(|&id| !matches!(document.nodes[id].kind, NodeKind::Doctype(_)));
        self.budget.items(out.len())?;
        Ok(out)
    }

    /// Everything below a node, in document order.
    fn below(&self, node: NodeId) -> Result<Vec<NodeId>, XPathError> {
        let mut out = Vec::new();
        let mut pending: Vec<NodeId> = self.document.children(node).iter().rev().copied().collect();
        while let Some(id) = pending.pop() {
            self.budget.step()?;
            out.push(id);
            pending.extend(self.document.children(id).iter().rev());
        }
        Ok(out)
    }
}
