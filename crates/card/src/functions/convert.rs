//! Conversions between types, and number formatting by locale.

use super::{Call, Check, Cost, Function, Run, Types, Verify, strings};
use crate::budget::Budget;
use crate::eval::{Fail, Outcome};
use crate::json::{Json, JsonError};
use crate::locales::{self, NumberStyle};
use crate::number::{Radix, number_text, parse_float, parse_int, pow, round_half_up, to_fixed};
use crate::syntax::shortened;
use crate::value::{Text, Val};

const S: Types = Types::STRING;
const N: Types = Types::NUMBER;

pub(super) const FUNCTIONS: &[Function] = &[
    Function::new(
        "int",
        N,
        Check::any(1),
        Run::Eager(Verify::Nothing, |c, v| {
            parsed(c, &v[0], |s| parse_int(s, Radix::Ten), NumberForm::Integer)
        }),
    ),
    Function::new(
        "float",
        N,
        Check::any(1),
        Run::Eager(Verify::Nothing, |c, v| {
            parsed(c, &v[0], parse_float, NumberForm::Float)
        }),
    ),
    Function::new(
        "string",
        S,
        Check::order(&[Types::OBJECT], &[S]),
        Run::Eager(Verify::Nothing, string),
    ),
    Function::new(
        "json",
        Types::OBJECT,
        Check::order(&[S], &[]),
        Run::Eager(Verify::Nothing, json),
    ),
    Function::new(
        "jsonStringify",
        S,
        Check::any(1),
        Run::Eager(Verify::Nothing, json_stringify),
    ),
    Function::new(
        "formatNumber",
        S,
        Check::order(&[N, N], &[S]),
        Run::Eager(Verify::Nothing, format_number),
    ),
    Function::new(
        "createArray",
        Types::ARRAY,
        Check::Nothing,
        Run::Eager(Verify::Nothing, |c, v| c.budget().list(v.to_vec())),
    )
    .costs(Cost::Nothing),
];

#[derive(Clone, Copy, PartialEq)]
enum NumberForm {
    Integer,
    Float,
}

fn parsed<'d>(
    call: &Call<'_, 'd>,
    value: &Val<'d>,
    parse: fn(&str) -> Option<f64>,
    form: NumberForm,
) -> Outcome<'d> {
    let printed;
    let text = match value {
        Val::BigInt(n) => return Ok(Val::Number(**n as f64)),
        Val::String(s) => &**s,
        Val::Number(n) if n.is_nan() => return Ok(Val::Undefined),
        Val::Number(n) if form == NumberForm::Integer => {
            printed = number_text(*n);
            &printed
        }
        Val::Number(_) => return Ok(value.clone()),
        _ => return Ok(Val::Undefined),
    };
    match parse(text) {
        Some(n) => Ok(Val::Number(n)),
        // A number whose text has no digits (Infinity) gives NaN rather than an error.
        None if value.number().is_some() => Ok(Val::Number(f64::NAN)),
        None => call.fail(format!("'{}' is not a number", shortened(text, 64))),
    }
}

fn string<'d>(call: &Call<'_, 'd>, values: &[Val<'d>]) -> Outcome<'d> {
    let text = match &values[0] {
        Val::String(_) => return Ok(values[0].clone()),
        Val::Number(n) if !n.is_nan() => {
            let plain = number_text(*n);
            let digits = plain
                .split_once('.')
                .map_or(0, |(_, fraction)| fraction.encode_utf16().count());
            styled(*n, digits.min(20), locale(values.get(1)))
        }
        Val::Bytes(bytes) => String::from_utf8_lossy(bytes).into_owned(),
        other => strings::stringify(call.budget(), other)?,
    };
    call.text(text)
}

fn locale<'v>(value: Option<&'v Val<'_>>) -> &'v NumberStyle {
    locales::style(value.and_then(Val::text).unwrap_or("en-US"))
}

fn json<'d>(call: &Call<'_, 'd>, values: &[Val<'d>]) -> Outcome<'d> {
    let Some(text) = values[0].text() else {
        return call.fail("a string of JSON was expected");
    };
    read(call.budget(), text.trim_matches(crate::number::is_js_space))?.or_else(|error| call.fail(error))
}

/// Stack needed to read the deepest JSON, in levels of evaluation.
const JSON_LEVELS: usize = 40;

/// Parses JSON into a new value; the inner error says why the text is not JSON.
pub(super) fn read<'d>(budget: &Budget, text: &str) -> Result<Result<Val<'d>, JsonError>, Fail> {
    let _levels = budget.levels(JSON_LEVELS)?;
    budget.bytes(text.len().saturating_mul(4))?;
    // While it is converted, a document takes up to sixteen times its text: `[0,0,…]`.
    budget.allocate(text.len().saturating_mul(16))?;
    match Json::parse(text) {
        Ok(json) => thawed(budget, &json).map(Ok),
        Err(error) => Ok(Err(error)),
    }
}

fn thawed<'d>(budget: &Budget, json: &Json<'_>) -> Outcome<'d> {
    Ok(match json {
        Json::Null => Val::Null,
        Json::Bool(b) => Val::Bool(*b),
        Json::Number(n) => Val::Number(*n),
        Json::String(s) | Json::Code(s) => budget.text(&**s)?,
        Json::Array(items) => {
            let items = items.iter().map(|item| thawed(budget, item));
            budget.list(items.collect::<Result<_, _>>()?)?
        }
        Json::Object(properties) => {
            let property = |(key, value): &(std::borrow::Cow<'_, str>, Json<'_>)| {
                Ok((Text::allocate(budget, &**key)?, thawed(budget, value)?))
            };
            budget.object(properties.iter().map(property).collect::<Result<_, Fail>>()?)?
        }
    })
}

fn json_stringify<'d>(call: &Call<'_, 'd>, values: &[Val<'d>]) -> Outcome<'d> {
    if values[0].is_undefined() {
        return Ok(Val::Undefined);
    }
    let text = crate::value::json_text(call.budget(), &values[0])?;
    call.text(text)
}

fn format_number<'d>(call: &Call<'_, 'd>, values: &[Val<'d>]) -> Outcome<'d> {
    let Some(number) = values[0].number() else {
        return call.fail(format!(
            "a number was expected, but {}",
            call.found(0, &values[0])
        ));
    };
    let Some(digits) = values[1].number() else {
        return call.fail("the count of digits must be a number");
    };
    if digits < 0.0 || digits.fract() != 0.0 || digits >= 1e21 {
        return call.fail("the count of digits must be an integer from 0");
    }
    let scale = pow(10.0, digits);
    let rounded = round_half_up(number * scale) / scale;
    call.text(styled(rounded, digits.min(20.0) as usize, locale(values.get(2))))
}

/// A number with grouped digits and a fixed count of decimals.
fn styled(number: f64, digits: usize, style: &NumberStyle) -> String {
    if number.is_nan() {
        return "NaN".to_owned();
    }
    let text = to_fixed(number.abs(), digits);
    let whole_end = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let (whole, rest) = text.split_at(whole_end);
    let zero = text.parse::<f64>().is_ok_and(|n| n == 0.0);
    let mut out = String::new();
    if number.is_sign_negative() && !zero {
        out.push('\u{2212}');
    }
    out.push_str(&style.group(whole));
    match rest.strip_prefix('.') {
        Some(fraction) => {
            out.push_str(style.decimal);
            out.push_str(fraction);
        }
        None => out.push_str(rest),
    }
    style.digits(out)
}
