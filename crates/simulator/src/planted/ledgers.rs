//! Bugs of the ledger's lines.

use super::objects::{Behind, Fault, before_objects};
use async_trait::async_trait;
use bytes::Bytes;
use futures::{
    FutureExt,
    future::{BoxFuture, Shared},
};
use notify::ports::{
    Appended, Clock, Etag, Lease, LeaseError, ObjectStore, Ports, Read, StoreError, WriteError, WriteIf,
};
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

/// How late a line is written.
const LATE: Duration = Duration::from_millis(400);
/// The wait before a line is tried again.
const AGAIN: Duration = Duration::from_millis(100);
/// Of so many lines one is lost.
const ONE_IN: u64 = 5;

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The intent is written after the posts: an append is answered at once and done a little later, in order, and never
/// if the process dies in between.
pub fn intent_after_post(ports: Ports) -> Ports {
    let clock = ports.clock.clone();
    let fault = Later {
        clock,
        last: Mutex::default(),
        fenced: Arc::default(),
    };
    before_objects(ports, fault)
}

struct Later {
    clock: Arc<dyn Clock>,
    /// The last line on its way, by ledger.
    last: Mutex<BTreeMap<String, Shared<BoxFuture<'static, ()>>>>,
    /// Ledgers in which somebody else's line was found.
    fenced: Arc<Mutex<BTreeSet<String>>>,
}

#[async_trait]
impl Fault for Later {
    async fn append(
        &self,
        store: &Behind,
        name: &str,
        position: u64,
        body: Bytes,
    ) -> Result<Appended, StoreError> {
        if lock(&self.fenced).contains(name) {
            return Ok(Appended::Elsewhere);
        }
        let length = position + body.len() as u64;
        let (store, clock, fenced) = (store.clone(), self.clock.clone(), self.fenced.clone());
        let at = clock.now().after(LATE);
        let mut last = lock(&self.last);
        let previous = last.remove(name);
        let ledger = name.to_owned();
        let line = tokio::spawn(async move {
            if let Some(previous) = previous {
                previous.await;
            }
            clock.sleep_until(at).await;
            while let Err(StoreError::Unavailable(_)) =
                place(&*store, &ledger, position, &body, &fenced).await
            {
                clock.sleep_until(clock.now().after(AGAIN)).await;
            }
        });
        last.insert(name.to_owned(), line.map(drop).boxed().shared());
        Ok(Appended::At(length))
    }

    /// Only lines are late: whatever else is written comes after those that were appended before it.
    async fn write(
        &self,
        store: &Behind,
        name: &str,
        body: Bytes,
        metadata: &BTreeMap<String, String>,
        when: WriteIf,
    ) -> Result<Etag, WriteError> {
        let lines: Vec<_> = lock(&self.last).values().cloned().collect();
        futures::future::join_all(lines).await;
        store.write(name, body, metadata, when).await
    }
}

/// Appends where it belongs, once.
async fn place(
    store: &dyn ObjectStore,
    ledger: &str,
    position: u64,
    line: &Bytes,
    fenced: &Mutex<BTreeSet<String>>,
) -> Result<(), StoreError> {
    if store.append(ledger, position, line.clone()).await? == Appended::Elsewhere
        && !rest(store, ledger, position).await?.starts_with(line)
    {
        lock(fenced).insert(ledger.to_owned());
    }
    Ok(())
}

async fn rest(store: &dyn ObjectStore, ledger: &str, position: u64) -> Result<Bytes, StoreError> {
    Ok(match store.read_range(ledger, position, u64::MAX >> 1).await? {
        Read::Found(object) => object.body,
        Read::Missing | Read::Unchanged => Bytes::new(),
    })
}

/// Nobody is fenced: a line goes wherever the ledger ends, whatever place it was meant for, and a renewal does not tell
/// an owner that its lease is lost. (A missing fencing record alone is not missed: every append states its place, and so
/// fences as well.)
pub fn never_fenced(ports: Ports) -> Ports {
    before_objects(ports, Anywhere)
}

struct Anywhere;

#[async_trait]
impl Fault for Anywhere {
    async fn append(
        &self,
        store: &Behind,
        name: &str,
        position: u64,
        body: Bytes,
    ) -> Result<Appended, StoreError> {
        let mut end = position;
        loop {
            let written = rest(&**store, name, end).await?;
            end += written.len() as u64;
            if written.ends_with(&body) {
                return Ok(Appended::At(end));
            }
            match store.append(name, end, body.clone()).await? {
                Appended::Elsewhere => {}
                answer => return Ok(answer),
            }
        }
    }

    async fn renew_lease(&self, store: &Behind, lease: &Lease) -> Result<(), LeaseError> {
        match store.renew_lease(lease).await {
            Err(LeaseError::Lost) => Ok(()),
            answer => answer,
        }
    }
}

/// Lines get lost: one in five is answered as written and is not there.
pub fn lines_lost(ports: Ports) -> Ports {
    before_objects(ports, Lossy::default())
}

#[derive(Default)]
struct Lossy {
    lines: Mutex<Lines>,
}

#[derive(Default)]
struct Lines {
    seen: u64,
    /// By ledger: where it ends as the process believes, and how many bytes of it are not there.
    ledgers: BTreeMap<String, (u64, u64)>,
}

#[async_trait]
impl Fault for Lossy {
    async fn append(
        &self,
        store: &Behind,
        name: &str,
        position: u64,
        body: Bytes,
    ) -> Result<Appended, StoreError> {
        let after = position + body.len() as u64;
        let missing = {
            let mut lines = lock(&self.lines);
            lines.seen += 1;
            let is_lost = lines.seen.is_multiple_of(ONE_IN);
            let known = lines.ledgers.get(name).filter(|(end, _)| *end == position);
            // Who states another place has read the ledger, and knows where it ends.
            let missing = known.map_or(0, |(_, missing)| *missing);
            if is_lost {
                let missing = missing + body.len() as u64;
                lines.ledgers.insert(name.to_owned(), (after, missing));
                return Ok(Appended::At(after));
            }
            missing
        };
        match store.append(name, position - missing, body).await? {
            Appended::At(_) => {
                lock(&self.lines)
                    .ledgers
                    .insert(name.to_owned(), (after, missing));
                Ok(Appended::At(after))
            }
            answer => Ok(answer),
        }
    }
}
