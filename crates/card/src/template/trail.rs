//! Where things stand in a template: each step once, however many expressions are below it.

use super::error::push_step;
use crate::number::push_number;

/// A step of the way from the root.
#[derive(Clone, Copy)]
pub(super) enum Step<'j> {
    Key(&'j str),
    Index(usize),
}

/// A step by its number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct StepId(u32);

#[derive(Debug)]
struct Taken {
    before: StepId,
    name: Name,
}

#[derive(Debug)]
enum Name {
    Key { start: u32, end: u32 },
    Index(u32),
}

/// All steps that lead to something.
#[derive(Debug, Default)]
pub(super) struct Trail {
    steps: Vec<Taken>,
    keys: String,
}

impl Trail {
    /// Where every way begins.
    pub(super) const ROOT: StepId = StepId(u32::MAX);

    /// A step from another one.
    pub(super) fn add(&mut self, before: StepId, step: Step<'_>) -> StepId {
        // A template has 4 MiB at most.
        let short = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
        let name = match step {
            Step::Index(at) => Name::Index(short(at)),
            Step::Key(key) => {
                let start = short(self.keys.len());
                self.keys.push_str(key);
                Name::Key {
                    start,
                    end: short(self.keys.len()),
                }
            }
        };
        self.steps.push(Taken { before, name });
        StepId(short(self.steps.len() - 1))
    }

    /// The JSON pointer (RFC 6901) to where a step leads.
    pub(super) fn pointer(&self, step: StepId) -> String {
        let mut steps = Vec::new();
        let mut at = step;
        while let Some(taken) = self.steps.get(at.0 as usize) {
            steps.push(&taken.name);
            at = taken.before;
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
        let mut trail = Trail::default();
        let long = "k".repeat(1_000);
        let body = trail.add(Trail::ROOT, Step::Key(&long));
        for at in 0..1_000 {
            let item = trail.add(body, Step::Index(at));
            assert_eq!(trail.pointer(item), format!("/{long}/{at}"));
        }
        assert!(trail.keys.len() == 1_000);
        assert_eq!(trail.pointer(Trail::ROOT), "");
    }
}
