//! Replies that get lost, owners that freeze, wake-ups that get lost.

use crate::basics::{LONG, key};
use async_trait::async_trait;
use bytes::Bytes;
use notify::{
    lane::Lane,
    ports::{Appended, Etag, Ports, StoreError, WriteError, WriteIf},
    worker::{Slice, WorkerRun},
};
use simulator::{
    fuse::Fuse,
    planted::objects::{Behind, Fault, Faulty},
    teams::Latency,
    world::{Launch, World, tenant, to_all},
};
use std::{
    collections::BTreeMap,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

/// A store whose client repeats requests after lost replies, as Azure's does: one in five happens twice.
#[derive(Default)]
struct Repeating {
    requests: AtomicU64,
}

impl Repeating {
    fn before(ports: Ports) -> Ports {
        let objects = Faulty {
            store: ports.objects,
            fault: Self::default(),
        };
        Ports {
            objects: Arc::new(objects),
            ..ports
        }
    }

    fn repeats(&self) -> bool {
        self.requests.fetch_add(1, Ordering::Relaxed).is_multiple_of(5)
    }
}

#[async_trait]
impl Fault for Repeating {
    async fn write(
        &self,
        store: &Behind,
        name: &str,
        body: Bytes,
        metadata: &BTreeMap<String, String>,
        when: WriteIf,
    ) -> Result<Etag, WriteError> {
        if self.repeats() {
            store.write(name, body.clone(), metadata, when.clone()).await?;
        }
        store.write(name, body, metadata, when).await
    }
    async fn delete(&self, store: &Behind, name: &str, when: WriteIf) -> Result<(), WriteError> {
        if self.repeats() {
            store.delete(name, when.clone()).await?;
        }
        store.delete(name, when).await
    }
    async fn append(
        &self,
        store: &Behind,
        name: &str,
        position: u64,
        body: Bytes,
    ) -> Result<Appended, StoreError> {
        if self.repeats() {
            store.append(name, position, body.clone()).await?;
        }
        store.append(name, position, body).await
    }
}

#[tokio::test(start_paused = true)]
async fn a_healthy_owner_does_not_fence_itself_when_replies_are_lost() {
    for seed in 0..5 {
        println!("seed {seed}");
        let mut world = World::new(seed, Latency::Constant(Duration::from_millis(50)), |teams| teams);
        world.install(500);
        let process = world.launch(Launch {
            ports: Repeating::before,
            ..Launch::plain(Fuse::new(None))
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
