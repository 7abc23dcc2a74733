//! Whether host.json says in so many words that stderr is for errors only. The host takes it so by default too; a handler
//! writes its errors there only where somebody chose it.

use std::path::Path;

use crate::configuration::Configuration;
use crate::host_json;
use crate::settings::Settings;

/// `customHandler.description.useStdErrorStreamForErrorsOnly` is there and true. A host.json that can't be read says
/// nothing.
#[must_use]
pub fn stderr_is_for_errors(root: &Path, settings: &Settings) -> bool {
    let Ok(value) = host_json::load(root) else {
        return false;
    };
    let configuration = Configuration::new(&value, settings);
    let says_so = |handler: &str| {
        let description = configuration.root().section(handler).section("description");
        let flag = description.section("useStdErrorStreamForErrorsOnly").flag();
        matches!(flag, Ok(Some(true)))
    };
    says_so("customHandler") || says_so("httpWorker")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn says(description: &str) -> bool {
        let folder = tempfile::tempdir().unwrap();
        let text = format!(
            "{{\"version\": \"2.0\", // a comment\n \"customHandler\": {{\"description\": {description}}}}}"
        );
        std::fs::write(folder.path().join("host.json"), text).unwrap();
        stderr_is_for_errors(folder.path(), &Settings::none())
    }

    #[test]
    fn only_a_host_json_that_says_so_says_so() {
        assert!(says("{\"useStdErrorStreamForErrorsOnly\": true}"));
        assert!(says("{\"usestderrorstreamforerrorsonly\": \"true\"}"));
        assert!(!says("{\"useStdErrorStreamForErrorsOnly\": false}"));
        assert!(!says("{}") && !says("3"));
        assert!(!stderr_is_for_errors(Path::new("/nowhere"), &Settings::none()));
    }
}
