//! Constant folding: calls with constant arguments are computed when an expression is compiled.

use super::{Cx, Frame, Memory, SystemEnvironment};
use crate::budget::Limits;
use crate::functions::Purity;
use crate::syntax::{Const, Expr, Folded, Step};
use crate::value::Val;

/// The longest text that a folded constant may have; longer ones are computed each time.
const MAX_FOLDED: usize = 4_096;

/// Limit of steps for folding one call.
const MAX_STEPS_PER_CALL: u64 = 1_000;

/// Remaining steps for folding the constants of one template or expression; the rest is computed each time.
#[derive(Debug)]
pub(crate) struct Folding {
    steps: u64,
}

impl Default for Folding {
    fn default() -> Self {
        Self { steps: 200_000 }
    }
}

/// Replaces pure calls of constants by their scalar results. The source is kept, since error messages print it.
pub(crate) fn fold(expr: &mut Expr, folding: &mut Folding) {
    match expr {
        Expr::Const(_) | Expr::Name(_) | Expr::Unknown(_) | Expr::Folded(_) => {}
        Expr::Call { args, .. } => args.iter_mut().for_each(|arg| fold(arg, folding)),
        Expr::Element { base, index } => {
            fold(base, folding);
            fold(index, folding);
        }
        Expr::Access(path) => {
            path.base.iter_mut().for_each(|base| fold(base, folding));
            for step in &mut path.steps {
                if let Step::Index(index) = step {
                    fold(index, folding);
                }
            }
        }
        Expr::Object(properties) => properties.iter_mut().for_each(|(_, value)| fold(value, folding)),
    }
    if let Some(value) = compute(expr, folding) {
        let source = std::mem::replace(expr, Expr::Const(Const::Undefined));
        *expr = Expr::Folded(Box::new(Folded { value, source }));
    }
}

fn compute(expr: &Expr, folding: &mut Folding) -> Option<Const> {
    let Expr::Call { function, args } = expr else {
        return None;
    };
    if function.purity != Purity::Pure || !args.iter().all(|arg| arg.known().is_some()) {
        return None;
    }
    let limits = Limits {
        steps: folding.steps.min(MAX_STEPS_PER_CALL),
        ..Limits::default()
    };
    let cx = Cx::new(&SystemEnvironment, &limits, None);
    let memory = Memory::Scope(Val::Undefined);
    let value = cx.eval(Frame::plain(&memory), expr);
    // Setting up and keeping the result is work too.
    folding.steps = folding.steps.saturating_sub(cx.budget.taken() + 10);
    let value = value.ok()?;
    if value.text().is_some_and(|text| text.len() > MAX_FOLDED) {
        return None;
    }
    Const::from_value(&value)
}
