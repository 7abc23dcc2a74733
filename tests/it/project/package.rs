//! The project's package, made as its owner makes it.

use super::build::{built, built_statically, program, succeeded, target};
use std::{
    collections::BTreeSet,
    fs,
    os::unix::fs::PermissionsExt,
    path::Path,
    process::{Command, Output},
};

/// `cargo run --manifest-path LIBRARY/xtask/Cargo.toml -- package --project . --binary FILE`.
fn package(binary: &Path) -> Output {
    let xtask = Path::new(env!("CARGO_MANIFEST_DIR")).join("xtask/Cargo.toml");
    Command::new(program())
        .args(["run", "--offline", "--locked", "--quiet", "--manifest-path"])
        .arg(xtask)
        .args(["--", "package", "--project", ".", "--binary"])
        .arg(binary)
        .current_dir(&built().folder)
        .env("CARGO_TARGET_DIR", target())
        .output()
        .unwrap()
}

/// Names of all files below a folder.
fn files(folder: &Path) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    let mut open = vec![folder.to_owned()];
    while let Some(next) = open.pop() {
        for entry in fs::read_dir(next).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                open.push(path);
            } else {
                names.insert(path.strip_prefix(folder).unwrap().to_str().unwrap().to_owned());
            }
        }
    }
    names
}

#[test]
fn the_package_has_what_the_project_has_and_nothing_else() {
    // A program that needs Azure's C library to be this machine's is refused.
    let refused = package(&built().program);
    let said = String::from_utf8(refused.stderr).unwrap();
    assert!(!refused.status.success() && said.contains("static"), "{said}");
    let packaged = package(&built_statically());
    succeeded("cargo xtask package", &packaged);
    let said = String::from_utf8(packaged.stdout).unwrap();
    for check in ["ELF for x86-64", "--version: ", "first answer to the host's ping"] {
        assert!(said.contains(check), "{check}: {said}");
    }
    let staged = built().folder.join("dist/package");
    let project = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/project");
    let functions = fs::read_dir(&project)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.join("function.json").is_file())
        .map(|path| format!("{}/function.json", path.file_name().unwrap().to_str().unwrap()));
    let cards = files(&project.join("cards"))
        .into_iter()
        .map(|name| format!("cards/{name}"));
    let wanted: BTreeSet<String> = functions
        .chain(cards)
        .chain(["handler", "host.json"].map(str::to_owned))
        .collect();
    assert_eq!(files(&staged), wanted);
    for name in wanted.iter().filter(|name| *name != "handler") {
        assert_eq!(
            fs::read(staged.join(name)).unwrap(),
            fs::read(project.join(name)).unwrap(),
            "{name}"
        );
    }
    let mode = fs::metadata(staged.join("handler")).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o755);
}
