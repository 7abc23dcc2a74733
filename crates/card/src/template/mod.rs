//! Templates: compiled once, expanded for many data sets and threads.

mod compile;
mod data;
mod error;
mod expand;
mod fields;
mod node;
mod pointers;
mod reads;
mod strings;
#[cfg(test)]
mod tests;

pub use data::Data;
pub use error::{CompileError, ExpandError};
pub use fields::Fields;
pub use reads::Reads;

use crate::eval::FailKind;
use crate::json::Json;
use node::Program;

/// The largest template text, in bytes.
pub const MAX_TEMPLATE: usize = 4 << 20;

/// A compiled template.
///
/// ```
/// use card::{Data, Json, Template};
/// let template = Template::parse(r#"{"type": "TextBlock", "text": "Hello ${name}"}"#, "greeting.json")?;
/// let data = Json::parse(r#"{"name": "Ann"}"#)?;
/// let card = template.expand_to_string(&Data::of(&data))?;
/// assert_eq!(card, r#"{"type":"TextBlock","text":"Hello Ann"}"#);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct Template {
    name: String,
    program: Program,
    reads: Reads,
    mutates: bool,
}

impl Template {
    /// Reads and compiles a template; `name` (a file name, say) is shown in error messages.
    ///
    /// # Errors
    /// When the text is not JSON (line and column), or a string in it is not an expression (JSON pointer,
    /// column, what was expected).
    pub fn parse(text: &str, name: impl Into<String>) -> Result<Self, CompileError> {
        let name = name.into();
        if text.len() > MAX_TEMPLATE {
            return Err(CompileError::TooLarge { name });
        }
        match Json::parse(text) {
            Ok(json) => Self::from_json(&json, name).map_err(|error| error.in_text(text)),
            Err(source) => Err(CompileError::Json { name, source }),
        }
    }

    /// Compiles a template from a `serde_json` value.
    ///
    /// # Errors
    /// As [`parse`](Self::parse).
    pub fn compile(value: &serde_json::Value) -> Result<Self, CompileError> {
        Self::from_json(&Json::from(value), "template")
    }

    /// Compiles a parsed document.
    ///
    /// # Errors
    /// As [`parse`](Self::parse).
    pub fn from_json(json: &Json<'_>, name: impl Into<String>) -> Result<Self, CompileError> {
        let name = name.into();
        let (program, facts) = compile::compile(json, &name)?;
        Ok(Self {
            name,
            program,
            reads: facts.reads,
            mutates: facts.mutates,
        })
    }

    /// The name given when it was compiled.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Whether the card depends on the recipient: one that does not can be expanded once for all.
    #[must_use]
    pub fn reads(&self) -> Reads {
        self.reads
    }

    /// Expands to card text (JSON, no white space). A result that is undefined is `null`.
    ///
    /// # Errors
    /// When an expression fails where the reference fails, or a limit is reached.
    pub fn expand_to_string<'d>(&'d self, data: &Data<'d>) -> Result<String, ExpandError> {
        let mut out = String::with_capacity(self.program.text.len() * 2);
        self.expand_into(data, &mut out)?;
        Ok(out)
    }

    /// Expands, appending the card's text to `out`, so that the buffer can be reused.
    ///
    /// # Errors
    /// As [`expand_to_string`](Self::expand_to_string); `out` is then unchanged.
    pub fn expand_into<'d>(&'d self, data: &Data<'d>, out: &mut String) -> Result<Presence, ExpandError> {
        let start = out.len();
        expand::expand(&self.program, data, self.mutates, out).map_err(|fault| {
            out.truncate(start);
            let name = self.name.clone();
            let message = fault.fail.message().to_owned();
            match fault.fail.kind() {
                FailKind::Limit => ExpandError::Limit {
                    name,
                    pointer: fault.pointer,
                    message,
                },
                FailKind::Error | FailKind::Throw | FailKind::Lost => ExpandError::Failed {
                    name,
                    pointer: fault.pointer,
                    expression: fault.expression,
                    message,
                },
            }
        })
    }

    /// Expands to a value. An undefined result is `null`.
    ///
    /// # Errors
    /// As [`expand_to_string`](Self::expand_to_string).
    pub fn expand<'d>(&'d self, data: &Data<'d>) -> Result<serde_json::Value, ExpandError> {
        let text = self.expand_to_string(data)?;
        serde_json::from_str(&text).map_err(|error| ExpandError::Limit {
            name: self.name.clone(),
            pointer: String::new(),
            message: format!("the card cannot be held as a value: {error}"),
        })
    }
}

/// Whether the result of an expansion is defined.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Presence {
    /// A value, null included.
    Value,
    /// Nothing (undefined); written as `null`.
    Undefined,
}
