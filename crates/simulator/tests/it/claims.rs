//! Replies that get lost, owners that freeze, wake-ups that get lost.

use crate::basics::{LONG, key};
use async_trait::async_trait;
use bytes::Bytes;
use notify::{
    lane::Lane,
    ports::{
        Appended, Created, Etag, Lease, LeaseError, Listing, ObjectStore, Read, ReadIf, StoreError,
        WriteError, WriteIf,
    },
    worker::{Slice, WorkerRun},
};
use simulator::{
    fuse::Fuse,
    seed::Seed,
    teams::Latency,
    world::{World, tenant, to_all},
};
use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
    time::Duration,
};

/// A store whose client repeats requests after lost replies, as Azure's does: one in five happens twice.
struct Repeating {
    inner: Arc<dyn ObjectStore>,
    seed: Mutex<Seed>,
}

impl Repeating {
    fn repeats(&self) -> bool {
        self.seed.lock().unwrap().below(5) == 0
    }
}

#[async_trait]
impl ObjectStore for Repeating {
    async fn read(&self, name: &str, when: ReadIf) -> Result<Read, StoreError> {
        self.inner.read(name, when).await
    }
    async fn read_range(&self, name: &str, offset: u64, length: u64) -> Result<Read, StoreError> {
        self.inner.read_range(name, offset, length).await
    }
    async fn write(
        &self,
        name: &str,
        body: Bytes,
        metadata: &BTreeMap<String, String>,
        when: WriteIf,
    ) -> Result<Etag, WriteError> {
        if self.repeats() {
            self.inner
                .write(name, body.clone(), metadata, when.clone())
                .await?;
        }
        self.inner.write(name, body, metadata, when).await
    }
    async fn write_leased(
        &self,
        lease: &Lease,
        body: Bytes,
        metadata: &BTreeMap<String, String>,
    ) -> Result<Etag, LeaseError> {
        self.inner.write_leased(lease, body, metadata).await
    }
    async fn delete(&self, name: &str, when: WriteIf) -> Result<(), WriteError> {
        if self.repeats() {
            self.inner.delete(name, when.clone()).await?;
        }
        self.inner.delete(name, when).await
    }
    async fn delete_leased(&self, lease: &Lease) -> Result<(), LeaseError> {
        self.inner.delete_leased(lease).await
    }
    async fn list(&self, prefix: &str, from: Option<&str>, limit: u32) -> Result<Listing, StoreError> {
        self.inner.list(prefix, from, limit).await
    }
    async fn create_append(&self, name: &str) -> Result<Created, StoreError> {
        self.inner.create_append(name).await
    }
    async fn append(&self, name: &str, position: u64, body: Bytes) -> Result<Appended, StoreError> {
        if self.repeats() {
            self.inner.append(name, position, body.clone()).await?;
        }
        self.inner.append(name, position, body).await
    }
    async fn acquire_lease(&self, name: &str, length: Duration) -> Result<Lease, LeaseError> {
        self.inner.acquire_lease(name, length).await
    }
    async fn renew_lease(&self, lease: &Lease) -> Result<(), LeaseError> {
        self.inner.renew_lease(lease).await
    }
    async fn release_lease(&self, lease: &Lease) -> Result<(), LeaseError> {
        self.inner.release_lease(lease).await
    }
}

#[tokio::test(start_paused = true)]
async fn a_healthy_owner_does_not_fence_itself_when_replies_are_lost() {
    for seed in 0..5 {
        println!("seed {seed}");
        let mut world = World::new(seed, Latency::Constant(Duration::from_millis(50)), |teams| teams);
        world.install(500);
        let memory = world.objects.clone();
        let process = world.start_with(Fuse::new(None), |_| {
            Arc::new(Repeating {
                inner: memory,
                seed: Mutex::new(Seed::new(seed)),
            })
        });
        let id = process.service.accept(key("a"), to_all("x")).await.unwrap().id;
        let status = world.wait_for(&process.service, &id, LONG).await.unwrap();
        assert_eq!((status.counts.delivered, status.resent), (500, 0));
        assert_eq!(world.teams.repeated(), 0);
    }
}

#[tokio::test(start_paused = true)]
async fn two_processes_share_a_lane_without_a_post_too_many() {
    let mut world = World::new(7, Latency::Constant(Duration::from_millis(50)), |teams| {
        teams.limited(50)
    });
    world.slice = Slice(Duration::from_secs(30));
    world.install(4_000);
    let first = world.start(Fuse::new(None));
    let second = world.start(Fuse::new(None));
    let id = first.service.accept(key("a"), to_all("x")).await.unwrap().id;
    world.pass(Duration::from_secs(2)).await;
    assert_eq!(
        second
            .service
            .run_worker(&Lane::Connector(tenant()), world.slice)
            .await
            .unwrap(),
        WorkerRun::Busy
    );
    let status = world.wait_for(&second.service, &id, LONG).await.unwrap();
    assert_eq!((status.counts.delivered, status.resent), (4_000, 0));
    assert!(world.teams.most_in_a_second() <= 50);
    assert_eq!((world.teams.throttled(), world.teams.repeated()), (0, 0));
}

#[tokio::test(start_paused = true)]
async fn a_dead_owner_is_replaced_within_lease_and_reconciler() {
    let mut world = World::new(8, Latency::Constant(Duration::from_millis(50)), |teams| teams);
    world.install(3_000);
    let first = world.start(Fuse::new(None));
    let id = first.service.accept(key("a"), to_all("x")).await.unwrap().id;
    world.pass(Duration::from_secs(20)).await;
    first.kill();
    let died = world.now();
    let posted = world.teams.total();
    let second = world.start(Fuse::new(None));
    while world.teams.total() == posted {
        world.pass(Duration::from_millis(100)).await;
    }
    let silence = world.now() - died;
    println!("first post of the next owner after {silence:?}");
    assert!(silence <= Duration::from_secs(30 + 75), "{silence:?}");
    let status = world.wait_for(&second.service, &id, LONG).await.unwrap();
    assert_eq!(status.counts.delivered, 3_000);
    assert!(status.resent <= 100);
    assert!(world.teams.repeated() <= status.resent);
}

/// The other process was up before the work came, so that it has no wake-up of it: only its reconciler finds what is left.
#[tokio::test(start_paused = true)]
async fn a_dead_owner_is_replaced_by_one_that_only_reconciles() {
    let mut longest = Duration::ZERO;
    for lease in [15, 30, 60] {
        for (accepted_at, killed_after) in (0..60)
            .step_by(7)
            .flat_map(|at| [2, 14, 45].map(|after| (at, after)))
        {
            let silence = until_the_reconciler_s_turn(lease, accepted_at, killed_after).await;
            let context =
                format!("lease {lease} s, accepted at {accepted_at} s, killed {killed_after} s later");
            assert!(
                silence <= Duration::from_secs(lease + 75),
                "{context}: {silence:?}"
            );
            longest = longest.max(silence);
        }
    }
    println!("longest silence {longest:?}");
}

async fn until_the_reconciler_s_turn(lease: u64, accepted_at: u64, killed_after: u64) -> Duration {
    let mut world = World::new(9, Latency::Constant(Duration::from_millis(50)), |teams| teams);
    world.settings.lease = Duration::from_secs(lease);
    world.install(5_000);
    let second = world.start(Fuse::new(None));
    world.pass(Duration::from_secs(accepted_at)).await;
    let first = world.start(Fuse::new(None));
    let id = first.service.accept(key("a"), to_all("x")).await.unwrap().id;
    world.pass(Duration::from_secs(killed_after)).await;
    first.kill();
    let died = world.now();
    // What was on its way arrives.
    world.pass(Duration::from_secs(1)).await;
    let posted = world.teams.total();
    while world.teams.total() == posted {
        world.pass(Duration::from_millis(100)).await;
        assert!(world.now() - died < LONG, "nobody goes on");
    }
    let silence = world.now() - died;
    let status = world.wait_for(&second.service, &id, LONG).await.unwrap();
    assert_eq!(status.counts.delivered, 5_000);
    silence
}
