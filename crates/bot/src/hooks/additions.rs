//! Additions of members: each is reported to the project once. Teams reports one up to four times, under another id each
//! time (botframework-sdk issue 5798, botbuilder-js issue 4377, msteams-docs issue 1355), and under the same id where it
//! had no answer in time (msteams-docs issue 6084). Who has not left in between can't have come again.

use super::recent::Recent;
use notify::{ports::Moment, target::TargetKey};
use std::hash::{BuildHasher, RandomState};

/// The additions of the last minutes.
#[derive(Default)]
pub(super) struct Additions {
    hasher: RandomState,
    /// A conversation's hash, and a member's.
    known: Recent<(u64, u64)>,
}

impl Additions {
    /// Whether this addition is news; it is remembered from now on.
    pub(super) fn is_news(&self, conversation: &TargetKey, member: &str, now: Moment) -> bool {
        self.known.add(self.key(conversation, member), now)
    }

    /// A member left.
    pub(super) fn left(&self, conversation: &TargetKey, member: &str) {
        let gone = self.key(conversation, member);
        self.known.forget(|key| *key == gone);
    }

    /// The bot left.
    pub(super) fn ended(&self, conversation: &TargetKey) {
        let ended = self.hasher.hash_one(conversation);
        self.known.forget(|(conversation, _)| *conversation == ended);
    }

    fn key(&self, conversation: &TargetKey, member: &str) -> (u64, u64) {
        (self.hasher.hash_one(conversation), self.hasher.hash_one(member))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::hooks::recent::MOST;
    use std::time::Duration;

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
        let (known, order) = additions.known.sizes();
        assert!(known <= MOST && order <= MOST);
        assert!(!additions.is_news(&chat, &(3 * MOST - 1).to_string(), at(1)));
    }
}
