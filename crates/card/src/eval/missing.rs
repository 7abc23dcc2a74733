//! Missing fields in messages. Where they are substituted a function sees a string, so that the path is read again.

use super::{Call, Cx, Fail, Frame, kind};
use crate::functions::Check;
use crate::syntax::{Const, Expr, closest};
use crate::value::{Val, property};

/// How many suggestions one evaluation makes: failures can be caught, in loops too.
pub(crate) const MAX_SUGGESTIONS: u8 = 8;

/// How many names of an object are compared, and how long they may be.
const NAMES: usize = 64;
const NAME_BYTES: usize = 32;

impl<'d> Cx<'d> {
    /// If nothing is at the path `expr`: what may be meant, to be appended to "is missing"; often empty.
    #[cold]
    pub(crate) fn missing(&self, frame: Frame<'_, 'd>, expr: &Expr) -> Option<String> {
        let budget = &self.budget;
        let (holder, name) = match expr {
            Expr::Name(name) => frame.gap(budget, std::iter::once(&**name)).ok()??,
            Expr::Access(path) if path.base.is_none() => {
                frame.gap(budget, path.fixed.as_ref()?.parts()).ok()??
            }
            Expr::Element { base, index } => {
                let Expr::Const(Const::String(name)) = &**index else {
                    return None;
                };
                // Whatever else the base is may change values.
                match &**base {
                    Expr::Name(_) => {}
                    Expr::Access(path) if path.base.is_none() && path.fixed.is_some() => {}
                    _ => return None,
                }
                let holder = self.eval(frame.raw(), base).ok()?;
                let found = property(budget, &holder, name).ok()?;
                (found.is_undefined().then_some(holder)?, &**name)
            }
            _ => return None,
        };
        Some(self.suggestion(&holder, name, expr))
    }

    fn suggestion(&self, holder: &Val<'d>, name: &str, expr: &Expr) -> String {
        // A message takes longer than most calls, and the names were read once more for it.
        let names = match holder {
            Val::Object(map) => map.len() as u64,
            _ => 0,
        };
        if self.budget.steps(32 + names).is_err() {
            return String::new();
        }
        let text = expr.brief().to_string();
        match (holder, text.strip_suffix(".length")) {
            (Val::Array(_), Some(whole)) => return format!("; write count({whole})"),
            (Val::String(_), Some(whole)) => return format!("; write length({whole})"),
            _ => {}
        }
        let left = self.suggestions.get();
        if left == 0 || name.len() > NAME_BYTES {
            return String::new();
        }
        self.suggestions.set(left - 1);
        if let (Val::Undefined, Some(reserved)) = (holder, name.strip_prefix('$')) {
            let near = closest(reserved, ["data", "root", "index", "host"]).filter(|near| *near != reserved);
            return near.map_or_else(String::new, |near| format!("; did you mean `${near}`?"));
        }
        let Val::Object(map) = holder else {
            return String::new();
        };
        let keys: Vec<_> = (0..map.len().min(NAMES))
            .filter_map(|at| map.at(at))
            .map(|(key, _)| key)
            .filter(|key| is_plain(key))
            .collect();
        match closest(name, keys.iter().map(|key| &**key)) {
            Some(near) if near.contains(['-', ' ']) => format!("; did you mean ['{near}']?"),
            Some(near) => format!("; did you mean `{near}`?"),
            None => String::new(),
        }
    }
}

fn is_plain(key: &str) -> bool {
    key.len() <= NAME_BYTES
        && key
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b' '))
}

impl<'d> Call<'_, 'd> {
    /// "`price` is missing", if the argument is a path without a value, with what may be meant.
    #[cold]
    pub(crate) fn missing(&self, at: usize) -> Option<String> {
        let arg = self.args.get(at)?;
        let mut hint = self.cx.missing(self.frame, arg)?;
        if let Some(key) = self.dashed() {
            hint = format!("; a key with a dash goes in brackets: {key}");
        }
        Some(format!("`{}` is missing{hint}", arg.brief()))
    }

    /// The first argument that is missing.
    #[cold]
    pub(crate) fn first_missing(&self) -> Option<String> {
        let values = if matches!(self.function.check, Check::Lambda) {
            1
        } else {
            self.args.len().min(8)
        };
        (0..values).find_map(|at| self.missing(at))
    }

    /// What an argument is: "`price` is a string".
    #[cold]
    pub(crate) fn found(&self, at: usize, value: &Val<'_>) -> String {
        self.missing(at)
            .unwrap_or_else(|| format!("`{}` is {}", self.show(at), kind(value)))
    }

    /// `unit - price` as the key that may be meant.
    fn dashed(&self) -> Option<String> {
        let ([left, Expr::Name(right)], "-") = (self.args, self.function.name) else {
            return None;
        };
        match left {
            Expr::Name(left) => Some(format!("$data['{left}-{right}']")),
            Expr::Access(path) if path.base.is_none() => {
                let text = &path.fixed.as_ref()?.text;
                let (holder, last) = text.rsplit_once('.')?;
                Some(format!("{holder}['{last}-{right}']"))
            }
            _ => None,
        }
    }
}

impl Fail {
    /// The failure of a part of a text that has no value.
    #[cold]
    pub(crate) fn no_text<'d>(cx: &Cx<'d>, frame: Frame<'_, 'd>, part: &Expr, value: &Val<'d>) -> Self {
        let what = part.brief();
        let hint = match value {
            Val::Undefined => cx.missing(frame, part).filter(|hint| !hint.is_empty()),
            _ => None,
        };
        let hint = hint.unwrap_or_else(|| format!("; to leave it out, write coalesce({what}, '')"));
        Self::throw(format!(
            "`{what}` is {}, which cannot be part of a string{hint}",
            kind(value)
        ))
    }
}
