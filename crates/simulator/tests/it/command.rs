//! The program `simulator`: a table, the same for the same seed, and nothing else.

use std::process::{Command, Output};

fn simulator(arguments: &[&str]) -> Output {
    let program = env!("CARGO_BIN_EXE_simulator");
    Command::new(program).args(arguments).output().unwrap()
}

fn table(output: &Output) -> String {
    assert!(output.status.success(), "{output:?}");
    String::from_utf8(output.stdout.clone()).unwrap()
}

/// The row of a name.
fn row<'a>(table: &'a str, name: &str) -> &'a str {
    let line = table.lines().find(|line| line.starts_with(name));
    line.unwrap_or_else(|| panic!("no row {name:?} in\n{table}"))
}

/// The rows that are the same in every run; `real time` is not.
fn rows(table: &str) -> Vec<&str> {
    let lines = table.lines();
    lines.filter(|line| !line.starts_with("real time")).collect()
}

#[test]
fn the_same_seed_is_the_same_run() {
    let arguments = ["--recipients", "1000", "--seed", "7", "--latency", "80/600"];
    let (one, two) = (simulator(&arguments), simulator(&arguments));
    let (table, again) = (table(&one), table(&two));
    assert_eq!(rows(&table), rows(&again));
    assert!(row(&table, "delivered").ends_with(" 1000"), "{table}");
    assert!(row(&table, "accepted twice").ends_with(" 0"), "{table}");
    assert!(one.stderr.is_empty(), "{one:?}");
}

#[test]
fn what_it_does_not_understand() {
    for arguments in [
        &["--recipients", "0"][..],
        &["--recipients", "many"],
        &["--latency", "fast"],
        &["--limiter", "strict"],
        &["--seed", "-1"],
    ] {
        let output = simulator(arguments);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}: {output:?}");
    }
}
