//! Builds the program that ships: release profile, static, x86-64 Linux.

use std::{env, path::PathBuf, process::Command};

use crate::{failure::Failure, process, project::Project};

const TARGET: &str = "x86_64-unknown-linux-gnu";
const STATIC: &str = "-C target-feature=+crt-static";

/// Builds the program and returns its path.
pub(super) fn static_binary(project: &Project) -> Result<PathBuf, Failure> {
    require_target()?;
    // Flags from the environment are kept. With `--target` they do not apply to build scripts.
    let flags = match env::var("RUSTFLAGS") {
        Ok(own) if !own.trim().is_empty() => format!("{own} {STATIC}"),
        _ => STATIC.to_owned(),
    };
    let mut command = project.cargo(&["build", "--release", "--bin", "handler", "--target", TARGET]);
    process::run(command.env("RUSTFLAGS", flags)).map_err(|failure| {
        failure.hint(
            "On another system, build the program on x86-64 Linux and pass it: cargo xtask package --binary FILE.",
        )
    })?;
    Ok(project.target(TARGET).join("release/handler"))
}

/// Requires the target's standard library: without it cargo's message would be about a missing `core`.
fn require_target() -> Result<(), Failure> {
    let rustc = env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let mut command = Command::new(rustc);
    command.args(["--print", "target-libdir", "--target", TARGET]);
    let folder = PathBuf::from(process::output(&mut command)?.trim());
    if folder.is_dir() {
        return Ok(());
    }
    Err(
        Failure::new(format!("this Rust toolchain cannot build for {TARGET}")).hint(format!(
            "rustup target add {TARGET}; on another system also a linker for it."
        )),
    )
}
