//! The installations of a world: people are installed here, and what is recorded of them is looked at. The store itself is
//! `storage`'s, and passes the suite that all stores of references pass.

use futures::executor::block_on;
use jiff::Timestamp;
use notify::{
    ids::{BotId, ConversationId, EntraId, ServiceUrl, TeamId, TenantId, UserId},
    ports::{Expected, ReferenceStore, Selection, Stored, WriteError},
    reference::ConversationReference,
    target::{ChannelState, DeliveryStatus, Installation, ReferenceRecord, Scope, Target, TargetKey},
};
use std::sync::Arc;
use storage::memory::MemoryReferences;

/// References of one bot in memory.
pub struct Installations {
    bot: BotId,
    store: Arc<MemoryReferences>,
}

// A store in memory answers at once: nothing here waits.
impl Installations {
    /// Nobody has installed the bot yet.
    pub fn new(bot: BotId) -> Self {
        Self {
            bot,
            store: Arc::default(),
        }
    }

    /// The store, without a wire or a fuse in front of it.
    pub fn store(&self) -> Arc<dyn ReferenceStore> {
        self.store.clone()
    }

    /// Installs the bot for a person, whatever is recorded of them: conversation `a:{n}`, user `29:{n}`, Entra id
    /// `e-{n}`.
    ///
    /// # Panics
    /// When the store refuses.
    pub fn install_person(&self, bot: &BotId, tenant: &TenantId, n: usize) {
        self.install(person(bot, tenant, n));
    }

    /// Gives a person a second chat with the bot, as Graph names it: `19:{n}_bot@unq.gbl.spaces`.
    ///
    /// # Panics
    /// When the store refuses.
    pub fn install_second_chat(&self, bot: &BotId, tenant: &TenantId, n: usize) {
        let mut target = person(bot, tenant, n);
        target.key.root = ConversationId::from(format!("19:{n}_bot@unq.gbl.spaces"));
        self.install(target);
    }

    fn install(&self, target: Target) {
        let key = target.key.clone();
        let record = ReferenceRecord::Installed(Box::new(Installation {
            target,
            reference: ConversationReference::default(),
        }));
        let mut written = block_on(self.store.write(&key, &record, &Expected::Absent));
        if matches!(written, Err(WriteError::Conflict))
            && let Some(known) = self.stored(&key)
        {
            written = block_on(self.store.write(&key, &record, &Expected::Version(known.version)));
        }
        assert!(written.is_ok(), "{} can't be installed: {written:?}", key.root);
    }

    /// Marks a reference, as a version did that knew no persons.
    ///
    /// # Panics
    /// When the store refuses, or there is none.
    pub fn mark(&self, key: &TargetKey, status: DeliveryStatus) {
        if let Some(Stored {
            record: ReferenceRecord::Installed(installation),
            ..
        }) = self.stored(key)
        {
            self.install(Target {
                delivery_status: status,
                ..installation.target
            });
        }
    }

    /// Erases a reference without a trace, as no event does.
    ///
    /// # Panics
    /// When the store refuses, or there is none.
    pub fn erase(&self, key: &TargetKey) {
        let erased = self
            .stored(key)
            .map(|stored| block_on(self.store.erase(key, &stored.version)));
        assert!(
            matches!(erased, Some(Ok(()))),
            "{} can't be erased: {erased:?}",
            key.root
        );
    }

    /// Installs the bot for team `n`, whose channel was selected: [`general`] and [`channel`].
    ///
    /// # Panics
    /// When the store refuses.
    pub fn install_team(&self, bot: &BotId, tenant: &TenantId, n: usize) {
        let mut target = person(bot, tenant, n);
        target.key.root = general(n);
        target.scope = Scope::Team;
        (target.user, target.entra) = (None, None);
        target.team = Some(TeamId::from(general(n).as_str()));
        target.preferred_channel = Some(channel(n));
        let key = target.key.clone();
        let record = ReferenceRecord::Installed(Box::new(Installation {
            target,
            reference: ConversationReference::default(),
        }));
        let written = block_on(self.store.write(&key, &record, &Expected::Absent));
        assert!(written.is_ok(), "team {n} can't be installed: {written:?}");
    }

    /// An event told of person `n`'s address.
    ///
    /// # Panics
    /// When they are not installed, or the store refuses.
    pub fn readdress_person(&self, bot: &BotId, tenant: &TenantId, n: usize, to: &ServiceUrl, at: Timestamp) {
        let key = person(bot, tenant, n).key;
        let known = self.stored(&key);
        assert!(known.is_some(), "person {n} is not installed");
        let Some(Stored {
            record: ReferenceRecord::Installed(mut installation),
            version,
        }) = known
        else {
            return;
        };
        installation.target.service_url = to.clone();
        installation.target.event_at = at;
        let record = ReferenceRecord::Installed(installation);
        let written = block_on(self.store.write(&key, &record, &Expected::Version(version)));
        assert!(written.is_ok(), "person {n} can't be readdressed: {written:?}");
    }

    /// What is recorded of team `n`.
    pub fn team(&self, bot: &BotId, tenant: &TenantId, n: usize) -> Option<Target> {
        let mut key = person(bot, tenant, n).key;
        key.root = general(n);
        match self.stored(&key)?.record {
            ReferenceRecord::Installed(installation) => Some(installation.target),
            ReferenceRecord::Removed(_) => None,
        }
    }

    /// From now on a page of a listing has at most so many records.
    pub fn page(&self, records: u32) {
        self.store.shorten_pages(records);
    }

    /// From now on the index doesn't know person `n`; listings do.
    pub fn lose_from_index(&self, bot: &BotId, tenant: &TenantId, n: usize) {
        self.store.lose_from_index(&person(bot, tenant, n).key);
    }

    /// Who has a reference that stands, whatever chat it names.
    ///
    /// # Panics
    /// When the store can't be listed.
    pub fn installed(&self) -> Vec<Target> {
        let selection = Selection {
            bot: self.bot.clone(),
            tenant: None,
        };
        let (mut targets, mut from) = (Vec::new(), None);
        loop {
            let listed = block_on(self.store.list(&selection, from.as_ref()));
            assert!(listed.is_ok(), "installations can't be listed: {listed:?}");
            let Ok(page) = listed else { return targets };
            targets.extend(page.targets.into_iter().map(|listed| listed.target));
            from = page.next;
            if from.is_none() {
                return targets;
            }
        }
    }

    /// What is recorded of person `n`.
    pub fn person(&self, bot: &BotId, tenant: &TenantId, n: usize) -> Option<ReferenceRecord> {
        self.stored(&person(bot, tenant, n).key)
            .map(|stored| stored.record)
    }

    fn stored(&self, key: &TargetKey) -> Option<Stored> {
        block_on(self.store.read(key)).ok().flatten()
    }
}

/// The General channel of team `n`, which is the team's own id.
pub fn general(n: usize) -> ConversationId {
    ConversationId::from(format!("19:general{n}@thread.tacv2"))
}

/// The channel that was selected for team `n`.
pub fn channel(n: usize) -> ConversationId {
    ConversationId::from(format!("19:selected{n}@thread.tacv2"))
}

fn person(bot: &BotId, tenant: &TenantId, n: usize) -> Target {
    Target {
        key: TargetKey {
            bot: bot.clone(),
            tenant: tenant.clone(),
            root: ConversationId::from(format!("a:{n}")),
        },
        scope: Scope::Personal,
        service_url: ServiceUrl::from("https://smba.trafficmanager.net/teams/"),
        user: Some(UserId::from(format!("29:{n}"))),
        entra: Some(EntraId::from(format!("e-{n}"))),
        name: None,
        team: None,
        preferred_channel: None,
        preferred_channel_state: ChannelState::Present,
        preferred_channel_kind: None,
        preferred_channel_absent_at: None,
        locale: None,
        time_zone: None,
        delivery_status: DeliveryStatus::Active,
        doubt: None,
        event_at: Timestamp::UNIX_EPOCH,
    }
}
