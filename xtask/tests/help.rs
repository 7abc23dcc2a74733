//! Help of every command, to the letter. Golden files: `UPDATE_GOLDEN=1` writes them anew.
#![allow(clippy::unwrap_used, clippy::panic)] // a test's panic is its message

use std::{
    env, fs,
    path::Path,
    process::{Command, Output},
};

const COMMANDS: [&str; 7] = [
    "test",
    "env",
    "package",
    "app-package",
    "bench",
    "advisories",
    "icons",
];

fn xtask(words: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_xtask"))
        .args(words)
        .output()
        .unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

/// Help that was asked for is the output of a success.
fn help(words: &[&str]) -> String {
    let output = xtask(words);
    assert!(output.status.success() && output.stderr.is_empty(), "{output:?}");
    text(&output.stdout)
}

#[test]
fn the_help_of_every_command() {
    let mut all = help(&["--help"]);
    assert_eq!(all, help(&["-h"]));
    assert_eq!(all, help(&["help"]));
    for command in COMMANDS {
        let one = help(&[command, "--help"]);
        assert_eq!(one, help(&["help", command]));
        all.push_str(&format!("\n## {command}\n\n{one}"));
    }
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden/help.txt");
    if env::var_os("UPDATE_GOLDEN").is_some() {
        fs::write(&path, &all).unwrap();
    }
    let wanted = fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    assert_eq!(all, wanted, "if that is meant, run again with UPDATE_GOLDEN=1");
}

#[test]
fn what_is_not_understood_is_answered_with_what_is() {
    for (words, accepted) in [
        (&["test", "--onyl", "fmt"][..], "--only STEP"),
        (&["icons", "--big"], "Usage: cargo xtask icons"),
        (&["tset"], "app-package"),
        (&[], "app-package"),
    ] {
        let output = xtask(words);
        assert!(!output.status.success() && output.stdout.is_empty(), "{output:?}");
        let error = text(&output.stderr);
        assert!(error.contains(accepted), "{words:?}: {error}");
    }
}

#[cfg(unix)]
#[test]
fn a_closed_pipe_is_no_failure() {
    let script = "\"$0\" --help | true; \"$0\" test --list | true; \"$0\" test --help | head -1";
    let output = Command::new("bash")
        .args([
            "-c",
            &format!("set -o pipefail; {script}"),
            env!("CARGO_BIN_EXE_xtask"),
        ])
        .output()
        .unwrap();
    assert!(output.status.success() && output.stderr.is_empty(), "{output:?}");
}
