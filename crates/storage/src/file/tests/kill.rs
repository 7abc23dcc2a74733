//! Kills: at the instants of a commit, made by hand, and by SIGKILL of a child that writes.

use super::*;
use std::{
    io::{BufRead, BufReader},
    process::{Command, Stdio},
};

const CHILD: &str = "STORAGE_TEST_KILL_CHILD";

#[tokio::test]
async fn a_commit_that_was_interrupted_is_finished_or_forgotten() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x.json");
    let side = folder.path().join("x.state.json");
    let (first, second) = (key("bot-1", "t1", "a:1"), key("bot-1", "t1", "a:2"));
    let store = open(&path, "bot-1");
    store
        .write(&first, &installed(&first), &Expected::Absent)
        .await
        .unwrap();
    let before = (std::fs::read(&path).unwrap(), std::fs::read(&side).unwrap());
    store
        .write(&second, &installed(&second), &Expected::Absent)
        .await
        .unwrap();
    let after = (std::fs::read(&path).unwrap(), std::fs::read(&side).unwrap());
    drop(store);
    let unfinished = folder.path().join("x.json.tmp-2");
    let put = |main: &[u8], side_now: &[u8], tmp: &[u8]| {
        std::fs::write(&path, main).unwrap();
        std::fs::write(&side, side_now).unwrap();
        std::fs::write(&unfinished, tmp).unwrap();
    };
    // Before the sidecar: no write was acknowledged, the state is the old one, whatever the new file looks like.
    for tmp in [&after.0[..], &after.0[..after.0.len() / 2], b""] {
        put(&before.0, &before.1, tmp);
        let store = open(&path, "bot-1");
        assert_eq!(listed(&store, "bot-1").await.len(), 1);
        assert!(!unfinished.exists());
    }
    // After the sidecar: the commit stands, opening finishes it.
    put(&before.0, &after.1, &after.0);
    let store = open(&path, "bot-1");
    assert_eq!(listed(&store, "bot-1").await.len(), 2);
    assert_eq!(std::fs::read(&path).unwrap(), after.0);
}

/// Not a test of its own: the child of the next one. Writes and prints what was acknowledged as durable.
#[tokio::test(flavor = "multi_thread")]
async fn child_that_writes_until_it_is_killed() {
    let Ok(path) = std::env::var(CHILD) else { return };
    let store = Arc::new(open(Path::new(&path), "bot-1"));
    let from = listed(&store, "bot-1").await.len();
    let tasks = (0..8).map(|task| {
        let store = store.clone();
        tokio::spawn(async move {
            for n in 0..2_000 {
                let root = format!("a:{from}-{task}-{n}");
                let key = key("bot-1", "t1", &root);
                store
                    .write(&key, &installed(&key), &Expected::Absent)
                    .await
                    .unwrap();
                println!("durable {root}");
            }
        })
    });
    futures::future::join_all(tasks).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn after_sigkill_everything_acknowledged_is_there() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x.json");
    let mut acknowledged = Vec::new();
    for round in 1..=5 {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args([
                "child_that_writes_until_it_is_killed",
                "--nocapture",
                "--test-threads=1",
            ])
            .env(CHILD, &path)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap())
            .lines()
            .map_while(Result::ok);
        let stop_after = acknowledged.len() + 40 * round + 3;
        while acknowledged.len() < stop_after {
            let Some(line) = lines.next() else {
                panic!("the child ended by itself")
            };
            acknowledged.extend(line.split_once("durable ").map(|(_, root)| root.to_owned()));
        }
        child.kill().unwrap();
        acknowledged
            .extend(lines.filter_map(|line| line.split_once("durable ").map(|(_, root)| root.to_owned())));
        child.wait().unwrap();
        let store = open(&path, "bot-1");
        for root in &acknowledged {
            let found = store.read(&key("bot-1", "t1", root)).await.unwrap();
            assert!(
                found.is_some(),
                "{root} was acknowledged as durable, round {round}"
            );
        }
        assert!(listed(&store, "bot-1").await.len() >= acknowledged.len());
    }
}
