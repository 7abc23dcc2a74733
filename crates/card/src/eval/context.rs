//! What an evaluation reads: variables, clock, randomness.

use super::{Fail, MAX_SUGGESTIONS, Outcome};
use crate::budget::{Budget, Limits};
use crate::functions::Pattern;
use crate::syntax::FixedPath;
use crate::value::{Text, Val, get_path, same_name, step_into};
use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::hash::{BuildHasher, Hasher};
use std::rc::Rc;

/// Source of time and randomness.
pub trait Environment: Sync {
    /// Milliseconds since 1970-01-01T00:00:00Z.
    fn now_ms(&self) -> i64;
    /// 64 random bits. For `newGuid` and `rand`; need not be cryptographically secure.
    fn random(&self) -> u64;
}

/// The system's clock and the standard library's random seeds.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemEnvironment;

impl Environment for SystemEnvironment {
    fn now_ms(&self) -> i64 {
        let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
        since.map_or(0, |d| i64::try_from(d.as_millis()).unwrap_or(i64::MAX))
    }

    fn random(&self) -> u64 {
        let mut hasher = std::collections::hash_map::RandomState::new().build_hasher();
        hasher.write_i64(self.now_ms());
        hasher.finish()
    }
}

/// The variables that an expression can read ("memory" in Adaptive Expressions).
pub(crate) enum Memory<'d> {
    /// A plain expression reads its scope.
    Scope(Val<'d>),
    /// A template's expression reads `$data` and the other reserved names.
    Card(CardMemory<'d>),
}

/// The reserved names of a template.
#[derive(Clone)]
pub(crate) struct CardMemory<'d> {
    pub(crate) root: Val<'d>,
    /// Undefined until a `$data` sets it; until then `$data` means `$root`.
    pub(crate) data: Val<'d>,
    pub(crate) index: Option<usize>,
    pub(crate) host: Val<'d>,
}

impl<'d> CardMemory<'d> {
    pub(crate) fn data(&self) -> &Val<'d> {
        if self.data.is_undefined() {
            &self.root
        } else {
            &self.data
        }
    }

    fn read<'p>(&self, budget: &Budget, path: &str, mut parts: impl Iterator<Item = &'p str>) -> Outcome<'d> {
        if !path.starts_with('$') {
            return get_path_or_self(budget, self.data(), parts);
        }
        let Some(name) = parts.next() else {
            return Ok(Val::Undefined);
        };
        let start = self.reserved(budget, name)?;
        get_path_or_self(budget, &start, parts)
    }

    /// The value of a name that begins with `$`.
    fn reserved(&self, budget: &Budget, name: &str) -> Outcome<'d> {
        // ASCII comparison is enough: no other character has a letter of these names as its lower case.
        let is = |own: &str| own.eq_ignore_ascii_case(name);
        Ok(if is("$data") {
            self.data().clone()
        } else if is("$root") {
            self.root.clone()
        } else if is("$index") {
            self.index.map_or(Val::Undefined, |n| Val::Number(n as f64))
        } else if is("$host") {
            self.host.clone()
        } else if is("$_acTemplateVersion") {
            version(budget)?
        } else {
            Val::Undefined
        })
    }
}

fn get_path_or_self<'d, 'p>(
    budget: &Budget,
    start: &Val<'d>,
    parts: impl Iterator<Item = &'p str>,
) -> Outcome<'d> {
    let mut parts = parts.peekable();
    if parts.peek().is_none() {
        Ok(start.clone())
    } else {
        get_path(budget, start, parts)
    }
}

/// `$_acTemplateVersion`: the version of the reference implementation.
fn version<'d>(budget: &Budget) -> Outcome<'d> {
    let number = |n| Val::Number(n);
    let properties = [
        ("major", number(2.0)),
        ("minor", number(3.0)),
        ("patch", number(1.0)),
        ("suffix", Val::String(Text::borrowed(""))),
    ];
    budget.object(
        properties
            .into_iter()
            .map(|(k, v)| (Text::borrowed(k), v))
            .collect(),
    )
}

/// A name that a lambda binds.
pub(crate) struct Binding<'s, 'd> {
    pub(crate) name: &'s str,
    pub(crate) value: Val<'d>,
    pub(crate) outer: Option<&'s Binding<'s, 'd>>,
}

/// The context of an expression: its memory, the enclosing lambdas, and whether missing values are substituted.
pub(crate) struct Frame<'s, 'd> {
    pub(crate) memory: &'s Memory<'d>,
    pub(crate) bindings: Option<&'s Binding<'s, 'd>>,
    substitute_missing: bool,
}

impl Clone for Frame<'_, '_> {
    fn clone(&self) -> Self {
        *self
    }
}

impl Copy for Frame<'_, '_> {}

impl<'s, 'd> Frame<'s, 'd> {
    /// Missing values stay undefined.
    pub(crate) fn plain(memory: &'s Memory<'d>) -> Self {
        Self {
            memory,
            bindings: None,
            substitute_missing: false,
        }
    }

    /// Missing values are substituted.
    pub(crate) fn substituting(memory: &'s Memory<'d>) -> Self {
        Self {
            memory,
            bindings: None,
            substitute_missing: true,
        }
    }

    pub(crate) fn raw(self) -> Self {
        Self {
            substitute_missing: false,
            ..self
        }
    }

    pub(crate) fn with<'t>(self, binding: &'t Binding<'t, 'd>) -> Frame<'t, 'd>
    where
        's: 't,
    {
        Frame {
            memory: self.memory,
            bindings: Some(binding),
            substitute_missing: self.substitute_missing,
        }
    }

    pub(crate) fn substitute_missing(&self) -> bool {
        self.substitute_missing
    }

    /// Reads a path whose parts are known.
    pub(crate) fn read(&self, budget: &Budget, path: &FixedPath) -> Outcome<'d> {
        self.walk(budget, &path.text, || path.parts())
    }

    /// Reads a single name, which needs no splitting.
    pub(crate) fn read_name(&self, budget: &Budget, name: &str) -> Outcome<'d> {
        let mut bindings = self.bindings;
        while let Some(binding) = bindings {
            if same_name(binding.name, name) && !binding.value.is_undefined() {
                return Ok(binding.value.clone());
            }
            budget.step()?;
            bindings = binding.outer;
        }
        match self.memory {
            Memory::Scope(scope) => step_into(budget, scope, name),
            Memory::Card(card) if !name.starts_with('$') => step_into(budget, card.data(), name),
            Memory::Card(card) => card.reserved(budget, name),
        }
    }

    /// Reads a path that was computed.
    pub(crate) fn read_dynamic(&self, budget: &Budget, path: &str, parts: &[&str]) -> Outcome<'d> {
        self.walk(budget, path, || parts.iter().copied())
    }

    /// Where a path ends early: the last value on it, and the name that this has not. `None` if the path has a value.
    #[cold]
    pub(crate) fn gap<'p>(
        &self,
        budget: &Budget,
        parts: impl Iterator<Item = &'p str>,
    ) -> Result<Option<(Val<'d>, &'p str)>, Fail> {
        let mut parts = parts.peekable();
        let first = parts.peek().copied().unwrap_or("");
        let mut bindings = self.bindings;
        while let Some(binding) = bindings.filter(|binding| !same_name(binding.name, first)) {
            budget.step()?;
            bindings = binding.outer;
        }
        let mut holder = match (bindings, self.memory) {
            (Some(binding), _) => binding.value.clone(),
            (None, Memory::Card(card)) if first.starts_with('$') => card.reserved(budget, first)?,
            (None, Memory::Card(card)) => card.data().clone(),
            (None, Memory::Scope(scope)) => scope.clone(),
        };
        if bindings.is_some() || first.starts_with('$') && matches!(self.memory, Memory::Card(_)) {
            parts.next();
            if holder.is_undefined() {
                return Ok(Some((holder, first)));
            }
        }
        for part in parts {
            budget.step()?;
            let next = step_into(budget, &holder, part)?;
            if next.is_undefined() {
                return Ok(Some((holder, part)));
            }
            holder = next;
        }
        Ok(None)
    }

    fn walk<'p, I: Iterator<Item = &'p str>>(
        &self,
        budget: &Budget,
        path: &str,
        parts: impl Fn() -> I,
    ) -> Outcome<'d> {
        let mut bindings = self.bindings;
        while let Some(binding) = bindings {
            let mut parts = parts();
            if parts.next().is_some_and(|first| same_name(binding.name, first)) {
                let found = get_path_or_self(budget, &binding.value, parts)?;
                if !found.is_undefined() {
                    return Ok(found);
                }
            }
            budget.step()?;
            bindings = binding.outer;
        }
        match self.memory {
            Memory::Scope(scope) => get_path(budget, scope, parts()),
            Memory::Card(card) => card.read(budget, path, parts()),
        }
    }
}

/// The state of one evaluation.
pub(crate) struct Cx<'d> {
    pub(crate) environment: &'d dyn Environment,
    pub(crate) budget: Budget,
    substitution: Option<&'d str>,
    pub(crate) patterns: RefCell<HashMap<String, Rc<Pattern>>>,
    /// How many more names are suggested in messages.
    pub(crate) suggestions: Cell<u8>,
}

impl<'d> Cx<'d> {
    pub(crate) fn new(
        environment: &'d dyn Environment,
        limits: &Limits,
        substitution: Option<&'d str>,
    ) -> Self {
        Self {
            environment,
            budget: Budget::new(limits),
            substitution: substitution.filter(|s| !s.is_empty()),
            patterns: RefCell::default(),
            suggestions: Cell::new(MAX_SUGGESTIONS),
        }
    }

    /// The substitute for the missing value at `path`.
    #[cold]
    pub(crate) fn substitute(&self, path: &str) -> Outcome<'d> {
        let Some(pattern) = self.substitution else {
            return self.budget.text(format!("${{{path}}}"));
        };
        self.budget.bytes(pattern.len())?;
        let places = pattern.matches("{path}").count();
        self.budget
            .check_available(pattern.len() + places.saturating_mul(path.len()))?;
        self.budget.text(pattern.replace("{path}", path))
    }
}
