//! `handler simulate`: a table, the same for the same seed, and nothing else.

use crate::support::{
    handler::{Finished, run},
    room::Room,
};

async fn simulate(arguments: &[&str]) -> Finished {
    let arguments: Vec<_> = ["simulate"].iter().chain(arguments).copied().collect();
    run(&Room::empty(), &arguments, &[], "").await
}

/// The row of a name; `real time` differs from run to run.
fn row<'a>(table: &'a str, name: &str) -> &'a str {
    let line = table.lines().find(|line| line.starts_with(name));
    line.unwrap_or_else(|| panic!("no row {name:?} in\n{table}"))
}

#[tokio::test]
async fn the_same_seed_is_the_same_run() {
    let arguments = ["--recipients", "1000", "--seed", "7", "--latency", "80/600"];
    let (one, two) = (simulate(&arguments).await, simulate(&arguments).await);
    let rows = |finished: &Finished| -> Vec<String> {
        let lines = finished.success().stdout.lines();
        lines
            .filter(|line| !line.starts_with("real time"))
            .map(str::to_owned)
            .collect()
    };
    assert_eq!(rows(&one), rows(&two));
    let table = &one.stdout;
    assert!(row(table, "delivered").ends_with(" 1000"), "{table}");
    assert!(row(table, "accepted twice").ends_with(" 0"), "{table}");
    assert!(one.stderr.is_empty(), "{one:#?}");
}

#[tokio::test]
async fn what_it_does_not_understand() {
    for arguments in [
        &["--recipients", "0"][..],
        &["--recipients", "many"],
        &["--latency", "fast"],
        &["--seed", "-1"],
    ] {
        let finished = simulate(arguments).await;
        assert_eq!(finished.code, Some(2), "{arguments:?}: {finished:#?}");
    }
}
