//! Whether host.json says in so many words that stderr is for errors only. The host takes it so by default too; a handler
//! writes its errors there only where somebody chose it.

use std::path::Path;

use crate::json;
use crate::overrides;
use crate::section::Section;
use crate::settings::Settings;

const FILE: &str = "host.json";

/// `customHandler.description.useStdErrorStreamForErrorsOnly` is there and true. A host.json that can't be read says
/// nothing.
#[must_use]
pub fn stderr_is_for_errors(root: &Path, settings: &Settings) -> bool {
    let Ok(mut value) = json::read(&root.join(FILE), FILE) else {
        return false;
    };
    overrides::apply(&mut value, settings);
    let below = |section: Section<'_>, name: &str| {
        let found = section.find(name)?.value.as_object()?.clone();
        Some(found)
    };
    let root = Section::new(FILE, value.as_object(), "");
    let handler = below(root, "customHandler").or_else(|| below(root, "httpWorker"));
    let description = handler.and_then(|map| below(Section::new(FILE, Some(&map), ""), "description"));
    description.is_some_and(|map| {
        let description = Section::new(FILE, Some(&map), "");
        matches!(description.flag("useStdErrorStreamForErrorsOnly"), Ok(Some(true)))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn says(description: &str) -> bool {
        let folder = tempfile::tempdir().unwrap();
        let text = format!(
            "{{\"version\": \"2.0\", // a comment\n \"customHandler\": {{\"description\": {description}}}}}"
        );
        std::fs::write(folder.path().join(FILE), text).unwrap();
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
