//! Members, teams and channels.

use super::{Rig, code};
use crate::{LimitTable, Operation, SandboxConfig, TeamsEvent, TenantSpec, WorldSpec};
use serde_json::{Value, json};

fn big_team() -> Rig {
    let tenant = TenantSpec::of_people("Contoso", 1234, 1).with_teams(1, 2);
    Rig::new(SandboxConfig {
        limits: LimitTable::lifted(),
        world: WorldSpec {
            tenants: vec![tenant],
            ..WorldSpec::default()
        },
        ..SandboxConfig::default()
    })
}

#[test]
fn rosters_come_in_pages_of_a_clamped_size() {
    let rig = big_team();
    let team = rig.sandbox.conversations(2)[1].clone();
    for (asked, size) in [(None, 200), (Some(1), 50), (Some(100), 100), (Some(9999), 500)] {
        let (mut seen, mut pages, mut continuation) = (std::collections::HashSet::new(), 0, None);
        loop {
            let page = Operation::PagedMembers {
                conversation: (&*team).into(),
                page_size: asked,
                continuation,
            };
            let (status, body) = rig.reply(page, &Value::Null);
            assert_eq!(status, 200);
            let members = body["members"].as_array().unwrap();
            assert!(members.len() == size || body.get("continuationToken").is_none());
            seen.extend(
                members
                    .iter()
                    .map(|member| member["id"].as_str().unwrap().to_owned()),
            );
            pages += 1;
            match body["continuationToken"].as_str() {
                Some(token) => continuation = Some(token.to_owned().into()),
                None => break,
            }
        }
        assert_eq!((seen.len(), pages), (1234, 1234_usize.div_ceil(size)));
    }
    let stale = Operation::PagedMembers {
        conversation: team.into(),
        page_size: None,
        continuation: Some("old".into()),
    };
    assert_eq!(code(&rig.reply(stale, &Value::Null)), (400, "BadArgument"));
}

#[test]
fn members_are_found_by_any_of_their_ids() {
    let rig = big_team();
    let team = rig.sandbox.conversations(2)[1].clone();
    let person = rig.sandbox.person(0, 77).unwrap();
    let member = |conversation: &str, id: &str| {
        rig.reply(
            Operation::Member {
                conversation: conversation.into(),
                member: id.into(),
            },
            &Value::Null,
        )
    };
    for id in [&person.id, &person.aad_object_id, &person.upn] {
        let (status, body) = member(&team, id);
        assert_eq!(
            (status, &body["id"], &body["aadObjectId"]),
            (200, &json!(person.id), &json!(person.aad_object_id))
        );
        assert_eq!(body["userPrincipalName"], json!(person.upn));
        assert_eq!(body["tenantId"], json!(person.tenant_id));
    }
    assert_eq!(member(&team, "nobody").0, 404);
    assert_eq!(member(&rig.sandbox.conversations(1)[0], &person.id).0, 404);
    let (_, all) = rig.reply(
        Operation::Members {
            conversation: (&*team).into(),
        },
        &Value::Null,
    );
    assert_eq!(all.as_array().unwrap().len(), 1234);
    let activity_members = |id: &str| Operation::ActivityMembers {
        conversation: (&*team).into(),
        activity: id.to_owned().into(),
    };
    assert_eq!(rig.reply(activity_members("5"), &Value::Null).0, 404);
    let id = rig.send(&team).1["id"].as_str().unwrap().to_owned();
    assert_eq!(rig.reply(activity_members(&id), &Value::Null).0, 200);
}

#[test]
fn teams_and_channels_are_listed_by_the_teams_id() {
    let rig = big_team();
    let ids = rig.sandbox.conversations(4);
    let (status, team) = rig.reply(
        Operation::Team {
            team: (&*ids[1]).into(),
        },
        &Value::Null,
    );
    assert_eq!(
        (status, &team["id"], &team["name"]),
        (200, &json!(ids[1]), &json!("Team 1"))
    );
    assert_eq!(
        (&team["memberCount"], &team["channelCount"]),
        (&json!(1234), &json!(3))
    );
    assert!(crate::ids::is_guid(team["aadGroupId"].as_str().unwrap()));
    let (_, list) = rig.reply(
        Operation::Channels {
            team: (&*ids[1]).into(),
        },
        &Value::Null,
    );
    let list = list["conversations"].as_array().unwrap();
    assert_eq!((&list[0]["id"], &list[0]["name"]), (&json!(ids[1]), &Value::Null));
    assert_eq!(list[1]["name"], "Channel 1");
    assert_eq!(
        rig.reply(
            Operation::Team {
                team: (&*ids[2]).into()
            },
            &Value::Null
        )
        .0,
        404
    );
    rig.raise(&ids[1], &TeamsEvent::Uninstall);
    let gone = rig.reply(
        Operation::Channels {
            team: (&*ids[1]).into(),
        },
        &Value::Null,
    );
    assert_eq!(code(&gone), (403, "BotNotInConversationRoster"));
}
