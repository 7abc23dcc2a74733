//! Names of functions and bindings, validated by the host's rules.

use super::wiring::WiringError;

/// A function, identified by its folder's name. Converts from a plain name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Function {
    pub(super) name: String,
    pub(super) binding: Option<String>,
}

impl Function {
    /// The folder's name, case-sensitive: the host posts to `/<name>`.
    pub fn named(name: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            binding: None,
        }
    }

    /// The `name` of the trigger binding in function.json. Without it the first entry of `Data` is used, which
    /// is the trigger's; give it for functions with further input bindings.
    pub fn trigger(mut self, binding: impl Into<String>) -> Self {
        self.binding = Some(binding.into());
        self
    }

    pub(super) fn check(&self) -> Result<(), WiringError> {
        let tail = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
        if !well_formed(&self.name, tail) || self.name.eq_ignore_ascii_case("host") {
            return Err(WiringError::FunctionName {
                name: self.name.clone(),
            });
        }
        match &self.binding {
            Some(name) if !well_formed(name, |c| c.is_ascii_alphanumeric()) => {
                Err(WiringError::BindingName { name: name.clone() })
            }
            _ => Ok(()),
        }
    }
}

fn well_formed(name: &str, tail: impl Fn(char) -> bool) -> bool {
    name.len() <= 128 && name.starts_with(|c: char| c.is_ascii_alphabetic()) && name.chars().all(tail)
}

impl From<&str> for Function {
    fn from(name: &str) -> Self {
        Self::named(name)
    }
}

impl From<String> for Function {
    fn from(name: String) -> Self {
        Self::named(name)
    }
}

/// An HTTP function that may arrive as an envelope. Converts from a plain name.
///
/// ```
/// use custom_handler::HttpFunction;
/// let usual = HttpFunction::named("orders");                       // responds through `Outputs.res`
/// let other = HttpFunction::named("orders").output("response");    // the `name` of the `http` binding
/// let returned = HttpFunction::named("orders").output("$return");
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HttpFunction {
    pub(super) function: Function,
    pub(crate) output: String,
}

impl HttpFunction {
    /// The folder's name; the output binding is `res` by default.
    pub fn named(name: impl Into<String>) -> Self {
        Self {
            function: Function::named(name),
            output: "res".to_owned(),
        }
    }

    /// The `name` of the `http` output binding in function.json.
    pub fn output(mut self, binding: impl Into<String>) -> Self {
        self.output = binding.into();
        self
    }

    /// The `name` of the `httpTrigger` binding, needed only when the function has further input bindings.
    pub fn trigger(mut self, binding: impl Into<String>) -> Self {
        self.function = self.function.trigger(binding);
        self
    }

    pub(crate) fn binding(&self) -> Option<&str> {
        self.function.binding.as_deref()
    }
}

impl From<&str> for HttpFunction {
    fn from(name: &str) -> Self {
        Self::named(name)
    }
}

impl From<String> for HttpFunction {
    fn from(name: String) -> Self {
        Self::named(name)
    }
}
