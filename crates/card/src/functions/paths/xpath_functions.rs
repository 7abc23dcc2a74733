//! The core functions of XPath 1.0.

use super::xml_doc::{NodeId, NodeKind, ROOT};
use super::xpath::{Context, Engine, XPathError, XPathValue};
use super::xpath_parse::Expr;
use crate::number::round_half_up;
use std::collections::HashSet;

pub(super) fn call(
    engine: &Engine<'_>,
    name: &str,
    args: &[Expr],
    context: Context,
) -> Result<XPathValue, XPathError> {
    let (least, most) = match name {
        "last" | "position" | "true" | "false" => (0, 0),
        "local-name" | "namespace-uri" | "name" | "string" | "string-length" | "normalize-space"
        | "number" => (0, 1),
        "count" | "id" | "boolean" | "not" | "lang" | "sum" | "floor" | "ceiling" | "round" => (1, 1),
        "starts-with" | "contains" | "substring-before" | "substring-after" => (2, 2),
        "substring" => (2, 3),
        "translate" => (3, 3),
        "concat" => (2, usize::MAX),
        _ => {
            return Err(XPathError::Mistake(format!(
                "there is no XPath function `{name}`"
            )));
        }
    };
    if !(least..=most).contains(&args.len()) {
        return Err(XPathError::Mistake(format!(
            "the XPath function `{name}` does not take {} arguments",
            args.len()
        )));
    }
    let mut values = Vec::with_capacity(args.len());
    for arg in args {
        values.push(engine.evaluate(arg, context)?);
    }
    let own = XPathValue::Nodes(vec![context.node]);
    let first = values.first().unwrap_or(&own);
    // Creating the argument strings counts the work of the functions too.
    let text = |at: usize| {
        values
            .get(at)
            .map_or_else(|| Ok(String::new()), |v| engine.text(v))
    };
    let nodes = || match first {
        XPathValue::Nodes(nodes) => Ok(nodes),
        _ => Err(XPathError::Mistake(format!(
            "the XPath function `{name}` takes nodes"
        ))),
    };
    let number = || engine.number(first);
    let found = match name {
        "last" => XPathValue::Number(context.size as f64),
        "position" => XPathValue::Number(context.position as f64),
        "true" | "false" => XPathValue::Bool(name == "true"),
        "count" => XPathValue::Number(nodes()?.len() as f64),
        "sum" => {
            let numbers = nodes()?
                .iter()
                .map(|&n| engine.number(&XPathValue::Nodes(vec![n])));
            XPathValue::Number(numbers.sum::<Result<f64, XPathError>>()?)
        }
        "id" => XPathValue::Nodes(by_id(engine, &engine.text(first)?)?),
        "name" => XPathValue::Text(
            nodes()?
                .first()
                .map_or_else(String::new, |&n| engine.document.name(n).to_owned()),
        ),
        "local-name" => XPathValue::Text(nodes()?.first().map_or_else(String::new, |&n| {
            let name = engine.document.name(n);
            name.split_once(':').map_or(name, |(_, local)| local).to_owned()
        })),
        "namespace-uri" => XPathValue::Text(String::new()),
        "string" => XPathValue::Text(engine.text(first)?),
        "number" => XPathValue::Number(number()?),
        "boolean" => XPathValue::Bool(engine.truth(first)),
        "not" => XPathValue::Bool(!engine.truth(first)),
        "lang" => XPathValue::Bool(lang(engine, context.node, &text(0)?)?),
        "floor" => XPathValue::Number(number()?.floor()),
        "ceiling" => XPathValue::Number(number()?.ceil()),
        "round" => XPathValue::Number(round_half_up(number()?)),
        "concat" => {
            let mut out = String::new();
            for at in 0..values.len() {
                let more = text(at)?;
                engine.budget.check_available(out.len() + more.len())?;
                out.push_str(&more);
            }
            XPathValue::Text(out)
        }
        "starts-with" => XPathValue::Bool(text(0)?.starts_with(&text(1)?)),
        "contains" => XPathValue::Bool(text(0)?.contains(&text(1)?)),
        "substring-before" => XPathValue::Text(
            text(0)?
                .split_once(&text(1)?)
                .map_or_else(String::new, |(a, _)| a.to_owned()),
        ),
        "substring-after" => XPathValue::Text(
            text(0)?
                .split_once(&text(1)?)
                .map_or_else(String::new, |(_, b)| b.to_owned()),
        ),
        "substring" => {
            let from = round_half_up(engine.number(&values[1])?);
            let to = match values.get(2) {
                Some(count) => from + round_half_up(engine.number(count)?),
                None => f64::INFINITY,
            };
            let within = |at: usize| (at + 1) as f64 >= from && ((at + 1) as f64) < to;
            XPathValue::Text(
                text(0)?
                    .chars()
                    .enumerate()
                    .filter(|(at, _)| within(*at))
                    .map(|(_, c)| c)
                    .collect(),
            )
        }
        "string-length" => XPathValue::Number(engine.text(first)?.chars().count() as f64),
        "normalize-space" => XPathValue::Text(
            engine
                .text(first)?
                .split_whitespace()
                .collect::<Vec<_>>()
                .join(" "),
        ),
        _ => {
            let (source, from, to) = (text(0)?, text(1)?, text(2)?);
            // Each character is compared with those to replace.
            engine.budget.bytes(source.len().saturating_mul(from.len()))?;
            let (from, to): (Vec<char>, Vec<char>) = (from.chars().collect(), to.chars().collect());
            let map = |c: char| match from.iter().position(|f| *f == c) {
                Some(at) => to.get(at).copied(),
                None => Some(c),
            };
            XPathValue::Text(source.chars().filter_map(map).collect())
        }
    };
    if let XPathValue::Text(text) = &found {
        // Characters are visited one by one.
        engine.budget.allocate(text.len())?;
    }
    Ok(found)
}

fn attribute<'e>(engine: &Engine<'e>, node: NodeId, wanted: &str) -> Result<Option<&'e str>, XPathError> {
    let NodeKind::Element { attributes, .. } = &engine.document.nodes[node].kind else {
        return Ok(None);
    };
    engine.budget.items(attributes.len())?;
    Ok(attributes
        .iter()
        .find_map(|&id| match &engine.document.nodes[id].kind {
            NodeKind::Attribute { name, value } if name == wanted => Some(value.as_str()),
            _ => None,
        }))
}

fn by_id(engine: &Engine<'_>, ids: &str) -> Result<Vec<NodeId>, XPathError> {
    let ids: HashSet<&str> = ids.split_whitespace().collect();
    let mut found = Vec::new();
    for node in 0..engine.document.nodes.len() {
        engine.budget.step()?;
        if let Some(id) = attribute(engine, node, "id")? {
            engine.budget.bytes(id.len())?;
            if ids.contains(id) {
                found.push(node);
            }
        }
    }
    Ok(found)
}

fn lang(engine: &Engine<'_>, node: NodeId, wanted: &str) -> Result<bool, XPathError> {
    let mut at = node;
    loop {
        engine.budget.step()?;
        if let Some(found) = attribute(engine, at, "xml:lang")? {
            engine.budget.bytes(8 * (found.len() + wanted.len()))?;
            let (found, wanted) = (found.to_lowercase(), wanted.to_lowercase());
            return Ok(found == wanted
                || found
                    .strip_prefix(&wanted)
                    .is_some_and(|rest| rest.starts_with('-')));
        }
        if at == ROOT {
            return Ok(false);
        }
        at = engine.document.nodes[at].parent;
    }
}
