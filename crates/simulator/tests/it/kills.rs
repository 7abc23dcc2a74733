//! A process is killed at every call to a port, before and after the call's effect; another takes over.

use crate::basics::{LONG, key};
use notify::{identity::Source, request::OnUncertain};
use simulator::{
    fuse::{Fuse, When},
    teams::Latency,
    world::{World, to_all},
};
use std::time::Duration;

const PEOPLE: usize = 70;

async fn run(seed: u64, kill: Option<(u64, When)>, on_uncertain: OnUncertain) -> u64 {
    let mut world = World::new(seed, Latency::Constant(Duration::from_millis(60)), |teams| teams);
    world.install(PEOPLE);
    let fuse = Fuse::new(kill);
    let first = world.start(fuse.clone());
    let mut request = to_all("x");
    request.on_uncertain = on_uncertain;
    let accepted = tokio::select! {
        accepted = first.desk.accept(key("a"), request.clone()) => Some(accepted.unwrap().id),
        () = fuse.burnt() => None,
    };
    // A caller without an answer asks again, as the contract says, and the next process is there a little later.
    let second = if kill.is_some() {
        tokio::select! {
            () = fuse.burnt() => {}
            () = world.pass(Duration::from_secs(600)) => {}
        }
        first.kill();
        world.pass(Duration::from_secs(1)).await;
        world.start(Fuse::new(None))
    } else {
        first
    };
    let id = match accepted {
        Some(id) => id,
        None => {
            second
                .desk
                .accept(Source::Key("a".to_owned()), request)
                .await
                .unwrap()
                .id
        }
    };
    let status = world.wait_for(&second.desk, &id, LONG).await;
    let status = status.unwrap_or_else(|| panic!("seed {seed}, {kill:?}, {on_uncertain:?}: it never ended"));
    let context = format!("seed {seed}, {kill:?}, {on_uncertain:?}, {:?}", status.counts);
    assert_eq!((status.total, status.pending), (PEOPLE as u64, 0), "{context}");
    assert!(world.teams.repeated() <= status.resent, "{context}");
    assert!(world.teams.most_in_a_second() <= 50, "{context}");
    match on_uncertain {
        OnUncertain::Resend => assert_eq!(status.counts.delivered, PEOPLE as u64, "{context}"),
        OnUncertain::Report => {
            assert_eq!(world.teams.repeated(), 0, "{context}");
            assert!(status.counts.uncertain <= 100, "{context}");
        }
    }
    let proof = second.desk.verify(&id).await.unwrap();
    assert_eq!(
        (proof.counted.counts, proof.counted.resent),
        (status.counts, status.resent),
        "{context}"
    );
    second.fuse.calls()
}

#[tokio::test(start_paused = true)]
async fn a_kill_at_any_call_loses_nobody_and_repeats_nothing_uncounted() {
    let seed = 11;
    for on_uncertain in [OnUncertain::Resend, OnUncertain::Report] {
        let calls = run(seed, None, on_uncertain).await;
        println!("seed {seed}: {calls} calls, killed at each of them, before and after its effect");
        for at in 0..calls {
            for when in [When::Before, When::After] {
                run(seed, Some((at, when)), on_uncertain).await;
            }
        }
    }
}
