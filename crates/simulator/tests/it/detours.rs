//! Messages that can't be delivered where they were planned: dead channels, wrong addresses.

use crate::basics::{LONG, key, world};
use futures::TryStreamExt;
use notify::{
    change::{Change, Event, record},
    ids::{ConversationId, NotificationId, ServiceUrl},
    report::ReportRow,
    request::Audience,
    service::NotificationService,
    target::Target,
};
use simulator::{
    fuse::Fuse,
    references::{channel, general},
    teams::{ChannelPresence, Relocation, Told},
    world::{World, bot, request, tenant, to_all, to_people},
};
use std::time::Duration;

/// Three teams; the selected channel of team 1 is not found.
fn teams() -> World {
    let world = world(0);
    for n in 0..3 {
        world.references.install_team(&bot(), &tenant(), n);
    }
    world.teams.set_channel(&channel(1), ChannelPresence::Deleted);
    world
}

fn team(world: &World) -> Target {
    world.references.team(&bot(), &tenant(), 1).unwrap()
}

async fn report(service: &NotificationService, id: &NotificationId) -> Vec<ReportRow> {
    service.report(id).await.unwrap().try_collect().await.unwrap()
}

/// How often a conversation was called.
fn calls(world: &World, to: &ConversationId) -> usize {
    let calls = world.teams.calls();
    calls.iter().filter(|call| call.conversation == *to).count()
}

#[tokio::test(start_paused = true)]
async fn a_team_whose_selected_channel_is_dead_gets_it_in_general() {
    let mut world = teams();
    let process = world.start(Fuse::new(None));
    let service = &process.service;
    let id = service.accept(key("a"), to_all("x")).await.unwrap().id;
    let status = world.wait_for(service, &id, LONG).await.unwrap();
    assert_eq!((status.total, status.counts.delivered), (3, 3));
    assert_eq!(world.teams.accepted_text("x", &general(1)), 1);
    assert_eq!(world.teams.accepted_text("x", &channel(0)), 1);
    assert_eq!(world.teams.accepted_text("x", &general(0)), 0);
    // The report says where it is.
    let rows = report(service, &id).await;
    let in_general = rows.iter().find(|row| row.conversation_id == general(1)).unwrap();
    assert!(in_general.outcome == "delivered" && in_general.activity_id.is_some());
    assert!(rows.iter().all(|row| row.conversation_id != channel(1)));

    // So do edits and recalls.
    let before = (calls(&world, &general(1)), calls(&world, &channel(1)));
    let edited = service.update(&id, "u", request("y", None)).await.unwrap().id;
    let status = world.wait_for(service, &edited, LONG).await.unwrap();
    assert_eq!((status.total, status.counts.delivered), (3, 3));
    let recalled = service.recall(&id, "r", request("", None)).await.unwrap().id;
    let status = world.wait_for(service, &recalled, LONG).await.unwrap();
    assert_eq!((status.total, status.counts.delivered), (3, 3));
    assert_eq!(
        (calls(&world, &general(1)), calls(&world, &channel(1))),
        (before.0 + 2, before.1)
    );
    // Nothing is in doubt of the team.
    assert_eq!(team(&world).doubt, None);
    assert!(team(&world).preferred_channel_absent_at.is_some());
}

#[tokio::test(start_paused = true)]
async fn a_dead_channel_is_not_tried_again_for_a_day_unless_it_is_restored() {
    let mut world = teams();
    let process = world.start(Fuse::new(None));
    let service = &process.service;
    let mut text = 0;
    let mut tried = async |world: &World| {
        text += 1;
        let text = format!("x{text}");
        let before = calls(world, &channel(1));
        let id = service.accept(key(&text), to_all(&text)).await.unwrap().id;
        let status = world.wait_for(service, &id, LONG).await.unwrap();
        assert_eq!(status.counts.delivered, 3, "{text}");
        calls(world, &channel(1)) - before
    };
    assert_eq!(tried(&world).await, 1);
    assert_eq!(tried(&world).await, 0, "General is addressed at once");
    world.pass(Duration::from_secs(25 * 3600)).await;
    assert_eq!(tried(&world).await, 1, "a day later");
    assert_eq!(tried(&world).await, 0);

    world.teams.set_channel(&channel(1), ChannelPresence::Restored);
    let restored = Change {
        key: team(&world).key,
        at: world.clock.wall(),
        event: Event::ChannelRestored(channel(1)),
    };
    record(&*world.references.store(), &restored, world.clock.wall())
        .await
        .unwrap();
    assert_eq!(tried(&world).await, 1, "Teams said that it is there");
    assert_eq!(world.teams.accepted_text("x5", &channel(1)), 1);
    assert_eq!(world.teams.accepted_text("x5", &general(1)), 0);
}

#[tokio::test(start_paused = true)]
async fn a_channel_that_was_named_does_not_become_general() {
    let mut world = teams();
    let process = world.start(Fuse::new(None));
    let service = &process.service;
    let named = Audience {
        conversations: vec![channel(0), channel(1)],
        ..Audience::default()
    };
    let id = service
        .accept(key("a"), request("x", Some(named)))
        .await
        .unwrap()
        .id;
    let status = world.wait_for(service, &id, LONG).await.unwrap();
    assert_eq!((status.counts.delivered, status.counts.gone), (1, 1));
    assert_eq!(calls(&world, &general(1)), 0);
    assert_eq!(team(&world).preferred_channel_absent_at, None);
}

#[tokio::test(start_paused = true)]
async fn a_team_that_is_gone_as_a_whole_is_gone() {
    let mut world = teams();
    world.teams.set_channel(&general(1), ChannelPresence::Deleted);
    let process = world.start(Fuse::new(None));
    let service = &process.service;
    let id = service.accept(key("a"), to_all("x")).await.unwrap().id;
    let status = world.wait_for(service, &id, LONG).await.unwrap();
    assert_eq!((status.counts.delivered, status.counts.gone), (2, 1));
    let team = team(&world);
    assert!(team.doubt.is_some() && team.preferred_channel_absent_at.is_none());
}

const MOVED: &str = "https://smba.trafficmanager.net/de/";

/// A tenant that Teams moved to another address.
fn moved(people: usize, told: Told) -> World {
    let world = world(people);
    let to = ServiceUrl::from(MOVED);
    world.teams.relocate(&tenant(), Relocation { to, told });
    world
}

/// Everybody's address is the right one.
fn assert_repaired(world: &World, people: usize) {
    let installed = world.references.installed();
    assert_eq!(installed.len(), people);
    for target in installed {
        assert_eq!(target.service_url.as_str(), MOVED, "{:?}", target.key);
    }
}

#[tokio::test(start_paused = true)]
async fn a_tenant_with_wrong_addresses_is_reached_at_its_newest_one() {
    let mut world = moved(200, Told::Nowhere);
    let at = world.clock.wall();
    let to = ServiceUrl::from(MOVED);
    world.references.readdress_person(&bot(), &tenant(), 7, &to, at);
    let process = world.start(Fuse::new(None));
    let service = &process.service;
    let id = service.accept(key("a"), to_all("x")).await.unwrap().id;
    let status = world.wait_for(service, &id, LONG).await.unwrap();
    assert_eq!((status.total, status.counts.delivered), (200, 200));
    assert_eq!(
        (world.teams.repeated(), world.teams.calls().len()),
        (0, 200 + 199)
    );
    assert_repaired(&world, 200);

    let id = service.accept(key("b"), to_all("y")).await.unwrap().id;
    let status = world.wait_for(service, &id, LONG).await.unwrap();
    assert_eq!(status.counts.delivered, 200);
    assert_eq!(world.teams.calls().len(), 200 + 199 + 200, "nobody is looked for");
}

#[tokio::test(start_paused = true)]
async fn an_address_that_teams_names_is_taken() {
    let mut world = moved(20, Told::InAnswers);
    let process = world.start(Fuse::new(None));
    let service = &process.service;
    let id = service.submit(key("a"), to_people("x", [3])).await.unwrap().id;
    let status = service.status(&id).await.unwrap();
    assert_eq!(status.counts.delivered, 1, "while the caller waits");
    let id = service.accept(key("b"), to_all("y")).await.unwrap().id;
    let status = world.wait_for(service, &id, LONG).await.unwrap();
    assert_eq!(status.counts.delivered, 20);
    assert_repaired(&world, 20);
}

#[tokio::test(start_paused = true)]
async fn wrong_addresses_that_nobody_knows_better_end_and_stop_nothing() {
    let mut world = moved(50, Told::Nowhere);
    let process = world.start(Fuse::new(None));
    let service = &process.service;
    let id = service.accept(key("a"), to_all("x")).await.unwrap().id;
    let status = world
        .wait_for(service, &id, Duration::from_secs(60))
        .await
        .unwrap();
    assert_eq!((status.total, status.counts.rejected), (50, 50));
    assert_eq!(world.references.installed().len(), 50);
}
