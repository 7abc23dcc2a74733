//! Builds the program that ships: release profile, static, x86-64 Linux.

use std::{env, path::PathBuf, process::Command};

use crate::{failure::Failure, process, project::Project};

const TARGET: &str = "x86_64-unknown-linux-gnu";
const STATIC: &str = "-C target-feature=+crt-static";
/// Functions that are the same byte for byte are there once, unless somebody compares their addresses. The linker that
/// comes with Rust for this target can do it.
const ONCE: &str = "-C link-arg=-Wl,--icf=safe";
/// Relocations in a thirtieth of their size. The C library that is linked in must read them at the start.
const PACKED: &str = "-C link-arg=-Wl,-z,pack-relative-relocs";
/// The first glibc whose static programs do.
const PACKED_SINCE: (u32, u32) = (2, 36);

/// Builds the program and returns its path.
pub(super) fn static_binary(project: &Project) -> Result<PathBuf, Failure> {
    require_target()?;
    // Flags from the environment are kept. With `--target` they do not apply to build scripts.
    let own = env::var("RUSTFLAGS").unwrap_or_default();
    let mut flags = vec![own.trim(), STATIC, ONCE];
    if libc_version().is_some_and(|version| version >= PACKED_SINCE) {
        flags.push(PACKED);
    }
    let flags = flags.join(" ");
    let mut command = project.cargo(&["build", "--release", "--bin", "handler", "--target", TARGET]);
    process::run(command.env("RUSTFLAGS", flags.trim())).map_err(|failure| {
        failure.hint(
            "On another system, build the program on x86-64 Linux and pass it: cargo xtask package --binary FILE.",
        )
    })?;
    Ok(project.target(TARGET).join("release/handler"))
}

/// The version of the C library here; `None` if it is not glibc.
fn libc_version() -> Option<(u32, u32)> {
    let text = process::output(Command::new("getconf").arg("GNU_LIBC_VERSION")).ok()?;
    parse_version(&text)
}

/// Reads `glibc 2.36`.
fn parse_version(text: &str) -> Option<(u32, u32)> {
    let (major, minor) = text.trim().strip_prefix("glibc ")?.split_once('.')?;
    let digits = minor.split('.').next()?;
    Some((major.parse().ok()?, digits.parse().ok()?))
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_of_glibc_is_read_and_nothing_else() {
        assert_eq!(parse_version("glibc 2.36\n"), Some((2, 36)));
        assert_eq!(parse_version("glibc 2.5.1"), Some((2, 5)));
        assert!(parse_version("glibc 2.35").is_some_and(|version| version < PACKED_SINCE));
        for other in ["", "musl 1.2", "glibc", "undefined"] {
            assert_eq!(parse_version(other), None, "{other}");
        }
    }
}
