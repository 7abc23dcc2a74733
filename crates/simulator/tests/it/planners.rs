//! A plan has an owner: a planner that dies is replaced, one that is at work is not.

use crate::basics::{key, world};
use notify::{plan::Planned, ports::ObjectStore, service::NotificationService};
use simulator::{
    fuse::{Fuse, When},
    world::{World, bot, to_all},
};
use std::time::Duration;

/// A dead planner's lease, the reconciler's interval, and the age below which it leaves a plan alone.
fn replaced_within(world: &World) -> Duration {
    world.settings.lease + Duration::from_secs(75)
}

#[tokio::test(start_paused = true)]
async fn a_planner_killed_at_every_call_is_replaced_within_its_lease_and_75_seconds() {
    for when in [When::Before, When::After] {
        let mut finished = false;
        for call in 0..400 {
            if killed_at(call, when).await == Killed::Never {
                finished = true;
                break;
            }
        }
        assert!(finished, "a planner needs fewer calls than were tried");
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Killed {
    Planning,
    Never,
}

async fn killed_at(call: u64, when: When) -> Killed {
    let mut world = world(0);
    world.references.page(2_600);
    world.install(5_050);
    let other = world.start(Fuse::new(None));
    // Anywhere between two of the other's ticks.
    world.pass(Duration::from_secs(1 + call * 7 % 60)).await;
    let id = world.observer().accept(key("a"), to_all("x")).await.unwrap().id;
    let dies = Fuse::new(Some((call, when)));
    let planner = world.start(dies.clone());
    let planning = tokio::spawn({
        let (service, id) = (planner.service.clone(), id.clone());
        async move { service.plan(&id).await }
    });
    tokio::select! {
        biased;
        () = dies.burnt() => {}
        planned = planning => {
            // The process looks for unfinished work at its start, and may have found it first.
            let planned = planned.unwrap().unwrap();
            let known = [Planned::Ready, Planned::NothingToPlan, Planned::Busy];
            assert!(known.contains(&planned), "{planned:?}");
        }
    }
    let killed = match dies.is_burnt() {
        true => Killed::Planning,
        false => Killed::Never,
    };
    planner.kill();
    let died = world.now();
    let observer = world.observer();
    while !is_planned(&world, &observer, &id).await {
        let waited = world.now() - died;
        assert!(
            waited <= replaced_within(&world),
            "killed at call {call} ({when:?}), not planned after {waited:?}"
        );
        world.pass(Duration::from_millis(500)).await;
    }
    let status = observer.status(&id).await.unwrap();
    assert_eq!(status.total, 5_050, "killed at call {call} ({when:?})");
    other.kill();
    killed
}

/// Planned, announced, and the planning item gone.
async fn is_planned(world: &World, observer: &NotificationService, id: &notify::ids::NotificationId) -> bool {
    let planned = observer.status(id).await.unwrap().notification.plan.is_some();
    planned && world.objects.count("planning/") == 0 && world.objects.count(&format!("lanes/{}/", bot())) > 0
}

#[tokio::test(start_paused = true)]
async fn what_another_planner_has_is_left_to_it() {
    let world = world(10);
    let service = world.observer();
    let id = service.accept(key("a"), to_all("x")).await.unwrap().id;
    let item = format!("planning/{id}");
    let lease = world
        .objects
        .acquire_lease(&item, world.settings.lease)
        .await
        .unwrap();
    assert_eq!(service.plan(&id).await.unwrap(), Planned::Busy);
    assert_eq!(service.status(&id).await.unwrap().total, 0);
    world.objects.release_lease(&lease).await.unwrap();
    assert_eq!(service.plan(&id).await.unwrap(), Planned::Ready);
    assert_eq!(service.status(&id).await.unwrap().total, 10);
    assert_eq!(world.objects.count("planning/"), 0);
}
