//! The limits of one evaluation: steps, memory, nesting. One budget counts everything in it. Values can only be created or
//! walked with the budget, so it is hard to write a function that isn't counted.

use crate::eval::{Fail, Outcome};
use crate::value::{List, Map, Text, Val};
use std::cell::Cell;
use std::sync::Arc;

/// Limits of one expansion or evaluation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Limits {
    /// Steps: one for each operation and for each item that is visited, and one for each 16 bytes that are read, compared
    /// or written.
    pub steps: u64,
    /// Bytes of all values that are computed, whether or not they are still needed.
    pub memory: usize,
    /// Bytes of card text.
    pub output: usize,
}

impl Default for Limits {
    /// Steps: a step takes some 10 ns in a release build, 200 ns at worst, and ten to twenty times that in a debug build, so
    /// that the worst input ends within half a second, or within a few seconds when debugged. The busiest of the conformance
    /// vectors takes less than a hundredth of it. Memory and output: Teams takes cards of 100 kB; the peak is about three
    /// times the memory, while the longest text grows.
    fn default() -> Self {
        Self {
            steps: 2_000_000,
            memory: 8 << 20,
            output: 2 << 20,
        }
    }
}

/// The deepest nesting of everything together: objects of the template, calls, strings that are evaluated in strings, values
/// that are written, compared or read. A level takes up to 5.3 kB of the stack in a debug build, so that the deepest leaves
/// more than a quarter of the 2 MiB that a thread has (`tests/stack.rs`).
pub const MAX_LEVELS: usize = 224;

/// The most containers that one evaluation may put into changed values.
const MAX_MUTATIONS: u32 = 1_000;

/// Bytes that are read or written in one step.
const BYTES_PER_STEP: u64 = 16;

/// The remaining steps, memory, levels and mutations.
#[derive(Debug)]
pub(crate) struct Budget {
    limits: Limits,
    steps: Cell<u64>,
    memory: Cell<usize>,
    levels: Cell<usize>,
    mutations: Cell<u32>,
}

/// A level of nesting, until it is dropped.
#[must_use]
pub(crate) struct Level<'b> {
    levels: &'b Cell<usize>,
    count: usize,
}

impl Drop for Level<'_> {
    #[inline]
    fn drop(&mut self) {
        self.levels.set(self.levels.get() - self.count);
    }
}

impl Budget {
    pub(crate) fn new(limits: &Limits) -> Self {
        Self {
            limits: *limits,
            steps: Cell::new(limits.steps),
            memory: Cell::new(limits.memory),
            levels: Cell::new(0),
            mutations: Cell::new(MAX_MUTATIONS),
        }
    }

    /// Counts an operation.
    #[inline]
    pub(crate) fn step(&self) -> Result<(), Fail> {
        self.steps(1)
    }

    #[inline]
    pub(crate) fn steps(&self, steps: u64) -> Result<(), Fail> {
        match self.steps.get().checked_sub(steps) {
            Some(left) => {
                self.steps.set(left);
                Ok(())
            }
            None => {
                // The remaining steps must not be used after a failure.
                self.steps.set(0);
                Err(self.too_long())
            }
        }
    }

    /// Counts items or properties that are visited.
    #[inline]
    pub(crate) fn items(&self, count: usize) -> Result<(), Fail> {
        self.steps(count as u64)
    }

    /// Counts bytes that are read, compared or copied.
    #[inline]
    pub(crate) fn bytes(&self, bytes: usize) -> Result<(), Fail> {
        self.steps(bytes as u64 / BYTES_PER_STEP)
    }

    /// Counts the memory of a value, and the steps to fill it.
    #[inline]
    pub(crate) fn allocate(&self, bytes: usize) -> Result<(), Fail> {
        self.bytes(bytes)?;
        match self.memory.get().checked_sub(bytes) {
            Some(left) => {
                self.memory.set(left);
                Ok(())
            }
            None => {
                self.memory.set(0);
                Err(self.too_much())
            }
        }
    }

    /// Fails if `bytes` could not be allocated now; for values that are built before they are counted.
    pub(crate) fn check_available(&self, bytes: usize) -> Result<(), Fail> {
        if bytes > self.memory.get() {
            return Err(self.too_much());
        }
        if bytes as u64 / BYTES_PER_STEP > self.steps.get() {
            return Err(self.too_long());
        }
        Ok(())
    }

    /// Remaining memory, bytes.
    #[inline]
    pub(crate) fn memory_left(&self) -> usize {
        self.memory.get()
    }

    /// Steps taken so far.
    pub(crate) fn taken(&self) -> u64 {
        self.limits.steps - self.steps.get()
    }

    /// Enters a level of nesting.
    #[inline]
    pub(crate) fn level(&self) -> Result<Level<'_>, Fail> {
        self.levels(1)
    }

    /// Enters several levels at once: for code with its own depth limit whose levels take less stack each.
    #[inline]
    pub(crate) fn levels(&self, count: usize) -> Result<Level<'_>, Fail> {
        let levels = self.levels.get() + count;
        if levels > MAX_LEVELS {
            return Err(self.too_deep());
        }
        self.levels.set(levels);
        Ok(Level {
            levels: &self.levels,
            count,
        })
    }

    /// Remaining levels.
    pub(crate) fn depth_left(&self) -> usize {
        MAX_LEVELS - self.levels.get()
    }

    /// Counts a container that is put into a changed value.
    pub(crate) fn mutation(&self) -> Result<(), Fail> {
        match self.mutations.get().checked_sub(1) {
            Some(left) => {
                self.mutations.set(left);
                Ok(())
            }
            None => Err(Fail::limit(format!(
                "more than {MAX_MUTATIONS} arrays and objects are put into changed values; build the values with \
                 `select` and `createArray` instead"
            ))),
        }
    }

    /// A computed string, counted.
    pub(crate) fn text<'d>(&self, text: impl AsRef<str> + Into<Arc<str>>) -> Outcome<'d> {
        Ok(Val::String(Text::allocate(self, text)?))
    }

    /// A computed array, counted.
    pub(crate) fn list<'d>(&self, items: Vec<Val<'d>>) -> Outcome<'d> {
        Ok(Val::Array(List::allocate(self, items)?))
    }

    /// A computed object, counted, from properties whose keys are distinct and in order.
    pub(crate) fn object<'d>(&self, properties: Vec<(Text<'d>, Val<'d>)>) -> Outcome<'d> {
        Ok(Val::Object(Map::allocate(self, properties)?))
    }

    /// Computed bytes, counted.
    pub(crate) fn binary<'d>(&self, bytes: &[u8]) -> Outcome<'d> {
        self.allocate(bytes.len())?;
        Ok(Val::Bytes(bytes.into()))
    }

    #[cold]
    fn too_long(&self) -> Fail {
        Fail::limit(format!(
            "this takes more than {} steps, the limit for one card; work on shorter arrays and strings, and with fewer loops \
             inside loops",
            self.limits.steps
        ))
    }

    #[cold]
    fn too_much(&self) -> Fail {
        Fail::limit(format!(
            "the computed values take more than {} bytes, the limit for one card; work on shorter arrays and strings",
            self.limits.memory
        ))
    }

    /// The error for nesting that is too deep.
    #[cold]
    pub(crate) fn too_deep(&self) -> Fail {
        Fail::limit(format!(
            "this is nested deeper than {MAX_LEVELS} levels; nest fewer calls and values, and give `stringOrValue` no string \
             that leads back to itself"
        ))
    }
}

/// Builds an array item by item; each item is counted as it is added.
pub(crate) struct ArrayBuilder<'b, 'd> {
    budget: &'b Budget,
    items: Vec<Val<'d>>,
}

impl<'b, 'd> ArrayBuilder<'b, 'd> {
    pub(crate) fn new(budget: &'b Budget) -> Self {
        Self {
            budget,
            items: Vec::new(),
        }
    }

    pub(crate) fn push(&mut self, item: Val<'d>) -> Result<(), Fail> {
        self.budget.allocate(size_of::<Val<'_>>())?;
        self.items.push(item);
        Ok(())
    }

    /// The items; they are counted already.
    pub(crate) fn into_items(self) -> Vec<Val<'d>> {
        self.items
    }

    pub(crate) fn finish(self) -> Outcome<'d> {
        self.budget.allocate(List::OVERHEAD)?;
        Ok(Val::Array(List::from_counted(self.items)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn budget(steps: u64, memory: usize) -> Budget {
        Budget::new(&Limits {
            steps,
            memory,
            output: 0,
        })
    }

    #[test]
    fn each_limit_says_which_it_is() {
        let budget = budget(100, 1_000);
        assert!(budget.allocate(160).is_ok());
        assert_eq!(budget.taken(), 10);
        let much = budget.allocate(841).unwrap_err();
        assert!(much.message().contains("1000 bytes"), "{}", much.message());
        let long = budget.steps(90).unwrap_err();
        assert!(long.message().contains("100 steps"), "{}", long.message());
    }

    #[test]
    fn levels_are_given_back() {
        let budget = budget(0, 0);
        let held: Vec<_> = (0..MAX_LEVELS).map(|_| budget.level().unwrap()).collect();
        assert!(budget.level().is_err());
        drop(held);
        assert_eq!(budget.depth_left(), MAX_LEVELS);
        assert!(budget.levels(MAX_LEVELS).is_ok());
    }

    #[test]
    fn a_list_is_counted_while_it_grows() {
        let budget = budget(1_000_000, 1_000);
        let mut list = ArrayBuilder::new(&budget);
        let pushed = (0..1_000).take_while(|_| list.push(Val::Null).is_ok()).count();
        assert!(pushed * size_of::<Val<'_>>() <= 1_000);
    }
}
