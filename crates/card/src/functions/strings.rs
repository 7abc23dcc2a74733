//! String functions. Lengths and positions count UTF-16 units, as JavaScript does.

use super::{Call, Check, Function, Run, Types, Verify, regexp};
use crate::budget::{ArrayBuilder, Budget};
use crate::eval::{Fail, Outcome};
use crate::number::is_js_space;
use crate::syntax::shortened;
use crate::value::{List, Printer, Text, Val, js_string, json_text, strict_equals};

const S: Types = Types::STRING;
const N: Types = Types::NUMBER;
const SA: Types = Types::STRING.or(Types::ARRAY);

pub(super) const FUNCTIONS: &[Function] = &[
    Function::new("concat", SA, Check::some(), Run::Eager(Verify::Nothing, concat)),
    Function::new(
        "length",
        N,
        Check::each(1, 1, S),
        Run::Eager(Verify::StringOrUndefined, |_, v| {
            Ok(Val::Number(units(text(&v[0])) as f64))
        }),
    ),
    Function::new(
        "trim",
        S,
        Check::each(1, 1, S),
        Run::Eager(Verify::StringOrUndefined, |c, v| {
            c.text(text(&v[0]).trim_matches(is_js_space))
        }),
    ),
    Function::new(
        "toUpper",
        S,
        Check::each(1, 2, S),
        Run::Eager(Verify::StringOrUndefined, |c, v| c.text(case(c, v, upper)?)),
    ),
    Function::new(
        "toLower",
        S,
        Check::each(1, 2, S),
        Run::Eager(Verify::StringOrUndefined, |c, v| c.text(case(c, v, lower)?)),
    ),
    Function::new(
        "sentenceCase",
        S,
        Check::each(1, 2, S),
        Run::Eager(Verify::StringOrUndefined, |c, v| c.text(case(c, v, sentence)?)),
    ),
    Function::new(
        "titleCase",
        S,
        Check::each(1, 2, S),
        Run::Eager(Verify::StringOrUndefined, |c, v| c.text(case(c, v, title)?)),
    ),
    Function::new(
        "replace",
        S,
        Check::each(3, 3, S),
        Run::Eager(Verify::StringOrUndefined, replace),
    ),
    Function::new(
        "replaceIgnoreCase",
        S,
        Check::each(3, 3, S),
        Run::Eager(Verify::StringOrUndefined, replace_pattern),
    ),
    Function::new("substring", S, Check::order(&[S, N], &[N]), Run::Lazy(substring)),
    Function::new(
        "split",
        Types::ARRAY,
        Check::each(1, 2, S),
        Run::Eager(Verify::StringOrUndefined, split),
    ),
    Function::new(
        "join",
        S,
        Check::order(&[Types::ARRAY, S], &[S]),
        Run::Eager(Verify::Nothing, join),
    ),
    Function::new(
        "startsWith",
        Types::BOOLEAN,
        Check::each(2, 2, S),
        Run::Eager(Verify::StringOrUndefined, |_, v| {
            Ok(Val::Bool(text(&v[0]).starts_with(text(&v[1]))))
        }),
    ),
    Function::new(
        "endsWith",
        Types::BOOLEAN,
        Check::each(2, 2, S),
        Run::Eager(Verify::StringOrUndefined, |_, v| {
            Ok(Val::Bool(text(&v[0]).ends_with(text(&v[1]))))
        }),
    ),
    Function::new(
        "indexOf",
        N,
        Check::order(&[SA, Types::OBJECT], &[]),
        Run::Eager(Verify::Nothing, |c, v| position(c, v, Occurrence::First)),
    ),
    Function::new(
        "lastIndexOf",
        N,
        Check::order(&[SA, Types::OBJECT], &[]),
        Run::Eager(Verify::Nothing, |c, v| position(c, v, Occurrence::Last)),
    ),
    Function::new(
        "countWord",
        N,
        Check::each(1, 1, S),
        Run::Eager(Verify::StringOrUndefined, count_word),
    ),
    Function::new(
        "addOrdinal",
        S,
        Check::each(1, 1, N),
        Run::Eager(Verify::Integer, add_ordinal),
    ),
    Function::new(
        "EOL",
        S,
        Check::each(0, 0, S),
        Run::Eager(Verify::Nothing, |_, _| Ok(Val::String(Text::borrowed("\n")))),
    ),
    Function::new(
        "isMatch",
        Types::BOOLEAN,
        Check::Pattern,
        Run::Eager(Verify::StringOrUndefined, is_match),
    ),
];

/// The string, or an empty one for any other value.
pub(super) fn text<'v>(value: &'v Val<'_>) -> &'v str {
    value.text().unwrap_or("")
}

/// UTF-16 units.
pub(super) fn units(text: &str) -> usize {
    if text.is_ascii() {
        text.len()
    } else {
        text.encode_utf16().count()
    }
}

/// The text of the UTF-16 units `from..to`; a lone surrogate becomes U+FFFD.
pub(super) fn unit_range(text: &str, from: usize, to: usize) -> String {
    if text.is_ascii() {
        return text.get(from..to).unwrap_or("").to_owned();
    }
    let units: Vec<u16> = text
        .encode_utf16()
        .skip(from)
        .take(to.saturating_sub(from))
        .collect();
    String::from_utf16_lossy(&units)
}

/// A value as `concat` writes it: empty for null, JSON for objects and arrays.
pub(super) fn stringify(budget: &Budget, value: &Val<'_>) -> Result<String, Fail> {
    if value.is_nullish() {
        return Ok(String::new());
    }
    if value.is_object_type() {
        let mut json = json_text(budget, value)?;
        let end = json.trim_end_matches(['\'', '"']).len();
        json.truncate(end);
        let start = json.len() - json.trim_start_matches(['\'', '"']).len();
        json.drain(..start);
        return Ok(json);
    }
    js_string(budget, value)
}

/// The result of `concat` so far.
enum Joined<'b, 'd> {
    Value(Val<'d>),
    List(ArrayBuilder<'b, 'd>),
    Text(String),
}

fn concat<'d>(call: &Call<'_, 'd>, values: &[Val<'d>]) -> Outcome<'d> {
    let budget = call.budget();
    let mut sum = Joined::Value(values[0].clone());
    for next in &values[1..] {
        sum = match sum {
            Joined::Value(first) if first.is_nullish() && next.is_nullish() => Joined::Value(Val::Undefined),
            Joined::Value(first) if first.is_nullish() && matches!(next, Val::Array(_)) => {
                Joined::Value(next.clone())
            }
            Joined::Value(Val::Array(items)) => match next {
                Val::Array(more) => {
                    let mut list = ArrayBuilder::new(budget);
                    extend(budget, &mut list, &items)?;
                    extend(budget, &mut list, more)?;
                    Joined::List(list)
                }
                next if next.is_nullish() => Joined::Value(Val::Array(items)),
                next => text_of(budget, &Val::Array(items), next)?,
            },
            Joined::Value(first) => text_of(budget, &first, next)?,
            Joined::List(mut list) => match next {
                Val::Array(more) => {
                    extend(budget, &mut list, more)?;
                    Joined::List(list)
                }
                next if next.is_nullish() => Joined::List(list),
                next => text_of(budget, &list.finish()?, next)?,
            },
            Joined::Text(mut text) => {
                append(budget, &mut text, next)?;
                Joined::Text(text)
            }
        };
    }
    match sum {
        Joined::Value(value) => Ok(value),
        Joined::List(list) => list.finish(),
        Joined::Text(text) => call.text(text),
    }
}

fn extend<'d>(budget: &Budget, list: &mut ArrayBuilder<'_, 'd>, items: &List<'d>) -> Result<(), Fail> {
    for item in items.iter(budget)? {
        list.push(item)?;
    }
    Ok(())
}

fn text_of<'b, 'd>(budget: &'b Budget, first: &Val<'d>, next: &Val<'d>) -> Result<Joined<'b, 'd>, Fail> {
    let mut text = stringify(budget, first)?;
    append(budget, &mut text, next)?;
    Ok(Joined::Text(text))
}

fn append(budget: &Budget, text: &mut String, next: &Val<'_>) -> Result<(), Fail> {
    let more = stringify(budget, next)?;
    budget.check_available(text.len() + more.len())?;
    text.push_str(&more);
    Ok(())
}

/// A language whose casing differs from the rest of Unicode.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Casing {
    Plain,
    /// Turkish and Azerbaijani: dotted and dotless i.
    Turkic,
    Lithuanian,
    /// Greek capitals lose their accents.
    Greek,
}

fn case(call: &Call<'_, '_>, values: &[Val<'_>], apply: fn(&str, Casing) -> String) -> Result<String, Fail> {
    let locale = values.get(1).and_then(Val::text).unwrap_or("en-US");
    if !is_language_tag(locale) {
        return call.fail(format!(
            "'{}' is not a language tag such as 'en-US'",
            shortened(locale, 64)
        ));
    }
    let casing = match locale
        .split('-')
        .next()
        .unwrap_or("")
        .to_ascii_lowercase()
        .as_str()
    {
        "tr" | "az" => Casing::Turkic,
        "lt" => Casing::Lithuanian,
        "el" => Casing::Greek,
        _ => Casing::Plain,
    };
    let source = text(&values[0]);
    // Letters are changed one by one, into up to three times as many bytes.
    call.budget().bytes(source.len().saturating_mul(4))?;
    call.budget().check_available(source.len().saturating_mul(3))?;
    Ok(apply(source, casing))
}

fn is_language_tag(tag: &str) -> bool {
    let mut parts = tag.split('-');
    let language = parts.next().unwrap_or("");
    (matches!(language.len(), 2 | 3 | 5..=8) && language.bytes().all(|b| b.is_ascii_alphabetic()))
        && parts.all(|p| (1..=8).contains(&p.len()) && p.bytes().all(|b| b.is_ascii_alphanumeric()))
        && tag.split('-').next_back().is_none_or(|last| last.len() != 1)
}

pub(super) fn upper(text: &str, casing: Casing) -> String {
    match casing {
        Casing::Plain | Casing::Lithuanian => text.to_uppercase(),
        Casing::Turkic => text.replace('i', "İ").to_uppercase(),
        Casing::Greek => text
            .to_uppercase()
            .chars()
            .map(|c| match c {
                'Ά' => 'Α',
                'Έ' => 'Ε',
                'Ή' => 'Η',
                'Ί' => 'Ι',
                'Ό' => 'Ο',
                'Ύ' => 'Υ',
                'Ώ' => 'Ω',
                other => other,
            })
            .collect(),
    }
}

pub(super) fn lower(text: &str, casing: Casing) -> String {
    match casing {
        Casing::Turkic => text
            .replace("I\u{307}", "i")
            .replace('İ', "i")
            .replace('I', "ı")
            .to_lowercase(),
        _ => text.to_lowercase(),
    }
}

/// The first UTF-16 unit in upper case, with the rest. A character beyond the basic plane has no such unit.
fn capital(text: &str) -> String {
    let mut chars = text.chars();
    match chars.next() {
        Some(first) if first.len_utf16() == 1 => first.to_uppercase().chain(chars).collect(),
        _ => text.to_owned(),
    }
}

fn sentence(text: &str, casing: Casing) -> String {
    capital(&lower(text, casing))
}

fn title(text: &str, casing: Casing) -> String {
    let lowered = lower(text, casing);
    let mut out = String::with_capacity(lowered.len());
    let mut rest = lowered.as_str();
    while let Some(start) = rest.find(|c: char| c.is_ascii_alphanumeric() || c == '_') {
        let end = rest[start..].find(is_js_space).map_or(rest.len(), |n| start + n);
        out.push_str(&rest[..start]);
        out.push_str(&capital(&rest[start..end]));
        rest = &rest[end..];
    }
    out.push_str(rest);
    out
}

fn replace<'d>(call: &Call<'_, 'd>, values: &[Val<'d>]) -> Outcome<'d> {
    let (source, old, new) = (text(&values[0]), text(&values[1]), text(&values[2]));
    if old.is_empty() {
        return call.fail("the string to replace is empty");
    }
    let found = source.matches(old).count();
    call.budget()
        .check_available(source.len().saturating_add(found.saturating_mul(new.len())))?;
    call.text(source.replace(old, new))
}

fn replace_pattern<'d>(call: &Call<'_, 'd>, values: &[Val<'d>]) -> Outcome<'d> {
    let (source, old, new) = (text(&values[0]), text(&values[1]), text(&values[2]));
    if old.is_empty() {
        return call.fail("the string to replace is empty");
    }
    let budget = call.budget();
    let pattern = regexp::cached(call.cx, old, regexp::Dialect::IgnoreCase)?.or_else(|reason| {
        call.fail(format!(
            "the pattern '{}' {}",
            shortened(old, 160),
            shortened(&reason, 160)
        ))
    })?;
    pattern.count_scan(budget, source.len())?;
    let mut out = String::new();
    let (mut from, mut search) = (0, 0);
    // Unlike `captures_iter`, JavaScript also finds nothing just after a match.
    while let Some(found) = pattern.regex.captures_at(source, search) {
        let Some(whole) = found.get(0) else { break };
        pattern.count_match(budget, whole.len(), source.len() - whole.start())?;
        out.push_str(&source[from..whole.start()]);
        regexp::expand(budget, &mut out, new, source, &found)?;
        budget.check_available(out.len())?;
        from = whole.end();
        search = match source[from..].chars().next() {
            Some(next) if whole.is_empty() => from + next.len_utf8(),
            None if whole.is_empty() => break,
            _ => from,
        };
    }
    out.push_str(&source[from..]);
    call.text(out)
}

fn is_match<'d>(call: &Call<'_, 'd>, values: &[Val<'d>]) -> Outcome<'d> {
    let Some(pattern) = values[1].text() else {
        return call.fail("the pattern is missing");
    };
    let pattern = regexp::cached(call.cx, pattern, regexp::Dialect::Common)?.or_else(|reason| {
        call.fail(format!(
            "the pattern '{}' {}",
            shortened(pattern, 160),
            shortened(&reason, 160)
        ))
    })?;
    pattern.count_scan(call.budget(), text(&values[0]).len())?;
    Ok(Val::Bool(pattern.regex.is_match(text(&values[0]))))
}

fn substring<'d>(call: &Call<'_, 'd>) -> Outcome<'d> {
    let source = match call.eval(0)? {
        Val::String(source) => source,
        Val::Undefined => return Ok(Val::String(Text::borrowed(""))),
        _ => return call.fail(format!("`{}` is not a string", call.show(0))),
    };
    let len = units(&source) as f64;
    let start = match call.eval(1)?.integer() {
        Some(start) if (0.0..=len).contains(&start) => start,
        Some(start) => return call.fail(format!("the start {start} is outside the string of length {len}")),
        None => return call.fail(format!("`{}` is not an integer", call.show(1))),
    };
    let end = if call.args.len() == 2 {
        len
    } else {
        match call.eval(2)?.integer() {
            Some(count) if count >= 0.0 && start + count <= len => start + count,
            Some(count) => {
                return call.fail(format!("{count} units from {start} are more than the string has"));
            }
            None => return call.fail(format!("`{}` is not an integer", call.show(2))),
        }
    };
    call.text(unit_range(&source, start as usize, end as usize))
}

fn split<'d>(call: &Call<'_, 'd>, values: &[Val<'d>]) -> Outcome<'d> {
    let source = text(&values[0]);
    let separator = values.get(1).map_or("", text);
    let mut parts = ArrayBuilder::new(call.budget());
    if separator.is_empty() {
        for unit in source.encode_utf16() {
            parts.push(call.text(String::from_utf16_lossy(&[unit]))?)?;
        }
    } else {
        for part in source.split(separator) {
            parts.push(call.text(part)?)?;
        }
    }
    parts.finish()
}

fn join<'d>(call: &Call<'_, 'd>, values: &[Val<'d>]) -> Outcome<'d> {
    let Val::Array(items) = &values[0] else {
        return call.fail(format!(
            "an array was expected, but {}",
            call.found(0, &values[0])
        ));
    };
    let budget = call.budget();
    let separator = |at: usize| match &values[at] {
        Val::Undefined => Ok(",".to_owned()),
        other => js_string(budget, other),
    };
    let between = separator(1)?;
    let count = items.len();
    let last = match values.len() {
        2 => between.clone(),
        _ if count < 3 => separator(2)?,
        _ => js_string(budget, &values[2])?,
    };
    let mut out = String::new();
    for (at, item) in items.iter(budget)?.enumerate() {
        if at > 0 {
            let separator = if at + 1 == count { &last } else { &between };
            budget.bytes(separator.len())?;
            budget.check_available(out.len() + separator.len())?;
            out.push_str(separator);
        }
        // The reference writes a last item that is null as a word once there are three items and two separators.
        if !item.is_nullish() || (at + 1 == count && values.len() > 2 && count >= 3) {
            Printer::new(budget, &mut out).js(&item)?;
        }
    }
    call.text(out)
}

#[derive(Clone, Copy, PartialEq)]
enum Occurrence {
    First,
    Last,
}

fn position<'d>(call: &Call<'_, 'd>, values: &[Val<'d>], end: Occurrence) -> Outcome<'d> {
    let found = match &values[0] {
        Val::Undefined | Val::Null | Val::String(_) => {
            if !(values[1].is_undefined() || values[1].text().is_some()) {
                return call.fail("only a string can be searched for in a string");
            }
            let (source, wanted) = (text(&values[0]), text(&values[1]));
            let at = match end {
                Occurrence::First => source.find(wanted),
                Occurrence::Last if wanted.is_empty() => {
                    return Ok(Val::Number((units(source) as f64 - 1.0).max(0.0)));
                }
                Occurrence::Last => source.rfind(wanted),
            };
            at.map(|at| units(&source[..at]))
        }
        Val::Array(items) => {
            let budget = call.budget();
            let is_it = |at: usize| {
                budget.step()?;
                match items.get(at) {
                    Some(item) => strict_equals(budget, &item, &values[1]),
                    None => Ok(false),
                }
            };
            let mut found = None;
            for step in 0..items.len() {
                let at = match end {
                    Occurrence::First => step,
                    Occurrence::Last => items.len() - 1 - step,
                };
                if is_it(at)? {
                    found = Some(at);
                    break;
                }
            }
            found
        }
        _ => return call.fail("a string or an array was expected"),
    };
    Ok(Val::Number(found.map_or(-1.0, |at| at as f64)))
}

fn count_word<'d>(_: &Call<'_, 'd>, values: &[Val<'d>]) -> Outcome<'d> {
    let words = text(&values[0])
        .split(is_js_space)
        .filter(|w| !w.is_empty())
        .count();
    Ok(Val::Number(words.max(1) as f64))
}

fn add_ordinal<'d>(call: &Call<'_, 'd>, values: &[Val<'d>]) -> Outcome<'d> {
    let n = values[0].integer().unwrap_or(0.0);
    let suffix = match n {
        n if n <= 0.0 => "",
        n if (11.0..=13.0).contains(&(n % 100.0)) => "th",
        n if n % 10.0 == 1.0 => "st",
        n if n % 10.0 == 2.0 => "nd",
        n if n % 10.0 == 3.0 => "rd",
        _ => "th",
    };
    call.text(js_string(call.budget(), &values[0])? + suffix)
}
