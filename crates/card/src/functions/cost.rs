//! What the arguments of a function cost before it runs: so much as it can look at without walking into a value. What it
//! walks into or makes is counted there.

use crate::budget::Budget;
use crate::eval::Fail;
use crate::value::Val;

/// What is counted of each argument. The default is everything, so that a new function is counted unless it says otherwise.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Cost {
    /// Texts, bytes, and the items of lists and objects.
    Arguments,
    /// Texts and bytes: of lists and objects only the length is looked at, or they are walked with the budget.
    Texts,
    /// Nothing: how long it takes does not depend on how large they are, or all of it is walked with the budget.
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
