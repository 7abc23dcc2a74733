//! The store of references: conditional records, tombstones, listings, and changes that meet.

use super::records::{installation, key, removal};
use futures::{StreamExt, future::join_all, stream};
use jiff::Timestamp;
use notify::{
    change::{Change, Effect, Event, record},
    ids::TenantId,
    person::PersonKey,
    ports::{Expected, Listed, ReferenceStore, Selection, StoreError, Stored, WriteError},
    reference::ConversationReference,
    target::{ChannelState, DeliveryStatus, Installation, ReferenceRecord, Scope, TargetKey},
};
use std::{collections::BTreeSet, sync::Arc};

type Make<'a> = &'a (dyn Fn() -> Arc<dyn ReferenceStore> + Send + Sync);

/// Everything that a store of references must do.
pub async fn references(make: Make<'_>) {
    round_trip(&*make()).await;
    conditions(&*make()).await;
    create_race(make()).await;
    increments(make()).await;
    changes_meet(make()).await;
    newest_wins(make()).await;
    selections(&*make()).await;
    odd_keys(&*make()).await;
    tenants(&*make()).await;
    people(&*make()).await;
}

/// Whatever a store finds of a person without listing is that person's installation; it never finds another's, one
/// that is gone, or one of another bot or tenant.
async fn people(store: &dyn ReferenceStore) {
    let (mine, other) = (key("b", "t", "a:1"), key("b", "t", "a:2"));
    let person = |n: u32| PersonKey::of(&format!("E-{n}"));
    let record = |key: &TargetKey, n: u32| {
        let mut installation = installation(key, at(1));
        installation.target.scope = Scope::Personal;
        installation.target.user = Some(format!("29:{n}").as_str().into());
        installation.target.entra = Some(format!("e-{n}").as_str().into());
        ReferenceRecord::Installed(Box::new(installation))
    };
    store
        .write(&mine, &record(&mine, 1), &Expected::Absent)
        .await
        .unwrap();
    let version = store
        .write(&other, &record(&other, 2), &Expected::Absent)
        .await
        .unwrap();
    let (bot, tenant) = (&mine.bot, &mine.tenant);
    let found = |person: PersonKey| async move { store.find_person(bot, tenant, &person).await.unwrap() };
    if let [first] = &found(person(1)).await[..] {
        assert_eq!(first.target.key, mine);
        assert_eq!(found(PersonKey::of("29:1")).await, std::slice::from_ref(first));
        // A second chat of the same person.
        let second = key("b", "t", "19:1@unq.gbl.spaces");
        let stored = store.write(&second, &record(&second, 1), &Expected::Absent).await;
        let chats = found(person(1)).await;
        let chats: BTreeSet<_> = chats.into_iter().map(|listed| listed.target.key).collect();
        assert_eq!(chats, BTreeSet::from([mine.clone(), second.clone()]));
        let gone = removal(&second, at(2));
        let known = Expected::Version(stored.unwrap());
        store.write(&second, &gone, &known).await.unwrap();
        assert_eq!(found(person(1)).await, std::slice::from_ref(first));
    }
    assert_eq!(found(person(3)).await, []);
    let elsewhere = store.find_person(&"c".into(), tenant, &person(1)).await;
    assert_eq!(elsewhere.unwrap(), []);
    let elsewhere = store.find_person(bot, &"u".into(), &person(1)).await;
    assert_eq!(elsewhere.unwrap(), []);
    let gone = removal(&other, at(2));
    store
        .write(&other, &gone, &Expected::Version(version))
        .await
        .unwrap();
    assert_eq!(found(person(2)).await, []);
    let stored = read(store, &mine).await;
    store.erase(&mine, &stored.version).await.unwrap();
    assert_eq!(found(person(1)).await, []);
}

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(1_760_000_000 + second).unwrap()
}

fn installed(key: &TargetKey, second: i64) -> ReferenceRecord {
    ReferenceRecord::Installed(Box::new(installation(key, at(second))))
}

async fn read(store: &dyn ReferenceStore, key: &TargetKey) -> Stored {
    store.read(key).await.unwrap().expect("it is there")
}

/// Lists everything of a selection; returns it with the number of pages.
async fn all(store: &dyn ReferenceStore, selection: &Selection) -> (Vec<Listed>, u64) {
    let (mut targets, mut from, mut pages) = (Vec::new(), None, 0);
    loop {
        let page = store.list(selection, from.as_ref()).await.unwrap();
        pages += 1;
        assert!(pages < 1_000_000, "a listing ends");
        targets.extend(page.targets);
        match page.next {
            Some(next) => from = Some(next),
            None => return (targets, pages),
        }
    }
}

fn selection(bot: &str, tenant: Option<&str>) -> Selection {
    Selection {
        bot: bot.into(),
        tenant: tenant.map(Into::into),
    }
}

async fn round_trip(store: &dyn ReferenceStore) {
    let key = key("bot-1", "tenant-1", "a:1");
    assert!(store.read(&key).await.unwrap().is_none(), "nothing is there yet");
    let record = installed(&key, 1);
    let version = store.write(&key, &record, &Expected::Absent).await.unwrap();
    assert_eq!(
        read(store, &key).await,
        Stored {
            record: record.clone(),
            version: version.clone()
        }
    );
    let (listed, _) = all(store, &selection("bot-1", None)).await;
    let ReferenceRecord::Installed(whole) = &record else {
        unreachable!()
    };
    assert_eq!(
        listed,
        [Listed {
            target: whole.target.clone(),
            version: version.clone()
        }]
    );
    let tombstone = removal(&key, at(2));
    let removed = store
        .write(&key, &tombstone, &Expected::Version(version.clone()))
        .await
        .unwrap();
    assert_ne!(removed, version, "every write makes a version");
    assert_eq!(read(store, &key).await.record, tombstone, "a tombstone is read");
    assert!(
        all(store, &selection("bot-1", None)).await.0.is_empty(),
        "and not listed"
    );
    let back = store
        .write(&key, &record, &Expected::Version(removed.clone()))
        .await
        .unwrap();
    assert!(back != version && back != removed);
    let stale = store.erase(&key, &removed).await;
    assert!(matches!(stale, Err(WriteError::Conflict)), "{stale:?}");
    store.erase(&key, &back).await.unwrap();
    assert!(
        store.read(&key).await.unwrap().is_none(),
        "erased without a trace"
    );
    assert!(all(store, &selection("bot-1", None)).await.0.is_empty());
    let gone = store.erase(&key, &back).await;
    assert!(matches!(gone, Err(WriteError::Conflict)), "{gone:?}");
}

async fn conditions(store: &dyn ReferenceStore) {
    let key = key("bot-1", "tenant-1", "a:1");
    let conflict =
        |answer: Result<_, WriteError>| assert!(matches!(answer, Err(WriteError::Conflict)), "{answer:?}");
    let first = store
        .write(&key, &installed(&key, 1), &Expected::Absent)
        .await
        .unwrap();
    conflict(store.write(&key, &installed(&key, 2), &Expected::Absent).await);
    let second = store
        .write(&key, &installed(&key, 3), &Expected::Version(first.clone()))
        .await
        .unwrap();
    conflict(
        store
            .write(&key, &installed(&key, 4), &Expected::Version(first.clone()))
            .await,
    );
    assert_eq!(
        read(store, &key).await.record,
        installed(&key, 3),
        "what was refused changed nothing"
    );
    store.erase(&key, &second).await.unwrap();
    conflict(
        store
            .write(&key, &installed(&key, 5), &Expected::Version(second))
            .await,
    );
}

async fn create_race(store: Arc<dyn ReferenceStore>) {
    let key = key("bot-1", "tenant-1", "a:race");
    let racers = (0..16).map(|n| {
        let (store, key) = (store.clone(), key.clone());
        tokio::spawn(async move { store.write(&key, &installed(&key, n), &Expected::Absent).await })
    });
    let answers: Vec<_> = join_all(racers).await.into_iter().map(Result::unwrap).collect();
    assert_eq!(
        answers.iter().filter(|answer| answer.is_ok()).count(),
        1,
        "one creates it: {answers:?}"
    );
    let winner = answers.iter().position(Result::is_ok).unwrap();
    assert_eq!(
        read(&*store, &key).await.record,
        installed(&key, winner as i64),
        "and it is theirs"
    );
}

async fn increments(store: Arc<dyn ReferenceStore>) {
    const TASKS: u64 = 8;
    const EACH: u64 = 10;
    let key = key("bot-1", "tenant-1", "a:sum");
    store
        .write(&key, &installed(&key, 0), &Expected::Absent)
        .await
        .unwrap();
    let tasks = (0..TASKS).map(|_| {
        let (store, key) = (store.clone(), key.clone());
        tokio::spawn(async move {
            let mut done = 0;
            while done < EACH {
                let Stored { record, version } = read(&*store, &key).await;
                let ReferenceRecord::Installed(mut whole) = record else {
                    unreachable!()
                };
                let sum = whole.reference["sum"].as_u64().unwrap_or_default();
                let mut properties = whole.reference.into_properties();
                properties.insert("sum".to_owned(), (sum + 1).into());
                whole.reference = ConversationReference::new(properties);
                match store
                    .write(
                        &key,
                        &ReferenceRecord::Installed(whole),
                        &Expected::Version(version),
                    )
                    .await
                {
                    Ok(_) => done += 1,
                    Err(WriteError::Conflict) => {}
                    Err(error) => panic!("{error}"),
                }
            }
        })
    });
    for task in join_all(tasks).await {
        task.unwrap();
    }
    let ReferenceRecord::Installed(whole) = read(&*store, &key).await.record else {
        unreachable!()
    };
    assert_eq!(whole.reference["sum"], TASKS * EACH, "no increment is lost");
}

/// Records a change as the bot endpoint does: Teams sends it again until it is taken.
async fn recorded(store: &dyn ReferenceStore, change: &Change) -> Effect {
    for _ in 0..20 {
        match record(store, change, at(100)).await {
            Ok(effect) => return effect,
            Err(StoreError::Unavailable(_)) => {}
            Err(error) => panic!("{error}"),
        }
    }
    panic!("the change is never taken")
}

/// Changes of the same moment to different parts of one record: each must show in the end.
async fn changes_meet(store: Arc<dyn ReferenceStore>) {
    let roots: Vec<TargetKey> = (0..8)
        .map(|n| key("bot-1", "tenant-1", &format!("19:{n}@thread.tacv2")))
        .collect();
    let mut tasks = Vec::new();
    for key in &roots {
        let first = Event::Installed(Box::new(installation(key, at(1))));
        let first = Change {
            key: key.clone(),
            at: at(1),
            event: first,
        };
        assert_eq!(recorded(&*store, &first).await, Effect::Added);
        let events = [
            Event::Archived,
            Event::Renamed("Ops".to_owned()),
            Event::ChannelDeleted("19:chan@thread.tacv2".into()),
        ];
        for event in events {
            let (store, key) = (store.clone(), key.clone());
            tasks.push(tokio::spawn(async move {
                recorded(
                    &*store,
                    &Change {
                        key,
                        at: at(2),
                        event,
                    },
                )
                .await
            }));
        }
    }
    for task in tasks {
        assert_eq!(task.await.unwrap(), Effect::Stored);
    }
    for key in &roots {
        let ReferenceRecord::Installed(whole) = read(&*store, key).await.record else {
            panic!("it is installed")
        };
        assert_eq!(
            whole.target.delivery_status,
            DeliveryStatus::Suspended,
            "archived"
        );
        assert_eq!(
            whole.target.preferred_channel_state,
            ChannelState::Deleted,
            "channel deleted"
        );
        assert_eq!(whole.reference["conversation"]["name"], "Ops", "renamed");
    }
}

/// Installs and removals of one chat in any order of arrival: the newest event decides.
async fn newest_wins(store: Arc<dyn ReferenceStore>) {
    let key = key("bot-1", "tenant-1", "a:newest");
    let tasks = [7, 3, 11, 5, 2, 9, 4, 8, 6, 10].map(|second| {
        let (store, key) = (store.clone(), key.clone());
        tokio::spawn(async move {
            let event = if second % 2 == 1 {
                Event::Installed(Box::new(installation(&key, at(second))))
            } else {
                Event::Removed
            };
            recorded(
                &*store,
                &Change {
                    key,
                    at: at(second),
                    event,
                },
            )
            .await
        })
    });
    for task in tasks {
        task.await.unwrap();
    }
    let stored = read(&*store, &key).await.record;
    assert_eq!(stored.event_at(), at(11));
    assert!(
        matches!(stored, ReferenceRecord::Installed(_)),
        "the newest event was an install: {stored:?}"
    );
    assert_eq!(
        recorded(
            &*store,
            &Change {
                key: key.clone(),
                at: at(10),
                event: Event::Removed
            }
        )
        .await,
        Effect::Unchanged,
        "a late event changes nothing"
    );
}

async fn selections(store: &dyn ReferenceStore) {
    let unknown = TargetKey::UNKNOWN_TENANT;
    for (bot, tenant, root) in [
        ("bot-1", "tenant-1", "a:1"),
        ("bot-1", "tenant-1", "a:2"),
        ("bot-1", "tenant-10", "a:1"),
        ("bot-1", unknown, "a:9"),
        ("bot-10", "tenant-1", "a:1"),
        ("bot-2", "tenant-1", "a:1"),
    ] {
        let key = key(bot, tenant, root);
        store
            .write(&key, &installed(&key, 1), &Expected::Absent)
            .await
            .unwrap();
    }
    let gone = key("bot-1", "tenant-1", "a:gone");
    store
        .write(&gone, &removal(&gone, at(1)), &Expected::Absent)
        .await
        .unwrap();
    for (bot, tenant, count) in [
        ("bot-1", None, 4),
        ("bot-1", Some("tenant-1"), 2),
        ("bot-1", Some("tenant-10"), 1),
        ("bot-1", Some(unknown), 1),
        ("bot-1", Some("tenant"), 0),
        ("bot-2", None, 1),
        ("bot", None, 0),
    ] {
        let (listed, _) = all(store, &selection(bot, tenant)).await;
        assert_eq!(listed.len(), count, "{bot} {tenant:?}: {listed:?}");
        assert!(
            listed.iter().all(|l| l.target.key.bot.as_str() == bot),
            "other bots' are kept apart"
        );
        assert_eq!(
            listed,
            all(store, &selection(bot, tenant)).await.0,
            "in a stable order"
        );
    }
}

async fn tenants(store: &dyn ReferenceStore) {
    let bot = "b".into();
    assert_eq!(store.tenants(&bot).await.unwrap(), []);
    let long = "x".repeat(300);
    let known = [
        "t",
        "T-2",
        "t/2",
        "t 3",
        "\u{fc}",
        &long,
        TargetKey::UNKNOWN_TENANT,
    ];
    for tenant in known {
        for root in ["19:1", "19:2"] {
            let key = key("b", tenant, root);
            store
                .write(&key, &installed(&key, 1), &Expected::Absent)
                .await
                .unwrap();
        }
    }
    // Another bot's, and one where nothing is left but a removal, which may be in or not.
    let (other, gone) = (key("b2", "other", "19:1"), key("b", "gone", "19:3"));
    store
        .write(&other, &installed(&other, 1), &Expected::Absent)
        .await
        .unwrap();
    store
        .write(&gone, &removal(&gone, at(1)), &Expected::Absent)
        .await
        .unwrap();
    let mut found = store.tenants(&bot).await.unwrap();
    assert!(found.is_sorted(), "sorted, each once");
    found.retain(|tenant| tenant.as_str() != "gone");
    let mut known: Vec<TenantId> = known.into_iter().map(Into::into).collect();
    known.sort();
    assert_eq!(found, known);
}

async fn odd_keys(store: &dyn ReferenceStore) {
    let long = "x".repeat(5_000);
    let odd = [
        "19:abc@thread.tacv2;messageid=1700000000000",
        "a b",
        "a/b",
        "a%2Fb",
        "a%b",
        "../../etc",
        "ü/日本語/🎉",
        "\"q\"",
        "\\",
        "a\tb",
        "_",
        "undefined",
        ".",
        "..",
        &long,
        "CASE",
        "case",
    ];
    for root in odd {
        let key = key("bot-1", "ten/ant %ü", root);
        store
            .write(&key, &installed(&key, 1), &Expected::Absent)
            .await
            .unwrap_or_else(|e| panic!("{root:?}: {e}"));
    }
    for root in odd {
        let key = key("bot-1", "ten/ant %ü", root);
        assert_eq!(read(store, &key).await.record, installed(&key, 1), "{root:?}");
    }
    let (listed, _) = all(store, &selection("bot-1", Some("ten/ant %ü"))).await;
    assert_eq!(listed.len(), odd.len());
    for Listed { target, version } in listed {
        store
            .erase(&target.key, &version)
            .await
            .expect("a listed version can be used");
    }
}

/// Writes `count` references, `at_once` of them at a time, and lists them; returns how many pages that took.
pub async fn many_references(store: Arc<dyn ReferenceStore>, count: usize, at_once: usize) -> u64 {
    stream::iter(0..count)
        .for_each_concurrent(at_once, |n| {
            let store = store.clone();
            async move {
                let key = key("bot-1", "tenant-1", &format!("a:{n}"));
                let mut whole: Installation = installation(&key, at(1));
                whole.target.user = Some(format!("29:{n}").as_str().into());
                whole.target.entra = Some(format!("e-{n}").as_str().into());
                store
                    .write(
                        &key,
                        &ReferenceRecord::Installed(Box::new(whole)),
                        &Expected::Absent,
                    )
                    .await
                    .unwrap();
            }
        })
        .await;
    let (listed, pages) = all(&*store, &selection("bot-1", None)).await;
    let distinct: std::collections::HashSet<_> = listed.iter().map(|l| &l.target.key.root).collect();
    assert_eq!(
        (listed.len(), distinct.len()),
        (count, count),
        "each is listed once"
    );
    pages
}
