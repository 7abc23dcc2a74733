//! The card templates that ship or that a user adds: `cards/<name>.json` and `cards/<name>.<locale>.json`.
//! Read when they are asked for, so that an edit shows at the next notification. Filling them is `compose`'s work; that their
//! expressions can be read is checked here, where the file is known.

use notify::content::Form;
use serde_json::Value;
use std::{
    collections::BTreeMap,
    io,
    path::{Path, PathBuf},
};

/// A folder of card templates.
#[derive(Clone, Debug)]
pub(crate) struct Cards {
    folder: PathBuf,
}

/// Why a template can't be used. `Display` may quote what is wrong; `Debug` doesn't.
#[derive(Clone, PartialEq, Eq, thiserror::Error)]
pub enum CardError {
    /// `cards/` has none by this name.
    #[error("there is no card template named {name:?}; {}", listed(.known))]
    Unknown {
        /// As it was asked for.
        name: String,
        /// The names that there are.
        known: Vec<String>,
    },
    /// Its file can't be used.
    #[error("{file}: {problem}")]
    Unreadable {
        /// The file in `cards/`.
        file: String,
        /// What is wrong with it, and where.
        problem: String,
    },
}

impl std::fmt::Debug for CardError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Unknown { .. } => f.write_str("CardError(unknown)"),
            Self::Unreadable { file, .. } => write!(f, "CardError({file})"),
        }
    }
}

fn listed(names: &[String]) -> String {
    if names.is_empty() {
        return "the folder cards/ has none".to_owned();
    }
    format!("there are: {}", names.join(", "))
}

impl Cards {
    pub(crate) fn new(folder: impl Into<PathBuf>) -> Self {
        Self {
            folder: folder.into(),
        }
    }

    /// A template with its variants by locale.
    pub(crate) fn load(&self, name: &str) -> Result<Form, CardError> {
        let mut template = None;
        let mut locales = BTreeMap::new();
        for file in self.files()? {
            match file.variant_of(name) {
                Some(None) => template = Some(file.read()?),
                Some(Some(locale)) => {
                    locales.insert(locale.to_ascii_lowercase(), file.read()?);
                }
                None => {}
            }
        }
        match template {
            Some(template) => Ok(Form::Card {
                name: Some(name.to_owned()),
                template,
                locales,
            }),
            None => Err(CardError::Unknown {
                name: name.to_owned(),
                known: self.names()?,
            }),
        }
    }

    /// Names of all templates, in order.
    pub(crate) fn names(&self) -> Result<Vec<String>, CardError> {
        let mut names: Vec<String> = self
            .files()?
            .iter()
            .filter(|file| file.locale().is_none())
            .map(|file| file.name().to_owned())
            .collect();
        names.sort();
        Ok(names)
    }

    /// Logs every template that can't be used; one bad card must not keep the others from being sent.
    pub(crate) fn check(&self) {
        let names = self.names().unwrap_or_else(|error| {
            tracing::error!(%error, "the folder of card templates can't be read");
            Vec::new()
        });
        for name in names {
            if let Err(error) = self.load(&name) {
                tracing::error!(%error, "a card template can't be used");
            }
        }
    }

    fn files(&self) -> Result<Vec<CardFile>, CardError> {
        match card_files(&self.folder) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Vec::new()),
            files => files.map_err(|error| CardError::Unreadable {
                file: self.folder.display().to_string(),
                problem: format!("the folder of card templates can't be read: {error}"),
            }),
        }
    }
}

/// The templates of a folder: neither sample data nor texts.
pub(crate) fn card_files(folder: &Path) -> io::Result<Vec<CardFile>> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        let stem = path
            .file_name()
            .and_then(|name| name.to_str())
            .and_then(|name| name.strip_suffix(".json"));
        if let Some(stem) = stem.filter(|stem| !stem.ends_with(".data") && !stem.ends_with(".strings")) {
            files.push(CardFile {
                stem: stem.to_owned(),
                path,
            });
        }
    }
    Ok(files)
}

/// What a person with a language gets of the languages that there are: `de-AT`, then `de`; `None` is the template without
/// a language.
pub(crate) fn nearest<'v, V>(
    variants: &'v [V],
    language: impl Fn(&V) -> &str,
    locale: &str,
) -> Option<&'v V> {
    let mut wanted = locale;
    while !wanted.is_empty() {
        let mut matching = variants
            .iter()
            .filter(|one| language(one).eq_ignore_ascii_case(wanted));
        if let Some(found) = matching.next() {
            return Some(found);
        }
        wanted = &wanted[..wanted.rfind('-').unwrap_or(0)];
    }
    None
}

/// A template: `NAME.json`, or `NAME.LANGUAGE.json`.
pub(crate) struct CardFile {
    stem: String,
    pub(crate) path: PathBuf,
}

impl CardFile {
    fn name(&self) -> &str {
        self.stem.split_once('.').map_or(&self.stem, |(name, _)| name)
    }
    fn locale(&self) -> Option<&str> {
        self.stem.split_once('.').map(|(_, locale)| locale)
    }
    /// `Some(None)` for the template itself, `Some(Some(locale))` for a variant of it.
    pub(crate) fn variant_of(&self, name: &str) -> Option<Option<&str>> {
        (self.name() == name).then(|| self.locale())
    }
    fn read(&self) -> Result<Value, CardError> {
        let unreadable = |problem| CardError::Unreadable {
            file: shown(&self.path),
            problem,
        };
        let value = read_json(&self.path).map_err(unreadable)?;
        // A mistake in an expression is the file's, whoever asks for the card.
        card::Template::from_json(&card::Json::from(&value), "").map_err(|error| {
            // The file's name stands in front already.
            unreadable(error.to_string().trim_start_matches(": ").to_owned())
        })?;
        Ok(value)
    }
}

/// The last two parts of a path: `cards/default.json`.
fn shown(path: &Path) -> String {
    let parts: Vec<_> = path.components().rev().take(2).collect();
    parts
        .iter()
        .rev()
        .map(|part| part.as_os_str().to_string_lossy())
        .collect::<Vec<_>>()
        .join("/")
}

fn read_json(path: &Path) -> Result<Value, String> {
    let text = std::fs::read_to_string(path).map_err(|error| error.to_string())?;
    let value: Value = serde_json::from_str(text.trim_start_matches('\u{feff}')).map_err(|error| {
        format!(
            "line {}, column {}: {}",
            error.line(),
            error.column(),
            without_place(&error)
        )
    })?;
    if !value.is_object() {
        return Err("line 1, column 1: a card template is a JSON object, beginning with {".to_owned());
    }
    Ok(value)
}

/// serde_json ends its messages with the place, which is said before it here.
fn without_place(error: &serde_json::Error) -> String {
    let text = error.to_string();
    text.rsplit_once(" at line ")
        .map_or(text.clone(), |(message, _)| message.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder(files: &[(&str, &str)]) -> (tempfile::TempDir, Cards) {
        let folder = tempfile::tempdir().unwrap();
        let cards = folder.path().join("cards");
        std::fs::create_dir(&cards).unwrap();
        for (name, text) in files {
            std::fs::write(cards.join(name), text).unwrap();
        }
        (folder, Cards::new(cards))
    }

    #[test]
    fn a_template_comes_with_its_locales_and_without_its_sample_data() {
        let files = [
            ("alert.json", r#"{"a":1}"#),
            ("alert.de.json", r#"{"a":2}"#),
            ("alert.de-AT.json", r#"{"a":3}"#),
            ("alert.data.json", "{}"),
            ("alerts.json", r#"{"a":4}"#),
        ];
        let (_folder, cards) = folder(&files);
        let Form::Card {
            name,
            template,
            locales,
        } = cards.load("alert").unwrap()
        else {
            panic!("not a card")
        };
        assert_eq!(
            (name.as_deref(), &template["a"]),
            (Some("alert"), &Value::from(1))
        );
        assert_eq!(locales.keys().collect::<Vec<_>>(), ["de", "de-at"]);
        assert_eq!(cards.names().unwrap(), ["alert", "alerts"]);
    }

    #[test]
    fn an_unknown_name_lists_the_known_ones_and_never_leaves_the_folder() {
        let (_folder, cards) = folder(&[("default.json", "{}")]);
        for name in ["nope", "../secret", "cards/default", ""] {
            let message = cards.load(name).unwrap_err().to_string();
            assert_eq!(
                message,
                format!("there is no card template named {name:?}; there are: default")
            );
        }
    }

    #[test]
    fn a_broken_template_is_named_with_line_and_column() {
        let (_folder, cards) = folder(&[(
            "default.json",
            "{\n  \"type\": \"AdaptiveCard\",\n  \"body\": [}\n",
        )]);
        let message = cards.load("default").unwrap_err().to_string();
        assert_eq!(message, "cards/default.json: line 3, column 12: expected value");
    }

    #[test]
    fn an_expression_that_is_none_is_a_mistake_of_the_file() {
        let (_folder, cards) = folder(&[(
            "default.json",
            r#"{"type":"AdaptiveCard","body":[{"text":"${a +}"}]}"#,
        )]);
        let message = cards.load("default").unwrap_err().to_string();
        assert!(
            message.starts_with("cards/default.json: at /body/0/text, column "),
            "{message}"
        );
    }
}
