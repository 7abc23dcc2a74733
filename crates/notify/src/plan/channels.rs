//! Which channel a team's row goes to: the one that was selected with the app, with General to take its place, or General at
//! once while the channel is not there. A channel that the request named stays what it is.

use super::rows::{Admitted, recipient};
use crate::{
    ids::ConversationId,
    recipient::{Fallback, Recipient},
    request::Audience,
    target::Scope,
};
use jiff::Timestamp;
use std::collections::HashSet;

/// The channels of one audience, at the time of its planning.
pub(super) struct Channels {
    /// Named by the request.
    named: HashSet<ConversationId>,
    now: Timestamp,
}

impl Channels {
    pub(super) fn of(audience: &Audience, now: Timestamp) -> Self {
        Self {
            named: audience.conversations.iter().map(ConversationId::root).collect(),
            now,
        }
    }

    /// General's own row beside that of its team's channel, where the request names it and a listing brings the team.
    pub(super) fn general_beside(&self, row: &Recipient, n: u32) -> Option<Recipient> {
        let general = row.root.as_ref().filter(|root| self.named.contains(*root))?;
        (row.scope == Scope::Team).then(|| Recipient {
            n,
            conversation: general.clone(),
            root: None,
            fallback: Fallback::None,
            ..row.clone()
        })
    }

    /// The row of an installation.
    pub(super) fn row(&self, admitted: Admitted, n: u32) -> Recipient {
        let target = admitted.target();
        let channel = target.replaceable_channel();
        let may_be_replaced = channel.is_some_and(|channel| {
            // Where General gets a message of its own, it gets no other in the channel's place.
            !self.named.contains(channel) && !self.named.contains(&target.key.root)
        });
        let is_replaced = target.is_channel_replaced(self.now);
        let mut row = recipient(admitted, n);
        match (may_be_replaced, is_replaced, row.root.take()) {
            (true, true, Some(general)) => row.conversation = general,
            (true, false, root) => {
                row.root = root;
                row.fallback = Fallback::General;
            }
            (_, _, root) => row.root = root,
        }
        row
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        plan::sample::{free, person},
        ports::Listed,
        target::{ChannelKind, ChannelState},
    };

    const GENERAL: &str = "19:general@thread.tacv2";
    const ALERTS: &str = "19:alerts@thread.tacv2";
    const NOW: i64 = 1_000_000;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    fn team() -> Listed {
        let mut team = person(1);
        team.target.scope = Scope::Team;
        team.target.key.root = GENERAL.into();
        team.target.preferred_channel = Some(ALERTS.into());
        team
    }

    /// Where a team's row goes, and what takes its place.
    fn planned(team: Listed, named: &[&str]) -> (String, Option<String>, Fallback) {
        let audience = Audience {
            conversations: named.iter().map(|id| ConversationId::from(*id)).collect(),
            ..Audience::default()
        };
        let row = Channels::of(&audience, at(NOW)).row(free(team), 0);
        let root = row.root.map(|root| root.as_str().to_owned());
        (row.conversation.as_str().to_owned(), root, row.fallback)
    }

    fn to_channel(fallback: Fallback) -> (String, Option<String>, Fallback) {
        (ALERTS.to_owned(), Some(GENERAL.to_owned()), fallback)
    }

    #[test]
    fn general_may_take_the_place_of_a_channel_that_the_team_selected() {
        assert_eq!(planned(team(), &[]), to_channel(Fallback::General));
        let mut standard = team();
        standard.target.preferred_channel_kind = Some(ChannelKind::Standard);
        assert_eq!(planned(standard, &[]), to_channel(Fallback::General));
    }

    #[test]
    fn a_channel_that_the_request_named_stays_what_it_is() {
        assert_eq!(planned(team(), &[ALERTS]), to_channel(Fallback::None));
        let mut marked = team();
        marked.target.preferred_channel_absent_at = Some(at(NOW - 60));
        assert_eq!(planned(marked, &[ALERTS]), to_channel(Fallback::None));
        assert_eq!(
            planned(team(), &[&format!("{ALERTS};messageid=17")]),
            to_channel(Fallback::None)
        );
    }

    #[test]
    fn general_gets_one_message_where_it_is_named_beside_its_team() {
        assert_eq!(planned(team(), &[GENERAL]), to_channel(Fallback::None));
    }

    #[test]
    fn what_is_for_some_never_goes_to_general() {
        for kind in [ChannelKind::Private, ChannelKind::Shared] {
            let mut team = team();
            team.target.preferred_channel_kind = Some(kind);
            team.target.preferred_channel_absent_at = Some(at(NOW - 60));
            assert_eq!(planned(team, &[]), to_channel(Fallback::None), "{kind:?}");
        }
    }

    #[test]
    fn while_a_channel_is_not_there_general_is_addressed_at_once() {
        let general = (GENERAL.to_owned(), None, Fallback::None);
        for (ago, place) in [
            (0, general.clone()),
            (86_399, general.clone()),
            (86_400, to_channel(Fallback::General)),
        ] {
            let mut team = team();
            team.target.preferred_channel_absent_at = Some(at(NOW - ago));
            assert_eq!(planned(team, &[]), place, "{ago}");
        }
        let mut deleted = team();
        deleted.target.preferred_channel_state = ChannelState::Deleted;
        assert_eq!(planned(deleted, &[]), general);
    }

    #[test]
    fn persons_have_no_channel() {
        let row = Channels::of(&Audience::default(), at(NOW)).row(free(person(1)), 3);
        assert_eq!(row, recipient(free(person(1)), 3));
    }
}
