//! Chromium, driven by the scripts of tests/browser.

use super::{azurite::variable, room::Room};
use std::{fs, path::Path, process::Stdio, time::Duration};
use tokio::{process::Command, time::timeout};

/// Longest run of one script.
const LONGEST: Duration = Duration::from_secs(120);

/// Puts the renderer that draws cards where the program keeps it once it is fetched.
pub(crate) fn with_renderer(room: &Room) {
    let modules = room.path(".notify/page/node_modules");
    fs::create_dir_all(&modules).unwrap();
    std::os::unix::fs::symlink(variable("ADAPTIVECARDS_DIR"), modules.join("adaptivecards")).unwrap();
}

/// Runs a script with arguments; what it printed is the message of a failure.
pub(crate) async fn run(script: &str, arguments: &[&str]) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/browser")
        .join(script);
    let child = Command::new(variable("NODE"))
        .arg(&path)
        .args(arguments)
        .env("PLAYWRIGHT_DIR", variable("PLAYWRIGHT_DIR"))
        .env("CHROMIUM", variable("CHROMIUM"))
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .unwrap();
    let output = timeout(LONGEST, child.wait_with_output()).await;
    let output = output
        .unwrap_or_else(|_| panic!("{script} took longer than {LONGEST:?}"))
        .unwrap();
    assert!(
        output.status.success(),
        "{script} failed:\n{}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
}
