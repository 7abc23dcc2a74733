//! `handler card preview`: a page that shows how a card will look, in each of its languages, light and dark, on a desktop
//! and on a phone. What is drawn where is chosen here; the page itself is made in `page`.

mod page;

use super::{expanded, json, read, samples};
use crate::{
    cli::PreviewArgs,
    commands::{CommandError, renderer, say},
    output::Output,
    templates::{card_files, nearest},
};
use page::Column;
use serde_json::{Value, json};
use std::{
    io::Write,
    path::{Path, PathBuf},
};

/// Where the renderer is kept, as `dev` keeps it.
const STATE: &str = ".notify";

/// Fills the card and writes the page.
pub(crate) async fn run(args: &PreviewArgs) -> Result<(), CommandError> {
    let columns = columns(args)?;
    let state = Path::new(STATE);
    renderer::fetch(state)
        .await
        .map_err(|reason| format!("the renderer that draws cards is missing: {reason}"))?;
    let script = renderer::script(state);
    let script =
        std::fs::read_to_string(&script).map_err(|error| format!("{}: {error}", script.display()))?;
    let title = args.file.file_stem().unwrap_or_default().to_string_lossy();
    let html = page::html(&title, &columns, &script);
    let out = match &args.out {
        Some(out) if out.as_os_str() == "-" => {
            Output.write_all(html.as_bytes())?;
            return Ok(());
        }
        Some(out) => out.clone(),
        None => PathBuf::from(format!("{title}.preview.html")),
    };
    std::fs::write(&out, html).map_err(|error| format!("{}: {error}", out.display()))?;
    say(&out.display().to_string());
    Ok(())
}

/// The card filled in each of its languages, or as a person with the given one gets it.
fn columns(args: &PreviewArgs) -> Result<Vec<Column>, CommandError> {
    let all = variants(&args.file)?;
    let chosen = match &args.locale {
        None => all,
        Some(locale) => vec![Variant {
            locale: locale.clone(),
            file: best(&all, locale),
        }],
    };
    let columns = chosen.into_iter().map(|variant| {
        let template = read(&variant.file)?;
        let data = args.data.clone().or_else(|| samples::beside(&variant.file));
        let text = data.as_deref().map(read).transpose()?;
        let data = json(text.as_deref(), data.as_deref())?;
        let host = host(&variant.locale).to_string();
        let host = json(Some(&host), None)?;
        let card = expanded(&template, &variant.file, data.as_ref(), host.as_ref())?;
        Ok(Column {
            name: variant
                .file
                .file_name()
                .unwrap_or_default()
                .to_string_lossy()
                .into_owned(),
            locale: variant.locale,
            card: serde_json::from_str(&card)?,
        })
    });
    columns.collect()
}

/// A template of a card, and the language that it is for.
struct Variant {
    locale: String,
    file: PathBuf,
}

/// The language of a template whose name says none.
const UNSAID: &str = "en-US";

/// The template and its languages; only itself, if it is one of them.
fn variants(file: &Path) -> Result<Vec<Variant>, CommandError> {
    let stem = file.file_stem().unwrap_or_default().to_string_lossy();
    if let Some((_, locale)) = stem.split_once('.') {
        let locale = locale.to_owned();
        let file = file.to_owned();
        return Ok(vec![Variant { locale, file }]);
    }
    let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty());
    let folder = folder.unwrap_or(Path::new("."));
    let files = card_files(folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    let languages = files.iter().filter_map(|one| {
        let locale = one.variant_of(&stem)??.to_owned();
        let file = one.path.clone();
        Some(Variant { locale, file })
    });
    let mut all: Vec<Variant> = languages.collect();
    all.sort_by(|one, other| one.locale.cmp(&other.locale));
    all.insert(
        0,
        Variant {
            locale: UNSAID.to_owned(),
            file: file.to_owned(),
        },
    );
    Ok(all)
}

/// What a person with a language gets, as where it is sent.
fn best(all: &[Variant], locale: &str) -> PathBuf {
    let (main, languages) = match all.split_first() {
        Some((main, languages)) => (main.file.clone(), languages),
        None => return PathBuf::new(),
    };
    nearest(languages, |one| &one.locale, locale).map_or(main, |found| found.file.clone())
}

/// What the template sees of the recipient and the notification.
fn host(locale: &str) -> Value {
    json!({
        "notification": { "id": "n-0123456789", "createdAt": "2026-01-31T09:00:00Z" },
        "recipient": { "name": "Adele Vance", "locale": locale, "scope": "personal", "tenant": "00000000-0000-0000-0000-000000000000" },
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chosen(files: &[&str], file: &str, locale: Option<&str>) -> Vec<(String, String)> {
        let folder = tempfile::tempdir().unwrap();
        for name in files {
            std::fs::write(folder.path().join(name), r#"{"type":"AdaptiveCard"}"#).unwrap();
        }
        let args = PreviewArgs {
            file: folder.path().join(file),
            data: None,
            locale: locale.map(str::to_owned),
            out: None,
        };
        let columns = columns(&args).unwrap();
        columns.into_iter().map(|one| (one.locale, one.name)).collect()
    }

    #[test]
    fn a_column_for_each_language_or_for_the_one_that_is_asked_for() {
        let files = [
            "a.json",
            "a.de.json",
            "a.de-AT.json",
            "a.data.json",
            "a.de.data.json",
            "a.strings.json",
            "a.de.strings.json",
            "ab.json",
        ];
        let pair = |locale: &str, name: &str| (locale.to_owned(), name.to_owned());
        assert_eq!(
            chosen(&files, "a.json", None),
            [
                pair("en-US", "a.json"),
                pair("de", "a.de.json"),
                pair("de-AT", "a.de-AT.json")
            ]
        );
        assert_eq!(chosen(&files, "a.de.json", None), [pair("de", "a.de.json")]);
        assert_eq!(
            chosen(&files, "a.json", Some("de-CH")),
            [pair("de-CH", "a.de.json")]
        );
        assert_eq!(
            chosen(&files, "a.json", Some("DE-at")),
            [pair("DE-at", "a.de-AT.json")]
        );
        assert_eq!(chosen(&files, "a.json", Some("fr")), [pair("fr", "a.json")]);
    }
}
