//! Paths in the checkout and in the target folder, as cargo reports them.

use std::{
    env,
    ffi::OsString,
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use serde_json::Value;

use crate::{failure::Failure, process};

/// The checkout that the command works on.
pub(crate) struct Project {
    root: PathBuf,
    target: PathBuf,
}

impl Project {
    /// This checkout, as cargo sees it: `CARGO_TARGET_DIR` and configuration files apply.
    pub(crate) fn find() -> Result<Self, Failure> {
        let metadata = metadata(Path::new(env!("CARGO_MANIFEST_DIR")))?;
        Ok(Self {
            root: path(&metadata, "workspace_root")?,
            target: path(&metadata, "target_directory")?,
        })
    }

    /// A project somewhere else: a folder with a Cargo.toml, host.json and functions.
    pub(crate) fn at(folder: &Path) -> Result<Self, Failure> {
        let root = fs::canonicalize(folder).map_err(Failure::at(folder))?;
        for needed in ["Cargo.toml", "host.json"] {
            if !root.join(needed).is_file() {
                return Err(Failure::new(format!(
                    "{}: there is no {needed} here",
                    root.display()
                )));
            }
        }
        let metadata = metadata(&root)?;
        Ok(Self {
            target: path(&metadata, "target_directory")?,
            root,
        })
    }

    /// A file or folder of the checkout.
    pub(crate) fn file(&self, name: &str) -> PathBuf {
        self.root.join(name)
    }

    /// A file or folder among cargo's build products.
    pub(crate) fn target(&self, name: &str) -> PathBuf {
        self.target.join(name)
    }

    /// `dist/`, the folder for the results of commands; created when missing.
    pub(crate) fn dist(&self) -> Result<PathBuf, Failure> {
        let dist = self.file("dist");
        fs::create_dir_all(&dist).map_err(Failure::at(&dist))?;
        Ok(dist)
    }

    /// A cargo command in the checkout's root.
    pub(crate) fn cargo(&self, words: &[&str]) -> Command {
        let mut command = Command::new(cargo());
        command.args(words).current_dir(&self.root);
        command
    }
}

fn metadata(folder: &Path) -> Result<Value, Failure> {
    let mut command = Command::new(cargo());
    command
        .args(["metadata", "--no-deps", "--format-version", "1", "--offline"])
        .current_dir(folder);
    serde_json::from_str(&process::output(&mut command)?).map_err(Failure::during("cargo metadata"))
}

fn path(metadata: &Value, name: &str) -> Result<PathBuf, Failure> {
    let text = metadata.get(name).and_then(Value::as_str);
    text.map(PathBuf::from)
        .ok_or_else(|| Failure::new(format!("cargo metadata has no {name}")))
}

/// The cargo that runs this program, so that a toolchain override applies to the commands started here.
fn cargo() -> OsString {
    env::var_os("CARGO").unwrap_or_else(|| "cargo".into())
}

/// Reads a JSON file; the message of a failure has line and column.
pub(crate) fn read_json(file: &Path) -> Result<Value, Failure> {
    let text = fs::read_to_string(file).map_err(Failure::at(file))?;
    serde_json::from_str(&text).map_err(|error| Failure::new(format!("{}: {error}", file.display())))
}
