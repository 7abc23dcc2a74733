//! docs/settings.md and local.settings.json.example come from the declarations. `UPDATE_GOLDEN=1` writes them anew.

use crate::{ALL, Declaration, names, settings};
use std::{env, fs, path::PathBuf};

/// Around what is generated.
const BEGIN: &str = "<!-- from crates/config: UPDATE_GOLDEN=1 cargo test -p config -->\n";
const END: &str = "<!-- until here -->\n";

fn file(name: &str) -> PathBuf {
    PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../..")).join(name)
}

fn read(name: &str) -> String {
    fs::read_to_string(file(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
}

fn row(setting: &dyn Declaration) -> String {
    let accepted = match setting.accepted() {
        accepted if accepted.is_empty() => accepted,
        accepted => format!(" Accepted: {accepted}."),
    };
    format!(
        "| `{}` | {} | {}{accepted} |\n",
        setting.name(),
        setting.unset(),
        setting.meaning()
    )
}

/// A table for each family.
fn tables() -> String {
    let tables = ALL.iter().map(|family| {
        let rows: String = family.settings.iter().map(|setting| row(*setting)).collect();
        format!(
            "### {}\n\n| name | without it | meaning |\n|---|---|---|\n{rows}",
            family.title
        )
    });
    tables.collect::<Vec<_>>().join("\n")
}

/// The example: what the Functions host needs, and each setting that most projects fill in.
fn example() -> String {
    // As func's own template begins.
    let mut lines = vec![line("FUNCTIONS_WORKER_RUNTIME", "custom")];
    let listed = || settings().filter_map(|setting| Some((setting.name(), setting.example()?)));
    let (filled, empty): (Vec<_>, Vec<_>) = listed().partition(|(_, value)| !value.is_empty());
    lines.extend(
        filled
            .into_iter()
            .chain(empty)
            .map(|(name, value)| line(name, value)),
    );
    // The port that `handler dev` and Microsoft's Agents Playground use.
    format!(
        "{{\n  \"IsEncrypted\": false,\n  \"Values\": {{\n{}\n  }},\n  \"Host\": {{\n    \"LocalHttpPort\": 3978\n  }}\n}}\n",
        lines.join(",\n")
    )
}

fn line(name: &str, value: &str) -> String {
    format!("    {name:?}: {value:?}")
}

/// Holds a file against what it should be.
fn hold(name: &str, expected: &str) {
    if env::var_os("UPDATE_GOLDEN").is_some() {
        fs::write(file(name), expected).unwrap();
    }
    assert!(
        read(name) == expected,
        "{name} is not what the declarations say; run again with UPDATE_GOLDEN=1"
    );
}

#[test]
fn the_guide_has_every_setting_as_it_is_declared() {
    let guide = read("docs/settings.md");
    let (before, rest) = guide.split_once(BEGIN).expect("the guide has the first mark");
    let (_, after) = rest.split_once(END).expect("the guide has the second mark");
    hold(
        "docs/settings.md",
        &format!("{before}{BEGIN}\n{}\n{END}{after}", tables()),
    );
}

#[test]
fn the_example_file_has_what_most_projects_fill_in() {
    hold("local.settings.json.example", &example());
}

#[test]
fn a_declaration_fits_into_a_row_of_the_table() {
    let mut seen: Vec<_> = settings().map(|setting| setting.name()).collect();
    for setting in settings() {
        let row = row(setting);
        assert_eq!(row.matches('|').count(), 4, "{row}");
        assert!(setting.meaning().ends_with('.'), "{row}");
    }
    seen.sort_unstable();
    seen.dedup();
    assert_eq!(seen.len(), settings().count(), "a name is declared twice");
}

#[test]
fn the_documents_name_no_setting_that_is_not_declared() {
    for document in [
        "README.md",
        "ARCHITECTURE.md",
        "SECURITY.md",
        "docs/settings.md",
        "docs/make-it-yours.md",
        "docs/from-teamsfx.md",
        "docs/cards.md",
    ] {
        let text = read(document);
        let words = text.split(|c: char| !c.is_ascii_alphanumeric() && c != '_');
        // A pattern such as `NOTIFICATION_*` is no name.
        let whole = words.filter(|word| !word.ends_with('_'));
        let unknown = names::unknown(whole)
            .into_iter()
            .find_map(|unknown| match unknown {
                names::UnknownName::Refused(text) => Some(text),
                names::UnknownName::Ignored(_) => None,
            });
        assert_eq!(unknown, None, "{document}");
    }
}
