//! The port that the handler listens on, set by the host.

use std::env::VarError;
use std::num::NonZeroU16;

/// The variable that the host sets.
const CURRENT: &str = "FUNCTIONS_CUSTOMHANDLER_PORT";
/// Its old name.
const LEGACY: &str = "FUNCTIONS_HTTPWORKER_PORT";

/// A TCP port, 1 to 65535, and where it was read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Port {
    number: NonZeroU16,
    source: Option<&'static str>,
}

/// The environment has no valid port.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PortError {
    /// Neither variable is set: the Functions host did not start this process.
    #[error(
        "{CURRENT} is not set. The Azure Functions host sets it (start with `func start`); to try the handler alone: \
         {CURRENT}=3000"
    )]
    Missing,
    /// The variable is set, but not to a port.
    #[error("{variable} is `{value}`; it must be a port number from 1 to 65535")]
    Invalid {
        /// Which variable.
        variable: &'static str,
        /// Its value, at most 40 characters.
        value: String,
    },
}

impl Port {
    /// Reads `FUNCTIONS_CUSTOMHANDLER_PORT`, or where that is not set `FUNCTIONS_HTTPWORKER_PORT`.
    ///
    /// # Errors
    /// [`PortError`], which names the variable.
    pub fn from_env() -> Result<Self, PortError> {
        Self::from_lookup(|name| match std::env::var(name) {
            Ok(value) => Some(value),
            Err(VarError::NotPresent) => None,
            Err(VarError::NotUnicode(raw)) => Some(raw.to_string_lossy().into_owned()),
        })
    }

    /// As [`from_env`](Self::from_env), from any source of settings.
    ///
    /// # Errors
    /// [`PortError`], which names the variable.
    pub fn from_lookup(lookup: impl Fn(&str) -> Option<String>) -> Result<Self, PortError> {
        let found = [CURRENT, LEGACY]
            .into_iter()
            .find_map(|variable| Some((variable, lookup(variable)?)));
        let (variable, value) = found.ok_or(PortError::Missing)?;
        match value.trim().parse() {
            Ok(number) => Ok(Self {
                number,
                source: Some(variable),
            }),
            Err(_) => Err(PortError::Invalid {
                variable,
                value: value.chars().take(40).collect(),
            }),
        }
    }

    /// The number.
    pub fn get(self) -> u16 {
        self.number.get()
    }

    /// The variable that it was read from.
    pub fn source(self) -> Option<&'static str> {
        self.source
    }
}

impl From<NonZeroU16> for Port {
    fn from(number: NonZeroU16) -> Self {
        Self { number, source: None }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(settings: &[(&str, &str)]) -> Result<u16, String> {
        let lookup = |name: &str| {
            settings
                .iter()
                .find(|(n, _)| *n == name)
                .map(|(_, v)| (*v).to_owned())
        };
        Port::from_lookup(lookup)
            .map(Port::get)
            .map_err(|e| e.to_string())
    }

    #[test]
    fn the_new_name_goes_before_the_old() {
        assert_eq!(read(&[(LEGACY, "2")]), Ok(2));
        assert_eq!(read(&[(LEGACY, "2"), (CURRENT, " 3 ")]), Ok(3));
        assert!(
            read(&[])
                .unwrap_err()
                .starts_with("FUNCTIONS_CUSTOMHANDLER_PORT is not set")
        );
    }

    #[test]
    fn a_bad_value_is_shown_with_its_variable() {
        for bad in ["", "0", "65536", "-1", "http", "80 81"] {
            let expected =
                format!("FUNCTIONS_CUSTOMHANDLER_PORT is `{bad}`; it must be a port number from 1 to 65535");
            assert_eq!(read(&[(CURRENT, bad), (LEGACY, "2")]), Err(expected));
        }
        assert!(
            read(&[(LEGACY, "x")])
                .unwrap_err()
                .starts_with("FUNCTIONS_HTTPWORKER_PORT is `x`")
        );
    }
}
