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

fn named<'v>(list: &'v Value, name: &str) -> Option<&'v Value> {
    list.as_array().unwrap().iter().find(|item| item["name"] == name)
}

/// Checks the words of a command after `cargo`; an error says what cargo would refuse.
pub(super) fn check(workspace: &Value, words: &[String]) -> Result<(), String> {
    let mut words = words.iter().map(String::as_str);
    let command = words.next().unwrap_or_default();
    let mut package = named(&workspace["packages"], "handler").expect("the program's package");
    // Of its programs, `cargo run` starts this one.
    if command == "run" && package["default_run"] != "handler" {
        return Err(format!("cargo run starts {}", package["default_run"]));
    }
    while let Some(word) = words.next() {
        let mut value = || words.next().ok_or_else(|| format!("{word} lacks its value"));
        match word {
            "--lib" if command != "test" => return Err(format!("cargo {command} has no --lib here")),
            "--workspace" if command == "run" => return Err("cargo run has no --workspace".to_owned()),
            "--release" | "--workspace" | "--lib" => {}
            "-p" => {
                let name = value()?;
                package = named(&workspace["packages"], name)
                    .ok_or_else(|| format!("there is no package {name}"))?;
            }
            "--example" | "--bench" | "--test" => {
                let (kind, name) = (word.trim_start_matches("--"), value()?);
                let targets = package["targets"].as_array().unwrap();
                targets
                    .iter()
                    .find(|target| target["name"] == name && target["kind"][0] == kind)
                    .ok_or_else(|| format!("there is no {kind} {name} in {}", package["name"]))?;
            }
            "--features" => {
                let name = value()?;
                let feature = package["features"].get(name);
                feature.ok_or_else(|| format!("there is no feature {name} in {}", package["name"]))?;
            }
            // What follows is the program's, but for the names of tests.
            "--" => {
                let filter = words.next().filter(|word| word.ends_with("::"));
                return filter.map_or(Ok(()), |filter| {
                    selects_some(package, filter.trim_end_matches("::"))
                });
            }
            filter if !filter.starts_with('-') => selects_some(package, filter)?,
            other => return Err(format!("{other} is not known here")),
        }
    }
    Ok(())
}

/// A filter of tests selects one: a function or a module of the package has it in its name.
fn selects_some(package: &Value, filter: &str) -> Result<(), String> {
    let folder = Path::new(package["manifest_path"].as_str().unwrap())
        .parent()
        .unwrap();
    let found = ["src", "tests"]
        .iter()
        .any(|name| selects(&folder.join(name), filter));
    found
        .then_some(())
        .ok_or_else(|| format!("there is no test {filter} in {}", package["name"]))
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
    let check = |line: &str| check(&workspace, &super::shell::words(line));
    for good in [
        "run -- dev",
        "test -p notify --lib",
        "test -p handler --test it -- sends::",
    ] {
        assert_eq!(check(good), Ok(()), "{good}");
    }
    for bad in [
        "test -p notifi",
        "run -p storage --example measur",
        "run --workspace --example versions",
        "run -p storage --features conform",
        "test -p handler --test it -- sendz::",
        "test -p simulator stormz",
        "bench -p card --bnch cases",
        "bench -p card --bench",
    ] {
        assert!(check(bad).is_err(), "{bad}");
    }
}
