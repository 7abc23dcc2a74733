//! What is stored before a plan: references of one tenant with ids as long as Teams', and records of persons.

use jiff::{SignedDuration, Timestamp};
use notify::{
    ids::{ConversationId, EntraId, ServiceUrl, UserId},
    persons::{self, Person, PersonRecord, Preference},
    ports::{Expected, ObjectStore, ReferenceStore},
    reference::ConversationReference,
    target::{ChannelState, DeliveryStatus, Installation, ReferenceRecord, Scope, Target, TargetKey},
};
use simulator::world::{bot, tenant};

/// References of the tenant.
pub(crate) const REFERENCES: usize = 300_000;
/// People with a second chat.
pub(crate) const SECOND_CHATS: usize = 4_000;
/// People, where some of them have one.
pub(crate) const PEOPLE: usize = REFERENCES - SECOND_CHATS;
/// People who opted out.
const OPTED_OUT: usize = 3_000;
/// People who blocked the bot.
const BLOCKED: usize = 3_000;

/// Which of a person's chats.
#[derive(Clone, Copy)]
enum Chat {
    First,
    Second,
}

/// Stores the chats of people 0 to `people`, and second chats of the first `second` who neither opted out nor blocked.
pub(crate) async fn references(
    store: &dyn ReferenceStore,
    (people, second): (usize, usize),
) -> Result<(), String> {
    for n in 0..people {
        install(store, chat(n, Chat::First)).await?;
    }
    for n in with_second_chat(second) {
        install(store, chat(n, Chat::Second)).await?;
    }
    Ok(())
}

/// Stores what 3,000 opt-outs, 3,000 blocks of yesterday, and 4,000 second chats leave behind.
pub(crate) async fn records(objects: &dyn ObjectStore) -> Result<(), String> {
    let yesterday = Timestamp::now() - SignedDuration::from_hours(24);
    let opted_out = |record: &mut PersonRecord| record.prefer(Preference::OptedOut, yesterday);
    let blocked = |record: &mut PersonRecord| record.block(yesterday);
    for n in 0..OPTED_OUT {
        record(objects, n, opted_out).await?;
    }
    for n in OPTED_OUT..OPTED_OUT + BLOCKED {
        record(objects, n, blocked).await?;
    }
    for n in with_second_chat(SECOND_CHATS) {
        let chats = [chat(n, Chat::First), chat(n, Chat::Second)];
        let both = |record: &mut PersonRecord| {
            chats
                .iter()
                .for_each(|chat| record.saw(&chat.key.root, chat.event_at));
        };
        record(objects, n, both).await?;
    }
    Ok(())
}

fn with_second_chat(count: usize) -> std::ops::Range<usize> {
    OPTED_OUT + BLOCKED..OPTED_OUT + BLOCKED + count
}

async fn record(
    objects: &dyn ObjectStore,
    n: usize,
    change: impl Fn(&mut PersonRecord) + Send,
) -> Result<(), String> {
    let person = Person::of(&chat(n, Chat::First)).ok_or("a chat without a person")?;
    let updated = persons::update(objects, &person, change).await;
    updated.map(drop).map_err(|error| error.to_string())
}

async fn install(store: &dyn ReferenceStore, target: Target) -> Result<(), String> {
    let key = target.key.clone();
    let record = ReferenceRecord::Installed(Box::new(Installation {
        target,
        reference: ConversationReference::default(),
    }));
    let written = store.write(&key, &record, &Expected::Absent).await;
    written
        .map(drop)
        .map_err(|error| format!("{}: {error:?}", key.root))
}

fn chat(n: usize, chat: Chat) -> Target {
    let entra = format!("{n:08x}-5555-4555-8555-000000000005");
    let month_ago = Timestamp::now() - SignedDuration::from_hours(30 * 24);
    let (root, event_at) = match chat {
        Chat::First => (format!("a:1{n:087}"), month_ago),
        // The newer one of every second person.
        Chat::Second => {
            let days = if n.is_multiple_of(2) { 3 } else { -3 };
            (
                format!("19:{entra}_{}@unq.gbl.spaces", bot()),
                month_ago + SignedDuration::from_hours(24 * days),
            )
        }
    };
    Target {
        key: TargetKey {
            bot: bot(),
            tenant: tenant(),
            root: ConversationId::from(root),
        },
        scope: Scope::Personal,
        service_url: ServiceUrl::from(
            "https://smba.trafficmanager.net/emea/7e4a2222-2222-4222-8222-000000000002/",
        ),
        user: Some(UserId::from(format!("29:1{n:086}"))),
        entra: Some(EntraId::from(entra)),
        name: Some(format!("Person {n}")),
        team: None,
        preferred_channel: None,
        preferred_channel_state: ChannelState::Present,
        preferred_channel_kind: None,
        preferred_channel_absent_at: None,
        locale: Some("de-AT".to_owned()),
        time_zone: Some("Europe/Vienna".to_owned()),
        delivery_status: DeliveryStatus::Active,
        doubt: None,
        event_at,
    }
}
