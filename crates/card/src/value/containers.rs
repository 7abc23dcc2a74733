//! Lists and objects: borrowed from the data, or shared and changeable once an expression made them. Nothing is made or
//! walked without a budget.

use super::{Text, Val};
use crate::budget::Budget;
use crate::eval::Fail;
use crate::json::{Json, insert_position};
use std::borrow::Cow;
use std::cell::RefCell;
use std::rc::Rc;

type Member<'d> = (Text<'d>, Val<'d>);

/// A list.
#[derive(Clone, Debug)]
pub(crate) enum List<'d> {
    Borrowed(&'d [Json<'d>]),
    Shared(Rc<Items<'d>>),
}

/// The items of a list that was made.
#[derive(Debug, Default)]
pub(crate) struct Items<'d>(RefCell<Vec<Val<'d>>>);

/// The members of an object that was made.
#[derive(Debug, Default)]
pub(crate) struct Members<'d>(RefCell<Vec<Member<'d>>>);

/// Values can be nested as deep as there are steps: they are dropped one after the other, not one inside the other.
fn take_down<'d>(mut pending: Vec<Val<'d>>) {
    while let Some(value) = pending.pop() {
        match value {
            Val::Array(List::Shared(items)) => {
                if let Some(items) = Rc::into_inner(items) {
                    pending.append(&mut items.0.take());
                }
            }
            Val::Object(Map::Shared(members)) => {
                if let Some(members) = Rc::into_inner(members) {
                    pending.extend(members.0.take().into_iter().map(|(_, value)| value));
                }
            }
            _ => {}
        }
    }
}

fn nests(value: &Val<'_>) -> bool {
    matches!(value, Val::Array(List::Shared(_)) | Val::Object(Map::Shared(_)))
}

impl Drop for Items<'_> {
    fn drop(&mut self) {
        let items = self.0.get_mut();
        if items.iter().any(nests) {
            take_down(std::mem::take(items));
        }
    }
}

impl Drop for Members<'_> {
    fn drop(&mut self) {
        let members = self.0.get_mut();
        if members.iter().any(|(_, value)| nests(value)) {
            take_down(
                std::mem::take(members)
                    .into_iter()
                    .map(|(_, value)| value)
                    .collect(),
            );
        }
    }
}

impl<'d> List<'d> {
    /// What a list takes beside its items.
    pub(crate) const OVERHEAD: usize = size_of::<Rc<()>>() * 2 + size_of::<Items<'_>>();

    /// A list of these items.
    pub(crate) fn made(budget: &Budget, items: Vec<Val<'d>>) -> Result<Self, Fail> {
        budget.make(Self::OVERHEAD + items.capacity() * size_of::<Val<'_>>())?;
        Ok(Self::counted(items))
    }

    /// A list of items that are counted already.
    pub(crate) fn counted(items: Vec<Val<'d>>) -> Self {
        List::Shared(Rc::new(Items(RefCell::new(items))))
    }

    pub(crate) fn len(&self) -> usize {
        match self {
            List::Borrowed(items) => items.len(),
            List::Shared(items) => items.0.borrow().len(),
        }
    }

    pub(crate) fn get(&self, at: usize) -> Option<Val<'d>> {
        match self {
            List::Borrowed(items) => items.get(at).map(Val::from),
            List::Shared(items) => items.0.borrow().get(at).cloned(),
        }
    }

    /// The items, one after the other; all of them are counted.
    pub(crate) fn iter(
        &self,
        budget: &Budget,
    ) -> Result<impl DoubleEndedIterator<Item = Val<'d>> + '_, Fail> {
        budget.items(self.len())?;
        Ok((0..self.len()).map(|at| self.get(at).unwrap_or(Val::Undefined)))
    }

    /// A copy of the items, counted.
    pub(crate) fn to_vec(&self, budget: &Budget) -> Result<Vec<Val<'d>>, Fail> {
        budget.make(self.len() * size_of::<Val<'_>>())?;
        Ok(match self {
            List::Borrowed(items) => items.iter().map(Val::from).collect(),
            List::Shared(items) => items.0.borrow().clone(),
        })
    }

    /// Replaces an item, or adds one at the end; other places have no effect. A borrowed list (data is never changed) gives
    /// back a copy that holds it.
    pub(crate) fn set(&self, budget: &Budget, at: usize, value: Val<'d>) -> Result<Option<Self>, Fail> {
        match self {
            List::Shared(items) => {
                let mut items = items.0.borrow_mut();
                if at == items.len() {
                    budget.make(size_of::<Val<'_>>())?;
                    items.push(value);
                } else if let Some(item) = items.get_mut(at) {
                    *item = value;
                }
                Ok(None)
            }
            List::Borrowed(_) => {
                let copy = List::made(budget, self.to_vec(budget)?)?;
                copy.set(budget, at, value)?;
                Ok(Some(copy))
            }
        }
    }

    /// Turns the list round; a borrowed one gives back a copy.
    pub(crate) fn reverse(&self, budget: &Budget) -> Result<Option<Self>, Fail> {
        match self {
            List::Shared(items) => {
                budget.items(self.len())?;
                items.0.borrow_mut().reverse();
                Ok(None)
            }
            List::Borrowed(_) => {
                let mut items = self.to_vec(budget)?;
                items.reverse();
                Ok(Some(List::made(budget, items)?))
            }
        }
    }

    /// Whether both are one list, not merely equal ones.
    pub(crate) fn same(&self, other: &List<'_>) -> bool {
        self.address() == other.address()
    }

    /// What is the same for one list and differs for any other.
    pub(crate) fn address(&self) -> (usize, usize) {
        match self {
            List::Borrowed(items) => (items.as_ptr().addr(), items.len()),
            List::Shared(items) => (Rc::as_ptr(items).addr(), usize::MAX),
        }
    }
}

/// An object. Keys are in JavaScript's order.
#[derive(Clone, Debug)]
pub(crate) enum Map<'d> {
    Borrowed(&'d [(Cow<'d, str>, Json<'d>)]),
    Shared(Rc<Members<'d>>),
}

impl<'d> Map<'d> {
    /// An object without members.
    pub(crate) fn new() -> Self {
        Map::Shared(Rc::default())
    }

    /// An object from members whose keys are distinct and in order.
    pub(crate) fn made(budget: &Budget, members: Vec<Member<'d>>) -> Result<Self, Fail> {
        budget.make(List::OVERHEAD + members.capacity() * size_of::<Member<'_>>())?;
        Ok(Map::Shared(Rc::new(Members(RefCell::new(members)))))
    }

    pub(crate) fn len(&self) -> usize {
        match self {
            Map::Borrowed(members) => members.len(),
            Map::Shared(members) => members.0.borrow().len(),
        }
    }

    pub(crate) fn at(&self, at: usize) -> Option<Member<'d>> {
        match self {
            Map::Borrowed(members) => members.get(at).map(|(k, v)| (Text::borrowed(k), Val::from(v))),
            Map::Shared(members) => members.0.borrow().get(at).cloned(),
        }
    }

    /// The members, one after the other; all of them are counted.
    pub(crate) fn iter(&self, budget: &Budget) -> Result<impl Iterator<Item = Member<'d>> + '_, Fail> {
        budget.items(self.len())?;
        Ok((0..self.len()).map_while(|at| self.at(at)))
    }

    /// The value of the first key for which `matches` holds. Every key up to it is counted.
    pub(crate) fn find(
        &self,
        budget: &Budget,
        mut matches: impl FnMut(&str) -> Result<bool, Fail>,
    ) -> Result<Option<Val<'d>>, Fail> {
        let mut seen = 0;
        let found = match self {
            Map::Borrowed(members) => {
                let mut found = None;
                for (key, value) in *members {
                    if matches(key)? {
                        found = Some(Val::from(value));
                        break;
                    }
                    seen += 1;
                }
                found
            }
            Map::Shared(members) => {
                let mut found = None;
                for (key, value) in members.0.borrow().iter() {
                    if matches(key)? {
                        found = Some(value.clone());
                        break;
                    }
                    seen += 1;
                }
                found
            }
        };
        // Most names are among the first few, where looking costs less than counting.
        budget.items(seen / 8)?;
        Ok(found)
    }

    /// The value of a key, its name with its case.
    pub(crate) fn get(&self, budget: &Budget, key: &str) -> Result<Option<Val<'d>>, Fail> {
        self.find(budget, |other| super::same_text(budget, other, key))
    }

    /// Sets a member. A borrowed object (data is never changed) gives back a copy that holds it.
    pub(crate) fn set(self, budget: &Budget, key: Text<'d>, value: Val<'d>) -> Result<Self, Fail> {
        let map = self.shared(budget)?;
        if let Map::Shared(members) = &map {
            let mut members = members.0.borrow_mut();
            budget.items(members.len() / 4)?;
            let mut found = None;
            for (at, (other, _)) in members.iter().enumerate() {
                if super::same_text(budget, other, &key)? {
                    found = Some(at);
                    break;
                }
            }
            if let Some(at) = found {
                members[at].1 = value;
            } else {
                budget.make(size_of::<Member<'_>>())?;
                let at = insert_position(members.iter().map(|(k, _)| &**k), &key);
                members.insert(at, (key, value));
            }
        }
        Ok(map)
    }

    /// Removes a member, with the same rule for borrowed objects.
    pub(crate) fn remove(self, budget: &Budget, key: &str) -> Result<Self, Fail> {
        let map = self.shared(budget)?;
        if let Map::Shared(members) = &map {
            let mut members = members.0.borrow_mut();
            budget.items(members.len())?;
            budget.bytes(members.len().saturating_mul(key.len()))?;
            members.retain(|(k, _)| **k != *key);
        }
        Ok(map)
    }

    fn shared(self, budget: &Budget) -> Result<Self, Fail> {
        match self {
            Map::Borrowed(_) => Map::made(budget, self.iter(budget)?.collect()),
            Map::Shared(_) => Ok(self),
        }
    }

    /// Whether both are one object, not merely equal ones.
    pub(crate) fn same(&self, other: &Map<'_>) -> bool {
        self.address() == other.address()
    }

    /// What is the same for one object and differs for any other.
    pub(crate) fn address(&self) -> (usize, usize) {
        match self {
            Map::Borrowed(members) => (members.as_ptr().addr(), members.len()),
            Map::Shared(members) => (Rc::as_ptr(members).addr(), usize::MAX),
        }
    }
}

/// Whether `value` is or holds the container `wanted`; a cycle must never be made.
pub(crate) fn contains_container(budget: &Budget, value: &Val<'_>, wanted: &Val<'_>) -> Result<bool, Fail> {
    budget.step()?;
    let _level = budget.level()?;
    match (value, wanted) {
        (Val::Array(a), Val::Array(b)) if a.same(b) => return Ok(true),
        (Val::Object(a), Val::Object(b)) if a.same(b) => return Ok(true),
        _ => {}
    }
    match value {
        Val::Array(items @ List::Shared(_)) => {
            for item in items.iter(budget)? {
                if contains_container(budget, &item, wanted)? {
                    return Ok(true);
                }
            }
        }
        Val::Object(map @ Map::Shared(_)) => {
            for (_, member) in map.iter(budget)? {
                if contains_container(budget, &member, wanted)? {
                    return Ok(true);
                }
            }
        }
        _ => {}
    }
    Ok(false)
}

/// A copy that expressions may change: data itself never is.
pub(crate) fn thaw<'d>(budget: &Budget, value: Val<'d>) -> Result<Val<'d>, Fail> {
    match value {
        Val::Array(items) => {
            let _level = budget.level()?;
            let items = items.iter(budget)?.map(|item| thaw(budget, item));
            budget.list(items.collect::<Result<_, _>>()?)
        }
        Val::Object(map) => {
            let _level = budget.level()?;
            let members = map
                .iter(budget)?
                .map(|(key, value)| Ok((key, thaw(budget, value)?)));
            budget.object(members.collect::<Result<_, Fail>>()?)
        }
        other => Ok(other),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::budget::Limits;

    #[test]
    fn values_nested_without_end_are_dropped_on_a_small_stack() {
        let nest = || {
            let budget = Budget::new(&Limits {
                steps: u64::MAX,
                memory: usize::MAX,
                ..Limits::default()
            });
            let mut value = Val::Null;
            for at in 0..300_000 {
                value = if at % 2 == 0 {
                    budget.list(vec![Val::Null, value]).unwrap()
                } else {
                    budget.object(vec![(Text::borrowed("k"), value)]).unwrap()
                };
            }
            drop(value);
        };
        std::thread::Builder::new()
            .stack_size(128 << 10)
            .spawn(nest)
            .unwrap()
            .join()
            .unwrap();
    }
}
