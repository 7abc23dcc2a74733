//! The project, copied out of the checkout and built once a run, as its owner does it. What the tests' own build left is
//! used again; the lock file is the workspace's, so that nothing is fetched.

use super::reuse;
use std::{
    env,
    ffi::OsString,
    fs::{self, File},
    path::{Path, PathBuf},
    process::{Command, Output},
    sync::OnceLock,
};

/// The project's folder, and its program.
pub(crate) struct Built {
    pub(crate) folder: PathBuf,
    pub(crate) program: PathBuf,
}

/// The built project.
pub(crate) fn built() -> &'static Built {
    static BUILT: OnceLock<Built> = OnceLock::new();
    BUILT.get_or_init(|| {
        // Two runs of the tests at once would write the same folder: one waits for the other's end.
        let lock = File::create(artifacts("project.lock")).unwrap();
        lock.lock().unwrap();
        static LOCK: OnceLock<File> = OnceLock::new();
        LOCK.get_or_init(|| lock);
        let folder = copied();
        let build = cargo(&folder, "operations-bot", &["build"]);
        succeeded("cargo build", &build);
        Built {
            program: artifacts("operations-bot").join("debug/handler"),
            folder,
        }
    })
}

/// The same program without shared libraries, as Azure needs it: only its last step is another one.
pub(crate) fn built_statically() -> PathBuf {
    let folder = &built().folder;
    let words = [
        "rustc",
        "--bin",
        "handler",
        "--",
        "-Ctarget-feature=+crt-static",
        "-Cstrip=symbols",
    ];
    let build = cargo(folder, "operations-bot-static", &words);
    succeeded("cargo rustc", &build);
    artifacts("operations-bot-static").join("debug/handler")
}

/// It succeeded; else what it said.
#[track_caller]
pub(crate) fn succeeded(what: &str, output: &Output) {
    assert!(
        output.status.success(),
        "{what}: {}\n{}{}",
        output.status,
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
}

/// The cargo that runs these tests.
pub(crate) fn program() -> OsString {
    env::var_os("CARGO").unwrap_or_else(|| "cargo".into())
}

fn cargo(folder: &Path, name: &str, words: &[&str]) -> Output {
    let (command, words) = words.split_first().unwrap();
    Command::new(program())
        .args([command, "--offline", "--quiet"])
        .args(words)
        .current_dir(folder)
        .env("CARGO_TARGET_DIR", artifacts(name))
        // What is built on the way: shared with the workspace.
        .env("CARGO_BUILD_BUILD_DIR", target())
        .output()
        .unwrap()
}

/// The workspace's folder of build products.
pub(crate) fn target() -> PathBuf {
    let tmp = Path::new(env!("CARGO_TARGET_TMPDIR"));
    tmp.parent().unwrap().to_owned()
}

fn artifacts(name: &str) -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).join(name)
}

/// The project in a folder of its own, the library named by where it is.
fn copied() -> PathBuf {
    let checkout = Path::new(env!("CARGO_MANIFEST_DIR"));
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("project");
    if folder.exists() {
        fs::remove_dir_all(&folder).unwrap();
    }
    copy(&checkout.join("tests/project"), &folder);
    let manifest = folder.join("Cargo.toml");
    let own = fs::read_to_string(&manifest).unwrap();
    let moved = own.replace(
        "../../crates/bot",
        &checkout.join("crates/bot").display().to_string(),
    );
    assert_ne!(moved, own, "the project names the library");
    fs::write(&manifest, &moved).unwrap();
    fs::copy(checkout.join("Cargo.lock"), folder.join("Cargo.lock")).unwrap();
    fs::write(&manifest, moved + "\n" + &reuse::sections(checkout, &folder)).unwrap();
    folder
}

/// With the times of the files, so that what was built of them before is still good.
fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap();
        let target = to.join(name);
        match name {
            // What somebody's own build left in the checkout.
            "target" | "dist" | "handler" | "Cargo.lock" => {}
            _ if path.is_dir() => copy(&path, &target),
            _ => {
                fs::copy(&path, &target).unwrap();
                let time = path.metadata().unwrap().modified().unwrap();
                File::options()
                    .write(true)
                    .open(&target)
                    .unwrap()
                    .set_modified(time)
                    .unwrap();
            }
        }
    }
}
