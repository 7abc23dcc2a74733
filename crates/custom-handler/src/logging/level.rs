//! How much is logged: one setting, checked, because a mistyped level would otherwise silence the log.

use config::{
    Setting, Text,
    log::{LEVEL, RUST_LOG},
};
use tracing::level_filters::LevelFilter;
use tracing_subscriber::filter::Targets;

const ACCEPTED: &str = "`off`, `error`, `warn`, `info`, `debug` or `trace`, optionally followed by levels of single \
                        modules: `info,custom_handler=debug`";

/// Libraries that tell at `info` what only their caller can judge; the caller tells it in its own words. A setting that
/// names them gets it all.
const TALKATIVE: [&str; 1] = ["typespec_client_core"];

/// Levels per module.
#[derive(Debug, Clone)]
pub struct Levels {
    targets: Targets,
    default: LevelFilter,
    /// Modules that the setting names.
    named: Vec<String>,
}

/// A setting that is no level.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{variable} has `{part}`; accepted are {ACCEPTED}")]
pub struct LevelError {
    /// Which variable.
    pub variable: &'static str,
    /// The part that is not understood.
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
        let set =
            |setting: &'static Setting<Text>| setting.read(&lookup).map(|value| (setting.name(), value));
        match set(&LEVEL).or_else(|| set(&RUST_LOG)) {
            Some((variable, value)) => Self::parse(&value).map_err(|part| LevelError { variable, part }),
            None => Ok(Self::of(LevelFilter::INFO, Vec::new())),
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
        Ok(Self::of(default, single))
    }

    fn of(default: LevelFilter, single: Vec<(String, LevelFilter)>) -> Self {
        let mut levels = Self {
            targets: Targets::new().with_default(default),
            default,
            named: single.iter().map(|(target, _)| target.clone()).collect(),
        };
        for (target, level) in single {
            levels.targets = levels.targets.with_target(target, level);
        }
        TALKATIVE
            .into_iter()
            .fold(levels, |levels, module| levels.quiet(module))
    }

    /// Leaves a module's lines at `info` out, unless the setting says how much is wanted of it or of everything.
    pub(super) fn quiet(mut self, module: &str) -> Self {
        let is_named = self
            .named
            .iter()
            .any(|named| module.starts_with(named.as_str()) || named.starts_with(module));
        if self.default == LevelFilter::INFO && !is_named {
            self.targets = self.targets.with_target(module, LevelFilter::WARN);
        }
        self
    }

    pub(super) fn into_filter(self) -> Targets {
        self.targets
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
        assert!(!levels(&[]).unwrap().targets.would_enable("x", &Level::DEBUG));
        assert!(
            levels(&[("LOG_LEVEL", "Debug")])
                .unwrap()
                .targets
                .would_enable("x", &Level::DEBUG)
        );
        let mixed = levels(&[("LOG_LEVEL", "warn, mine=trace"), ("RUST_LOG", "trace")])
            .unwrap()
            .targets;
        assert!(!mixed.would_enable("x", &Level::INFO) && mixed.would_enable("mine::deep", &Level::TRACE));
        assert!(
            !levels(&[("RUST_LOG", "off")])
                .unwrap()
                .targets
                .would_enable("x", &Level::ERROR)
        );
    }

    #[test]
    fn libraries_that_tell_too_much_are_quiet_unless_they_are_asked() {
        let enabled = |settings: &[(&str, &str)], level| {
            let levels = levels(settings).unwrap().targets;
            levels.would_enable("typespec_client_core::http::policies::logging", &level)
        };
        assert!(!enabled(&[], Level::INFO) && enabled(&[], Level::WARN));
        assert!(!enabled(&[("LOG_LEVEL", "info,mine=debug")], Level::INFO));
        assert!(enabled(&[("LOG_LEVEL", "debug")], Level::DEBUG));
        assert!(!enabled(&[("LOG_LEVEL", "error")], Level::WARN));
        assert!(enabled(
            &[("LOG_LEVEL", "typespec_client_core=info")],
            Level::INFO
        ));
    }

    #[test]
    fn plumbing_is_quiet_unless_it_or_more_of_everything_is_asked_for() {
        let heard = |settings: &[(&str, &str)]| {
            let levels = levels(settings).unwrap().quiet("mine::plumbing");
            levels.targets.would_enable("mine::plumbing", &Level::INFO)
        };
        assert!(
            !heard(&[]) && !heard(&[("LOG_LEVEL", "info")]) && !heard(&[("LOG_LEVEL", "info,other=debug")])
        );
        assert!(heard(&[("LOG_LEVEL", "debug")]) && heard(&[("LOG_LEVEL", "info,mine=info")]));
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
