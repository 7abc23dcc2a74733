//! The input of an expansion.

use crate::budget::Limits;
use crate::eval::{Environment, SystemEnvironment};
use crate::json::Json;

/// The data of one expansion. All of it is borrowed.
#[derive(Clone, Copy)]
#[non_exhaustive]
pub struct Data<'d> {
    /// `$root`, and `$data` until an element sets it. `None` is undefined.
    pub data: Option<&'d Json<'d>>,
    /// `$host`. `None` is undefined.
    pub host: Option<&'d Json<'d>>,
    /// Substitute for missing values; `{path}` in it is replaced by the value's path. `None` or empty means
    /// `${path}`.
    pub substitution: Option<&'d str>,
    /// clock and randomness.
    pub environment: &'d dyn Environment,
    /// Limits of the expansion.
    pub limits: Limits,
}

impl Default for Data<'_> {
    fn default() -> Self {
        Self {
            data: None,
            host: None,
            substitution: None,
            environment: &SystemEnvironment,
            limits: Limits::default(),
        }
    }
}

impl std::fmt::Debug for Data<'_> {
    /// Shows what is set, never the data themselves.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Data")
            .field("data", &self.data.is_some())
            .field("host", &self.host.is_some())
            .field("limits", &self.limits)
            .finish_non_exhaustive()
    }
}

impl<'d> Data<'d> {
    /// Data without a host.
    #[must_use]
    pub fn of(data: &'d Json<'d>) -> Self {
        Self {
            data: Some(data),
            ..Self::default()
        }
    }

    /// Sets `$host`.
    #[must_use]
    pub fn with_host(self, host: &'d Json<'d>) -> Self {
        Self {
            host: Some(host),
            ..self
        }
    }

    /// Sets the substitute for missing values.
    #[must_use]
    pub fn with_substitution(self, substitution: &'d str) -> Self {
        Self {
            substitution: Some(substitution),
            ..self
        }
    }

    /// Sets the source of time and randomness.
    #[must_use]
    pub fn with_environment(self, environment: &'d dyn Environment) -> Self {
        Self { environment, ..self }
    }

    /// Sets the limits.
    #[must_use]
    pub fn with_limits(self, limits: Limits) -> Self {
        Self { limits, ..self }
    }
}
