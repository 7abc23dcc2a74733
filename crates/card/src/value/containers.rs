//! Lists and objects: borrowed from the data, or shared and changeable once an expression made them.

use super::{Text, Val};
use crate::json::{Json, insert_position};
use std::borrow::Cow;
use std::cell::RefCell;
use std::rc::Rc;

/// A list.
#[derive(Clone, Debug)]
pub(crate) enum List<'d> {
    Borrowed(&'d [Json<'d>]),
    Shared(Rc<RefCell<Vec<Val<'d>>>>),
}

impl<'d> List<'d> {
    pub(crate) fn new(items: Vec<Val<'d>>) -> Self {
        List::Shared(Rc::new(RefCell::new(items)))
    }

    pub(crate) fn len(&self) -> usize {
        match self {
            List::Borrowed(items) => items.len(),
            List::Shared(items) => items.borrow().len(),
        }
    }

    pub(crate) fn get(&self, at: usize) -> Option<Val<'d>> {
        match self {
            List::Borrowed(items) => items.get(at).map(Val::from),
            List::Shared(items) => items.borrow().get(at).cloned(),
        }
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = Val<'d>> + '_ {
        (0..).map_while(|at| self.get(at))
    }

    pub(crate) fn to_vec(&self) -> Vec<Val<'d>> {
        match self {
            List::Borrowed(items) => items.iter().map(Val::from).collect(),
            List::Shared(items) => items.borrow().clone(),
        }
    }

    /// Whether both are one list, not merely equal ones.
    pub(crate) fn same(&self, other: &List<'_>) -> bool {
        self.address() == other.address()
    }

    fn address(&self) -> (usize, usize) {
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
    Shared(Rc<RefCell<Vec<(Text<'d>, Val<'d>)>>>),
}

impl<'d> Map<'d> {
    pub(crate) fn new() -> Self {
        Map::Shared(Rc::new(RefCell::new(Vec::new())))
    }

    /// An object from members whose keys are distinct and in order.
    pub(crate) fn from_members(members: Vec<(Text<'d>, Val<'d>)>) -> Self {
        Map::Shared(Rc::new(RefCell::new(members)))
    }

    pub(crate) fn len(&self) -> usize {
        match self {
            Map::Borrowed(members) => members.len(),
            Map::Shared(members) => members.borrow().len(),
        }
    }

    pub(crate) fn at(&self, at: usize) -> Option<(Text<'d>, Val<'d>)> {
        match self {
            Map::Borrowed(members) => members.get(at).map(|(k, v)| (Text::Borrowed(k), Val::from(v))),
            Map::Shared(members) => members.borrow().get(at).cloned(),
        }
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = (Text<'d>, Val<'d>)> + '_ {
        (0..).map_while(|at| self.at(at))
    }

    /// The value of the first key for which `matches` holds.
    pub(crate) fn find(&self, matches: impl Fn(&str) -> bool) -> Option<Val<'d>> {
        match self {
            Map::Borrowed(members) => members
                .iter()
                .find(|(k, _)| matches(k))
                .map(|(_, v)| Val::from(v)),
            Map::Shared(members) => members
                .borrow()
                .iter()
                .find(|(k, _)| matches(k))
                .map(|(_, v)| v.clone()),
        }
    }

    pub(crate) fn get(&self, key: &str) -> Option<Val<'d>> {
        self.find(|k| k == key)
    }

    /// Sets a member. A borrowed object (data is never changed) gives back a copy that holds it.
    #[must_use]
    pub(crate) fn set(self, key: Text<'d>, value: Val<'d>) -> Self {
        let map = self.shared();
        if let Map::Shared(members) = &map {
            let mut members = members.borrow_mut();
            if let Some(at) = members.iter().position(|(k, _)| **k == *key) {
                members[at].1 = value;
            } else {
                let at = insert_position(members.iter().map(|(k, _)| &**k), &key);
                members.insert(at, (key, value));
            }
        }
        map
    }

    /// Removes a member, with the same rule for borrowed objects.
    #[must_use]
    pub(crate) fn remove(self, key: &str) -> Self {
        let map = self.shared();
        if let Map::Shared(members) = &map {
            members.borrow_mut().retain(|(k, _)| **k != *key);
        }
        map
    }

    fn shared(self) -> Self {
        match self {
            Map::Borrowed(_) => Map::from_members(self.iter().collect()),
            Map::Shared(_) => self,
        }
    }

    /// Whether both are one object, not merely equal ones.
    pub(crate) fn same(&self, other: &Map<'_>) -> bool {
        self.address() == other.address()
    }

    fn address(&self) -> (usize, usize) {
        match self {
            Map::Borrowed(members) => (members.as_ptr().addr(), members.len()),
            Map::Shared(members) => (Rc::as_ptr(members).addr(), usize::MAX),
        }
    }
}

/// Whether `value` is or holds the container `wanted`; a cycle must never be made. Looks at no more than
/// `budget` values and says yes when it runs out.
pub(crate) fn contains_container(value: &Val<'_>, wanted: &Val<'_>, budget: &mut usize) -> bool {
    if *budget == 0 {
        return true;
    }
    *budget -= 1;
    match (value, wanted) {
        (Val::Array(a), Val::Array(b)) if a.same(b) => return true,
        (Val::Object(a), Val::Object(b)) if a.same(b) => return true,
        _ => {}
    }
    match value {
        Val::Array(items @ List::Shared(_)) => items.iter().any(|v| contains_container(&v, wanted, budget)),
        Val::Object(map @ Map::Shared(_)) => map.iter().any(|(_, v)| contains_container(&v, wanted, budget)),
        _ => false,
    }
}

/// A copy that expressions may change: data itself never is.
pub(crate) fn thaw<'d>(value: Val<'d>) -> Val<'d> {
    match value {
        Val::Array(items) => Val::Array(List::new(items.iter().map(thaw).collect())),
        Val::Object(map) => Val::Object(Map::from_members(map.iter().map(|(k, v)| (k, thaw(v))).collect())),
        other => other,
    }
}
