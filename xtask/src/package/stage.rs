//! Fills `dist/package/` with the files that the Functions host reads, and no others of the checkout.

use std::{
    fs,
    path::{Path, PathBuf},
};

use super::clear;
use crate::{failure::Failure, project::Project};

/// The name of the program in the package, which host.json must start.
pub(super) const PROGRAM: &str = "handler";

/// Copies everything to `folder` and returns the files' names in order, `/` between parts.
pub(super) fn stage(project: &Project, program: &Path, folder: &Path) -> Result<Vec<String>, Failure> {
    clear(folder)?;
    let mut names = vec![PROGRAM.to_owned(), "host.json".to_owned()];
    let cards = project.file("cards");
    if !cards.is_dir() {
        return Err(Failure::new("cards/ is missing: it holds the default card"));
    }
    collect(&cards, "cards", &mut names)?;
    for function in function_folders(&project.file("."))? {
        collect(&project.file(&function), &function, &mut names)?;
    }
    names.sort();
    for name in &names {
        let from = if name == PROGRAM {
            program.to_path_buf()
        } else {
            project.file(name)
        };
        copy(&from, &folder.join(name), mode(name))?;
    }
    Ok(names)
}

/// The folders that hold a `function.json`, in order.
pub(super) fn function_folders(root: &Path) -> Result<Vec<String>, Failure> {
    let mut folders: Vec<String> = children(root)?
        .into_iter()
        .filter(|path| path.join("function.json").is_file())
        .filter_map(|path| name_of(&path))
        .collect();
    folders.sort();
    if folders.is_empty() {
        return Err(Failure::new(format!(
            "{}: no folder here has a function.json",
            root.display()
        )));
    }
    Ok(folders)
}

/// Endings of files that hold keys or certificates with keys.
const KEY_FILES: [&str; 4] = [".key", ".p12", ".pem", ".pfx"];

/// Files that belong to one machine: settings with secrets, keys, local state, editors' leavings.
pub(super) fn is_private(name: &str) -> bool {
    let file = name.rsplit('/').next().unwrap_or(name).to_ascii_lowercase();
    file.starts_with('.')
        || file.starts_with("local.settings")
        || file.ends_with('~')
        || KEY_FILES.iter().any(|ending| file.ends_with(ending))
}

/// The mode of a file in the package: readable for all, executable only for the program.
pub(super) fn mode(name: &str) -> u32 {
    if name == PROGRAM { 0o755 } else { 0o644 }
}

fn collect(folder: &Path, prefix: &str, names: &mut Vec<String>) -> Result<(), Failure> {
    for path in children(folder)? {
        let Some(file) = name_of(&path) else {
            return Err(Failure::new(format!("{}: the name is not UTF-8", path.display())));
        };
        let name = format!("{prefix}/{file}");
        if is_private(&name) {
            continue;
        }
        if path.is_dir() {
            collect(&path, &name, names)?;
        } else {
            names.push(name);
        }
    }
    Ok(())
}

fn children(folder: &Path) -> Result<Vec<PathBuf>, Failure> {
    let entries = fs::read_dir(folder).map_err(Failure::at(folder))?;
    entries
        .map(|entry| entry.map(|entry| entry.path()).map_err(Failure::at(folder)))
        .collect()
}

fn name_of(path: &Path) -> Option<String> {
    path.file_name().and_then(|name| name.to_str()).map(str::to_owned)
}

/// Copies a file over `to`, even if `to` is a running program.
pub(super) fn copy(from: &Path, to: &Path, mode: u32) -> Result<(), Failure> {
    if let Some(folder) = to.parent() {
        fs::create_dir_all(folder).map_err(Failure::at(folder))?;
    }
    // Removed first: a program that is running cannot be overwritten.
    if to.exists() {
        fs::remove_file(to).map_err(Failure::at(to))?;
    }
    fs::copy(from, to).map_err(Failure::at(from))?;
    set_mode(to, mode)
}

#[cfg(unix)]
fn set_mode(file: &Path, mode: u32) -> Result<(), Failure> {
    use std::os::unix::fs::PermissionsExt;
    fs::set_permissions(file, fs::Permissions::from_mode(mode)).map_err(Failure::at(file))
}

#[cfg(not(unix))]
fn set_mode(_file: &Path, _mode: u32) -> Result<(), Failure> {
    Ok(()) // the zip carries the modes
}

#[cfg(test)]
mod tests {
    use super::{is_private, mode};

    #[test]
    fn settings_and_state_of_a_machine_are_private() {
        for name in [
            "local.settings.json",
            "local.settings.json.example",
            ".notification.localstore.json",
            "local.settings.production.json",
            "local.settings-old.json",
            "cards/.env",
            "httpTrigger/.env.production",
            "cards/bot.pfx",
            "messageHandler/BOT.PEM",
            "cards/private.key",
        ] {
            assert!(is_private(name), "{name}");
        }
        assert!(!is_private("cards/local.json") && !is_private("cards/pem.json"));
        assert!(is_private("cards/.default.json.swp"));
        assert!(!is_private("cards/default.json"));
        assert!(!is_private("httpTrigger/function.json"));
    }

    /// Whether a pattern of .funcignore, whose only wildcard here is `*`, fits a file's name.
    fn ignores(pattern: &str, file: &str) -> bool {
        match pattern.split_once('*') {
            None => pattern == file,
            Some((before, after)) => {
                file.len() >= before.len() + after.len() && file.starts_with(before) && file.ends_with(after)
            }
        }
    }

    #[test]
    fn publishing_from_the_folder_leaves_secrets_behind_and_takes_the_app() {
        let patterns = include_str!("../../../.funcignore");
        let ignored = |file: &str| patterns.lines().any(|pattern| ignores(pattern.trim(), file));
        for file in [
            ".env",
            ".env.local",
            ".env.production",
            "bot.pfx",
            "bot.p12",
            "bot.pem",
            "bot.key",
            "local.settings.json",
            "local.settings.production.json",
            "local.settings.json.example",
            ".notification.localstore.json",
        ] {
            assert!(ignored(file), "{file}");
        }
        for file in ["host.json", "handler", "function.json", "default.json"] {
            assert!(!ignored(file), "{file}");
        }
    }

    #[test]
    fn only_the_program_is_executable() {
        assert_eq!(mode("handler"), 0o755);
        assert_eq!(mode("cards/handler"), 0o644);
    }
}
