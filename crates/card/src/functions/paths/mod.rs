//! Path languages: JSPath over values, XPath over XML, and conversion of objects to XML.

mod jpath;
mod jpath_parse;
mod xml;
mod xml_doc;
mod xpath;
mod xpath_functions;
mod xpath_parse;

use super::{Call, Check, Cost, Function, Run, Types, Verify, convert};
use crate::budget::ArrayBuilder;
use crate::eval::{Fail, Outcome};
use crate::syntax::shortened;
use crate::value::{Val, js_string};

/// The longest path, in bytes.
const MAX_PATH: usize = 8_192;

/// Stack needed to parse the most nested path, in levels of evaluation.
const PATH_LEVELS: usize = 100;

const S: Types = Types::STRING;
const O: Types = Types::OBJECT;

pub(super) const FUNCTIONS: &[Function] = &[
    Function::new(
        "jPath",
        O,
        Check::order(&[O, S], &[]),
        Run::Eager(Verify::Nothing, jpath),
    )
    .costs(Cost::Strings),
    Function::new(
        "xPath",
        O,
        Check::order(&[O, S], &[]),
        Run::Eager(Verify::Nothing, xpath),
    ),
    Function::new("xml", S, Check::any(1), Run::Eager(Verify::Nothing, xml)).costs(Cost::Strings),
];

/// Reads JSON text into a value.
fn read<'d>(call: &Call<'_, 'd>, text: &str) -> Outcome<'d> {
    convert::read(call.budget(), text)?.or_else(|error| call.fail(format!("the string is not JSON: {error}")))
}

/// Parses a path; its tokens take some ten times its size.
fn path<T>(call: &Call<'_, '_>, path: &str, parse: fn(&str) -> Result<T, String>) -> Result<T, Fail> {
    if path.len() > MAX_PATH {
        return call.fail(format!("the path is longer than {MAX_PATH} bytes"));
    }
    let _levels = call.budget().levels(PATH_LEVELS)?;
    call.budget().steps(16 + 4 * path.len() as u64)?;
    parse(path).or_else(|reason| {
        call.fail(format!(
            "the path '{}' {}",
            shortened(path, 160),
            shortened(&reason, 160)
        ))
    })
}

fn jpath<'d>(call: &Call<'_, 'd>, values: &[Val<'d>]) -> Outcome<'d> {
    if values[1].is_nullish() {
        return call.fail("the path is missing");
    }
    let text = js_string(call.budget(), &values[1])?;
    let source = match &values[0] {
        Val::String(text) => read(call, text)?,
        other if other.is_object_type() => other.clone(),
        other => {
            return call.fail(format!(
                "an object or a string of JSON was expected, but {}",
                call.found(0, other)
            ));
        }
    };
    let parsed = path(call, &text, jpath_parse::parse)?;
    jpath::apply(call.budget(), &parsed, &source)
}

fn xpath<'d>(call: &Call<'_, 'd>, values: &[Val<'d>]) -> Outcome<'d> {
    let (Some(text), Some(wanted)) = (values[0].text(), values[1].text()) else {
        return call.fail("a string of XML and a path in quotes were expected");
    };
    let budget = call.budget();
    let document = xml_doc::Document::parse(budget, text)?
        .or_else(|reason| call.fail(format!("the string {}", shortened(&reason, 160))))?;
    let parsed = path(call, wanted, xpath_parse::parse)?;
    let found =
        xpath::evaluate(budget, &document, &parsed)?.or_else(|reason| call.fail(shortened(&reason, 320)))?;
    Ok(match found {
        xpath::XPathValue::Nodes(nodes) if nodes.is_empty() => {
            return call.fail(format!("nothing in the XML matches '{}'", shortened(wanted, 160)));
        }
        xpath::XPathValue::Nodes(nodes) => {
            let mut items = ArrayBuilder::new(budget);
            for node in nodes {
                items.push(call.text(document.markup(budget, node)?)?)?;
            }
            items.finish()?
        }
        xpath::XPathValue::Number(n) => Val::Number(n),
        xpath::XPathValue::Text(text) => call.text(text)?,
        xpath::XPathValue::Bool(b) => Val::Bool(b),
    })
}

fn xml<'d>(call: &Call<'_, 'd>, values: &[Val<'d>]) -> Outcome<'d> {
    let source = match &values[0] {
        Val::String(text) => read(call, text)?,
        other => other.clone(),
    };
    let text = xml::document(call.budget(), &source)?;
    call.text(text)
}
