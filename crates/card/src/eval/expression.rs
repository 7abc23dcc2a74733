//! A plain expression: parse once, evaluate against many scopes.

use super::{Cx, Environment, Fail, FailKind, Folding, Frame, Memory, SystemEnvironment, fold};
use crate::budget::Limits;
use crate::functions::Purity;
use crate::json::Json;
use crate::syntax::{Expr, FunctionLookup, SyntaxError, parse};
use crate::value::{Val, Value, thaw};

/// Why an expression has no value.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum EvalError {
    /// The expression does not apply to these values.
    #[error("{0}")]
    Failed(String),
    /// It takes too many steps, or its result is too deep or too long.
    #[error("{0}")]
    Limit(String),
}

impl From<Fail> for EvalError {
    fn from(fail: Fail) -> Self {
        let message = fail.message().to_owned();
        match fail.kind() {
            FailKind::Limit => EvalError::Limit(message),
            FailKind::Error | FailKind::Throw | FailKind::Lost => EvalError::Failed(message),
        }
    }
}

/// A parsed expression. It can be shared between threads.
///
/// ```
/// use card::{Expression, Json, Value};
/// let scope = Json::parse(r#"{"items": [{"price": 2}, {"price": 3}]}"#)?;
/// let total = Expression::parse("sum(select(items, x, x.price))")?;
/// assert_eq!(total.evaluate(&scope)?, Value::Number(5.0));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct Expression {
    tree: Expr,
}

impl Expression {
    /// Reads an expression (without `${` and `}`).
    ///
    /// # Errors
    /// When the text does not parse, names an unknown function, or calls one with arguments that cannot fit.
    pub fn parse(text: &str) -> Result<Self, SyntaxError> {
        let mut tree = parse(text, FunctionLookup::Strict)?;
        fold(&mut tree, &mut Folding::default());
        Ok(Self { tree })
    }

    /// The value for `scope`, whose properties are the variables of the expression.
    ///
    /// # Errors
    /// When the expression does not apply to the scope's values, or reaches a limit.
    pub fn evaluate(&self, scope: &Json<'_>) -> Result<Value, EvalError> {
        self.evaluate_with(Some(scope), None, &SystemEnvironment, Limits::default())
    }

    /// Evaluates with all options: `substitution` replaces missing values, with `{path}` in it replaced by their
    /// path (without a substitution they are undefined).
    ///
    /// # Errors
    /// As [`evaluate`](Self::evaluate).
    pub fn evaluate_with<'d>(
        &self,
        scope: Option<&'d Json<'d>>,
        substitution: Option<&'d str>,
        environment: &'d dyn Environment,
        limits: Limits,
    ) -> Result<Value, EvalError> {
        let cx = Cx::new(environment, &limits, substitution);
        let scope = scope.map_or(Val::Undefined, Val::from);
        let memory = Memory::Scope(if mutates(&self.tree) {
            thaw(&cx.budget, scope)?
        } else {
            scope
        });
        let frame = match substitution {
            Some(_) => Frame::substituting(&memory),
            None => Frame::plain(&memory),
        };
        let value = cx.eval(frame, &self.tree)?;
        Ok(Value::from_val(&cx.budget, &value)?)
    }

    /// The names of the functions that are called, operators included, in order of appearance.
    #[must_use]
    pub fn functions(&self) -> Vec<String> {
        let mut names = Vec::new();
        self.tree.walk(&mut |expr| {
            if let Expr::Call { function, .. } = expr {
                names.push(function.name.to_owned());
            }
        });
        names
    }
}

impl std::fmt::Display for Expression {
    /// The canonical text.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.tree.fmt(f)
    }
}

/// Whether evaluation may change a value of the data.
pub(crate) fn mutates(tree: &Expr) -> bool {
    let mut found = false;
    tree.walk(&mut |expr| {
        found |= matches!(expr, Expr::Call { function, .. } if function.purity == Purity::Mutates);
    });
    found
}
