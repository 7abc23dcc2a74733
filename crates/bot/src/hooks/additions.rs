//! Additions of members that were reported to the project, so that each is reported once. Teams reports one two or four times, under
//! another id each time (botframework-sdk issue 5798, botbuilder-js issue 4377, msteams-docs issue 1355), and under the
//! same id where it had no answer in time (msteams-docs issue 6084). Who has not left in between can't have come again.
//!
//! It is a memory of this process: after a restart, or on another instance, an addition may be told again.

use notify::{ports::Moment, target::TargetKey};
use std::{
    collections::{HashMap, VecDeque},
    hash::{BuildHasher, RandomState},
    sync::{Mutex, PoisonError},
    time::Duration,
};

/// How long an addition is remembered. A guess: the reports are of seconds to minutes. A removal that Teams doesn't tell
/// must not silence a welcome for good.
const REMEMBERED: Duration = Duration::from_secs(600);

/// Most additions that are remembered; the oldest go first. Some bytes each.
const MOST: usize = 16_384;

/// The additions of the last minutes.
#[derive(Default)]
pub(super) struct Additions {
    hasher: RandomState,
    known: Mutex<Known>,
}

/// A conversation's hash, and a member's.
type Key = (u64, u64);

#[derive(Default)]
struct Known {
    at: HashMap<Key, Moment>,
    /// Oldest first; what is no longer in `at` under the same moment was forgotten before.
    order: VecDeque<(Key, Moment)>,
}

impl Additions {
    /// Whether this addition is news; it is remembered from now on.
    pub(super) fn is_news(&self, conversation: &TargetKey, member: &str, now: Moment) -> bool {
        let key = (self.conversation(conversation), self.hasher.hash_one(member));
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        known.forget_old(now);
        if known.at.contains_key(&key) {
            return false;
        }
        known.at.insert(key, now);
        known.order.push_back((key, now));
        true
    }

    /// A member left.
    pub(super) fn left(&self, conversation: &TargetKey, member: &str) {
        let key = (self.conversation(conversation), self.hasher.hash_one(member));
        self.known
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .at
            .remove(&key);
    }

    /// The bot left.
    pub(super) fn ended(&self, conversation: &TargetKey) {
        let ended = self.conversation(conversation);
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        known.at.retain(|(conversation, _), _| *conversation != ended);
    }

    fn conversation(&self, conversation: &TargetKey) -> u64 {
        self.hasher.hash_one(conversation)
    }
}

impl Known {
    fn forget_old(&mut self, now: Moment) {
        while let Some((key, at)) = self.order.front() {
            if self.order.len() < MOST && now.since(*at) < REMEMBERED {
                return;
            }
            if self.at.get(key) == Some(at) {
                self.at.remove(key);
            }
            self.order.pop_front();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chat(id: &str) -> TargetKey {
        TargetKey {
            bot: "b".into(),
            tenant: "t".into(),
            root: id.into(),
        }
    }

    fn at(seconds: u64) -> Moment {
        Moment::at(Duration::from_secs(seconds))
    }

    #[test]
    fn an_addition_is_news_once_until_its_member_or_the_bot_left_or_it_is_old() {
        let additions = Additions::default();
        let (one, two) = (chat("1"), chat("2"));
        assert!(additions.is_news(&one, "a", at(0)));
        assert!(!additions.is_news(&one, "a", at(599)));
        assert!(additions.is_news(&one, "b", at(1)) && additions.is_news(&two, "a", at(1)));
        additions.left(&one, "a");
        assert!(additions.is_news(&one, "a", at(2)) && !additions.is_news(&one, "b", at(2)));
        additions.ended(&one);
        assert!(additions.is_news(&one, "b", at(3)) && !additions.is_news(&two, "a", at(3)));
        // The first time is what counts, whatever was forgotten before.
        assert!(!additions.is_news(&one, "b", at(602)));
        assert!(additions.is_news(&one, "b", at(603)));
    }

    #[test]
    fn however_many_come_so_many_are_remembered() {
        let additions = Additions::default();
        let chat = chat("1");
        for n in 0..3 * MOST {
            assert!(additions.is_news(&chat, &n.to_string(), at(0)));
        }
        let known = additions.known.lock().unwrap();
        assert!(known.at.len() <= MOST && known.order.len() <= MOST);
        drop(known);
        assert!(!additions.is_news(&chat, &(3 * MOST - 1).to_string(), at(1)));
    }
}
