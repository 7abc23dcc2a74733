//! Files, folders and modules that the guides name in code are there.

use super::{ROOT, markdown::guides};
use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

/// At the top: what is made by building, testing or running, and not kept.
const MADE: [&str; 4] = ["target", "node_modules", "dist", ".notify"];

/// Paths that are made when the guide is followed.
const LATER: [&str; 1] = ["fuzz/corpus"];

/// The names at the top of the project, and of the crates.
fn first_parts() -> BTreeSet<String> {
    let names = |folder: PathBuf| {
        fs::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
    };
    let root = Path::new(ROOT);
    let of_crate = ["src", "tests", "examples", "benches"].map(str::to_owned);
    names(root.into())
        .chain(names(root.join("crates")))
        .chain(of_crate)
        .filter(|name| !MADE.contains(&name.as_str()))
        .collect()
}

/// `a/{b,c}.rs` as `a/b.rs` and `a/c.rs`; text without a choice as it is.
fn choices(text: &str) -> Vec<String> {
    let parts = text
        .split_once('{')
        .and_then(|(before, rest)| Some((before, rest.split_once('}')?)));
    match parts {
        Some((before, (names, after))) if names.contains(',') => names
            .split(',')
            .map(|name| format!("{before}{name}{after}"))
            .collect(),
        _ => vec![text.to_owned()],
    }
}

/// The part of a path before the first part that stands for something: `cards/NAME.json`, `cards/<name>.json`, `cards/*`.
fn fixed(path: &str) -> PathBuf {
    let stands_for = |part: &str| {
        part.contains(['<', '{', '*', '…'])
            || part.split('.').any(|word| {
                word.len() > 2
                    && word.chars().all(|c| c.is_ascii_uppercase())
                    && word != "README"
                    && word != "LICENSE"
            })
    };
    path.trim_end_matches('/')
        .split('/')
        .take_while(|part| !stands_for(part))
        .collect()
}

/// Where a path of a guide may begin: at the top, among the crates, or where the guide is.
fn exists(path: &Path, guide: &Path) -> bool {
    let root = Path::new(ROOT);
    [
        root.to_owned(),
        root.join("crates"),
        guide.to_owned(),
        guide.join("src"),
    ]
    .iter()
    .any(|place| place.join(path).exists())
}

/// The file or folder of a module such as `notify::dispatch`, where the first part is a crate.
fn module_is_there(path: &str) -> bool {
    let mut parts = path.split("::");
    let mut folder = Path::new(ROOT)
        .join("crates")
        .join(parts.next().unwrap())
        .join("src");
    for part in parts {
        if !folder.join(part).is_dir() {
            return folder.join(format!("{part}.rs")).is_file();
        }
        folder.push(part);
    }
    true
}

#[test]
fn what_the_guides_name_is_there() {
    let first_parts = first_parts();
    let (mut missing, mut checked) = (Vec::new(), 0);
    for guide in guides() {
        for code in &guide.code {
            let is_path = code.contains('/') && !code.contains(|c: char| c.is_whitespace() || c == '"');
            if !is_path || LATER.iter().any(|later| code.starts_with(later)) {
                continue;
            }
            for path in choices(code) {
                if !first_parts.contains(path.split('/').next().unwrap()) {
                    continue;
                }
                checked += 1;
                if !exists(&fixed(&path), &guide.folder()) {
                    missing.push(format!("{}: {path}", guide.name));
                }
            }
        }
    }
    assert!(checked > 60, "{checked}");
    assert!(missing.is_empty(), "{missing:#?}");
}

#[test]
fn modules_that_the_map_names_are_there() {
    let map = super::markdown::guide("ARCHITECTURE.md");
    let modules: Vec<&String> = map
        .code
        .iter()
        .filter(|code| code.contains("::"))
        .filter(|code| {
            code.chars()
                .all(|c| c.is_ascii_lowercase() || matches!(c, ':' | '_'))
        })
        .collect();
    assert!(modules.len() > 5, "{modules:?}");
    for module in modules {
        assert!(module_is_there(module), "ARCHITECTURE.md: {module}");
    }
}

#[test]
fn what_is_missing_is_seen() {
    assert_eq!(
        choices("bot/src/{hooks,action}.rs"),
        ["bot/src/hooks.rs", "bot/src/action.rs"]
    );
    assert_eq!(fixed("cards/NAME.de.json"), Path::new("cards"));
    assert_eq!(fixed("crates/card/README.md"), Path::new("crates/card/README.md"));
    let root = Path::new(ROOT);
    assert!(
        exists(Path::new("notify/src/outcome.rs"), root)
            && !exists(Path::new("notify/src/outcomes.rs"), root)
    );
    assert!(module_is_there("notify::worker::state") && !module_is_there("notify::worker::states"));
}
