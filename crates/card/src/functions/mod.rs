//! The prebuilt functions: one table, grouped by file. Each entry has a name, a return
//! type, the checks before evaluation, the implementation, and the cost of its arguments.

mod check;
mod codec;
mod collection;
mod convert;
mod cost;
mod dates;
mod javascript;
mod lambda;
mod logic;
mod math;
mod object;
mod order;
mod paths;
mod regexp;
mod strings;
mod timex;
mod timsort;
mod types;
mod uri;
mod zones;

use crate::budget::Budget;
use crate::eval::{Cx, Fail, Frame, Outcome};
use crate::syntax::{Expr, closest};
use crate::value::Val;
use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};
use std::sync::OnceLock;

pub(crate) use check::{Check, PatternBudget, Types};
pub(crate) use cost::Cost;
pub(crate) use regexp::Pattern;

/// A function of values: all arguments are evaluated first.
pub(crate) type Eager = for<'c, 'd> fn(&'c Call<'c, 'd>, &'c [Val<'d>]) -> Outcome<'d>;
/// Evaluates its own arguments.
pub(crate) type Lazy = for<'c, 'd> fn(&'c Call<'c, 'd>) -> Outcome<'d>;

/// The check of each argument's value, in order, as it is evaluated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verify {
    Nothing,
    Number,
    Integer,
    NumberOrNumbers,
    Numbers,
    List,
    Container,
    ContainerOrNull,
    NotNull,
    String,
    StringOrUndefined,
    Addend,
    Divisor,
}

/// How a function runs.
#[derive(Clone, Copy)]
pub(crate) enum Run {
    /// Evaluates and checks all arguments first.
    Eager(Verify, Eager),
    /// The same without substitution; a failing argument makes the result false.
    Comparison(Verify, Eager),
    Lazy(Lazy),
}

/// Whether calls of constants may be computed when the expression is compiled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Purity {
    Pure,
    /// Reads memory, the clock or randomness, or changes a value.
    Impure,
    /// Changes a value that may belong to the data.
    Mutates,
}

/// A prebuilt function.
pub(crate) struct Function {
    /// The canonical name, as error messages print it.
    pub(crate) name: &'static str,
    pub(crate) returns: Types,
    pub(crate) check: Check,
    pub(crate) run: Run,
    pub(crate) purity: Purity,
    /// What is counted for each argument.
    pub(crate) cost: Cost,
}

impl std::fmt::Debug for Function {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name)
    }
}

impl Function {
    const fn new(name: &'static str, returns: Types, check: Check, run: Run) -> Self {
        Self {
            name,
            returns,
            check,
            run,
            purity: Purity::Pure,
            cost: Cost::Arguments,
        }
    }

    /// Overrides what is counted for the arguments, for a function that reads less of them.
    const fn costs(self, cost: Cost) -> Self {
        Self { cost, ..self }
    }

    const fn impure(self) -> Self {
        Self {
            purity: Purity::Impure,
            ..self
        }
    }

    const fn mutates(self) -> Self {
        Self {
            purity: Purity::Mutates,
            ..self
        }
    }
}

/// A call that is being evaluated.
pub(crate) struct Call<'c, 'd> {
    pub(crate) cx: &'c Cx<'d>,
    pub(crate) frame: Frame<'c, 'd>,
    pub(crate) function: &'static Function,
    pub(crate) args: &'c [Expr],
}

impl<'c, 'd> Call<'c, 'd> {
    /// The budget of the evaluation.
    pub(crate) fn budget(&self) -> &'c Budget {
        &self.cx.budget
    }

    /// Counts an argument by the function's [`Cost`].
    #[inline]
    pub(crate) fn count(&self, value: &Val<'d>) -> Result<(), Fail> {
        self.function.cost.count(self.budget(), value)
    }

    /// Evaluates an argument.
    pub(crate) fn eval(&self, at: usize) -> Outcome<'d> {
        self.eval_in(self.frame, at)
    }

    /// Evaluates an argument with missing values left undefined.
    pub(crate) fn eval_raw(&self, at: usize) -> Outcome<'d> {
        self.eval_in(self.frame.raw(), at)
    }

    fn eval_in(&self, frame: Frame<'_, 'd>, at: usize) -> Outcome<'d> {
        let Some(arg) = self.args.get(at) else {
            return Ok(Val::Undefined);
        };
        let value = self.cx.eval(frame, arg)?;
        self.count(&value)?;
        Ok(value)
    }

    /// The beginning of an argument's text, for messages.
    pub(crate) fn show(&self, at: usize) -> String {
        self.args
            .get(at)
            .map(|arg| arg.brief().to_string())
            .unwrap_or_default()
    }

    /// An error that names this function.
    #[cold]
    pub(crate) fn fail<T>(&self, message: impl std::fmt::Display) -> Result<T, Fail> {
        // Building a message takes longer than most calls, and many errors may be caught.
        self.budget().steps(16)?;
        let name = self.function.name;
        let message = message.to_string();
        // What is missing explains whatever else is wrong.
        Err(Fail::error(match self.first_missing() {
            Some(missing) if !message.contains("` is missing") => format!("{name}: {missing}"),
            _ => format!("{name}: {message}"),
        }))
    }

    /// A computed string, counted.
    pub(crate) fn text(&self, text: impl AsRef<str> + Into<std::sync::Arc<str>>) -> Outcome<'d> {
        self.budget().text(text)
    }
}

/// Other names of the same functions.
const ALIASES: [(&str, &str); 15] = [
    ("add", "+"),
    ("sub", "-"),
    ("mul", "*"),
    ("div", "/"),
    ("mod", "%"),
    ("exp", "^"),
    ("and", "&&"),
    ("or", "||"),
    ("not", "!"),
    ("equals", "=="),
    ("greater", ">"),
    ("greaterOrEquals", ">="),
    ("less", "<"),
    ("lessOrEquals", "<="),
    ("&", "concat"),
];

/// FNV-1a: fast for short names. The keys are fixed, so input can't cause collisions.
struct NameHasher(u64);

impl Default for NameHasher {
    fn default() -> Self {
        Self(0xcbf2_9ce4_8422_2325)
    }
}

impl Hasher for NameHasher {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for &b in bytes {
            self.0 = (self.0 ^ u64::from(b)).wrapping_mul(0x0100_0000_01b3);
        }
    }
}

type Table = HashMap<&'static str, &'static Function, BuildHasherDefault<NameHasher>>;

fn table() -> &'static Table {
    static TABLE: OnceLock<Table> = OnceLock::new();
    TABLE.get_or_init(|| {
        let groups: [&'static [Function]; 14] = [
            logic::FUNCTIONS,
            math::FUNCTIONS,
            strings::FUNCTIONS,
            convert::FUNCTIONS,
            codec::FUNCTIONS,
            collection::FUNCTIONS,
            order::FUNCTIONS,
            lambda::FUNCTIONS,
            object::FUNCTIONS,
            types::FUNCTIONS,
            uri::FUNCTIONS,
            dates::FUNCTIONS,
            timex::FUNCTIONS,
            paths::FUNCTIONS,
        ];
        let mut table: Table = groups.into_iter().flatten().map(|f| (f.name, f)).collect();
        for (alias, name) in ALIASES.into_iter().chain([("??", "coalesce")]) {
            if let Some(function) = table.get(name).copied() {
                table.insert(alias, function);
            }
        }
        table
    })
}

/// The function of that name (case-sensitive).
pub(crate) fn find(name: &str) -> Option<&'static Function> {
    table().get(name).copied()
}

/// The names of all prebuilt functions, operators left out, sorted.
#[must_use]
pub fn function_names() -> Vec<&'static str> {
    let mut names: Vec<_> = table()
        .keys()
        .copied()
        .filter(|n| n.starts_with(|c: char| c.is_ascii_alphabetic()))
        .collect();
    names.sort_unstable();
    names
}

/// The message for a function that does not exist, with a suggestion for a similar name.
pub(crate) fn unknown(name: &str) -> String {
    let shown: String = name.chars().take(64).collect();
    if let Some(instead) = javascript::instead(name) {
        return format!("there is no function `{shown}`; {instead}");
    }
    match closest(name, function_names()) {
        Some(known) => format!("there is no function `{shown}`; did you mean `{known}`?"),
        None => format!("there is no function `{shown}`"),
    }
}

/// Base64 of bytes.
pub(crate) fn base64(bytes: &[u8]) -> String {
    codec::encode(bytes)
}
