//! Parts of an absolute URL, and new identifiers.

use super::{Call, Check, Function, Run, Types, Verify};
use crate::eval::Outcome;
use crate::syntax::shortened;
use crate::value::Val;
use url::{Position, Url};

const S: Types = Types::STRING;
const ONE: Check = Check::any(1);

pub(super) const FUNCTIONS: &[Function] = &[
    Function::new(
        "uriHost",
        S,
        ONE,
        Run::Eager(Verify::Nothing, |c, v| {
            part(c, v, |u| u.host_str().unwrap_or("").to_owned())
        }),
    ),
    Function::new(
        "uriPath",
        S,
        ONE,
        Run::Eager(Verify::Nothing, |c, v| part(c, v, |u| u.path().to_owned())),
    ),
    Function::new(
        "uriPathAndQuery",
        S,
        ONE,
        Run::Eager(Verify::Nothing, |c, v| {
            part(c, v, |u| format!("{}{}", u.path(), search(u)))
        }),
    ),
    Function::new(
        "uriQuery",
        S,
        ONE,
        Run::Eager(Verify::Nothing, |c, v| part(c, v, search)),
    ),
    Function::new(
        "uriScheme",
        S,
        ONE,
        Run::Eager(Verify::Nothing, |c, v| part(c, v, |u| u.scheme().to_owned())),
    ),
    Function::new(
        "uriPort",
        Types::NUMBER,
        ONE,
        Run::Eager(Verify::Nothing, |c, v| {
            Ok(Val::Number(parse(c, v)?.port().map_or(f64::NAN, f64::from)))
        }),
    ),
    Function::new(
        "newGuid",
        S,
        Check::each(0, 0, S),
        Run::Eager(Verify::Nothing, |c, _| c.text(new_guid(c))),
    )
    .impure(),
];

fn parse(call: &Call<'_, '_>, values: &[Val<'_>]) -> Result<Url, crate::eval::Fail> {
    let Some(text) = values[0].text() else {
        return call.fail(format!("a URL was expected, but {}", call.found(0, &values[0])));
    };
    // Parsing takes some ten nanoseconds a byte, and percent-encoding may triple the size.
    call.budget().bytes(text.len().saturating_mul(8))?;
    call.budget().check_available(text.len().saturating_mul(3))?;
    Url::parse(text).or_else(|reason| {
        call.fail(format!(
            "'{}' is not an absolute URL: {reason}",
            shortened(text, 160)
        ))
    })
}

fn part<'d>(call: &Call<'_, 'd>, values: &[Val<'d>], take: fn(&Url) -> String) -> Outcome<'d> {
    call.text(take(&parse(call, values)?))
}

/// The query with its question mark; an empty query is none.
fn search(url: &Url) -> String {
    match url.query() {
        Some("") | None => String::new(),
        Some(_) => url[Position::AfterPath..Position::AfterQuery].to_owned(),
    }
}

/// A version 4 identifier.
fn new_guid(call: &Call<'_, '_>) -> String {
    let environment = call.cx.environment;
    let (high, low) = (environment.random(), environment.random());
    format!(
        "{:08x}-{:04x}-4{:03x}-{:04x}-{:012x}",
        high >> 32,
        high >> 16 & 0xffff,
        high & 0xfff,
        low >> 48 & 0x3fff | 0x8000,
        low & 0xffff_ffff_ffff
    )
}
