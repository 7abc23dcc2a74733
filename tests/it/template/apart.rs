//! The other tests keep away from the users' files, so that editing those turns none of them red.

use super::PROJECT;
use std::{
    fs,
    path::{Path, PathBuf},
};

/// Where tests may look at the users' files: this folder; the guides' tests, which hold documentation against the project;
/// and projects outside of this one, which are made from it.
const ALLOWED: [&str; 3] = ["template", "docs", "project"];

/// Lines after a mention of the project's folder in which the file's name is looked for.
const NEAR: usize = 4;

/// What is the users' at the top of the project: the folders of functions, and these.
fn of_users() -> Vec<String> {
    let mut names = vec!["cards".to_owned(), "src".to_owned(), "host.json".to_owned()];
    for entry in fs::read_dir(PROJECT).unwrap() {
        let path = entry.unwrap().path();
        if path.join("function.json").is_file() {
            names.push(path.file_name().unwrap().to_str().unwrap().to_owned());
        }
    }
    names
}

fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|ending| ending == "rs") {
            found.push(path);
        }
    }
}

/// What a test's source has to do with the users' files: lines that name the users' program, or a file of theirs in the
/// project's folder, which only `CARGO_MANIFEST_DIR` leads to.
fn touches(source: &str, users: &[String]) -> Vec<String> {
    let lines: Vec<&str> = source.lines().collect();
    let mut found = Vec::new();
    for (at, line) in lines.iter().enumerate() {
        if line.contains("CARGO_BIN_EXE_handler") {
            found.push((*line).to_owned());
        }
        if !line.contains("CARGO_MANIFEST_DIR") {
            continue;
        }
        let near = lines[at..lines.len().min(at + NEAR)].join("\n");
        let named = near.split('"').skip(1).step_by(2);
        let theirs = named.filter(|literal| {
            let first = literal.trim_start_matches(['.', '/']).split('/').next();
            users.iter().any(|name| Some(name.as_str()) == first)
        });
        found.extend(theirs.map(str::to_owned));
    }
    found
}

/// Files that are compiled into a source: those of them that are the users'.
fn included(file: &Path, source: &str, users: &[String]) -> Vec<String> {
    let root = fs::canonicalize(PROJECT).unwrap();
    let names = source.split("include_").skip(1).filter_map(|rest| {
        let (_, rest) = rest.split_once("!(\"")?;
        rest.split('"').next()
    });
    let theirs = names.filter(|name| {
        let Ok(path) = fs::canonicalize(file.with_file_name(name)) else {
            return false;
        };
        let below = path.strip_prefix(&root).ok().and_then(|path| path.iter().next());
        users.iter().any(|user| below == Some(user.as_ref()))
    });
    theirs.map(str::to_owned).collect()
}

#[test]
fn nothing_of_the_users_is_compiled_into_the_library() {
    let users = of_users();
    let mut files = Vec::new();
    for folder in ["crates", "xtask", "benches"] {
        sources(&Path::new(PROJECT).join(folder), &mut files);
    }
    let found = files.iter().flat_map(|file| {
        let source = fs::read_to_string(file).unwrap();
        let found = included(file, &source, &users);
        found
            .into_iter()
            .map(|name| format!("{}: {name}", file.display()))
    });
    assert_eq!(found.collect::<Vec<_>>(), [] as [String; 0]);
    // It sees what it looks for.
    let here = Path::new(PROJECT).join("crates/bot/src/bot.rs");
    let source = "include_str!(\"../../../host.json\")";
    assert_eq!(included(&here, source, &users), ["../../../host.json"]);
}

#[test]
fn only_these_tests_read_what_users_edit() {
    let users = of_users();
    assert!(users.len() > 3, "{users:?}");
    let root = Path::new(PROJECT).join("tests/it");
    let mut files = Vec::new();
    sources(&root, &mut files);
    assert!(files.len() > 50, "{}", files.len());
    for file in files {
        let name = file.strip_prefix(&root).unwrap();
        let first = name.iter().next().unwrap().to_str().unwrap();
        if ALLOWED.contains(&first) {
            continue;
        }
        let source = fs::read_to_string(&file).unwrap();
        let found = touches(&source, &users);
        assert!(
            found.is_empty(),
            "tests/it/{}: {found:?} is the users'; take tests/it/fixtures/bot, or put the test into tests/it/template",
            name.display()
        );
    }
}

#[test]
fn the_guard_sees_what_it_looks_for() {
    let users = ["cards".to_owned(), "mineTrigger".to_owned()];
    let root = "env!(\"CARGO_MANIFEST_DIR\")";
    for bad in [
        format!("Path::new({root}).join(\"cards\")"),
        format!(
            "let root = {root};\nlet text = fs::read(format!(\"{{root}}/x\"));\nroot.join(\"mineTrigger/function.json\")"
        ),
        format!("concat!({root}, \"/cards/default.json\")"),
        "env!(\"CARGO_BIN_EXE_handler\")".to_owned(),
    ] {
        assert!(!touches(&bad, &users).is_empty(), "{bad}");
    }
    for good in [
        format!("Path::new({root}).join(\"tests/it/golden\")"),
        "room.write(\"cards/mine.json\", text)".to_owned(),
    ] {
        assert_eq!(touches(&good, &users), [] as [String; 0], "{good}");
    }
}
