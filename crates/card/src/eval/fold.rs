//! Computes calls of constants once, when an expression is compiled.

use super::{Cx, Frame, Limits, Memory, SystemEnvironment};
use crate::functions::Purity;
use crate::syntax::{Const, Expr, Folded, Step};
use crate::value::Val;

/// The longest text that a folded constant may have; longer ones are computed each time.
const MAX_FOLDED: usize = 4_096;

/// Replaces pure calls of constants by their scalar results. The source is kept, since error texts print it.
pub(crate) fn fold(expr: &mut Expr) {
    match expr {
        Expr::Const(_) | Expr::Name(_) | Expr::Unknown(_) | Expr::Folded(_) => {}
        Expr::Call { args, .. } => args.iter_mut().for_each(fold),
        Expr::Element { base, index } => {
            fold(base);
            fold(index);
        }
        Expr::Access(path) => {
            path.base.iter_mut().for_each(fold);
            for step in &mut path.steps {
                if let Step::Index(index) = step {
                    fold(index);
                }
            }
        }
        Expr::Object(members) => members.iter_mut().for_each(|(_, value)| fold(value)),
    }
    if let Some(value) = compute(expr) {
        let source = std::mem::replace(expr, Expr::Const(Const::Undefined));
        *expr = Expr::Folded(Box::new(Folded { value, source }));
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
