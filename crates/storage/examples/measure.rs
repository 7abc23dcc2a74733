//! Measures installs a second and the listing of many references.
//!
//! `cargo run --release -p storage --features conformance --example measure -- file PATH`
//! `cargo run --release -p storage --features conformance --example measure -- blob CONNECTION_STRING [REFERENCES]`
#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "a tool for developers")]

use futures::{StreamExt, stream};
use jiff::Timestamp;
use notify::{
    change::{Change, Event, record},
    ports::{ReferenceStore, Selection},
};
use std::{path::Path, sync::Arc, time::Instant};
use storage::{
    azure::{Account, AzureObjects},
    conformance::{installation, key},
    file::FileReferences,
    references::ObjectReferences,
};

async fn installs(store: &Arc<dyn ReferenceStore>, tenant: &str, count: usize, at_once: usize) {
    let started = Instant::now();
    let slowest = std::sync::atomic::AtomicU64::new(0);
    let slowest = &slowest;
    stream::iter(0..count)
        .for_each_concurrent(at_once, |n| {
            let store = store.clone();
            let key = key("bot-1", tenant, &format!("a:{n}"));
            async move {
                let at = Timestamp::UNIX_EPOCH;
                let event = Event::Installed(Box::new(installation(&key, at)));
                let begun = Instant::now();
                record(&*store, &Change { key, at, event }, at).await.unwrap();
                let took = u64::try_from(begun.elapsed().as_millis()).unwrap_or(u64::MAX);
                slowest.fetch_max(took, std::sync::atomic::Ordering::Relaxed);
            }
        })
        .await;
    let seconds = started.elapsed().as_secs_f64();
    println!(
        "{count} installs, {at_once} at once: {seconds:.2} s, {:.0}/s",
        count as f64 / seconds
    );
}

async fn listing(store: &Arc<dyn ReferenceStore>) {
    let (started, mut from, mut count, mut pages) = (Instant::now(), None, 0, 0);
    let selection = Selection {
        bot: "bot-1".into(),
        tenant: None,
    };
    loop {
        let page = store.list(&selection, from.as_ref()).await.unwrap();
        count += page.targets.len();
        pages += 1;
        match page.next {
            Some(next) => from = Some(next),
            None => break,
        }
    }
    println!(
        "{count} references listed in {pages} pages: {:.2} s",
        started.elapsed().as_secs_f64()
    );
}

fn peak() -> String {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find(|line| line.starts_with("VmHWM"));
    line.unwrap_or("VmHWM: unknown")
        .split_whitespace()
        .collect::<Vec<_>>()
        .join(" ")
}

#[tokio::main]
async fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["file", path] => {
            let store: Arc<dyn ReferenceStore> =
                Arc::new(FileReferences::open(Path::new(path), &"bot-1".into(), None).unwrap());
            installs(&store, "t1", 500, 1).await;
            installs(&store, "t64", 5_000, 64).await;
            installs(&store, "t1000", 1_000, 1_000).await;
            listing(&store).await;
        }
        ["blob", account, ref rest @ ..] => {
            let account = Account::from_connection_string(account).unwrap();
            let objects = AzureObjects::new(&account, "measure").unwrap();
            let store: Arc<dyn ReferenceStore> = Arc::new(ObjectReferences::new(Arc::new(objects)));
            match rest.first().map(|count| count.parse().unwrap()) {
                Some(0) => {
                    let before = account.requests();
                    listing(&store).await;
                    println!("requests: {}", account.requests().list - before.list);
                }
                Some(count) => installs(&store, "t-many", count, 64).await,
                None => {
                    installs(&store, "t1", 500, 1).await;
                    installs(&store, "t64", 5_000, 64).await;
                }
            }
        }
        _ => println!("file PATH | blob CONNECTION_STRING [REFERENCES to write, 0 to list]"),
    }
    println!("{}", peak());
}
