//! What the arguments of a function cost before it runs. Nested values that it walks and values that it creates are counted
//! when that happens.

use crate::budget::Budget;
use crate::eval::Fail;
use crate::value::Val;

/// What is counted for each argument. The default is everything, so that a new function is counted unless it opts out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Cost {
    /// Strings, bytes, and the items of arrays and objects.
    Arguments,
    /// Strings and bytes: of arrays and objects only the length is read, or they are walked with the budget.
    Strings,
    /// Nothing: the running time does not depend on their size, or they are walked with the budget.
    Nothing,
}

impl Cost {
    #[inline]
    pub(crate) fn count(self, budget: &Budget, value: &Val<'_>) -> Result<(), Fail> {
        match (self, value) {
            (Cost::Nothing, _) => Ok(()),
            (_, Val::String(text)) => budget.bytes(text.len()),
            (_, Val::Bytes(bytes)) => budget.bytes(bytes.len()),
            (Cost::Arguments, Val::Array(items)) => budget.items(items.len() / 4),
            (Cost::Arguments, Val::Object(map)) => budget.items(map.len() / 4),
            _ => Ok(()),
        }
    }
}
