//! Fetches the official Adaptive Cards renderer for the sandbox page on first use: `npm ci` from a lock file that
//! this binary carries. The page works without it and says what is missing; nothing here may fail a start.

use std::{
    path::{Path, PathBuf},
    process::Stdio,
};
use storage::private_files;
use tokio::process::Command;

const PACKAGE: &str = include_str!("../../../../tools/page/package.json");
const LOCK: &str = include_str!("../../../../tools/page/package-lock.json");

/// Where the renderer stands, or will stand once it is fetched.
pub(crate) fn script(state: &Path) -> PathBuf {
    folder(state).join("node_modules/adaptivecards/dist/adaptivecards.min.js")
}

fn folder(state: &Path) -> PathBuf {
    state.join("page")
}

/// Fetches the renderer unless it is there. `Err` says why the page will show plain content.
pub(crate) async fn fetch(state: &Path) -> Result<(), String> {
    if script(state).is_file() {
        return Ok(());
    }
    let folder = folder(state);
    let write = |name: &str, text: &str| private_files::write(&folder.join(name), text.as_bytes());
    private_files::create_folder(&folder)
        .and_then(|()| write("package.json", PACKAGE))
        .and_then(|()| write("package-lock.json", LOCK))
        .map_err(|error| format!("{}: {error}", folder.display()))?;
    let output = Command::new("npm")
        .args([
            "ci",
            "--ignore-scripts",
            "--no-audit",
            "--no-fund",
            "--loglevel=error",
        ])
        .current_dir(&folder)
        .stdin(Stdio::null())
        .kill_on_drop(true)
        .output()
        .await;
    match output {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            Err("npm is not installed; install Node.js to see cards drawn".to_owned())
        }
        Err(error) => Err(format!("npm can't be started: {error}")),
        Ok(output) if output.status.success() && script(state).is_file() => Ok(()),
        Ok(output) => Err(format!(
            "npm ci failed in {} ({}): {}",
            folder.display(),
            output.status,
            String::from_utf8_lossy(&output.stderr)
                .lines()
                .last()
                .unwrap_or_default()
        )),
    }
}
