//! Reading, changing and merging objects.

use super::{Call, Check, Cost, Function, Run, Types, Verify};
use crate::eval::{CardMemory, Fail, Frame, Memory, Outcome, kind};
use crate::number::{Radix, parse_int};
use crate::syntax::{Expr, FunctionLookup, Scratch, parse_within, shortened};
use crate::value::{List, Map, Text, Val, contains_container, js_string, property, split_path};

const O: Types = Types::OBJECT;
const S: Types = Types::STRING;

pub(super) const FUNCTIONS: &[Function] = &[
    Function::new(
        "getProperty",
        O,
        Check::order(&[O], &[S]),
        Run::Lazy(get_property),
    )
    .impure()
    .costs(Cost::Strings),
    Function::new(
        "setProperty",
        O,
        Check::order(&[O, S, O], &[]),
        Run::Eager(Verify::Nothing, set_property),
    )
    .mutates()
    .costs(Cost::Strings),
    Function::new(
        "addProperty",
        O,
        Check::order(&[O, S, O], &[]),
        Run::Eager(Verify::Nothing, add_property),
    )
    .mutates()
    .costs(Cost::Strings),
    Function::new(
        "removeProperty",
        O,
        Check::order(&[O, S], &[]),
        Run::Eager(Verify::Nothing, remove_property),
    )
    .mutates(),
    Function::new("merge", O, Check::some(), Run::Eager(Verify::Nothing, merge)),
    Function::new("setPathToValue", O, Check::any(2), Run::Lazy(set_path))
        .mutates()
        .costs(Cost::Nothing),
    Function::new(
        "stringOrValue",
        O,
        Check::each(1, 1, S),
        Run::Lazy(string_or_value),
    )
    .mutates(),
];

fn get_property<'d>(call: &Call<'_, 'd>) -> Outcome<'d> {
    let first = call.eval(0)?;
    if call.args.len() == 1 {
        return match first.text() {
            Some(path) => call.cx.read_path(call.frame, path),
            None => call.fail(format!(
                "a path in quotes was expected, but {}",
                call.found(0, &first)
            )),
        };
    }
    let key = call.eval(1)?;
    if key.is_nullish() {
        return call
            .fail(format!("the name `{}` is {}", call.show(1), kind(&key)))
            .map_err(Fail::into_throw);
    }
    let key = js_string(call.budget(), &key)?;
    call.cx.read_from(call.frame, &first, &key)
}

/// Refuses reference cycles, and counts containers that are put into others.
fn guard<'d>(call: &Call<'_, 'd>, holder: &Val<'d>, value: &Val<'d>) -> Result<(), Fail> {
    if matches!(value, Val::Array(List::Shared(_)) | Val::Object(Map::Shared(_))) {
        call.budget().mutation()?;
        if contains_container(call.budget(), value, holder)? {
            return call.fail("a value cannot hold itself");
        }
    }
    Ok(())
}

fn put<'d>(call: &Call<'_, 'd>, holder: &Val<'d>, key: &Val<'d>, value: &Val<'d>) -> Outcome<'d> {
    guard(call, holder, value)?;
    match holder {
        Val::Object(map) => {
            let budget = call.budget();
            let key = Text::allocate(budget, js_string(budget, key)?)?;
            Ok(Val::Object(map.clone().set(budget, key, value.clone())?))
        }
        // Keys that are no index have no effect on how an array prints.
        Val::Array(items) => match crate::json::array_index(&js_string(call.budget(), key)?) {
            Some(at) => {
                let copy = items.set(call.budget(), at as usize, value.clone())?;
                Ok(copy.map_or_else(|| holder.clone(), Val::Array))
            }
            None => Ok(holder.clone()),
        },
        Val::BigInt(_) | Val::Bytes(_) | Val::Code(_) => Ok(holder.clone()),
        _ => call.fail(format!("an object was expected, but {}", call.found(0, holder))),
    }
}

fn set_property<'d>(call: &Call<'_, 'd>, values: &[Val<'d>]) -> Outcome<'d> {
    put(call, &values[0], &values[1], &values[2])
}

/// Properties that every JavaScript object inherits, so that they cannot be added.
const INHERITED: [&str; 12] = [
    "constructor",
    "__defineGetter__",
    "__defineSetter__",
    "hasOwnProperty",
    "__lookupGetter__",
    "__lookupSetter__",
    "isPrototypeOf",
    "propertyIsEnumerable",
    "toString",
    "valueOf",
    "__proto__",
    "toLocaleString",
];

fn add_property<'d>(call: &Call<'_, 'd>, values: &[Val<'d>]) -> Outcome<'d> {
    let key = js_string(call.budget(), &values[1])?;
    let taken = match &values[0] {
        Val::Object(map) => map.get(call.budget(), &key)?.is_some(),
        Val::Array(items) => {
            crate::json::array_index(&key).is_some_and(|at| (at as usize) < items.len()) || key == "length"
        }
        other => {
            return call.fail(format!("an object was expected, but {}", call.found(0, other)));
        }
    };
    if taken || INHERITED.contains(&key.as_str()) {
        return call.fail(format!("`{}` exists already", shortened(&key, 64)));
    }
    put(call, &values[0], &values[1], &values[2])
}

fn remove_property<'d>(call: &Call<'_, 'd>, values: &[Val<'d>]) -> Outcome<'d> {
    match &values[0] {
        Val::Object(map) => {
            let key = js_string(call.budget(), &values[1])?;
            Ok(Val::Object(map.clone().remove(call.budget(), &key)?))
        }
        Val::Undefined | Val::Null => call.fail(format!(
            "an object was expected, but {}",
            call.found(0, &values[0])
        )),
        other => Ok(other.clone()),
    }
}

fn merge<'d>(call: &Call<'_, 'd>, values: &[Val<'d>]) -> Outcome<'d> {
    let mut out = Map::new();
    for value in values {
        match value {
            Val::Object(map) => out = merge_into(call, out, map)?,
            Val::Array(items) => {
                for item in items.iter(call.budget())? {
                    match &item {
                        Val::Object(map) => out = merge_into(call, out, map)?,
                        Val::Null => {}
                        other => {
                            return call
                                .fail(format!("each item must be an object, but one is {}", kind(other)));
                        }
                    }
                }
            }
            Val::Bytes(_) | Val::BigInt(_) => {}
            other => {
                return call.fail(format!(
                    "objects were expected, but one argument is {}",
                    kind(other)
                ));
            }
        }
    }
    Ok(Val::Object(out))
}

fn merge_into<'d>(call: &Call<'_, 'd>, mut out: Map<'d>, map: &Map<'d>) -> Result<Map<'d>, Fail> {
    for (key, value) in map.iter(call.budget())? {
        out = out.set(call.budget(), key, value)?;
    }
    Ok(out)
}

/// Sets the value at a path of memory. In a template only `$root.…` and `$data.…` reach the data.
fn set_path<'d>(call: &Call<'_, 'd>) -> Outcome<'d> {
    let from_memory = |expr: &Expr| match expr {
        Expr::Name(name) => Some(Ok(name.to_string())),
        Expr::Access(path) if path.base.is_none() => Some(call.cx.path_text(call.frame, &path.steps)),
        _ => None,
    };
    let path = match &call.args[0] {
        Expr::Element { base, index } => match from_memory(base) {
            Some(path) => {
                let value = call.cx.eval(call.frame, index)?;
                let text = call.cx.index_text(index, &value)?;
                let mut path = path?;
                crate::syntax::build::push_index(&mut path, &text);
                path
            }
            _ => return call.fail(format!("`{}` is not a path", call.show(0))),
        },
        other => match from_memory(other) {
            Some(path) => path?,
            None => return call.fail(format!("`{}` is not a path", call.show(0))),
        },
    };
    let value = call.eval(1)?;
    if call.frame.bindings.is_some() {
        return call
            .fail("a lambda cannot change memory")
            .map_err(Fail::into_throw);
    }
    write_path(call, &path, &value)?;
    Ok(value)
}

fn write_path<'d>(call: &Call<'_, 'd>, path: &str, value: &Val<'d>) -> Result<(), Fail> {
    let budget = call.budget();
    budget.bytes(path.len().saturating_mul(4))?;
    budget.check_available(path.len().saturating_mul(16))?;
    let parts: Vec<&str> = split_path(path).collect();
    let Some((last, holders)) = parts.split_last() else {
        return Ok(());
    };
    let mut holder = match call.frame.memory {
        Memory::Scope(scope) => scope.clone(),
        Memory::Card(card) if !holders.is_empty() => {
            let name = holders[0];
            match reserved(card, name) {
                Some(start) => start,
                None => return Ok(()),
            }
        }
        Memory::Card(_) => return Ok(()),
    };
    let skip = usize::from(matches!(call.frame.memory, Memory::Card(_)));
    for part in &holders[skip..] {
        budget.step()?;
        holder = match &holder {
            Val::Array(items) => match parse_int(part, Radix::Guess) {
                Some(at) if at >= 0.0 => items.get(at as usize).unwrap_or(Val::Undefined),
                Some(_) => return Ok(()),
                None => property(budget, &holder, part)?,
            },
            other => property(budget, other, part)?,
        };
        if holder.is_undefined() {
            return Ok(());
        }
    }
    let index = parse_int(last, Radix::Guess).is_some();
    let fits = matches!(&holder, Val::Array(List::Shared(_))) == index && holder.is_object_type();
    if fits || (!index && matches!(holder, Val::Object(_))) {
        put(call, &holder, &call.text(*last)?, value)?;
    }
    Ok(())
}

fn reserved<'d>(card: &CardMemory<'d>, name: &str) -> Option<Val<'d>> {
    match name.to_lowercase().as_str() {
        "$data" => Some(card.data().clone()),
        "$root" => Some(card.root.clone()),
        "$host" => Some(card.host.clone()),
        _ => None,
    }
}

/// Reads the text as an interpolated string; a single `${…}` keeps its type.
fn string_or_value<'d>(call: &Call<'_, 'd>) -> Outcome<'d> {
    let source = call.eval(0)?;
    let Some(text) = source.text() else {
        return call.fail("a string was expected");
    };
    let budget = call.budget();
    // Parsing takes some 100 ns a byte, and the tree is up to 64 times larger than the text.
    budget.steps(64)?;
    budget.allocate(text.len().saturating_mul(64))?;
    let mut scratch = Scratch::within(budget.depth_left());
    let parsed = parse_within(&format!("`{text}`"), FunctionLookup::Strict, &mut scratch);
    budget.steps(scratch.pattern_budget.taken())?;
    let parsed = match parsed {
        Ok(parsed) => parsed,
        Err(error) if error.is_too_deep() => return Err(budget.too_deep()),
        Err(error) => {
            // The cost of the suggestion: the name was compared with all names.
            budget.steps(2_000)?;
            return call.fail(error).map_err(Fail::into_throw);
        }
    };
    let frame: Frame<'_, 'd> = call.frame;
    if let Expr::Call { args, .. } = &parsed
        && let [Expr::Const(_), only] = &**args
        && args[0]
            .known()
            .is_some_and(|c| matches!(c, crate::syntax::Const::String(s) if s.is_empty()))
        && !only.is_const()
    {
        return call.cx.eval(frame, only);
    }
    call.cx.eval(frame, &parsed)
}
