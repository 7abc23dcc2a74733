//! JSON pointers to positions in a template, as a tree: each step is stored once, however many expressions are below it.

use super::error::push_step;
use crate::number::push_number;

/// A step of a pointer.
#[derive(Clone, Copy)]
pub(super) enum PointerStep<'j> {
    Key(&'j str),
    Index(usize),
}

/// A position in the template, by the index of its last step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct StepId(u32);

#[derive(Debug)]
struct PointerNode {
    parent: StepId,
    name: Name,
}

#[derive(Debug)]
enum Name {
    Key { start: u32, end: u32 },
    Index(u32),
}

/// The tree of all positions.
#[derive(Debug, Default)]
pub(super) struct PointerTree {
    steps: Vec<PointerNode>,
    keys: String,
}

impl PointerTree {
    /// The root of the template.
    pub(super) const ROOT: StepId = StepId(u32::MAX);

    /// Adds a position below another one.
    pub(super) fn add(&mut self, parent: StepId, step: PointerStep<'_>) -> StepId {
        // A template has 4 MiB at most.
        let short = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
        let name = match step {
            PointerStep::Index(at) => Name::Index(short(at)),
            PointerStep::Key(key) => {
                let start = short(self.keys.len());
                self.keys.push_str(key);
                Name::Key {
                    start,
                    end: short(self.keys.len()),
                }
            }
        };
        self.steps.push(PointerNode { parent, name });
        StepId(short(self.steps.len() - 1))
    }

    /// The JSON pointer (RFC 6901) of a position.
    pub(super) fn pointer(&self, step: StepId) -> String {
        let mut steps = Vec::new();
        let mut at = step;
        while let Some(node) = self.steps.get(at.0 as usize) {
            steps.push(&node.name);
            at = node.parent;
        }
        let mut pointer = String::new();
        for name in steps.into_iter().rev() {
            match name {
                Name::Key { start, end } => {
                    let key = self.keys.get(*start as usize..*end as usize);
                    push_step(&mut pointer, key.unwrap_or(""));
                }
                Name::Index(at) => {
                    pointer.push('/');
                    push_number(&mut pointer, f64::from(*at));
                }
            }
        }
        pointer
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_step_is_kept_once_for_all_below_it() {
        let mut pointers = PointerTree::default();
        let long = "k".repeat(1_000);
        let body = pointers.add(PointerTree::ROOT, PointerStep::Key(&long));
        for at in 0..1_000 {
            let item = pointers.add(body, PointerStep::Index(at));
            assert_eq!(pointers.pointer(item), format!("/{long}/{at}"));
        }
        assert!(pointers.keys.len() == 1_000);
        assert_eq!(pointers.pointer(PointerTree::ROOT), "");
    }
}
