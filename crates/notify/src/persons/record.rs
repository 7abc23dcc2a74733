//! The record of a person, and how it changes. Each item has the time of the event that it is from: the newest wins, on a
//! tie the stricter. No port is used here.

use crate::{
    change::Event,
    ids::ConversationId,
    person::PersonHash,
    target::{DeliveryStatus, Target},
};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeMap;

/// What records tell apart in time.
const MOMENT: SignedDuration = SignedDuration::from_millis(1);

/// Whether a person wants notifications. The greater is the stricter.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Preference {
    /// Yes, as at first.
    OptedIn,
    /// No more of them.
    OptedOut,
}

impl Preference {
    /// The event by which a chat's reference says the same.
    pub fn event(self) -> Event {
        match self {
            Self::OptedIn => Event::OptedIn,
            Self::OptedOut => Event::OptedOut,
        }
    }
}

/// Whether a person blocked the bot, as far as Teams answered or they did something since. The greater is the stricter.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Block {
    /// Not any more.
    Lifted,
    /// Teams refused a post to them so.
    Set,
}

/// An item with the time that it is from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Dated<T> {
    /// What holds since.
    pub is: T,
    /// When it began.
    pub at: Timestamp,
}

/// One of several chats of a person.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Chat {
    /// Its conversation.
    pub root: ConversationId,
    /// When something last happened there, as far as it decides which chat is written to.
    pub at: Timestamp,
}

/// What is stored of a person who differs from the default.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PersonRecord {
    /// Whether they want notifications; none: they never said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub preference: Option<Dated<Preference>>,
    /// Whether they blocked the bot; none: nothing speaks for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub block: Option<Dated<Block>>,
    /// When they removed the bot last: what happened before in any of their chats counts no more.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub removed_at: Option<Timestamp>,
    /// Their chats, where there are several.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub chats: Vec<Chat>,
    /// The person has another record, which holds everything.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub moved_to: Option<PersonHash>,
    /// What a later version of this program stores beside.
    #[serde(flatten)]
    pub(super) rest: BTreeMap<String, Value>,
}

impl PersonRecord {
    /// Takes in what they want since then.
    pub fn prefer(&mut self, preference: Preference, at: Timestamp) {
        newest(&mut self.preference, Dated { is: preference, at });
    }

    /// Teams answered that they blocked the bot.
    pub fn block(&mut self, at: Timestamp) {
        newest(&mut self.block, Dated { is: Block::Set, at });
    }

    /// They did something just now: a block is over. Clocks of processes differ, so it ends after it began in any case.
    pub fn unblock(&mut self, now: Timestamp) {
        if let Some(block) = self.block.filter(|block| block.is == Block::Set) {
            let after = block.at.checked_add(MOMENT).unwrap_or(block.at);
            self.block = Some(Dated {
                is: Block::Lifted,
                at: now.max(after),
            });
        }
    }

    /// They got something just now, though a mark somewhere says that they blocked the bot.
    pub fn reached(&mut self, now: Timestamp) {
        self.unblock(now);
        let lifted = Dated {
            is: Block::Lifted,
            at: now,
        };
        self.block.get_or_insert(lifted);
    }

    /// They removed the bot.
    pub fn remove(&mut self, at: Timestamp) {
        self.removed_at = self.removed_at.max(Some(at));
        self.forget_removed_chats();
    }

    /// Whether something that happened then is from before they removed the bot.
    pub fn was_removed_since(&self, at: Timestamp) -> bool {
        self.removed_at.is_some_and(|removed| at <= removed)
    }

    /// They have this chat, where something happened last then.
    pub fn has_chat(&mut self, root: &ConversationId, at: Timestamp) {
        if self.was_removed_since(at) {
            return;
        }
        match self.chats.iter_mut().find(|chat| chat.root == *root) {
            Some(chat) => chat.at = chat.at.max(at),
            None => self.chats.push(Chat {
                root: root.clone(),
                at,
            }),
        }
    }

    /// Something happened in a chat of theirs then. Changes nothing where that chat is the one that is written to.
    pub fn saw(&mut self, root: &ConversationId, at: Timestamp) {
        if self.target() != Some(root) {
            self.has_chat(root, at);
        }
    }

    /// Takes in what the reference of a chat of theirs says: also what an earlier version stored of their preference there.
    pub fn learn(&mut self, chat: &Target) {
        self.has_chat(&chat.key.root, chat.event_at);
        if chat.delivery_status == DeliveryStatus::OptedOut && self.preference.is_none() {
            self.prefer(Preference::OptedOut, chat.event_at);
        }
    }

    /// A chat is no more.
    pub fn lost(&mut self, root: &ConversationId) {
        self.chats.retain(|chat| chat.root != *root);
    }

    /// The chat that is written to, where they have several: the one where something happened last.
    pub fn target(&self) -> Option<&ConversationId> {
        let newest = self.chats.iter().max_by_key(|chat| (chat.at, &chat.root));
        newest.map(|chat| &chat.root)
    }

    /// Takes in what another record says of the same person.
    pub fn merge(&mut self, other: Self) {
        if let Some(preference) = other.preference {
            newest(&mut self.preference, preference);
        }
        if let Some(block) = other.block {
            newest(&mut self.block, block);
        }
        self.removed_at = self.removed_at.max(other.removed_at);
        for chat in other.chats {
            self.has_chat(&chat.root, chat.at);
        }
        for (name, value) in other.rest {
            self.rest.entry(name).or_insert(value);
        }
        self.forget_removed_chats();
    }

    /// Whether it says nothing that matters after a time from which removals are forgotten.
    pub fn says_nothing_since(&self, forgotten: Timestamp) -> bool {
        self.moved_to.is_none()
            && self.rest.is_empty()
            && self.chats.is_empty()
            && self
                .preference
                .is_none_or(|preference| preference.is == Preference::OptedIn && preference.at < forgotten)
            && self
                .block
                .is_none_or(|block| block.is == Block::Lifted && block.at < forgotten)
            && self.removed_at.is_none_or(|removed| removed < forgotten)
    }

    fn forget_removed_chats(&mut self) {
        if let Some(removed) = self.removed_at {
            self.chats.retain(|chat| chat.at > removed);
        }
    }
}

fn newest<T: Copy + Ord>(known: &mut Option<Dated<T>>, new: Dated<T>) {
    if known.is_none_or(|known| (new.at, new.is) > (known.at, known.is)) {
        *known = Some(new);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(1_764_000_000 + second).unwrap()
    }

    #[test]
    fn the_newest_wish_counts_and_on_a_tie_the_stricter() {
        let preferences = |preferences: &[(Preference, i64)]| {
            let mut record = PersonRecord::default();
            for (preference, second) in preferences {
                record.prefer(*preference, at(*second));
            }
            record.preference.unwrap().is
        };
        use Preference::{OptedIn, OptedOut};
        assert_eq!(preferences(&[(OptedOut, 1), (OptedIn, 2)]), OptedIn);
        assert_eq!(
            preferences(&[(OptedIn, 2), (OptedOut, 1)]),
            OptedIn,
            "in any order"
        );
        assert_eq!(preferences(&[(OptedOut, 2), (OptedIn, 2)]), OptedOut);
        assert_eq!(preferences(&[(OptedIn, 2), (OptedOut, 2)]), OptedOut);
    }

    #[test]
    fn whoever_did_something_after_a_block_is_not_blocked() {
        let mut record = PersonRecord::default();
        record.unblock(at(1));
        assert_eq!(
            record,
            PersonRecord::default(),
            "nothing to lift, nothing to store"
        );
        record.block(at(5));
        record.unblock(at(4));
        assert_eq!(
            record.block.unwrap().is,
            Block::Lifted,
            "a process whose clock is behind"
        );
        record.block(at(5));
        assert_eq!(record.block.unwrap().is, Block::Lifted, "a late answer");
        record.block(at(6));
        assert_eq!(record.block.unwrap().is, Block::Set);
    }

    #[test]
    fn what_a_later_version_stores_is_kept() {
        let later = r#"{"removedAt":"2026-01-05T09:00:00Z","topics":{"deploys":false}}"#;
        let mut record: PersonRecord = serde_json::from_str(later).unwrap();
        record.prefer(Preference::OptedOut, at(1));
        record.merge(PersonRecord::default());
        let stored = serde_json::to_value(&record).unwrap();
        assert_eq!(stored["topics"]["deploys"], false);
        assert!(!record.says_nothing_since(at(1_000_000)));
    }

    #[test]
    fn the_chat_where_something_happened_last_is_written_to() {
        let (old, new) = (
            ConversationId::from("19:u@unq.gbl.spaces"),
            ConversationId::from("a:1"),
        );
        let mut record = PersonRecord::default();
        record.saw(&old, at(1));
        record.saw(&new, at(2));
        assert_eq!(record.target(), Some(&new));
        record.saw(&old, at(3));
        assert_eq!(record.target(), Some(&old));
        record.remove(at(3));
        assert_eq!((record.target(), record.chats.len()), (None, 0));
        record.saw(&new, at(2));
        assert_eq!(record.target(), None, "from before the removal");
    }

    #[test]
    fn two_records_of_one_person_are_one_in_any_order() {
        let mut one = PersonRecord::default();
        one.prefer(Preference::OptedOut, at(3));
        one.saw(&"a:1".into(), at(2));
        let mut two = PersonRecord::default();
        two.prefer(Preference::OptedIn, at(1));
        two.block(at(4));
        two.saw(&"a:2".into(), at(5));
        two.remove(at(2));
        let (mut first, mut second) = (one.clone(), two.clone());
        first.merge(two);
        second.merge(one);
        assert_eq!(first.target(), second.target());
        for merged in [first, second] {
            assert_eq!(merged.preference.unwrap().is, Preference::OptedOut);
            assert_eq!(merged.block.unwrap().is, Block::Set);
            assert_eq!(merged.removed_at, Some(at(2)));
            assert_eq!(merged.chats.len(), 1);
        }
    }

    #[test]
    fn what_matters_is_kept() {
        let long_after = at(1_000_000);
        let mut record = PersonRecord::default();
        record.remove(at(1));
        assert!(record.says_nothing_since(long_after) && !record.says_nothing_since(at(0)));
        record.prefer(Preference::OptedOut, at(1));
        assert!(!record.says_nothing_since(long_after));
    }
}
