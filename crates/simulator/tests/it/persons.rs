//! One person is one person: whichever chats they have, they get one message, and what they say and do holds for all.

use crate::basics::{LONG, key, world};
use notify::{
    change::{Change, Event},
    outcome::Counts,
    person::PersonKey,
    persons::{Person, Preference},
    ports::{ObjectStore, Verdict, WriteIf},
    request::Audience,
    service::{Inbound, NotificationService, Unblock},
    target::{DeliveryStatus, Installation, Scope, Target, TargetKey},
};
use simulator::{
    fuse::{Fuse, When},
    teams::Script,
    world::{World, bot, request, tenant, to_all, to_people},
};
use std::{collections::BTreeMap, time::Duration};

const DAY: Duration = Duration::from_secs(86_400);

fn person(n: usize) -> Person {
    let (user, entra) = (format!("29:{n}").into(), format!("e-{n}").into());
    Person::by_ids(&bot(), &tenant(), Some(&user), Some(&entra)).unwrap()
}

fn second_chat(n: usize) -> TargetKey {
    TargetKey {
        bot: bot(),
        tenant: tenant(),
        root: format!("19:{n}_bot@unq.gbl.spaces").into(),
    }
}

/// What an activity of person `n` tells, now.
async fn activity(world: &World, service: &NotificationService, n: usize, event: Option<(TargetKey, Event)>) {
    let at = world.clock.wall();
    let change = event.map(|(key, event)| Change { key, at, event });
    let inbound = Inbound {
        from: Some(&person(n)),
        scope: Some(Scope::Personal),
        change: change.as_ref(),
    };
    service.record(&inbound).await.unwrap();
}

/// The installation of person `n`, in another chat.
fn installed(world: &World, n: usize, chat: &TargetKey) -> Event {
    let known = world.references.installed().swap_remove(0);
    Event::Installed(Box::new(Installation {
        target: Target {
            key: chat.clone(),
            user: Some(format!("29:{n}").into()),
            entra: Some(format!("e-{n}").into()),
            event_at: world.clock.wall(),
            ..known
        },
        reference: Default::default(),
    }))
}

async fn send(world: &World, service: &NotificationService, text: &str) -> Counts {
    let id = service.accept(key(text), to_all(text)).await.unwrap().id;
    world.wait_for(service, &id, LONG).await.unwrap().counts
}

fn delivered(delivered: u64) -> Counts {
    Counts {
        delivered,
        ..Counts::default()
    }
}

/// How often the text came into each chat of person `n`.
fn got(world: &World, text: &str, n: usize) -> (u32, u32) {
    let first = format!("a:{n}").into();
    (
        world.teams.accepted_text(text, &first),
        world.teams.accepted_text(text, &second_chat(n).root),
    )
}

#[tokio::test(start_paused = true)]
async fn whoever_has_two_chats_gets_one_message_and_from_then_on_in_the_newest() {
    let mut world = world(10);
    for n in 3..6 {
        world.references.install_second_chat(&bot(), &tenant(), n);
    }
    let process = world.start(Fuse::new(None));
    assert_eq!(send(&world, &process.service, "one").await, delivered(10));
    world.pass(Duration::from_secs(5)).await;
    // Somebody writes in their first chat, and somebody in their second.
    let first = TargetKey {
        root: "a:4".into(),
        ..second_chat(4)
    };
    for (n, chat) in [(4, first), (5, second_chat(5))] {
        let event = installed(&world, n, &chat);
        activity(&world, &process.service, n, Some((chat, event))).await;
    }
    assert_eq!(send(&world, &process.service, "two").await, delivered(10));
    assert_eq!((got(&world, "two", 4), got(&world, "two", 5)), ((1, 0), (0, 1)));
}

#[tokio::test(start_paused = true)]
async fn a_chat_that_comes_second_is_written_to_and_where_it_is_gone_the_first_one() {
    let mut world = world(4);
    let process = world.start(Fuse::new(None));
    world.pass(DAY).await;
    let event = installed(&world, 2, &second_chat(2));
    activity(&world, &process.service, 2, Some((second_chat(2), event))).await;
    assert_eq!(send(&world, &process.service, "one").await, delivered(4));
    assert_eq!(got(&world, "one", 2), (0, 1));
    // Lost without an event: nothing says that the other one is to be taken.
    world.references.erase(&second_chat(2));
    assert_eq!(send(&world, &process.service, "two").await, delivered(4));
    assert_eq!(got(&world, "two", 2), (1, 0));
}

#[tokio::test(start_paused = true)]
async fn one_person_gets_one_message_wherever_the_planner_is_killed() {
    let mut finished = false;
    for call in 0..300 {
        let mut world = world(40);
        world.references.page(7);
        for n in (0..40).step_by(3) {
            world.references.install_second_chat(&bot(), &tenant(), n);
        }
        let dies = Fuse::new(Some((call, When::After)));
        let first = world.start(dies.clone());
        let asked = first.service.accept(key("x"), to_all("x"));
        let accepted = tokio::select! {
            biased;
            () = dies.burnt() => None,
            accepted = asked => accepted.ok(),
        };
        world.pass(Duration::from_secs(60)).await;
        finished = match &accepted {
            Some(accepted) => {
                let status = world.observer().status(&accepted.id).await.unwrap();
                status.notification.finished_at.is_some()
            }
            None => false,
        };
        let second = world.start(Fuse::new(None));
        let id = match accepted {
            Some(accepted) => accepted.id,
            // The client asks again.
            None => second.service.accept(key("x"), to_all("x")).await.unwrap().id,
        };
        let status = world.wait_for(&second.service, &id, LONG).await.unwrap();
        assert_eq!(status.total, 40, "killed after call {call}");
        let mut messages: BTreeMap<usize, u32> = BTreeMap::new();
        for n in 0..40 {
            let (first, second) = got(&world, "x", n);
            *messages.entry(n).or_default() += first + second;
        }
        let several = messages.values().filter(|count| **count > 1).count() as u64;
        assert!(several <= status.resent, "killed after call {call}: {messages:?}");
        assert!(
            messages.values().all(|count| *count > 0),
            "killed after call {call}"
        );
        if finished {
            break;
        }
    }
    assert!(finished, "a run needs fewer calls than were tried");
}

#[tokio::test(start_paused = true)]
async fn whoever_opts_out_in_a_chat_that_is_not_stored_gets_nothing_in_any() {
    let mut world = world(4);
    world.references.install_second_chat(&bot(), &tenant(), 1);
    let process = world.start(Fuse::new(None));
    let nowhere = TargetKey {
        root: "19:copilot@unq.gbl.spaces".into(),
        ..second_chat(1)
    };
    let prefer = async |preference, at: &TargetKey| {
        let now = world.clock.wall();
        let service = &process.service;
        service
            .set_preference(&person(1), Some(at), preference, now)
            .await
            .unwrap();
    };
    prefer(Preference::OptedOut, &nowhere).await;
    let counts = send(&world, &process.service, "one").await;
    assert_eq!((counts.delivered, counts.skipped), (3, 1));
    assert_eq!(got(&world, "one", 1), (0, 0));
    world.pass(Duration::from_secs(1)).await;
    prefer(Preference::OptedIn, &second_chat(1)).await;
    assert_eq!(send(&world, &process.service, "two").await, delivered(4));
}

#[tokio::test(start_paused = true)]
async fn what_an_earlier_version_stored_in_one_chat_holds_for_the_other_from_the_first_run() {
    let mut world = world(6);
    for n in 1..4 {
        world.references.install_second_chat(&bot(), &tenant(), n);
    }
    // One in the chat that is listed first, one in the other.
    let first = TargetKey {
        root: "a:2".into(),
        ..second_chat(2)
    };
    world.references.mark(&second_chat(1), DeliveryStatus::OptedOut);
    world.references.mark(&first, DeliveryStatus::OptedOut);
    let process = world.start(Fuse::new(None));
    for text in ["one", "two"] {
        let counts = send(&world, &process.service, text).await;
        assert_eq!((counts.delivered, counts.skipped), (4, 2), "{text}");
        assert_eq!((got(&world, text, 1), got(&world, text, 2)), ((0, 0), (0, 0)));
        world.pass(Duration::from_secs(5)).await;
    }
    let named = to_people("named", [1, 2, 3]);
    let id = process.service.accept(key("named"), named).await.unwrap().id;
    let counts = world.wait_for(&process.service, &id, LONG).await.unwrap().counts;
    assert_eq!((counts.delivered, counts.skipped), (1, 2));
}

#[tokio::test(start_paused = true)]
async fn an_alert_to_the_other_chat_of_somebody_who_opted_out_is_not_sent() {
    let mut world = world(3);
    let process = world.start(Fuse::new(None));
    let service = &process.service;
    world.pass(DAY).await;
    let event = installed(&world, 1, &second_chat(1));
    activity(&world, service, 1, Some((second_chat(1), event))).await;
    // The lane is empty and free: an alert goes at once.
    let warm = service
        .submit(key("warm"), to_people("warm", [2]))
        .await
        .unwrap()
        .id;
    world.wait_for(service, &warm, LONG).await.unwrap();
    world.pass(Duration::from_secs(10)).await;
    let now = world.clock.wall();
    service
        .set_preference(&person(1), None, Preference::OptedOut, now)
        .await
        .unwrap();
    world.pass(Duration::from_secs(120)).await;
    let audience = Audience {
        conversations: ["a:1".into()].into(),
        ..Audience::default()
    };
    let alert = request("alert", Some(audience));
    let id = service.submit(key("alert"), alert).await.unwrap().id;
    let counts = world.wait_for(service, &id, LONG).await.unwrap().counts;
    assert_eq!((counts.skipped, got(&world, "alert", 1)), (1, (0, 0)));
}

#[tokio::test(start_paused = true)]
async fn a_record_that_can_t_be_read_is_one_person_s_trouble() {
    let mut world = world(5);
    let process = world.start(Fuse::new(None));
    let name = format!("persons/{}/{}/{}", bot(), tenant(), PersonKey::of("e-2").hash());
    let (body, metadata) = (r#"{"v":99}"#.into(), BTreeMap::new());
    world
        .objects
        .write(&name, body, &metadata, WriteIf::Any)
        .await
        .unwrap();
    let counts = send(&world, &process.service, "one").await;
    assert_eq!((counts.delivered, counts.skipped), (4, 1));
    let id = process
        .service
        .accept(key("named"), to_people("named", [1, 2]))
        .await
        .unwrap()
        .id;
    let counts = world.wait_for(&process.service, &id, LONG).await.unwrap().counts;
    assert_eq!((counts.delivered, counts.skipped), (1, 1));
    // They can still remove the bot.
    let chat = TargetKey {
        root: "a:2".into(),
        ..second_chat(2)
    };
    world.pass(DAY).await;
    activity(&world, &process.service, 2, Some((chat, Event::Removed))).await;
    assert_eq!(send(&world, &process.service, "two").await, delivered(4));
}

#[tokio::test(start_paused = true)]
async fn an_opt_out_reaches_a_run_that_is_under_way_in_another_process() {
    let mut world = world(1_000);
    let process = world.start(Fuse::new(None));
    let id = process.service.accept(key("x"), to_all("x")).await.unwrap().id;
    world.pass(Duration::from_secs(3)).await;
    let now = world.clock.wall();
    let other = world.observer();
    for n in (0..1_000).step_by(10) {
        other
            .set_preference(&person(n), None, Preference::OptedOut, now)
            .await
            .unwrap();
    }
    let confirmed = world.clock.now();
    let status = world.wait_for(&process.service, &id, LONG).await.unwrap();
    let opted_out = |call: &simulator::teams::Call| {
        let n = call
            .conversation
            .as_str()
            .strip_prefix("a:")
            .and_then(|n| n.parse::<usize>().ok());
        n.is_some_and(|n| n.is_multiple_of(10))
    };
    let calls = world.teams.calls();
    let late = calls
        .iter()
        .filter(|call| opted_out(call) && call.began > confirmed.after(Duration::from_secs(5)));
    assert_eq!(late.count(), 0);
    assert!(status.counts.skipped > 50, "{:?}", status.counts);
    assert_eq!(status.counts.skipped + status.counts.delivered, 1_000);
}

#[tokio::test(start_paused = true)]
async fn a_removal_in_one_chat_is_the_person_s_and_an_older_event_does_not_undo_it() {
    let mut world = world(3);
    world.references.install_second_chat(&bot(), &tenant(), 1);
    let process = world.start(Fuse::new(None));
    let late = installed(&world, 1, &second_chat(1));
    let late_at = world.clock.wall();
    world.pass(DAY).await;
    let first = TargetKey {
        root: "a:1".into(),
        ..second_chat(1)
    };
    activity(&world, &process.service, 1, Some((first, Event::Removed))).await;
    assert_eq!(send(&world, &process.service, "one").await, delivered(2));
    let change = Change {
        key: second_chat(1),
        at: late_at,
        event: late,
    };
    let inbound = Inbound {
        from: Some(&person(1)),
        scope: Some(Scope::Personal),
        change: Some(&change),
    };
    process.service.record(&inbound).await.unwrap();
    assert_eq!(send(&world, &process.service, "two").await, delivered(2));
    // Installed again.
    world.pass(DAY).await;
    let event = installed(&world, 1, &second_chat(1));
    activity(&world, &process.service, 1, Some((second_chat(1), event))).await;
    assert_eq!(send(&world, &process.service, "three").await, delivered(3));
    assert_eq!(got(&world, "three", 1), (0, 1));
}

#[tokio::test(start_paused = true)]
async fn a_block_is_asked_again_after_seven_days_by_name_by_what_the_person_does_and_by_an_operator() {
    let mut world = world(5);
    let process = world.start(Fuse::new(None));
    let service = &process.service;
    for n in 0..5 {
        world.teams.script(n, vec![Script::Answer(Verdict::Blocked); 1]);
    }
    assert_eq!(send(&world, service, "first").await.blocked, 5);
    // Everybody has unblocked it; no event says so.
    world.pass(Duration::from_secs(60)).await;
    assert_eq!(send(&world, service, "known").await.blocked, 5);
    assert_eq!(world.teams.total(), 0, "known ones are not tried");
    activity(&world, service, 0, None).await;
    let named = service
        .accept(key("named"), to_people("named", [1]))
        .await
        .unwrap()
        .id;
    let named = world.wait_for(service, &named, LONG).await.unwrap();
    assert_eq!(named.counts, delivered(1));
    assert_eq!(service.unblock(Unblock::Person("E-2")).await.unwrap(), 1);
    assert_eq!(
        service.unblock(Unblock::Person("29:2")).await.unwrap(),
        0,
        "no longer marked"
    );
    let counts = send(&world, service, "second").await;
    assert_eq!((counts.delivered, counts.blocked), (3, 2));
    world.pass(7 * DAY).await;
    assert_eq!(send(&world, service, "third").await, delivered(5));
    assert_eq!(service.unblock(Unblock::Everybody).await.unwrap(), 0);
}
