//! What the project's manifest needs besides, so that what the workspace's tests were built of is used again: the same
//! profile, and the same features of each package from outside, which a package without code asks for. Without it the
//! project would build just as well, in some minutes more.

use super::build::{program, succeeded};
use std::{collections::BTreeMap, fs, path::Path, process::Command};

/// The package that asks for features.
const SAME: &str = "same-features";

/// Packages of which a little optimisation pays: those of the workspace's own profile.
const OPTIMISED: [&str; 3] = ["notify", "simulator", "storage"];

/// The manifest's further sections, after its dependencies and before its workspace.
pub(crate) fn sections(checkout: &Path, project: &Path) -> String {
    ask_for_features(checkout, project);
    let mut text = format!(
        "[target.'cfg(all())'.dependencies]\n{SAME} = {{ path = \"{SAME}\" }}\n\n\
         [profile.dev]\ndebug = \"line-tables-only\"\n[profile.dev.package.\"*\"]\nopt-level = 1\ndebug = false\n"
    );
    for entry in fs::read_dir(checkout.join("crates")).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        let package = if name == "bot" { "teams-notify" } else { &name };
        if !OPTIMISED.contains(&package) {
            text.push_str(&format!("[profile.dev.package.{package}]\nopt-level = 0\n"));
        }
    }
    text
}

fn ask_for_features(checkout: &Path, project: &Path) {
    let theirs = features(checkout, &["--workspace", "-e", "normal,build,dev"]);
    let mut manifest =
        format!("[package]\nname = \"{SAME}\"\nversion = \"0.0.0\"\nedition = \"2024\"\n\n[dependencies]\n");
    for (n, (package, ours)) in features(project, &["-e", "normal,build"]).iter().enumerate() {
        let Some(wanted) = theirs.get(package).filter(|wanted| *wanted != ours) else {
            continue;
        };
        let (name, version) = package;
        manifest.push_str(&format!(
            "same-{n} = {{ package = \"{name}\", version = \"={version}\", default-features = false, features = {wanted:?} }}\n"
        ));
    }
    let folder = project.join(SAME);
    fs::create_dir_all(folder.join("src")).unwrap();
    fs::write(folder.join("Cargo.toml"), manifest).unwrap();
    fs::write(folder.join("src/lib.rs"), "").unwrap();
}

/// Features of the packages from outside, by name and version.
fn features(folder: &Path, what: &[&str]) -> BTreeMap<(String, String), Vec<String>> {
    let tree = Command::new(program())
        .args([
            "tree",
            "--offline",
            "--quiet",
            "--prefix",
            "none",
            "--format",
            "{p}|{f}",
        ])
        .args(what)
        .current_dir(folder)
        .output()
        .unwrap();
    succeeded("cargo tree", &tree);
    let text = String::from_utf8(tree.stdout).unwrap();
    let mut found = BTreeMap::new();
    for line in text.lines().filter(|line| !line.contains('/')) {
        let Some((package, features)) = line.trim_end_matches(" (*)").split_once('|') else {
            continue;
        };
        let mut words = package.split(' ');
        let (Some(name), Some(version)) = (words.next(), words.next()) else {
            continue;
        };
        let version = version.trim_start_matches('v').to_owned();
        let features = features
            .split(',')
            .filter(|name| !name.is_empty())
            .map(str::to_owned)
            .collect();
        found.insert((name.to_owned(), version), features);
    }
    found
}
