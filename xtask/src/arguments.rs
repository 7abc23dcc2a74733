//! Reads the command line: options are taken out one by one; what is left over is an error.

use std::collections::VecDeque;

use crate::{failure::Failure, help::Help};

/// The words after `cargo xtask`.
pub(crate) struct Arguments(VecDeque<String>);

impl Arguments {
    pub(crate) fn new(words: Vec<String>) -> Self {
        Self(words.into())
    }

    /// Takes out the next word.
    pub(crate) fn word(&mut self) -> Option<String> {
        self.0.pop_front()
    }

    /// Whether `name` was given; takes it out.
    pub(crate) fn flag(&mut self, name: &str) -> bool {
        let before = self.0.len();
        self.0.retain(|word| word != name);
        self.0.len() < before
    }

    /// The value of the first `name VALUE` or `name=VALUE`; takes it out.
    pub(crate) fn value(&mut self, name: &str) -> Result<Option<String>, Failure> {
        let equals = format!("{name}=");
        let Some(at) = self
            .0
            .iter()
            .position(|word| word == name || word.starts_with(&equals))
        else {
            return Ok(None);
        };
        let Some(word) = self.0.remove(at) else {
            return Ok(None);
        };
        if let Some(value) = word.strip_prefix(&equals) {
            return Ok(Some(value.to_owned()));
        }
        match self.0.remove(at) {
            Some(value) => Ok(Some(value)),
            None => Err(Failure::new(format!("{name} wants a value"))),
        }
    }

    /// Every value of a repeatable option.
    pub(crate) fn values(&mut self, name: &str) -> Result<Vec<String>, Failure> {
        let mut values = Vec::new();
        while let Some(value) = self.value(name)? {
            values.push(value);
        }
        Ok(values)
    }

    /// Refuses words that nobody asked for.
    pub(crate) fn finish(&self, help: &Help) -> Result<(), Failure> {
        match self.0.front() {
            None => Ok(()),
            Some(word) => Err(
                Failure::new(format!("`{word}` is not understood by `{}`", help.name)).hint(help.accepted()),
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Arguments;
    use crate::help;

    fn arguments(line: &str) -> Arguments {
        Arguments::new(line.split(' ').map(str::to_owned).collect())
    }

    #[test]
    fn options_are_taken_in_both_spellings_and_the_rest_is_refused() {
        let mut given = arguments("test --only fmt --list --only=clippy extra");
        assert_eq!(given.word().as_deref(), Some("test"));
        assert_eq!(given.values("--only").unwrap(), ["fmt", "clippy"]);
        assert!(given.flag("--list"));
        assert!(!given.flag("--list"));
        let error = given.finish(help::of("test").unwrap()).unwrap_err().to_string();
        assert!(
            error.contains("`extra`") && error.contains("--only STEP"),
            "{error}"
        );
    }

    #[test]
    fn an_option_without_its_value_is_named() {
        let error = arguments("--only").value("--only").unwrap_err();
        assert_eq!(error.to_string(), "--only wants a value");
    }
}
