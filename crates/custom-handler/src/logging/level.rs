//! The log level setting. Validated, because a mistyped level would otherwise silence the log.

use tracing::level_filters::LevelFilter;
use tracing_subscriber::filter::Targets;

const ACCEPTED: &str = "`off`, `error`, `warn`, `info`, `debug` or `trace`, optionally followed by levels of single \
                        modules: `info,custom_handler=debug`";

/// Libraries that log at `info` what their caller reports itself: only warnings by default, unless the setting names
/// them.
const NOISY_LIBRARIES: [&str; 1] = ["typespec_client_core"];

/// Levels per module.
#[derive(Debug, Clone)]
pub struct Levels(Targets);

/// A setting that is not a level.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{variable} has `{part}`; accepted are {ACCEPTED}")]
pub struct LevelError {
    /// Which variable.
    pub variable: &'static str,
    /// The invalid part.
    pub part: String,
}

impl Levels {
    /// `LOG_LEVEL`, else `RUST_LOG`, else `info`.
    ///
    /// # Errors
    /// [`LevelError`], which names the variable.
    pub fn from_env() -> Result<Self, LevelError> {
        Self::from_lookup(|name| std::env::var_os(name).map(|value| value.to_string_lossy().into_owned()))
    }

    /// As [`from_env`](Self::from_env), from any source of settings.
    ///
    /// # Errors
    /// [`LevelError`], which names the variable.
    pub fn from_lookup(lookup: impl Fn(&str) -> Option<String>) -> Result<Self, LevelError> {
        let set = |variable| {
            lookup(variable)
                .filter(|v| !v.trim().is_empty())
                .map(|value| (variable, value))
        };
        match set("LOG_LEVEL").or_else(|| set("RUST_LOG")) {
            Some((variable, value)) => Self::parse(&value).map_err(|part| LevelError { variable, part }),
            None => Ok(Self(usual(LevelFilter::INFO))),
        }
    }

    fn parse(value: &str) -> Result<Self, String> {
        let (mut default, mut single) = (LevelFilter::INFO, Vec::new());
        for part in value.split(',').map(str::trim).filter(|part| !part.is_empty()) {
            let level = |text: &str| named(text.trim()).ok_or_else(|| part.to_owned());
            match part.split_once('=') {
                None => default = level(part)?,
                Some((target, text)) => single.push((target.trim().to_owned(), level(text)?)),
            }
        }
        let targets = single
            .into_iter()
            .fold(usual(default), |targets, (target, level)| {
                targets.with_target(target, level)
            });
        Ok(Self(targets))
    }

    pub(super) fn into_filter(self) -> Targets {
        self.0
    }
}

fn usual(default: LevelFilter) -> Targets {
    let targets = Targets::new().with_default(default);
    if default == LevelFilter::INFO {
        let quiet = |targets: Targets, name| targets.with_target(name, LevelFilter::WARN);
        NOISY_LIBRARIES.into_iter().fold(targets, quiet)
    } else {
        targets
    }
}

fn named(text: &str) -> Option<LevelFilter> {
    Some(match text.to_ascii_lowercase().as_str() {
        "off" => LevelFilter::OFF,
        "error" => LevelFilter::ERROR,
        "warn" => LevelFilter::WARN,
        "info" => LevelFilter::INFO,
        "debug" => LevelFilter::DEBUG,
        "trace" => LevelFilter::TRACE,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use tracing::Level;

    use super::*;

    fn levels(settings: &[(&str, &str)]) -> Result<Levels, LevelError> {
        Levels::from_lookup(|name| {
            settings
                .iter()
                .find(|(n, _)| *n == name)
                .map(|(_, v)| (*v).to_owned())
        })
    }

    #[test]
    fn levels_are_taken_by_name() {
        assert!(!levels(&[]).unwrap().0.would_enable("x", &Level::DEBUG));
        assert!(
            levels(&[("LOG_LEVEL", "Debug")])
                .unwrap()
                .0
                .would_enable("x", &Level::DEBUG)
        );
        let mixed = levels(&[("LOG_LEVEL", "warn, mine=trace"), ("RUST_LOG", "trace")])
            .unwrap()
            .0;
        assert!(!mixed.would_enable("x", &Level::INFO) && mixed.would_enable("mine::deep", &Level::TRACE));
        assert!(
            !levels(&[("RUST_LOG", "off")])
                .unwrap()
                .0
                .would_enable("x", &Level::ERROR)
        );
    }

    #[test]
    fn libraries_that_tell_too_much_are_quiet_unless_they_are_asked() {
        let trace = |settings: &[(&str, &str)], level| {
            let levels = levels(settings).unwrap().0;
            levels.would_enable("typespec_client_core::http::policies::logging", &level)
        };
        assert!(!trace(&[], Level::INFO) && trace(&[], Level::WARN));
        assert!(!trace(&[("LOG_LEVEL", "info,mine=debug")], Level::INFO));
        assert!(trace(&[("LOG_LEVEL", "debug")], Level::DEBUG));
        assert!(!trace(&[("LOG_LEVEL", "error")], Level::WARN));
        assert!(trace(&[("LOG_LEVEL", "typespec_client_core=info")], Level::INFO));
    }

    #[test]
    fn a_mistyped_level_is_refused() {
        let error = levels(&[("LOG_LEVEL", "verbose")]).unwrap_err().to_string();
        assert!(
            error.starts_with("LOG_LEVEL has `verbose`; accepted are `off`"),
            "{error}"
        );
        assert_eq!(levels(&[("RUST_LOG", "info,x=loud")]).unwrap_err().part, "x=loud");
    }
}
