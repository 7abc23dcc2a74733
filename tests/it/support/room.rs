//! A folder of its own for each handler: host.json, the functions and the cards of the project, free to be changed.

use serde_json::Value;
use std::{
    fs,
    path::{Path, PathBuf},
};
use tempfile::TempDir;

/// The binary under test. A tool that is built as an example names the ones it runs by itself.
pub(crate) const HANDLER: &str = match option_env!("CARGO_BIN_EXE_handler") {
    Some(path) => path,
    None => "handler",
};

/// A schedule that no test lives to see.
const YEARLY: &str = "0 0 0 1 1 *";

/// A project folder; gone when dropped.
pub(crate) struct Room {
    folder: TempDir,
}

impl Room {
    /// A copy of what a user edits. The timer is switched on, and quiet: it fires once a year.
    pub(crate) fn new() -> Self {
        let room = Self::as_shipped();
        room.edit("timerTrigger/function.json", |function| {
            function["disabled"] = false.into();
            function["bindings"][0]["schedule"] = YEARLY.into();
        });
        room
    }

    /// A copy of what a user edits, with the shipped timer: switched off.
    pub(crate) fn as_shipped() -> Self {
        Self::of(Path::new(env!("CARGO_MANIFEST_DIR")), Path::new(HANDLER))
    }

    /// A copy of what a project's user edits, and the project's program.
    pub(crate) fn of(project: &Path, program: &Path) -> Self {
        let room = Self::empty();
        for entry in fs::read_dir(project).unwrap() {
            let from = entry.unwrap().path();
            let name = from.file_name().unwrap().to_str().unwrap().to_owned();
            if from.join("function.json").is_file() || name == "cards" {
                copy_folder(&from, &room.path(&name));
            } else if name == "host.json" {
                fs::copy(&from, room.path(&name)).unwrap();
            }
        }
        std::os::unix::fs::symlink(program, room.path("handler")).unwrap();
        room
    }

    /// A folder with nothing in it.
    pub(crate) fn empty() -> Self {
        Self {
            folder: tempfile::tempdir().unwrap(),
        }
    }

    /// An absolute path inside.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// The folder.
    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Writes a file, with its folder.
    pub(crate) fn write(&self, name: &str, text: &str) {
        let path = self.path(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    /// A file's text.
    pub(crate) fn read(&self, name: &str) -> String {
        let path = self.path(name);
        fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
    }

    /// Changes a JSON file.
    pub(crate) fn edit(&self, name: &str, change: impl FnOnce(&mut Value)) {
        let mut value: Value = serde_json::from_str(&self.read(name)).unwrap();
        change(&mut value);
        self.write(name, &serde_json::to_string_pretty(&value).unwrap());
    }

    /// Names of the files and folders at the top.
    pub(crate) fn names(&self) -> Vec<String> {
        let entries = fs::read_dir(self.folder()).unwrap();
        entries
            .map(|entry| entry.unwrap().file_name().to_str().unwrap().to_owned())
            .collect()
    }
}

fn copy_folder(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        let target = to.join(path.file_name().unwrap());
        if path.is_dir() {
            copy_folder(&path, &target);
        } else {
            fs::copy(&path, target).unwrap();
        }
    }
}
