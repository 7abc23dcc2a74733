//! Computes calls of constants once, when an expression is compiled.

use super::{Cx, Frame, Limits, Memory, SystemEnvironment};
use crate::functions::Purity;
use crate::syntax::{Const, Expr, Step};
use crate::value::Val;

/// The longest text that a folded constant may have; longer ones are computed each time.
const MAX_FOLDED: usize = 4_096;

/// Replaces pure calls of constants by their scalar results. The source is kept, since error texts print it.
pub(crate) fn fold(expr: Expr) -> Expr {
    let expr = match expr {
        Expr::Call { function, args } => Expr::Call {
            function,
            args: args.into_iter().map(fold).collect(),
        },
        Expr::Element { base, index } => Expr::Element {
            base: Box::new(fold(*base)),
            index: Box::new(fold(*index)),
        },
        Expr::Access { base, steps, fixed } => Expr::Access {
            base: base.map(|b| Box::new(fold(*b))),
            steps: steps
                .into_iter()
                .map(|step| match step {
                    Step::Index(index) => Step::Index(fold(index)),
                    name => name,
                })
                .collect(),
            fixed,
        },
        Expr::Object(members) => Expr::Object(members.into_iter().map(|(k, v)| (k, fold(v))).collect()),
        other => other,
    };
    match compute(&expr) {
        Some(value) => Expr::Folded {
            value,
            source: Box::new(expr),
        },
        None => expr,
    }
}

fn compute(expr: &Expr) -> Option<Const> {
    let Expr::Call { function, args } = expr else {
        return None;
    };
    if function.purity != Purity::Pure || !args.iter().all(|arg| arg.known().is_some()) {
        return None;
    }
    let limits = Limits {
        steps: 1_000,
        ..Limits::default()
    };
    let cx = Cx::new(&SystemEnvironment, &limits, None);
    let memory = Memory::Scope(Val::Undefined);
    let value = cx.eval(Frame::plain(&memory), expr).ok()?;
    if value.text().is_some_and(|text| text.len() > MAX_FOLDED) {
        return None;
    }
    Const::from_value(&value)
}
