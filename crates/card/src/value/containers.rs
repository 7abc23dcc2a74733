//! Arrays and objects: borrowed from the data, or shared and mutable if an expression created them. Nothing is created or
//! walked without the budget.

use super::{Text, Val};
use crate::budget::Budget;
use crate::eval::Fail;
use crate::json::{Json, insert_position};
use std::borrow::Cow;
use std::cell::RefCell;
use std::rc::Rc;

type Property<'d> = (Text<'d>, Val<'d>);

/// An array.
#[derive(Clone, Debug)]
pub(crate) enum List<'d> {
    Borrowed(&'d [Json<'d>]),
    Shared(Rc<Items<'d>>),
}

/// The items of a computed array.
#[derive(Debug, Default)]
pub(crate) struct Items<'d>(RefCell<Vec<Val<'d>>>);

/// The properties of a computed object.
#[derive(Debug, Default)]
pub(crate) struct Properties<'d>(RefCell<Vec<Property<'d>>>);

/// Drops nested values with a loop: they can be nested so deep that recursion would overflow the stack.
fn drop_iteratively<'d>(mut pending: Vec<Val<'d>>) {
    while let Some(value) = pending.pop() {
        match value {
            Val::Array(List::Shared(items)) => {
                if let Some(items) = Rc::into_inner(items) {
                    pending.append(&mut items.0.take());
                }
            }
            Val::Object(Map::Shared(properties)) => {
                if let Some(properties) = Rc::into_inner(properties) {
                    pending.extend(properties.0.take().into_iter().map(|(_, value)| value));
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
            drop_iteratively(std::mem::take(items));
        }
    }
}

impl Drop for Properties<'_> {
    fn drop(&mut self) {
        let properties = self.0.get_mut();
        if properties.iter().any(|(_, value)| nests(value)) {
            drop_iteratively(
                std::mem::take(properties)
                    .into_iter()
                    .map(|(_, value)| value)
                    .collect(),
            );
        }
    }
}

impl<'d> List<'d> {
    /// Memory of an array besides its items, bytes.
    pub(crate) const OVERHEAD: usize = size_of::<Rc<()>>() * 2 + size_of::<Items<'_>>();

    /// An array of these items, counted.
    pub(crate) fn allocate(budget: &Budget, items: Vec<Val<'d>>) -> Result<Self, Fail> {
        budget.allocate(Self::OVERHEAD + items.capacity() * size_of::<Val<'_>>())?;
        Ok(Self::from_counted(items))
    }

    /// An array of items that are counted already.
    pub(crate) fn from_counted(items: Vec<Val<'d>>) -> Self {
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
        budget.allocate(self.len() * size_of::<Val<'_>>())?;
        Ok(match self {
            List::Borrowed(items) => items.iter().map(Val::from).collect(),
            List::Shared(items) => items.0.borrow().clone(),
        })
    }

    /// Replaces an item, or adds one at the end; other positions have no effect. A borrowed list (data is never changed) gives
    /// back a copy that holds it.
    pub(crate) fn set(&self, budget: &Budget, at: usize, value: Val<'d>) -> Result<Option<Self>, Fail> {
        match self {
            List::Shared(items) => {
                let mut items = items.0.borrow_mut();
                if at == items.len() {
                    budget.allocate(size_of::<Val<'_>>())?;
                    items.push(value);
                } else if let Some(item) = items.get_mut(at) {
                    *item = value;
                }
                Ok(None)
            }
            List::Borrowed(_) => {
                let copy = List::allocate(budget, self.to_vec(budget)?)?;
                copy.set(budget, at, value)?;
                Ok(Some(copy))
            }
        }
    }

    /// Reverses the array; for a borrowed one a copy is returned.
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
                Ok(Some(List::allocate(budget, items)?))
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
    Shared(Rc<Properties<'d>>),
}

impl<'d> Map<'d> {
    /// An object without properties.
    pub(crate) fn new() -> Self {
        Map::Shared(Rc::default())
    }

    /// An object from properties whose keys are distinct and in order.
    pub(crate) fn allocate(budget: &Budget, properties: Vec<Property<'d>>) -> Result<Self, Fail> {
        budget.allocate(List::OVERHEAD + properties.capacity() * size_of::<Property<'_>>())?;
        Ok(Map::Shared(Rc::new(Properties(RefCell::new(properties)))))
    }

    pub(crate) fn len(&self) -> usize {
        match self {
            Map::Borrowed(properties) => properties.len(),
            Map::Shared(properties) => properties.0.borrow().len(),
        }
    }

    pub(crate) fn at(&self, at: usize) -> Option<Property<'d>> {
        match self {
            Map::Borrowed(properties) => properties.get(at).map(|(k, v)| (Text::borrowed(k), Val::from(v))),
            Map::Shared(properties) => properties.0.borrow().get(at).cloned(),
        }
    }

    /// The properties, one after the other; all of them are counted.
    pub(crate) fn iter(&self, budget: &Budget) -> Result<impl Iterator<Item = Property<'d>> + '_, Fail> {
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
            Map::Borrowed(properties) => {
                let mut found = None;
                for (key, value) in *properties {
                    if matches(key)? {
                        found = Some(Val::from(value));
                        break;
                    }
                    seen += 1;
                }
                found
            }
            Map::Shared(properties) => {
                let mut found = None;
                for (key, value) in properties.0.borrow().iter() {
                    if matches(key)? {
                        found = Some(value.clone());
                        break;
                    }
                    seen += 1;
                }
                found
            }
        };
        // Most names are among the first few, where comparing costs less than counting.
        budget.items(seen / 8)?;
        Ok(found)
    }

    /// The value of a key, case-sensitive.
    pub(crate) fn get(&self, budget: &Budget, key: &str) -> Result<Option<Val<'d>>, Fail> {
        self.find(budget, |other| super::same_text(budget, other, key))
    }

    /// Sets a property. A borrowed object (data is never changed) is copied.
    pub(crate) fn set(self, budget: &Budget, key: Text<'d>, value: Val<'d>) -> Result<Self, Fail> {
        let map = self.shared(budget)?;
        if let Map::Shared(properties) = &map {
            let mut properties = properties.0.borrow_mut();
            budget.items(properties.len() / 4)?;
            let mut found = None;
            for (at, (other, _)) in properties.iter().enumerate() {
                if super::same_text(budget, other, &key)? {
                    found = Some(at);
                    break;
                }
            }
            if let Some(at) = found {
                properties[at].1 = value;
            } else {
                budget.allocate(size_of::<Property<'_>>())?;
                let at = insert_position(properties.iter().map(|(k, _)| &**k), &key);
                properties.insert(at, (key, value));
            }
        }
        Ok(map)
    }

    /// Removes a property, with the same rule for borrowed objects.
    pub(crate) fn remove(self, budget: &Budget, key: &str) -> Result<Self, Fail> {
        let map = self.shared(budget)?;
        if let Map::Shared(properties) = &map {
            let mut properties = properties.0.borrow_mut();
            budget.items(properties.len())?;
            budget.bytes(properties.len().saturating_mul(key.len()))?;
            properties.retain(|(k, _)| **k != *key);
        }
        Ok(map)
    }

    fn shared(self, budget: &Budget) -> Result<Self, Fail> {
        match self {
            Map::Borrowed(_) => Map::allocate(budget, self.iter(budget)?.collect()),
            Map::Shared(_) => Ok(self),
        }
    }

    /// Whether both are one object, not merely equal ones.
    pub(crate) fn same(&self, other: &Map<'_>) -> bool {
        self.address() == other.address()
    }

    /// Identifies the object: equal for the same object only.
    pub(crate) fn address(&self) -> (usize, usize) {
        match self {
            Map::Borrowed(properties) => (properties.as_ptr().addr(), properties.len()),
            Map::Shared(properties) => (Rc::as_ptr(properties).addr(), usize::MAX),
        }
    }
}

/// Whether `value` is or contains the container `wanted`; used to prevent cycles.
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
            for (_, value) in map.iter(budget)? {
                if contains_container(budget, &value, wanted)? {
                    return Ok(true);
                }
            }
        }
        _ => {}
    }
    Ok(false)
}

/// A mutable copy: the data themselves are never changed.
pub(crate) fn thaw<'d>(budget: &Budget, value: Val<'d>) -> Result<Val<'d>, Fail> {
    match value {
        Val::Array(items) => {
            let _level = budget.level()?;
            let items = items.iter(budget)?.map(|item| thaw(budget, item));
            budget.list(items.collect::<Result<_, _>>()?)
        }
        Val::Object(map) => {
            let _level = budget.level()?;
            let properties = map
                .iter(budget)?
                .map(|(key, value)| Ok((key, thaw(budget, value)?)));
            budget.object(properties.collect::<Result<_, Fail>>()?)
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
