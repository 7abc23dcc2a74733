//! The steps of `cargo xtask test`, in their order, and what each needs first.

use super::setup::Setup;
use crate::failure::Failure;

/// One check; cheap ones come first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Step {
    Fmt,
    Manifest,
    Deny,
    Clippy,
    Doc,
    Test,
}

impl Step {
    pub(super) const ALL: [Self; 6] = [
        Self::Fmt,
        Self::Manifest,
        Self::Deny,
        Self::Clippy,
        Self::Doc,
        Self::Test,
    ];

    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Fmt => "fmt",
            Self::Manifest => "manifest",
            Self::Deny => "deny",
            Self::Clippy => "clippy",
            Self::Doc => "doc",
            Self::Test => "test",
        }
    }

    pub(super) const fn about(self) -> &'static str {
        match self {
            Self::Fmt => "the code is formatted",
            Self::Manifest => "the Teams app manifest matches its schema, its icons meet the rules",
            Self::Deny => "licences, bans and sources of dependencies (deny.toml)",
            Self::Clippy => "lints, warnings are errors",
            Self::Doc => "documentation builds, warnings are errors",
            Self::Test => "all tests and doctests",
        }
    }

    pub(super) const fn needs(self) -> &'static [Setup] {
        match self {
            Self::Fmt | Self::Clippy | Self::Doc => &[],
            Self::Manifest => &[Setup::ManifestPackages],
            Self::Deny => &[Setup::CargoDeny],
            Self::Test => &[Setup::Chromium, Setup::TestPackages],
        }
    }

    pub(super) fn named(name: &str) -> Result<Self, Failure> {
        Self::ALL
            .into_iter()
            .find(|step| step.name() == name)
            .ok_or_else(|| {
                let names = Self::ALL.map(Self::name).join(", ");
                Failure::new(format!("there is no step `{name}`")).hint(format!("The steps are {names}."))
            })
    }
}

#[cfg(test)]
mod tests {
    use super::Step;

    #[test]
    fn every_step_is_found_by_its_name_and_a_wrong_name_lists_them() {
        for step in Step::ALL {
            assert_eq!(Step::named(step.name()).unwrap(), step);
        }
        let help = crate::help::of("test").unwrap().text();
        assert!(
            help.contains(&format!("step: {};", Step::ALL.map(Step::name).join(", "))),
            "{help}"
        );
        let error = Step::named("clipy").unwrap_err().to_string();
        assert!(error.contains("clipy") && error.contains("clippy"), "{error}");
    }
}
