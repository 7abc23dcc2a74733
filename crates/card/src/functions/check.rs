//! Checks when an expression is compiled: the number of arguments and their static types.

use crate::syntax::{Const, Expr, shortened};
use std::fmt;

/// Remaining budget for compiling the literal patterns of one template or expression, so that errors are found early.
/// Patterns beyond it are checked when they are used.
#[derive(Debug)]
pub(crate) struct PatternBudget {
    left: u64,
}

/// The whole budget, in steps.
const PATTERN_BUDGET: u64 = 400_000;

impl Default for PatternBudget {
    fn default() -> Self {
        Self { left: PATTERN_BUDGET }
    }
}

impl PatternBudget {
    /// What has been used.
    pub(crate) fn taken(&self) -> u64 {
        PATTERN_BUDGET - self.left
    }

    /// Uses `cost` if that much is left.
    fn take(&mut self, cost: u64) -> bool {
        match self.left.checked_sub(cost) {
            Some(left) => {
                self.left = left;
                true
            }
            None => false,
        }
    }
}

/// A set of types, as far as they are known before evaluation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Types(u8);

impl Types {
    pub(crate) const BOOLEAN: Types = Types(1);
    pub(crate) const NUMBER: Types = Types(2);
    /// Anything: paths, and functions whose result depends on the data.
    pub(crate) const OBJECT: Types = Types(4);
    pub(crate) const STRING: Types = Types(8);
    pub(crate) const ARRAY: Types = Types(16);

    pub(crate) const fn or(self, other: Types) -> Types {
        Types(self.0 | other.0)
    }

    pub(crate) fn meets(self, other: Types) -> bool {
        self.0 & other.0 != 0
    }

    /// Whether a value of these types is accepted where `wanted` is required.
    fn fits(self, wanted: Types) -> bool {
        wanted.meets(Types::OBJECT) || self.meets(Types::OBJECT) || self.meets(wanted)
    }
}

impl fmt::Display for Types {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names = [
            (Types::BOOLEAN, "true or false"),
            (Types::NUMBER, "a number"),
            (Types::STRING, "a string"),
            (Types::ARRAY, "an array"),
            (Types::OBJECT, "any value"),
        ];
        let mut first = true;
        for (one, name) in names {
            if self.meets(one) {
                f.write_str(if first { "" } else { " or " })?;
                f.write_str(name)?;
                first = false;
            }
        }
        Ok(())
    }
}

/// How the arguments of a call are checked.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Check {
    Nothing,
    /// Between `least` and `most` arguments, each of these types.
    Each {
        least: usize,
        most: usize,
        types: Types,
    },
    /// These arguments in order, the second list being optional.
    Order {
        required: &'static [Types],
        optional: &'static [Types],
    },
    /// A collection, a name, and an expression that uses the name.
    Lambda,
    /// Two strings; the second, if it is a literal, must be a valid pattern.
    Pattern,
}

impl Check {
    pub(crate) const fn each(least: usize, most: usize, types: Types) -> Self {
        Check::Each { least, most, types }
    }

    /// `count` arguments of any type.
    pub(crate) const fn any(count: usize) -> Self {
        Check::each(count, count, Types::OBJECT)
    }

    /// One argument or more, of any type.
    pub(crate) const fn some() -> Self {
        Check::each(1, usize::MAX, Types::OBJECT)
    }

    pub(crate) const fn order(required: &'static [Types], optional: &'static [Types]) -> Self {
        Check::Order { required, optional }
    }

    pub(crate) fn validate(
        &self,
        name: &str,
        args: &[Expr],
        pattern_budget: &mut PatternBudget,
    ) -> Result<(), String> {
        match *self {
            Check::Nothing => Ok(()),
            Check::Each { least, most, types } => {
                count(name, args, least, most)?;
                args.iter()
                    .enumerate()
                    .try_for_each(|(at, arg)| fits(name, at, arg, types))
            }
            Check::Order { required, optional } => {
                count(name, args, required.len(), required.len() + optional.len())?;
                let types = required.iter().chain(optional);
                args.iter()
                    .zip(types)
                    .enumerate()
                    .try_for_each(|(at, (arg, types))| fits(name, at, arg, *types))
            }
            Check::Lambda => {
                if args.len() != 3 {
                    return Err(format!(
                        "`{name}` takes an array, a name and an expression, as in `{name}(items, x, x.name)`; found {} arguments",
                        args.len()
                    ));
                }
                match args[1].plain_name() {
                    Some(_) => Ok(()),
                    None => Err(format!(
                        "the second argument of `{name}` must be a plain name, found `{}`",
                        args[1].brief()
                    )),
                }
            }
            Check::Pattern => {
                Check::each(2, 2, Types::STRING).validate(name, args, pattern_budget)?;
                let Expr::Const(Const::String(text)) = &args[1] else {
                    return Ok(());
                };
                let wrong = |reason: String| {
                    format!(
                        "`{name}`: the pattern '{}' {}",
                        shortened(text, 160),
                        shortened(&reason, 160)
                    )
                };
                let source = super::regexp::TranslatedPattern::common(text).map_err(wrong)?;
                if pattern_budget.take(source.cost()) {
                    source.compile().map_err(wrong)?;
                }
                Ok(())
            }
        }
    }
}

fn count(name: &str, args: &[Expr], least: usize, most: usize) -> Result<(), String> {
    if (least..=most).contains(&args.len()) {
        return Ok(());
    }
    let wanted = match (least, most) {
        (0, 0) => "no arguments".to_owned(),
        (1, 1) => "1 argument".to_owned(),
        (least, most) if least == most => format!("{least} arguments"),
        (least, usize::MAX) => format!("{least} or more arguments"),
        (least, most) => format!("{least} to {most} arguments"),
    };
    Err(format!("`{name}` takes {wanted}, found {}", args.len()))
}

fn fits(name: &str, at: usize, arg: &Expr, wanted: Types) -> Result<(), String> {
    if arg.returns().fits(wanted) {
        return Ok(());
    }
    Err(format!(
        "argument {} of `{name}` must be {wanted}, but `{}` is {}",
        at + 1,
        arg.brief(),
        arg.returns()
    ))
}
