//! Help and version. Golden files: `UPDATE_GOLDEN=1` writes them anew.

use crate::support::{handler::run, room::Room};
use std::{env, fs, path::Path};

/// Compares with a golden file, or writes it.
fn golden(name: &str, text: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/it/golden")
        .join(name);
    if env::var_os("UPDATE_GOLDEN").is_some() {
        fs::write(&path, text).unwrap();
        return;
    }
    let wanted = fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    assert_eq!(
        text, wanted,
        "{name} differs; if that is meant, run again with UPDATE_GOLDEN=1"
    );
}

#[tokio::test]
async fn the_help_of_every_command() {
    let room = Room::empty();
    let commands: [(&str, &[&str]); 16] = [
        ("help.txt", &["--help"]),
        ("help-dev.txt", &["dev", "--help"]),
        ("help-serve.txt", &["serve", "--help"]),
        ("help-card.txt", &["card", "--help"]),
        ("help-card-expand.txt", &["card", "expand", "--help"]),
        ("help-card-eval.txt", &["card", "eval", "--help"]),
        ("help-card-check.txt", &["card", "check", "--help"]),
        ("help-card-preview.txt", &["card", "preview", "--help"]),
        ("help-references.txt", &["references", "--help"]),
        ("help-references-export.txt", &["references", "export", "--help"]),
        ("help-references-import.txt", &["references", "import", "--help"]),
        ("help-references-forget.txt", &["references", "forget", "--help"]),
        ("help-notification.txt", &["notification", "--help"]),
        ("help-notification-list.txt", &["notification", "list", "--help"]),
        (
            "help-notification-verify.txt",
            &["notification", "verify", "--help"],
        ),
        (
            "help-notification-report.txt",
            &["notification", "report", "--help"],
        ),
    ];
    for (file, arguments) in commands {
        let finished = run(&room, arguments, &[], "").await;
        golden(file, &finished.success().stdout);
    }
}

#[tokio::test]
async fn the_version() {
    let finished = run(&Room::empty(), &["--version"], &[], "").await;
    assert!(
        finished
            .success()
            .stdout
            .trim()
            .ends_with(env!("CARGO_PKG_VERSION")),
        "{finished:#?}"
    );
}

#[tokio::test]
async fn a_misspelt_command_or_option_is_not_success() {
    for arguments in [
        &["dve"][..],
        &["dev", "--prot", "1"],
        &["dev", "--port", "70000"],
        &["references"],
        &["card", "expand"],
    ] {
        let finished = run(&Room::empty(), arguments, &[], "").await;
        assert!(
            finished.code.is_some_and(|code| code != 0),
            "{arguments:?}: {finished:#?}"
        );
        assert!(!finished.stderr.trim().is_empty(), "{arguments:?}: {finished:#?}");
    }
    let finished = run(&Room::empty(), &["serv"], &[], "").await;
    assert!(finished.stderr.contains("'serve'"), "a suggestion: {finished:#?}");
}
