//! `cargo run`, `cargo test`, `cargo bench` and `cargo build` lines name packages, targets, features and tests that exist.

use super::ROOT;
use serde_json::Value;
use std::{fs, path::Path, process::Command};

/// Runs cargo in a folder; the JSON that it prints. Nothing is built.
pub(super) fn cargo(folder: &Path, arguments: &[&str]) -> Value {
    let output = Command::new(option_env!("CARGO").unwrap_or("cargo"))
        .args(arguments)
        .current_dir(folder)
        .output()
        .unwrap();
    let complaint = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{arguments:?}: {complaint}");
    serde_json::from_slice(&output.stdout).unwrap()
}

/// The workspace as cargo sees it.
pub(super) fn workspace() -> Value {
    cargo(
        Path::new(ROOT),
        &["metadata", "--no-deps", "--offline", "--format-version", "1"],
    )
}

/// Checks a command's words after `cargo`; what is wrong, if anything.
pub(super) fn problem(workspace: &Value, words: &[String]) -> Option<String> {
    let packages = workspace["packages"].as_array().unwrap();
    let named = |list: &Value, name: &str| list.as_array().unwrap().iter().any(|item| item["name"] == name);
    let mut words = words.iter().map(String::as_str).skip(1).peekable();
    let mut package = packages.iter().find(|package| package["name"] == "handler")?;
    while let Some(word) = words.next() {
        match word {
            "--release" | "--workspace" | "--lib" => {}
            "-p" => {
                let name = words.next()?;
                match packages.iter().find(|package| package["name"] == name) {
                    Some(found) => package = found,
                    None => return Some(format!("there is no package {name}")),
                }
            }
            "--example" | "--bench" | "--test" => {
                let (kind, name) = (word.trim_start_matches("--"), words.next()?);
                let targets = package["targets"].as_array().unwrap();
                let found = targets
                    .iter()
                    .any(|target| target["name"] == name && target["kind"][0] == kind);
                if !found {
                    return Some(format!("there is no {kind} {name} in {}", package["name"]));
                }
            }
            "--features" => {
                let name = words.next()?;
                if package["features"].get(name).is_none() {
                    return Some(format!("there is no feature {name} in {}", package["name"]));
                }
            }
            // What follows is the program's, but for the names of tests.
            "--" => match words.peek() {
                Some(filter) if filter.ends_with("::") => {
                    return missing_test(package, filter.trim_end_matches("::"));
                }
                _ => return None,
            },
            filter if !filter.starts_with('-') => {
                if let Some(missing) = missing_test(package, filter) {
                    return Some(missing);
                }
            }
            other => return Some(format!("{other} is not known here")),
        }
    }
    assert!(named(&workspace["packages"], "handler"));
    None
}

/// A filter of tests that selects none: no function and no module of the package has it in its name.
fn missing_test(package: &Value, filter: &str) -> Option<String> {
    let folder = Path::new(package["manifest_path"].as_str().unwrap())
        .parent()
        .unwrap();
    let found = ["src", "tests"]
        .iter()
        .any(|name| selects(&folder.join(name), filter));
    (!found).then(|| format!("there is no test {filter} in {}", package["name"]))
}

fn selects(path: &Path, filter: &str) -> bool {
    let name = path.file_stem().unwrap_or_default().to_string_lossy();
    if path.is_dir() {
        let mut entries = fs::read_dir(path).unwrap();
        return name.contains(filter) || entries.any(|entry| selects(&entry.unwrap().path(), filter));
    }
    let source = fs::read_to_string(path).unwrap_or_default();
    let mut lines = source.lines().map(str::trim_start);
    path.extension().is_some_and(|ending| ending == "rs")
        && (name.contains(filter)
            || lines.any(|line| {
                let name = line.split_once("fn ").map(|(_, rest)| rest);
                name.is_some_and(|name| name.split('(').next().unwrap().contains(filter))
            }))
}

#[test]
fn what_cargo_would_refuse_is_seen() {
    let workspace = workspace();
    let problem = |line: &str| problem(&workspace, &super::shell::words(line));
    for good in [
        "run -- dev",
        "test -p notify --lib",
        "test -p handler --test it -- sends::",
    ] {
        assert_eq!(problem(good), None, "{good}");
    }
    for bad in [
        "test -p notifi",
        "run -p storage --example measur",
        "run -p storage --features conform",
        "test -p handler --test it -- sendz::",
        "test -p simulator stormz",
        "bench -p card --bnch cases",
    ] {
        assert!(problem(bad).is_some(), "{bad}");
    }
}
