//! What an evaluation reads and what it may use up: memory, clock, chance, limits.

use super::Fail;
use crate::syntax::FixedPath;
use crate::value::{Text, Val, get_path, same_name, step_into};
use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::hash::{BuildHasher, Hasher};
use std::rc::Rc;

/// Where the clock and chance come from.
pub trait Environment: Sync {
    /// Milliseconds since 1970-01-01T00:00:00Z.
    fn now_ms(&self) -> i64;
    /// 64 random bits. They name things (`newGuid`) and pick numbers (`rand`); they guard no secret.
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

/// What one expansion or evaluation may use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Limits {
    /// Steps: one for each operation, and one for each 16 bytes of text or list that is built.
    pub steps: u64,
    /// Bytes of card text.
    pub output: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            steps: 10_000_000,
            output: 8 << 20,
        }
    }
}

/// What names mean.
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
    /// Undefined until a `$data` sets it; `$root` then stands in.
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

    fn read<'p>(&self, path: &str, mut parts: impl Iterator<Item = &'p str>) -> Val<'d> {
        if !path.starts_with('$') {
            return get_path_or_self(self.data(), parts);
        }
        let Some(name) = parts.next() else {
            return Val::Undefined;
        };
        let start = self.reserved(name);
        get_path_or_self(&start, parts)
    }

    /// The value of a name that begins with `$`.
    fn reserved(&self, name: &str) -> Val<'d> {
        // These names have no letter that another one becomes in lower case.
        let is = |own: &str| own.eq_ignore_ascii_case(name);
        if is("$data") {
            self.data().clone()
        } else if is("$root") {
            self.root.clone()
        } else if is("$index") {
            self.index.map_or(Val::Undefined, |n| Val::Number(n as f64))
        } else if is("$host") {
            self.host.clone()
        } else if is("$_acTemplateVersion") {
            version()
        } else {
            Val::Undefined
        }
    }
}

fn get_path_or_self<'d, 'p>(start: &Val<'d>, parts: impl Iterator<Item = &'p str>) -> Val<'d> {
    let mut parts = parts.peekable();
    if parts.peek().is_none() {
        start.clone()
    } else {
        get_path(start, parts)
    }
}

/// The version of the reference whose behaviour this is.
fn version<'d>() -> Val<'d> {
    let number = |n| Val::Number(n);
    let members = [
        ("major", number(2.0)),
        ("minor", number(3.0)),
        ("patch", number(1.0)),
        ("suffix", Val::string("")),
    ];
    Val::Object(crate::value::Map::from_members(
        members.into_iter().map(|(k, v)| (Text::Borrowed(k), v)).collect(),
    ))
}

/// A name that a lambda binds.
pub(crate) struct Layer<'s, 'd> {
    pub(crate) name: &'s str,
    pub(crate) value: Val<'d>,
    pub(crate) outer: Option<&'s Layer<'s, 'd>>,
}

/// Where an expression stands: its memory, the lambdas around it, and whether missing values are replaced.
pub(crate) struct Frame<'s, 'd> {
    pub(crate) memory: &'s Memory<'d>,
    pub(crate) layers: Option<&'s Layer<'s, 'd>>,
    substitutes: bool,
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
            layers: None,
            substitutes: false,
        }
    }

    /// Missing values become their path.
    pub(crate) fn substituting(memory: &'s Memory<'d>) -> Self {
        Self {
            memory,
            layers: None,
            substitutes: true,
        }
    }

    pub(crate) fn raw(self) -> Self {
        Self {
            substitutes: false,
            ..self
        }
    }

    pub(crate) fn with<'t>(self, layer: &'t Layer<'t, 'd>) -> Frame<'t, 'd>
    where
        's: 't,
    {
        Frame {
            memory: self.memory,
            layers: Some(layer),
            substitutes: self.substitutes,
        }
    }

    pub(crate) fn substitutes(&self) -> bool {
        self.substitutes
    }

    /// Reads a path whose parts are known.
    pub(crate) fn read(&self, path: &FixedPath) -> Val<'d> {
        self.walk(&path.text, || path.parts())
    }

    /// Reads a single name, which needs no splitting.
    pub(crate) fn read_name(&self, name: &str) -> Val<'d> {
        let mut layers = self.layers;
        while let Some(layer) = layers {
            if same_name(layer.name, name) && !layer.value.is_undefined() {
                return layer.value.clone();
            }
            layers = layer.outer;
        }
        match self.memory {
            Memory::Scope(scope) => step_into(scope, name),
            Memory::Card(card) if !name.starts_with('$') => step_into(card.data(), name),
            Memory::Card(card) => card.reserved(name),
        }
    }

    /// Reads a path that was computed.
    pub(crate) fn read_dynamic(&self, path: &str, parts: &[&str]) -> Val<'d> {
        self.walk(path, || parts.iter().copied())
    }

    fn walk<'p, I: Iterator<Item = &'p str>>(&self, path: &str, parts: impl Fn() -> I) -> Val<'d> {
        let mut layers = self.layers;
        while let Some(layer) = layers {
            let mut parts = parts();
            if parts.next().is_some_and(|first| same_name(layer.name, first)) {
                let found = get_path_or_self(&layer.value, parts);
                if !found.is_undefined() {
                    return found;
                }
            }
            layers = layer.outer;
        }
        match self.memory {
            Memory::Scope(scope) => get_path(scope, parts()),
            Memory::Card(card) => card.read(path, parts()),
        }
    }
}

/// The state of one evaluation.
pub(crate) struct Cx<'d> {
    pub(crate) environment: &'d dyn Environment,
    substitution: Option<&'d str>,
    steps: Cell<u64>,
    mutations: Cell<u32>,
    pub(crate) patterns: RefCell<HashMap<String, Rc<regex::Regex>>>,
}

/// The most containers that one evaluation may put into changed values.
const MAX_MUTATIONS: u32 = 1_000;

impl<'d> Cx<'d> {
    pub(crate) fn new(
        environment: &'d dyn Environment,
        limits: &Limits,
        substitution: Option<&'d str>,
    ) -> Self {
        Self {
            environment,
            substitution: substitution.filter(|s| !s.is_empty()),
            steps: Cell::new(limits.steps),
            mutations: Cell::new(MAX_MUTATIONS),
            patterns: RefCell::default(),
        }
    }

    pub(crate) fn step(&self) -> Result<(), Fail> {
        self.use_steps(1)
    }

    pub(crate) fn charge(&self, bytes: usize) -> Result<(), Fail> {
        self.use_steps(bytes as u64 / 16)
    }

    pub(crate) fn use_steps(&self, steps: u64) -> Result<(), Fail> {
        match self.steps.get().checked_sub(steps) {
            Some(left) => {
                self.steps.set(left);
                Ok(())
            }
            None => Err(Fail::limit(
                "this takes more steps than one expansion may; repeat over less data",
            )),
        }
    }

    pub(crate) fn count_mutation(&self) -> Result<(), Fail> {
        match self.mutations.get().checked_sub(1) {
            Some(left) => {
                self.mutations.set(left);
                Ok(())
            }
            None => Err(Fail::limit(
                "too many lists and objects are put into changed values",
            )),
        }
    }

    /// What stands for the missing value at `path`.
    pub(crate) fn substitute(&self, path: &str) -> Val<'d> {
        Val::string(match self.substitution {
            Some(pattern) => pattern.replace("{path}", path),
            None => format!("${{{path}}}"),
        })
    }
}
