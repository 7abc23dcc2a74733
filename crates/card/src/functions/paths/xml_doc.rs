//! An XML document as a tree: parsed leniently, written back unchanged. Nodes are numbered in document order.

use crate::budget::Budget;
use crate::eval::Fail;

/// The deepest nesting of elements.
const MAX_DEPTH: usize = 128;

/// A node's number.
pub(super) type NodeId = usize;

/// The document node.
pub(super) const ROOT: NodeId = 0;

#[derive(Debug)]
pub(super) enum NodeKind {
    Root,
    Element {
        name: String,
        children: Vec<NodeId>,
        attributes: Vec<NodeId>,
    },
    Attribute {
        name: String,
        value: String,
    },
    Text(String),
    Cdata(String),
    Comment(String),
    Instruction {
        name: String,
        value: String,
    },
    /// `<!DOCTYPE …>`, verbatim.
    Doctype(String),
}

#[derive(Debug)]
pub(super) struct Node {
    pub(super) kind: NodeKind,
    pub(super) parent: NodeId,
    /// The namespace that an unprefixed name here is in, if any.
    pub(super) namespaced: bool,
}

#[derive(Debug)]
pub(super) struct Document {
    pub(super) nodes: Vec<Node>,
    pub(super) top: Vec<NodeId>,
}

impl Document {
    /// Parses a document; the inner error says why it is not XML.
    pub(super) fn parse(budget: &Budget, text: &str) -> Result<Result<Self, String>, Fail> {
        budget.bytes(text.len().saturating_mul(8))?;
        // A node of the tree takes some hundred bytes; the shortest has four: `<a/>`.
        budget.allocate(text.len().saturating_mul(32))?;
        Ok(Self::read(text))
    }

    fn read(text: &str) -> Result<Self, String> {
        let mut document = Document {
            nodes: Vec::new(),
            top: Vec::new(),
        };
        document.add(NodeKind::Root, ROOT, false);
        let mut open = vec![ROOT];
        let mut rest = text;
        while !rest.is_empty() {
            let parent = open.last().copied().unwrap_or(ROOT);
            if let Some(inner) = rest.strip_prefix("<!--") {
                rest = document.until(inner, "-->", parent, |s| NodeKind::Comment(s.to_owned()))?;
            } else if let Some(inner) = rest.strip_prefix("<![CDATA[") {
                rest = document.until(inner, "]]>", parent, |s| NodeKind::Cdata(s.to_owned()))?;
            } else if let Some(inner) = rest.strip_prefix("<!") {
                rest = document.until(inner, ">", parent, |s| NodeKind::Doctype(s.to_owned()))?;
            } else if let Some(inner) = rest.strip_prefix("<?") {
                rest = document.until(inner, "?>", parent, |s| {
                    let (name, value) = s.split_once(char::is_whitespace).unwrap_or((s, ""));
                    NodeKind::Instruction {
                        name: name.to_owned(),
                        value: value.to_owned(),
                    }
                })?;
            } else if let Some(inner) = rest.strip_prefix("</") {
                let end = inner.find('>').ok_or("has a closing tag that does not end")?;
                let name = inner[..end].trim();
                let found = open.iter().rposition(
                    |&id| matches!(&document.nodes[id].kind, NodeKind::Element { name: n, .. } if n == name),
                );
                if let Some(at) = found {
                    open.truncate(at);
                }
                rest = &inner[end + 1..];
            } else if let Some(inner) = rest.strip_prefix('<') {
                if open.len() > MAX_DEPTH {
                    return Err(format!("is nested deeper than {MAX_DEPTH} levels"));
                }
                rest = document.element(inner, parent, &mut open)?;
            } else {
                let end = rest.find('<').unwrap_or(rest.len());
                if parent != ROOT {
                    document.push(NodeKind::Text(unescape(&rest[..end])), parent);
                }
                rest = &rest[end..];
            }
        }
        if document
            .top
            .iter()
            .any(|&id| matches!(document.nodes[id].kind, NodeKind::Element { .. }))
        {
            Ok(document)
        } else {
            Err("is not XML: it has no element".to_owned())
        }
    }

    fn add(&mut self, kind: NodeKind, parent: NodeId, namespaced: bool) -> NodeId {
        self.nodes.push(Node {
            kind,
            parent,
            namespaced,
        });
        self.nodes.len() - 1
    }

    fn push(&mut self, kind: NodeKind, parent: NodeId) -> NodeId {
        let namespaced = self.nodes[parent].namespaced;
        let id = self.add(kind, parent, namespaced);
        match &mut self.nodes[parent].kind {
            NodeKind::Element { children, .. } => children.push(id),
            _ => self.top.push(id),
        }
        id
    }

    fn until<'t>(
        &mut self,
        text: &'t str,
        end: &str,
        parent: NodeId,
        make: impl Fn(&str) -> NodeKind,
    ) -> Result<&'t str, String> {
        let at = text
            .find(end)
            .ok_or_else(|| format!("has a part that does not end with {end}"))?;
        self.push(make(&text[..at]), parent);
        Ok(&text[at + end.len()..])
    }

    fn element<'t>(
        &mut self,
        text: &'t str,
        parent: NodeId,
        open: &mut Vec<NodeId>,
    ) -> Result<&'t str, String> {
        let name_end = text
            .find(|c: char| c.is_whitespace() || matches!(c, '/' | '>'))
            .ok_or("has a tag that does not end")?;
        let name = &text[..name_end];
        if name.is_empty() || !name.starts_with(|c: char| c.is_alphabetic() || c == '_') {
            return Err(format!(
                "has a tag with the name '{}'",
                name.chars().take(20).collect::<String>()
            ));
        }
        let kind = NodeKind::Element {
            name: name.to_owned(),
            children: Vec::new(),
            attributes: Vec::new(),
        };
        let id = self.push(kind, parent);
        let mut rest = &text[name_end..];
        loop {
            rest = rest.trim_start();
            if let Some(after) = rest.strip_prefix("/>") {
                return Ok(after);
            }
            if let Some(after) = rest.strip_prefix('>') {
                open.push(id);
                return Ok(after);
            }
            let equals = rest.find('=').ok_or("has an attribute without a value")?;
            let name = rest[..equals].trim();
            let value = rest[equals + 1..].trim_start();
            let quote = value
                .chars()
                .next()
                .filter(|c| matches!(c, '"' | '\''))
                .ok_or("has an attribute without quotes")?;
            let end = value[1..]
                .find(quote)
                .ok_or("has an attribute that does not end")?;
            if name == "xmlns" {
                self.nodes[id].namespaced = end > 0;
            }
            let kind = NodeKind::Attribute {
                name: name.to_owned(),
                value: unescape(&value[1..=end]),
            };
            let attribute = self.add(kind, id, false);
            if let NodeKind::Element { attributes, .. } = &mut self.nodes[id].kind {
                attributes.push(attribute);
            }
            rest = &value[end + 2..];
        }
    }

    pub(super) fn children(&self, id: NodeId) -> &[NodeId] {
        match &self.nodes[id].kind {
            NodeKind::Root => &self.top,
            NodeKind::Element { children, .. } => children,
            _ => &[],
        }
    }

    pub(super) fn name(&self, id: NodeId) -> &str {
        match &self.nodes[id].kind {
            NodeKind::Element { name, .. }
            | NodeKind::Attribute { name, .. }
            | NodeKind::Instruction { name, .. } => name,
            _ => "",
        }
    }

    /// The string value of a node in XPath.
    pub(super) fn text(&self, budget: &Budget, id: NodeId) -> Result<String, Fail> {
        let mut out = String::new();
        match &self.nodes[id].kind {
            NodeKind::Root | NodeKind::Element { .. } => self.push_text(budget, &mut out, id)?,
            NodeKind::Attribute { value, .. } | NodeKind::Instruction { value, .. } => {
                put(budget, &mut out, value)?
            }
            NodeKind::Text(text) | NodeKind::Cdata(text) | NodeKind::Comment(text) => {
                put(budget, &mut out, text)?
            }
            NodeKind::Doctype(_) => {}
        }
        Ok(out)
    }

    fn push_text(&self, budget: &Budget, out: &mut String, id: NodeId) -> Result<(), Fail> {
        let _level = budget.level()?;
        for &child in self.children(id) {
            budget.step()?;
            match &self.nodes[child].kind {
                NodeKind::Text(text) | NodeKind::Cdata(text) => put(budget, out, text)?,
                NodeKind::Element { .. } => self.push_text(budget, out, child)?,
                _ => {}
            }
        }
        Ok(())
    }

    /// The node as XML.
    pub(super) fn markup(&self, budget: &Budget, id: NodeId) -> Result<String, Fail> {
        let mut out = String::new();
        self.push_markup(budget, &mut out, id)?;
        Ok(out)
    }

    fn push_markup(&self, budget: &Budget, out: &mut String, id: NodeId) -> Result<(), Fail> {
        let _level = budget.level()?;
        budget.step()?;
        budget.check_available(out.len())?;
        let start = out.len();
        match &self.nodes[id].kind {
            NodeKind::Root => {
                for &id in &self.top {
                    self.push_markup(budget, out, id)?;
                }
                return Ok(());
            }
            NodeKind::Element {
                name,
                children,
                attributes,
            } => {
                out.push('<');
                out.push_str(name);
                for &id in attributes {
                    self.push_markup(budget, out, id)?;
                }
                budget.bytes(2 * name.len())?;
                if children.is_empty() {
                    out.push_str("/>");
                    return Ok(());
                }
                out.push('>');
                for &id in children {
                    self.push_markup(budget, out, id)?;
                }
                out.push_str(&format!("</{name}>"));
                return Ok(());
            }
            NodeKind::Attribute { name, value } => {
                out.push_str(&format!(" {name}=\""));
                escape(
                    out,
                    value,
                    &[
                        ('&', "&amp;"),
                        ('<', "&lt;"),
                        ('>', "&gt;"),
                        ('"', "&quot;"),
                        ('\t', "&#x9;"),
                        ('\n', "&#xA;"),
                        ('\r', "&#xD;"),
                    ],
                );
                out.push('"');
            }
            NodeKind::Text(text) => escape(out, text, &[('&', "&amp;"), ('<', "&lt;"), ('>', "&gt;")]),
            NodeKind::Cdata(text) => out.push_str(&format!("<![CDATA[{text}]]>")),
            NodeKind::Comment(text) => out.push_str(&format!("<!--{text}-->")),
            NodeKind::Instruction { name, value } => out.push_str(&format!("<?{name} {value}?>")),
            NodeKind::Doctype(text) => out.push_str(&format!("<!{text}>")),
        }
        // Letters are escaped one by one.
        budget.bytes(4 * (out.len() - start))
    }
}

/// Appends text, counted.
fn put(budget: &Budget, out: &mut String, text: &str) -> Result<(), Fail> {
    budget.bytes(text.len())?;
    budget.check_available(out.len() + text.len())?;
    out.push_str(text);
    Ok(())
}

fn escape(out: &mut String, text: &str, table: &[(char, &str)]) {
    for c in text.chars() {
        match table.iter().find(|(from, _)| *from == c) {
            Some((_, to)) => out.push_str(to),
            None => out.push(c),
        }
    }
}

fn unescape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('&') {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        let end = rest.bytes().take(12).position(|b| b == b';');
        let c = end.and_then(|end| match &rest[1..end] {
            "lt" => Some('<'),
            "gt" => Some('>'),
            "amp" => Some('&'),
            "quot" => Some('"'),
            "apos" => Some('\''),
            name => {
                let number = name.strip_prefix('#')?;
                let code = match number.strip_prefix(['x', 'X']) {
                    Some(hex) => u32::from_str_radix(hex, 16).ok()?,
                    None => number.parse().ok()?,
                };
                char::from_u32(code)
            }
        });
        match (c, end) {
            (Some(c), Some(end)) => {
                out.push(c);
                rest = &rest[end + 1..];
            }
            _ => {
                out.push('&');
                rest = &rest[1..];
            }
        }
    }
    out.push_str(rest);
    out
}
