//! Which file is the sample of a template, and the template of a sample.

use std::path::{Path, PathBuf};

/// The template that a `NAME.data.json` is the sample of, if there is one: `cards/*.json` names both.
pub(super) fn template_of(file: &Path) -> Option<PathBuf> {
    let name = file.file_name()?.to_str()?.strip_suffix(".data.json")?;
    Some(file.with_file_name(format!("{name}.json"))).filter(|template| template.is_file())
}

/// `alert.de-AT.data.json`, `alert.de.data.json`, `alert.data.json`: the nearest sample of a template.
pub(super) fn beside(file: &Path) -> Option<PathBuf> {
    let mut stem = file.file_name()?.to_str()?.strip_suffix(".json")?;
    loop {
        let sample = file.with_file_name(format!("{stem}.data.json"));
        if sample.is_file() {
            return Some(sample);
        }
        let end = stem.rfind(['.', '-'])?;
        if !(stem[..end].contains('.') || stem[end..].starts_with('.')) {
            return None;
        }
        stem = &stem[..end];
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_sample_is_that_of_the_language_then_of_the_card() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        let nearest = |name: &str| {
            beside(&path(name)).map(|found| found.strip_prefix(folder.path()).unwrap().to_owned())
        };
        assert_eq!(nearest("my-alert.de-AT.json"), None);
        std::fs::write(path("my-alert.data.json"), "{}").unwrap();
        std::fs::write(path("my.data.json"), "{}").unwrap();
        for name in ["my-alert.json", "my-alert.de.json", "my-alert.de-AT.json"] {
            assert_eq!(nearest(name), Some("my-alert.data.json".into()), "{name}");
        }
        std::fs::write(path("my-alert.de.data.json"), "{}").unwrap();
        assert_eq!(
            nearest("my-alert.de-AT.json"),
            Some("my-alert.de.data.json".into())
        );
        assert_eq!(nearest("other.json"), None);
        assert_eq!(template_of(&path("my.data.json")), None);
        std::fs::write(path("my.json"), "{}").unwrap();
        assert_eq!(template_of(&path("my.data.json")), Some(path("my.json")));
    }
}
