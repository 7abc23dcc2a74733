//! Path languages: JSPath over values, XPath over XML text, and objects as XML.

mod jpath;
mod jpath_parse;
mod xml;
mod xml_doc;
mod xpath;
mod xpath_functions;
mod xpath_parse;

use super::{Call, Check, Function, Run, Types, Verify, convert};
use crate::eval::{Outcome, kind};
use crate::json::Json;
use crate::value::{Val, js_string};

const S: Types = Types::STRING;
const O: Types = Types::OBJECT;

pub(super) const FUNCTIONS: &[Function] = &[
    Function::new(
        "jPath",
        O,
        Check::order(&[O, S], &[]),
        Run::Eager(Verify::Nothing, jpath),
    ),
    Function::new(
        "xPath",
        O,
        Check::order(&[O, S], &[]),
        Run::Eager(Verify::Nothing, xpath),
    ),
    Function::new("xml", S, Check::any(1), Run::Eager(Verify::Nothing, xml)),
];

/// Reads JSON text into a value.
fn read<'d>(call: &Call<'_, 'd>, text: &str) -> Outcome<'d> {
    call.charge(text.len() * 4)?;
    match Json::parse(text) {
        Ok(json) => Ok(convert::thawed(&json)),
        Err(error) => call.fail(format!("the text is not JSON: {error}")),
    }
}

fn jpath<'d>(call: &Call<'_, 'd>, values: &[Val<'d>]) -> Outcome<'d> {
    if values[1].is_nullish() {
        return call.fail("the path is missing");
    }
    let path = js_string(&values[1]);
    let source = match &values[0] {
        Val::String(text) => read(call, text)?,
        other if other.is_object_type() => other.clone(),
        other => {
            return call.fail(format!(
                "an object or JSON text was expected, but `{}` is {}",
                call.show(0),
                kind(other)
            ));
        }
    };
    let parsed =
        jpath_parse::parse(&path).or_else(|reason| call.fail(format!("the path '{path}' {reason}")))?;
    jpath::apply(call.cx, &parsed, &source)
}

fn xpath<'d>(call: &Call<'_, 'd>, values: &[Val<'d>]) -> Outcome<'d> {
    let (Some(text), Some(path)) = (values[0].text(), values[1].text()) else {
        return call.fail("XML text and a path in quotes were expected");
    };
    call.charge(text.len() * 8)?;
    let document =
        xml_doc::Document::parse(text).or_else(|reason| call.fail(format!("the text {reason}")))?;
    let parsed =
        xpath_parse::parse(path).or_else(|reason| call.fail(format!("the path '{path}' {reason}")))?;
    let found = xpath::evaluate(call.cx, &document, &parsed)?.or_else(|reason| call.fail(reason))?;
    Ok(match found {
        xpath::Found::Nodes(nodes) if nodes.is_empty() => {
            return call.fail(format!("nothing in the XML matches '{path}'"));
        }
        xpath::Found::Nodes(nodes) => {
            let mut items = Vec::with_capacity(nodes.len());
            for node in nodes {
                let text = document.markup(node);
                call.charge(text.len())?;
                items.push(Val::string(text));
            }
            Val::list(items)
        }
        xpath::Found::Number(n) => Val::Number(n),
        xpath::Found::Text(text) => Val::string(text),
        xpath::Found::Bool(b) => Val::Bool(b),
    })
}

fn xml<'d>(call: &Call<'_, 'd>, values: &[Val<'d>]) -> Outcome<'d> {
    let source = match &values[0] {
        Val::String(text) => read(call, text)?,
        other => other.clone(),
    };
    let text = xml::document(&source);
    call.charge(text.len())?;
    Ok(Val::string(text))
}
