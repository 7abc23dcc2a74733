//! Finds and runs other programs; an error names the command line.

use crate::output::remark;
use std::{
    env,
    ffi::OsStr,
    io,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use crate::failure::Failure;

/// Prints the command, then runs it with its output on the terminal.
pub(crate) fn run(command: &mut Command) -> Result<(), Failure> {
    let line = line(command);
    remark!("$ {line}");
    let status = command
        .stdin(Stdio::null())
        .status()
        .map_err(Failure::during(&line))?;
    if status.success() {
        Ok(())
    } else {
        Err(Failure::new(format!("`{line}` failed ({status})")))
    }
}

/// As [`run`], with standard output sent to standard error: for installing tools, where standard output is the command's
/// result.
pub(crate) fn set_up(command: &mut Command) -> Result<(), Failure> {
    run(command.stdout(io::stderr()))
}

/// Runs quietly and returns its standard output; the message of a failure includes all output.
pub(crate) fn output(command: &mut Command) -> Result<String, Failure> {
    let line = line(command);
    let output = command
        .stdin(Stdio::null())
        .output()
        .map_err(Failure::during(&line))?;
    let stdout = String::from_utf8_lossy(&output.stdout);
    if output.status.success() {
        return Ok(stdout.into_owned());
    }
    let stderr = String::from_utf8_lossy(&output.stderr);
    Err(Failure::new(format!(
        "`{line}` failed ({})\n{}{}",
        output.status, stdout, stderr
    )))
}

/// The first of `names` found on `PATH`.
pub(crate) fn find(names: &[&str]) -> Option<PathBuf> {
    let path = env::var_os("PATH")?;
    names.iter().find_map(|name| {
        env::split_paths(&path)
            .map(|folder| folder.join(name))
            .find(|file| is_program(file))
    })
}

/// Whether this is a file that can be run.
pub(crate) fn is_program(file: &Path) -> bool {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        file.metadata()
            .is_ok_and(|meta| meta.is_file() && meta.permissions().mode() & 0o111 != 0)
    }
    #[cfg(not(unix))]
    file.is_file()
}

fn line(command: &Command) -> String {
    let words = std::iter::once(command.get_program()).chain(command.get_args());
    words.map(OsStr::to_string_lossy).collect::<Vec<_>>().join(" ")
}
