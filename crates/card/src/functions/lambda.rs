//! Functions over each item of a collection.

use super::{Call, Check, Cost, Function, Run, Types};
use crate::budget::{ArrayBuilder, Budget};
use crate::eval::{Binding, Fail, Outcome};
use crate::syntax::Expr;
use crate::value::{List, Map, Text, Val};

const A: Types = Types::ARRAY;
const B: Types = Types::BOOLEAN;

/// Arguments cost nothing: each item is counted when it is visited.
const fn over(name: &'static str, returns: Types, run: super::Lazy) -> Function {
    Function::new(name, returns, Check::Lambda, Run::Lazy(run)).costs(Cost::Nothing)
}

pub(super) const FUNCTIONS: &[Function] = &[
    over("select", A, select),
    over("foreach", A, select),
    over("where", A, keep),
    over("any", B, any),
    over("all", B, all),
];

/// The items of an array, or an object's properties as `{key, value}`.
enum Items<'d> {
    List(List<'d>),
    Properties(Map<'d>),
    Bytes(std::rc::Rc<[u8]>),
}

impl<'d> Items<'d> {
    fn get(&self, budget: &Budget, at: usize) -> Result<Option<Val<'d>>, Fail> {
        Ok(match self {
            Items::List(items) => items.get(at),
            Items::Properties(map) => match map.at(at) {
                Some((key, value)) => Some(pair(budget, Val::String(key), value)?),
                None => None,
            },
            Items::Bytes(bytes) => match bytes.get(at) {
                Some(b) => Some(pair(
                    budget,
                    budget.text(at.to_string())?,
                    Val::Number(f64::from(*b)),
                )?),
                None => None,
            },
        })
    }
}

fn pair<'d>(budget: &Budget, key: Val<'d>, value: Val<'d>) -> Outcome<'d> {
    budget.object(vec![
        (Text::borrowed("key"), key),
        (Text::borrowed("value"), value),
    ])
}

fn items<'d>(call: &Call<'_, 'd>, source: Val<'d>) -> Result<Items<'d>, Fail> {
    match source {
        Val::Array(items) => Ok(Items::List(items)),
        Val::Object(map) => Ok(Items::Properties(map)),
        Val::Bytes(bytes) => Ok(Items::Bytes(bytes)),
        Val::Null => call
            .fail(format!("`{}` is null", call.show(0)))
            .map_err(Fail::into_throw),
        other => call.fail(format!(
            "an array or an object was expected, but {}",
            call.found(0, &other)
        )),
    }
}

/// Evaluates the body for each item until `visit` returns [`Flow::Stop`].
fn each<'d>(
    call: &Call<'_, 'd>,
    items: &Items<'d>,
    mut visit: impl FnMut(Val<'d>, Outcome<'d>) -> Result<Flow, Fail>,
) -> Result<(), Fail> {
    let Some(name) = call.args.get(1).and_then(Expr::plain_name) else {
        return Ok(());
    };
    let mut at = 0;
    while let Some(item) = items.get(call.budget(), at)? {
        call.budget().step()?;
        let binding = Binding {
            name,
            value: item,
            outer: call.frame.bindings,
        };
        let result = call.cx.eval(call.frame.with(&binding), &call.args[2]);
        if let Err(fail) = &result
            && !fail.is_error()
        {
            return result.map(|_| ());
        }
        if visit(binding.value, result)? == Flow::Stop {
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
            "an array or an object was expected, but {}",
            call.found(0, &source)
        ));
    }
    let items = items(call, source)?;
    let mut out = ArrayBuilder::new(call.budget());
    each(call, &items, |_, result| {
        out.push(result?)?;
        Ok(Flow::Next)
    })?;
    out.finish()
}

/// What a failing `select` has made before its failure; undefined when there is nothing to select from.
pub(super) fn before_failure<'d>(call: &Call<'_, 'd>) -> Outcome<'d> {
    let source = match call.eval(0) {
        Ok(source) if !source.is_falsy() => items(call, source),
        Ok(_) => return Ok(Val::Undefined),
        Err(fail) => Err(fail),
    };
    let items = match source {
        Ok(items) => items,
        Err(fail) if fail.is_error() => return Ok(Val::Undefined),
        Err(fail) => return Err(fail),
    };
    let mut out = ArrayBuilder::new(call.budget());
    each(call, &items, |_, result| match result {
        Ok(value) => out.push(value).map(|()| Flow::Next),
        Err(_) => Ok(Flow::Stop),
    })?;
    out.finish()
}

fn keep<'d>(call: &Call<'_, 'd>) -> Outcome<'d> {
    let source = call.eval(0)?;
    let is_list = matches!(source, Val::Array(_));
    let items = items(call, source)?;
    let budget = call.budget();
    let mut kept = ArrayBuilder::new(budget);
    each(call, &items, |item, result| {
        if result.is_ok_and(|v| v.is_true()) {
            kept.push(item)?;
        }
        Ok(Flow::Next)
    })?;
    if is_list {
        return kept.finish();
    }
    let mut map = Map::new();
    for item in &kept.into_items() {
        if let Val::Object(pair) = item
            && let (Some(Val::String(key)), Some(value)) =
                (pair.get(budget, "key")?, pair.get(budget, "value")?)
        {
            map = map.set(budget, key, value)?;
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

#[cfg(test)]
mod tests {
    use crate::{Expression, Json};

    #[test]
    fn an_or_whose_last_operand_fails_gives_what_is_beside_the_failure() {
        let scope = Json::parse(r#"{"n": [2, 1, 0, 3]}"#).unwrap();
        for (text, value) in [
            ("string(false || select(n, x, 6 / x))", "[3,6]"),
            ("string(false || select(n, x, 6 / x) || all(q, x, x))", "true"),
            ("string(false || select(q, x, x))", ""),
            ("string(false || any(q, x, x))", "false"),
            ("string(false || where(q, x, x))", ""),
        ] {
            let found = Expression::parse(text).unwrap().evaluate(&scope).unwrap();
            assert_eq!(found, crate::Value::String(value.into()), "{text}");
        }
    }
}
