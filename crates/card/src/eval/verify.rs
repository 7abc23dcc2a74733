//! Evaluates arguments and checks each value before the next.

use super::{Fail, Outcome};
use crate::budget::Budget;
use crate::functions::{Call, Eager, Verify};
use crate::syntax::Expr;
use crate::value::Val;

/// Calls with at most this many arguments keep them on the stack.
const INLINE: usize = 4;

impl<'d> Call<'_, 'd> {
    pub(crate) fn with_args(&self, verify: Verify, run: Eager) -> Outcome<'d> {
        let mut inline = [const { Val::Undefined }; INLINE];
        if let Some(values) = inline.get_mut(..self.args.len()) {
            for (at, (value, arg)) in values.iter_mut().zip(self.args).enumerate() {
                *value = self.argument(at, arg, verify)?;
            }
            return run(self, values);
        }
        let mut values = Vec::with_capacity(self.args.len());
        for (at, arg) in self.args.iter().enumerate() {
            values.push(self.argument(at, arg, verify)?);
        }
        run(self, &values)
    }

    /// A comparison: a failing argument makes it false, a failing comparison is an error.
    pub(crate) fn compare(&self, verify: Verify, run: Eager) -> Outcome<'d> {
        let mut values = [Val::Undefined, Val::Undefined];
        for (at, (value, arg)) in values.iter_mut().zip(self.args).enumerate() {
            match self.checked(at, arg, verify) {
                Ok((found, None)) => *value = found,
                Ok((_, Some(_))) => return Ok(Val::Bool(false)),
                Err(fail) if fail.is_error() => return Ok(Val::Bool(false)),
                Err(fail) => return Err(fail),
            }
        }
        run(self, &values[..self.args.len().min(2)])
    }

    fn argument(&self, at: usize, arg: &Expr, verify: Verify) -> Outcome<'d> {
        match self.checked(at, arg, verify)? {
            (value, None) => Ok(value),
            (value, Some(wanted)) => Err(self.unfit(wanted, at, &value)),
        }
    }

    /// The value of an argument, and what was expected if it is not that.
    #[inline]
    fn checked(
        &self,
        at: usize,
        arg: &Expr,
        verify: Verify,
    ) -> Result<(Val<'d>, Option<&'static str>), Fail> {
        let value = self.cx.eval(self.frame, arg)?;
        self.count(&value)?;
        if verify == Verify::Nothing {
            return Ok((value, None));
        }
        let wanted = wrong(&self.cx.budget, verify, &value, at)?;
        Ok((value, wanted))
    }

    #[cold]
    fn unfit(&self, wanted: &str, at: usize, value: &Val<'d>) -> Fail {
        Fail::error(format!(
            "{}: {wanted} was expected, but {}",
            self.function.name,
            self.found(at, value)
        ))
    }
}

/// What was expected, if the value does not match.
fn wrong(budget: &Budget, verify: Verify, value: &Val<'_>, at: usize) -> Result<Option<&'static str>, Fail> {
    let (passes, wanted) = match verify {
        Verify::Nothing => return Ok(None),
        Verify::Number => (value.number().is_some(), "a number"),
        Verify::Integer => (value.integer().is_some(), "an integer"),
        Verify::NumberOrNumbers => (
            value.number().is_some() || numbers(budget, value)?,
            "a number or an array of numbers",
        ),
        Verify::Numbers => (numbers(budget, value)?, "an array of numbers"),
        Verify::List => (matches!(value, Val::Array(_)), "an array"),
        Verify::Container => (
            value.text().is_some() || value.is_object_type(),
            "a string, an array or an object",
        ),
        Verify::ContainerOrNull => (
            value.is_nullish() || value.text().is_some() || value.is_object_type(),
            "a string, an array or an object",
        ),
        Verify::NotNull => (!value.is_nullish(), "a value that is not null"),
        Verify::String => (value.text().is_some(), "a string"),
        Verify::StringOrUndefined => (value.text().is_some() || value.is_undefined(), "a string"),
        Verify::Addend => (
            value.number().is_some() || value.text().is_some() || value.is_undefined(),
            "a number or a string",
        ),
        Verify::Divisor => match value.number() {
            Some(0.0) if at > 0 => (false, "a divisor that is not 0"),
            number => (number.is_some(), "a number"),
        },
    };
    Ok((!passes).then_some(wanted))
}

fn numbers(budget: &Budget, value: &Val<'_>) -> Result<bool, Fail> {
    match value {
        Val::Array(items) => Ok(items.iter(budget)?.all(|v| v.number().is_some())),
        _ => Ok(false),
    }
}

/// A description of a value's type, for messages.
pub(crate) fn kind(value: &Val<'_>) -> &'static str {
    match value {
        Val::Undefined => "missing",
        Val::Null => "null",
        Val::Bool(_) => "true or false",
        Val::Number(n) if n.is_nan() => "not a number (NaN)",
        Val::Number(_) => "a number",
        Val::String(_) => "a string",
        Val::Array(_) => "an array",
        Val::Object(_) | Val::Code(_) => "an object",
        Val::BigInt(_) => "a tick count",
        Val::Bytes(_) => "bytes",
    }
}
