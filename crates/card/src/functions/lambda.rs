//! Functions over each item of a collection.

use super::{Call, Check, Function, Run, Types};
use crate::eval::{Fail, Layer, Outcome, kind};
use crate::syntax::Expr;
use crate::value::{List, Map, Text, Val};

const A: Types = Types::ARRAY;
const B: Types = Types::BOOLEAN;

pub(super) const FUNCTIONS: &[Function] = &[
    Function::new("select", A, Check::Lambda, Run::Lazy(select)),
    Function::new("foreach", A, Check::Lambda, Run::Lazy(select)),
    Function::new("where", A, Check::Lambda, Run::Lazy(keep)),
    Function::new("any", B, Check::Lambda, Run::Lazy(any)),
    Function::new("all", B, Check::Lambda, Run::Lazy(all)),
];

/// The items of a list, or an object's members as `{key, value}`.
enum Items<'d> {
    List(List<'d>),
    Members(Map<'d>),
    Bytes(std::rc::Rc<[u8]>),
}

impl<'d> Items<'d> {
    fn get(&self, at: usize) -> Option<Val<'d>> {
        match self {
            Items::List(items) => items.get(at),
            Items::Members(map) => map.at(at).map(|(key, value)| pair(Val::String(key), value)),
            Items::Bytes(bytes) => bytes
                .get(at)
                .map(|b| pair(Val::string(at.to_string()), Val::Number(f64::from(*b)))),
        }
    }
}

fn pair<'d>(key: Val<'d>, value: Val<'d>) -> Val<'d> {
    Val::Object(Map::from_members(vec![
        (Text::Borrowed("key"), key),
        (Text::Borrowed("value"), value),
    ]))
}

fn items<'d>(call: &Call<'_, 'd>, source: Val<'d>) -> Result<Items<'d>, Fail> {
    match source {
        Val::Array(items) => Ok(Items::List(items)),
        Val::Object(map) => Ok(Items::Members(map)),
        Val::Bytes(bytes) => Ok(Items::Bytes(bytes)),
        Val::Null => call
            .fail(format!("`{}` is null", call.show(0)))
            .map_err(Fail::into_throw),
        other => call.fail(format!(
            "a list or an object was expected, but `{}` is {}",
            call.show(0),
            kind(&other)
        )),
    }
}

/// Evaluates the body for each item until `visit` says stop.
fn each<'d>(
    call: &Call<'_, 'd>,
    items: &Items<'d>,
    mut visit: impl FnMut(Val<'d>, Outcome<'d>) -> Result<Flow, Fail>,
) -> Result<(), Fail> {
    let Some(name) = call.args.get(1).and_then(Expr::plain_name) else {
        return Ok(());
    };
    let mut at = 0;
    while let Some(item) = items.get(at) {
        call.cx.step()?;
        let layer = Layer {
            name,
            value: item,
            outer: call.frame.layers,
        };
        let result = call.cx.eval(call.frame.with(&layer), &call.args[2]);
        if let Err(fail) = &result
            && !fail.is_error()
        {
            return result.map(|_| ());
        }
        if visit(layer.value, result)? == Flow::Stop {
            break;
        }
        at += 1;
    }
    Ok(())
}

#[derive(Clone, Copy, PartialEq)]
enum Flow {
    Next,
    Stop,
}

fn select<'d>(call: &Call<'_, 'd>) -> Outcome<'d> {
    let source = call.eval(0)?;
    if source.is_falsy() {
        return call.fail(format!(
            "a list or an object was expected, but `{}` is {}",
            call.show(0),
            kind(&source)
        ));
    }
    let items = items(call, source)?;
    let mut out = Vec::new();
    each(call, &items, |_, result| {
        out.push(result?);
        Ok(Flow::Next)
    })?;
    Ok(Val::list(out))
}

fn keep<'d>(call: &Call<'_, 'd>) -> Outcome<'d> {
    let source = call.eval(0)?;
    let is_list = matches!(source, Val::Array(_));
    let items = items(call, source)?;
    let mut kept = Vec::new();
    each(call, &items, |item, result| {
        if result.is_ok_and(|v| v.is_true()) {
            kept.push(item);
        }
        Ok(Flow::Next)
    })?;
    if is_list {
        return Ok(Val::list(kept));
    }
    let mut map = Map::new();
    for member in &kept {
        if let Val::Object(pair) = member
            && let (Some(Val::String(key)), Some(value)) = (pair.get("key"), pair.get("value"))
        {
            map = map.set(key, value);
        }
    }
    Ok(Val::Object(map))
}

fn any<'d>(call: &Call<'_, 'd>) -> Outcome<'d> {
    let items = items(call, call.eval(0)?)?;
    let mut found = false;
    each(call, &items, |_, result| {
        found = result.is_ok_and(|v| v.is_true());
        Ok(if found { Flow::Stop } else { Flow::Next })
    })?;
    Ok(Val::Bool(found))
}

fn all<'d>(call: &Call<'_, 'd>) -> Outcome<'d> {
    let items = items(call, call.eval(0)?)?;
    let mut holds = true;
    each(call, &items, |_, result| {
        holds = result.is_ok_and(|v| v.is_true());
        Ok(if holds { Flow::Next } else { Flow::Stop })
    })?;
    Ok(Val::Bool(holds))
}
