//! A tenant's persons in memory: some 50 bytes for each who differs from the default, for the planner and the worker.

use super::{Block, PersonRecord, Preference, store};
use crate::{
    evidence::{numbers::BLOCK_PROBE, since},
    ids::{BotId, ConversationId, EntraId, TenantId, UserId},
    person::{PersonHash, PersonKey},
    ports::{ObjectStore, StoreError},
    recipient::Recipient,
    target::{DeliveryStatus, Scope, Target},
};
use jiff::Timestamp;
use std::collections::{HashMap, HashSet};

/// A record in a listing.
pub(super) enum Listed {
    Known(PersonRecord),
    /// Of an unknown version, or damaged.
    Unreadable,
}

/// Whether a personal chat may be written to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ChatStatus {
    /// It may.
    Free,
    /// The person wants no notifications.
    OptedOut,
    /// The person blocked the bot.
    Blocked,
    /// They did once; whether they still do is asked by a message.
    BlockedPerhaps,
    /// The person removed the bot since: it is no installation any more.
    Removed,
}

/// What is kept of a record. Times are milliseconds since 1970.
#[derive(Clone, Copy)]
struct Kept {
    preference: Option<Preference>,
    preferred_at: i64,
    block: KeptBlock,
    removed_at: i64,
    /// Hash of the chat that is written to, where they have several.
    chat: Option<u64>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum KeptBlock {
    /// Nothing is known.
    None,
    /// It ended.
    Lifted,
    Set,
    /// Long enough ago to be asked again.
    Old,
}

/// A tenant's persons who differ from the default.
#[derive(Default)]
pub struct TenantPersons {
    kept: HashMap<PersonHash, Kept>,
    moved: HashMap<PersonHash, PersonHash>,
}

impl TenantPersons {
    /// Reads a tenant's persons.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn read(
        objects: &dyn ObjectStore,
        bot: &BotId,
        tenant: &TenantId,
        now: Timestamp,
    ) -> Result<Self, StoreError> {
        let mut persons = Self::default();
        let mut take = |hash, listed| match listed {
            Listed::Known(record) => persons.add(hash, &record, now),
            Listed::Unreadable => persons.add_unreadable(hash),
        };
        store::list(objects, bot, tenant, &mut take).await?;
        Ok(persons)
    }

    /// Takes in one record.
    pub fn add(&mut self, hash: PersonHash, record: &PersonRecord, now: Timestamp) {
        if let Some(moved_to) = record.moved_to {
            self.moved.insert(hash, moved_to);
            return;
        }
        let ms = |at: Timestamp| at.as_millisecond();
        let kept = Kept {
            preference: record.preference.map(|preference| preference.is),
            preferred_at: record.preference.map_or(i64::MIN, |preference| ms(preference.at)),
            block: match record.block {
                None => KeptBlock::None,
                Some(block) if block.is == Block::Lifted => KeptBlock::Lifted,
                Some(block) if since(block.at, now) >= BLOCK_PROBE => KeptBlock::Old,
                Some(_) => KeptBlock::Set,
            },
            removed_at: record.removed_at.map_or(i64::MIN, ms),
            chat: record.target().map(hash_of_chat),
        };
        self.kept.insert(hash, kept);
    }

    /// A record that can't be read: nothing is sent to its person.
    pub(crate) fn add_unreadable(&mut self, hash: PersonHash) {
        let kept = Kept {
            preference: Some(Preference::OptedOut),
            preferred_at: i64::MAX,
            block: KeptBlock::None,
            removed_at: i64::MIN,
            chat: None,
        };
        self.kept.insert(hash, kept);
    }

    fn kept(&self, hash: PersonHash) -> Option<&Kept> {
        self.kept.get(&self.moved(hash))
    }

    /// How a chat stands by what is known of its person, and by what its reference says from before there were
    /// records of persons.
    pub fn status(&self, target: &Target) -> ChatStatus {
        if target.scope != Scope::Personal {
            return match target.delivery_status {
                DeliveryStatus::OptedOut => ChatStatus::OptedOut,
                _ => ChatStatus::Free,
            };
        }
        if self.removed_at(target).is_some() {
            return ChatStatus::Removed;
        }
        let kept: Vec<&Kept> = hashes_of(target).filter_map(|hash| self.kept(hash)).collect();
        let event_at = target.event_at.as_millisecond();
        let preference = kept
            .iter()
            .max_by_key(|kept| (kept.preferred_at, kept.preference));
        let opted_out = match preference.and_then(|kept| kept.preference) {
            Some(Preference::OptedOut) => true,
            // An earlier version, which knows no persons, may have stored it since.
            Some(Preference::OptedIn) => {
                target.delivery_status == DeliveryStatus::OptedOut
                    && preference.is_some_and(|kept| event_at > kept.preferred_at)
            }
            None => target.delivery_status == DeliveryStatus::OptedOut,
        };
        if opted_out {
            return ChatStatus::OptedOut;
        }
        let blocks = |wanted| kept.iter().any(|kept| kept.block == wanted);
        if blocks(KeptBlock::Set) {
            return ChatStatus::Blocked;
        }
        // A mark in a reference has no time: it is from an earlier version, and long due.
        let old_mark = target.delivery_status == DeliveryStatus::Blocked && !blocks(KeptBlock::Lifted);
        match blocks(KeptBlock::Old) || old_mark {
            true => ChatStatus::BlockedPerhaps,
            false => ChatStatus::Free,
        }
    }

    /// Whether a chat is the one of its person's that is written to, as far as a record says.
    pub fn is_written_to(&self, target: &Target) -> bool {
        if target.scope != Scope::Personal {
            return true;
        }
        let kept = hashes_of(target).filter_map(|hash| self.kept(hash));
        let chat = kept.filter_map(|kept| kept.chat).next();
        chat.is_none_or(|chat| chat == hash_of_chat(&target.key.root))
    }

    /// The hash that a person's record stands under, if it has moved there.
    pub(crate) fn moved(&self, hash: PersonHash) -> PersonHash {
        *self.moved.get(&hash).unwrap_or(&hash)
    }

    /// When the person of a chat removed the bot, if that was after anything happened in it.
    pub(crate) fn removed_at(&self, target: &Target) -> Option<Timestamp> {
        let kept = hashes_of(target).filter_map(|hash| self.kept(hash));
        let removed_at = kept.map(|kept| kept.removed_at).max()?;
        let since = target.event_at.as_millisecond() <= removed_at;
        since
            .then(|| Timestamp::from_millisecond(removed_at).ok())
            .flatten()
    }

    /// Whether a person ever said what they want.
    pub(crate) fn has_preference(&self, target: &Target) -> bool {
        let mut kept = hashes_of(target).filter_map(|hash| self.kept(hash));
        kept.any(|kept| kept.preference.is_some())
    }

    /// Hashes of those who have several chats.
    pub(crate) fn with_several_chats(&self) -> impl Iterator<Item = PersonHash> + '_ {
        let several = self.kept.iter().filter(|(_, kept)| kept.chat.is_some());
        several.map(|(hash, _)| *hash)
    }

    /// Any chat of a person will do from now on.
    pub(crate) fn forget_chats(&mut self, hash: PersonHash) {
        if let Some(kept) = self.kept.get_mut(&hash) {
            kept.chat = None;
        }
    }

    /// Who wants no notifications.
    pub fn opt_outs(&self) -> OptOuts {
        let opted_out = |kept: &Kept| kept.preference == Some(Preference::OptedOut);
        let own = self.kept.iter().filter(|(_, kept)| opted_out(kept));
        let moved = self.moved.iter();
        let moved = moved.filter(|(_, to)| self.kept.get(to).is_some_and(opted_out));
        OptOuts(
            own.map(|(hash, _)| *hash)
                .chain(moved.map(|(hash, _)| *hash))
                .collect(),
        )
    }
}

/// The persons of a tenant who want no notifications, 16 bytes each.
#[derive(Clone, Debug, Default)]
pub struct OptOuts(HashSet<PersonHash>);

impl OptOuts {
    #[cfg(test)]
    pub(crate) fn of(hashes: impl IntoIterator<Item = PersonHash>) -> Self {
        Self(hashes.into_iter().collect())
    }

    /// Whether the person of a row is one of them.
    pub(crate) fn include(&self, recipient: &Recipient) -> bool {
        // Hashing is most of the cost, and most tenants have nobody here.
        if self.0.is_empty() || recipient.scope != Scope::Personal {
            return false;
        }
        hashes_of_row(recipient).any(|hash| self.0.contains(&hash))
    }
}

/// The hashes of a personal chat's person; the Entra id's is the last.
pub(crate) fn hashes_of(target: &Target) -> impl Iterator<Item = PersonHash> + use<> {
    hashes(target.user.as_ref(), target.entra.as_ref(), &target.key.root)
}

/// The hashes of a row's person.
pub(crate) fn hashes_of_row(recipient: &Recipient) -> impl Iterator<Item = PersonHash> + use<> {
    let root = recipient.root.as_ref().unwrap_or(&recipient.conversation);
    hashes(recipient.user.as_ref(), recipient.entra.as_ref(), root)
}

/// Of these ids; where there is none, the chat stands for its person.
fn hashes(
    user: Option<&UserId>,
    entra: Option<&EntraId>,
    root: &ConversationId,
) -> impl Iterator<Item = PersonHash> + use<> {
    let user = user.map(|user| PersonKey::of(user.as_str()).hash());
    let entra = entra.map(|entra| PersonKey::of(entra.as_str()).hash());
    let chat = (user.is_none() && entra.is_none()).then(|| PersonKey::of(root.as_str()).hash());
    [user, entra, chat].into_iter().flatten()
}

fn hash_of_chat(root: &ConversationId) -> u64 {
    PersonKey::of(root.as_str()).hash().prefix()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::sample;

    fn now() -> Timestamp {
        Timestamp::from_second(1_764_000_000).unwrap()
    }

    fn at(seconds_ago: i64) -> Timestamp {
        now() - jiff::SignedDuration::from_secs(seconds_ago)
    }

    const DAY: i64 = 86_400;

    /// How person 1 stands by this record, under their Entra id, after `mark` of their reference.
    #[expect(clippy::needless_pass_by_value, reason = "made where it is passed")]
    fn status(record: PersonRecord, mark: DeliveryStatus) -> ChatStatus {
        let mut target = sample::person(1).target;
        target.event_at = at(5 * DAY);
        target.delivery_status = mark;
        let mut persons = TenantPersons::default();
        let entra = target.entra.as_ref().unwrap();
        persons.add(PersonKey::of(entra.as_str()).hash(), &record, now());
        persons.status(&target)
    }

    fn record(change: impl Fn(&mut PersonRecord)) -> PersonRecord {
        let mut record = PersonRecord::default();
        change(&mut record);
        record
    }

    #[test]
    fn what_a_reference_of_before_says_counts_until_the_person_says_otherwise() {
        let (active, out) = (DeliveryStatus::Active, DeliveryStatus::OptedOut);
        assert_eq!(status(record(|_| ()), active), ChatStatus::Free);
        assert_eq!(status(record(|_| ()), out), ChatStatus::OptedOut);
        let says = |preference, days: i64| record(move |record| record.prefer(preference, at(days * DAY)));
        assert_eq!(
            status(says(Preference::OptedOut, 9), active),
            ChatStatus::OptedOut
        );
        assert_eq!(status(says(Preference::OptedIn, 1), out), ChatStatus::Free);
        assert_eq!(
            status(says(Preference::OptedIn, 9), out),
            ChatStatus::OptedOut,
            "stored by an earlier version since"
        );
    }

    #[test]
    fn a_block_is_asked_again_after_seven_days_and_an_old_mark_at_once() {
        let blocked = |days: i64| record(move |record| record.block(at(days * DAY)));
        assert_eq!(status(blocked(6), DeliveryStatus::Active), ChatStatus::Blocked);
        assert_eq!(
            status(blocked(7), DeliveryStatus::Active),
            ChatStatus::BlockedPerhaps
        );
        assert_eq!(
            status(record(|_| ()), DeliveryStatus::Blocked),
            ChatStatus::BlockedPerhaps
        );
        let lifted = record(|record| {
            record.block(at(2 * DAY));
            record.unblock(at(DAY));
        });
        assert_eq!(status(lifted, DeliveryStatus::Blocked), ChatStatus::Free);
    }

    #[test]
    fn what_is_from_before_a_removal_is_no_installation() {
        let removed = |days: i64| record(move |record| record.remove(at(days * DAY)));
        assert_eq!(status(removed(4), DeliveryStatus::Active), ChatStatus::Removed);
        assert_eq!(status(removed(6), DeliveryStatus::Active), ChatStatus::Free);
    }

    #[test]
    fn of_several_chats_one_is_written_to_and_an_opt_out_is_for_all() {
        let chat = sample::person(1).target;
        let entra = PersonKey::of(chat.entra.as_ref().unwrap().as_str()).hash();
        let is_written_to = |other_days: i64| {
            let mut record = PersonRecord::default();
            record.saw(&chat.key.root, at(2 * DAY));
            record.saw(&"19:other@unq.gbl.spaces".into(), at(other_days * DAY));
            record.prefer(Preference::OptedOut, at(DAY));
            let mut persons = TenantPersons::default();
            persons.add(entra, &record, now());
            assert_eq!(persons.status(&chat), ChatStatus::OptedOut);
            persons.is_written_to(&chat)
        };
        assert!(is_written_to(3) && !is_written_to(1));
    }

    #[test]
    fn a_record_that_moved_is_followed() {
        let target = sample::person(1).target;
        let entra = PersonKey::of(target.entra.as_ref().unwrap().as_str()).hash();
        let user = PersonKey::of(target.user.as_ref().unwrap().as_str()).hash();
        let mut persons = TenantPersons::default();
        persons.add(
            entra,
            &record(|record| record.prefer(Preference::OptedOut, at(1))),
            now(),
        );
        let pointer = PersonRecord {
            moved_to: Some(entra),
            ..PersonRecord::default()
        };
        persons.add(user, &pointer, now());
        let known_by_teams_id_only = Target {
            entra: None,
            ..target
        };
        assert_eq!(persons.status(&known_by_teams_id_only), ChatStatus::OptedOut);
    }
}
