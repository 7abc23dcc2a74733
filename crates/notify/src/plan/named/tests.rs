use super::*;
use crate::{
    plan::sample::{person, tenant},
    request::SelectAll,
};

fn users(names: &[&str]) -> Audience {
    Audience {
        users: names.iter().map(|name| (*name).to_owned()).collect(),
        ..Audience::default()
    }
}

/// Number, conversation, and why it needs no attempt.
type RowShown = (u32, String, Option<PreResolved>);

/// The parts of an audience where these installations are found, as number and conversation.
fn planned(audience: &Audience, found: &[Listed]) -> Vec<(TenantId, Vec<RowShown>)> {
    let mut names = NamedTargets::of(audience);
    for listed in found {
        names.offer(listed, (ChatStatus::Free, Chat::WrittenTo));
    }
    let row = |row: Recipient| (row.n, row.conversation.as_str().to_owned(), row.settled);
    parts(names, audience, &tenant(), Timestamp::UNIX_EPOCH)
        .into_iter()
        .map(|(tenant, rows)| (tenant, rows.into_iter().map(row).collect()))
        .collect()
}

#[test]
fn who_is_named_twice_is_one_row() {
    let entra = person(1).target.entra.unwrap();
    let audience = Audience {
        conversations: [person(1).target.key.root].into(),
        ..users(&["29:1", entra.as_str()])
    };
    let parts = planned(&audience, &[person(1), person(1), person(2)]);
    assert_eq!(parts, [(tenant(), vec![(0, "a:000001".to_owned(), None)])]);
}

#[test]
fn unknown_names_come_last_in_the_home_tenants_part() {
    let audience = users(&["29:9", "29:1", "nobody@example.com"]);
    let unknown = Some(PreResolved::UnknownTarget);
    assert_eq!(
        planned(&audience, &[person(1)]),
        [(
            tenant(),
            vec![
                (0, "a:000001".to_owned(), None),
                (1, "29:9".to_owned(), unknown),
                (2, "nobody@example.com".to_owned(), unknown),
            ]
        )]
    );
}

#[test]
fn who_is_there_but_narrowed_away_is_neither_a_row_nor_unknown() {
    let audience = Audience {
        scopes: [Scope::Team].into(),
        ..users(&["29:1"])
    };
    assert_eq!(planned(&audience, &[person(1)]), []);
}

#[test]
fn every_tenants_rows_have_their_own_numbers() {
    let other = TenantId::from("7e4a3333-3333-4333-8333-000000000003");
    let mut elsewhere = person(2);
    elsewhere.target.key.tenant = other.clone();
    let parts = planned(
        &users(&["29:1", "29:2", "29:3"]),
        &[person(1), elsewhere, person(3)],
    );
    assert_eq!(
        parts,
        [
            (
                tenant(),
                vec![(0, "a:000001".to_owned(), None), (1, "a:000003".to_owned(), None)]
            ),
            (other, vec![(0, "a:000002".to_owned(), None)]),
        ]
    );
}

#[test]
fn names_are_known_when_each_was_found() {
    let mut names = NamedTargets::of(&users(&["29:1", "29:2"]));
    names.offer(&person(1), (ChatStatus::Free, Chat::WrittenTo));
    assert!(!names.are_all_known());
    names.offer(&person(2), (ChatStatus::Free, Chat::WrittenTo));
    assert!(names.are_all_known());
    let everyone = Audience {
        all: SelectAll::Requested,
        ..Audience::default()
    };
    assert!(NamedTargets::of(&everyone).are_all_known());
}

#[test]
fn general_is_general_and_a_team_is_the_channel_that_was_picked() {
    let mut team = person(1);
    team.target.scope = Scope::Team;
    team.target.user = None;
    team.target.entra = None;
    team.target.key.root = ConversationId::from("19:general@thread.tacv2");
    team.target.preferred_channel = Some(ConversationId::from("19:alerts@thread.tacv2"));
    let of = |conversations: &[&str], teams: &[&str]| {
        let audience = Audience {
            conversations: conversations.iter().map(|id| ConversationId::from(*id)).collect(),
            teams: teams.iter().map(|id| (*id).into()).collect(),
            ..Audience::default()
        };
        let parts = planned(&audience, std::slice::from_ref(&team));
        let rows = parts.into_iter().flat_map(|(_, rows)| rows);
        rows.map(|(_, conversation, settled)| {
            assert_eq!(settled, None);
            conversation
        })
        .collect::<Vec<_>>()
    };
    let (general, alerts) = ("19:general@thread.tacv2", "19:alerts@thread.tacv2");
    assert_eq!(of(&[general], &[]), [general]);
    assert_eq!(of(&[alerts], &[]), [alerts]);
    assert_eq!(of(&[], &[general]), [alerts]);
    assert_eq!(of(&[general, alerts], &[]), [alerts, general]);
    assert_eq!(of(&[general], &[general]), [alerts, general]);
}
