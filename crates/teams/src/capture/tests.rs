//! Activities as Teams documents them, with their traps; then the recorded ones.

use super::*;
use notify::{
    change::decide,
    ids::TenantId,
    target::{ChannelKind, DeliveryStatus, Installation, ReferenceRecord, Target},
};
use serde_json::{Value, json};

mod copilot;
mod recorded;

const BOT: &str = "28:0b07a111-1111-4111-8111-000000000001";
const TEAM: &str = "19:teamroot0001@thread.tacv2";
const CHANNEL: &str = "19:chan0002@thread.tacv2";
const TENANT: &str = "7e4a2222-2222-4222-8222-000000000002";

fn me() -> Identity {
    Identity::new("0B07A111-1111-4111-8111-000000000001", None)
}

fn now() -> Timestamp {
    "2026-01-05T12:00:00Z".parse().unwrap()
}

/// An activity of a team with the given parts laid over.
fn team(over: Value) -> Value {
    let mut activity = json!({
        "type": "conversationUpdate", "id": "f:1", "timestamp": "2026-01-05T09:00:01.123Z", "channelId": "msteams",
        "serviceUrl": "https://smba.trafficmanager.net/emea/",
        "from": {"id": "29:1aBcUserPairwise", "aadObjectId": "5e3a3333-3333-4333-8333-000000000003"},
        "recipient": {"id": BOT, "name": "Notifier"},
        "conversation": {"isGroup": true, "conversationType": "channel", "tenantId": TENANT, "id": TEAM},
        "channelData": {"team": {"id": TEAM}, "tenant": {"id": TENANT}}
    });
    lay(&mut activity, over);
    activity
}

/// An activity of a personal chat with the given parts laid over.
fn personal(over: Value) -> Value {
    let mut activity = team(json!({}));
    activity["conversation"] =
        json!({"conversationType": "personal", "tenantId": TENANT, "id": "a:1PersonalConvOpaque"});
    activity["channelData"] = json!({"tenant": {"id": TENANT}});
    lay(&mut activity, over);
    activity
}

fn lay(under: &mut Value, over: Value) {
    match (under, over) {
        (Value::Object(under), Value::Object(over)) => {
            for (member, value) in over {
                lay(under.entry(member).or_insert(Value::Null), value);
            }
        }
        (under, over) => *under = over,
    }
}

fn read(activity: Value) -> Result<Change, Ignored> {
    capture(&Activity::from_value(activity).unwrap(), &me(), now())
}

fn installed(change: Change) -> Installation {
    match change.event {
        Event::Installed(installation) | Event::Seen(installation) => *installation,
        other => panic!("not an installation: {other:?}"),
    }
}

#[test]
fn a_personal_install_is_kept_with_person_and_language() {
    let change = read(personal(json!({"type": "installationUpdate", "action": "add",
        "entities": [{"type": "clientInfo", "locale": "it-IT"}]})))
    .unwrap();
    assert_eq!(change.at.to_string(), "2026-01-05T09:00:01.123Z");
    assert_eq!(change.key.bot.as_str(), "0b07a111-1111-4111-8111-000000000001");
    let installation = installed(change);
    let target = &installation.target;
    assert_eq!(
        (target.scope, target.key.root.as_str()),
        (Scope::Personal, "a:1PersonalConvOpaque")
    );
    assert_eq!(target.user.as_ref().unwrap().as_str(), "29:1aBcUserPairwise");
    assert_eq!(
        target.entra.as_ref().unwrap().as_str(),
        "5e3a3333-3333-4333-8333-000000000003"
    );
    assert_eq!(target.locale.as_deref(), Some("it-IT"));
    assert_eq!(installation.reference["bot"]["id"], BOT);
    assert_eq!(installation.reference["user"]["id"], "29:1aBcUserPairwise");
    assert!(!installation.reference.properties().contains_key("channelData"));
}

#[test]
fn both_activities_of_an_install_and_both_of_a_removal_count() {
    for update in [
        json!({"membersAdded": [{"id": "29:1aBcUserPairwise"}, {"id": BOT}]}),
        json!({"membersAdded": [{"id": BOT}]}),
    ] {
        assert!(matches!(
            read(personal(update)).unwrap().event,
            Event::Installed(_)
        ));
    }
    for (action, add) in [
        ("add", true),
        ("ADD-Upgrade", true),
        (" Upgrade ", true),
        ("remove", false),
        ("remove-upgrade", false),
    ] {
        let event = read(team(json!({"type": "InstallationUpdate", "action": action})))
            .unwrap()
            .event;
        let stored = matches!(event, Event::Installed(_) | Event::Seen(_));
        assert_eq!(stored, add, "{action}");
        assert_eq!(event == Event::Removed, !add, "{action}");
    }
    assert_eq!(
        read(personal(json!({"membersRemoved": [{"id": BOT}]})))
            .unwrap()
            .event,
        Event::Removed
    );
    let unknown = read(personal(
        json!({"type": "installationUpdate", "action": "paused"}),
    ));
    assert_eq!(unknown, Err(Ignored::Action));
}

#[test]
fn an_upgrade_that_tells_no_channel_data_is_an_install() {
    // As it was reported: no channelData at all.
    let mut activity = personal(json!({"type": "installationUpdate", "action": "upgrade",
        "entities": [{"type": "clientInfo", "locale": "en-US"}]}));
    activity.as_object_mut().unwrap().remove("channelData");
    let change = read(activity).unwrap();
    assert_eq!(change.key.tenant.as_str(), TENANT);
    let Some(ReferenceRecord::Installed(stored)) = decide(None, &change, now()) else {
        panic!("not stored")
    };
    assert_eq!(stored.target.user.unwrap().as_str(), "29:1aBcUserPairwise");
    assert_eq!(stored.target.locale.as_deref(), Some("en-US"));
}

#[test]
fn an_upgrade_loses_nothing_of_what_was_known_of_a_team() {
    let install = read(team(json!({"type": "installationUpdate", "action": "add",
        "conversation": {"id": CHANNEL}, "from": {"name": "A. User"}, "locale": "it-IT",
        "channelData": {"settings": {"selectedChannel": {"id": CHANNEL}}, "channel": {"id": CHANNEL},
            "team": {"name": "Ops"}}})))
    .unwrap();
    let deleted = read(team(json!({"timestamp": "2026-01-05T09:00:02Z",
        "channelData": {"eventType": "channelDeleted", "channel": {"id": CHANNEL}}})))
    .unwrap();
    let archived = read(team(
        json!({"timestamp": "2026-01-05T09:00:03Z", "channelData": {"eventType": "teamArchived"}}),
    ))
    .unwrap();
    let mut upgrade = team(json!({"type": "installationUpdate", "action": "upgrade",
        "timestamp": "2026-01-05T09:00:04Z", "serviceUrl": "https://smba.trafficmanager.net/amer/"}));
    for member in ["channelData", "from"] {
        upgrade.as_object_mut().unwrap().remove(member);
    }
    let upgrade = read(upgrade).unwrap();
    let changes = [install, deleted, archived, upgrade];
    let known = changes.iter().fold(None, |known, change| {
        decide(known.as_ref(), change, now()).or(known)
    });
    let Some(ReferenceRecord::Installed(known)) = known else {
        panic!("not installed")
    };
    let target = &known.target;
    assert_eq!(
        target.service_url.as_str(),
        "https://smba.trafficmanager.net/amer/"
    );
    assert_eq!(target.name.as_deref(), Some("Ops"));
    assert_eq!(target.team.as_ref().unwrap().as_str(), TEAM);
    assert_eq!(target.preferred_channel.as_ref().unwrap().as_str(), CHANNEL);
    assert_eq!(
        target.conversation().as_str(),
        TEAM,
        "the channel is still deleted"
    );
    assert_eq!(
        target.delivery_status,
        DeliveryStatus::Suspended,
        "and the team archived"
    );
    assert_eq!(target.user.as_ref().unwrap().as_str(), "29:1aBcUserPairwise");
    assert_eq!(target.locale.as_deref(), Some("it-IT"));
    assert_eq!(known.reference["user"]["name"], "A. User");
    assert_eq!(known.reference["conversation"]["name"], "Ops");
}

#[test]
fn a_team_install_under_a_selected_channel_is_kept_under_the_team() {
    let change = read(team(json!({"type": "installationUpdate", "action": "add",
        "conversation": {"id": CHANNEL, "name": "Alerts"},
        "channelData": {"settings": {"selectedChannel": {"id": CHANNEL}}, "channel": {"id": CHANNEL},
            "team": {"name": "Ops", "aadGroupId": "9a0b4444"}}})))
    .unwrap();
    assert_eq!(change.key.root.as_str(), TEAM);
    let added = installed(change);
    assert_eq!(added.target.preferred_channel.as_ref().unwrap().as_str(), CHANNEL);
    assert_eq!(added.target.conversation().as_str(), CHANNEL);
    assert_eq!(added.target.team.as_ref().unwrap().as_str(), TEAM);
    assert_eq!(added.reference["conversation"]["id"], TEAM);
    assert_eq!(added.reference["conversation"]["name"], "Ops");
    // Its removal carries the team's id and meets the same record.
    let removed = read(team(json!({"type": "installationUpdate", "action": "remove"}))).unwrap();
    assert_eq!(removed.key, added.target.key);
    // And the second activity, which knows no channel, does not erase the first one's.
    let second = read(team(
        json!({"membersAdded": [{"id": BOT}], "channelData": {"eventType": "teamMemberAdded"}}),
    ))
    .unwrap();
    let record = ReferenceRecord::Installed(Box::new(added));
    let merged = decide(Some(&record), &second, now());
    if let Some(ReferenceRecord::Installed(merged)) = merged {
        assert_eq!(merged.target.preferred_channel.unwrap().as_str(), CHANNEL);
    }
}

#[test]
fn a_team_that_tells_no_name_is_not_named_after_its_channel() {
    let change = read(team(json!({"type": "installationUpdate", "action": "add",
        "conversation": {"id": CHANNEL, "name": "Alerts"},
        "channelData": {"settings": {"selectedChannel": {"id": CHANNEL}}, "channel": {"id": CHANNEL}}})));
    let added = installed(change.unwrap());
    assert_eq!(added.target.name, None);
    assert_eq!(added.reference["conversation"]["name"], Value::Null);
}

#[test]
fn what_is_captured_is_what_its_reference_describes() {
    let activities = [
        personal(json!({"type": "message", "from": {"name": "A. User"}})),
        personal(json!({"type": "message", "conversation": {"conversationType": null, "isGroup": true}})),
        personal(
            json!({"type": "message", "conversation": {"conversationType": null,
            "id": "19:u_b@unq.gbl.spaces", "aadObjectId": "5e3a"}, "from": {"aadObjectId": null}}),
        ),
        personal(
            json!({"type": "message", "conversation": {"conversationType": null,
            "id": "19:meeting_x@thread.skype", "name": "Plans"}}),
        ),
        personal(
            json!({"type": "message", "conversation": {"conversationType": null,
            "id": "19:x@thread.v2;messageid=1"}}),
        ),
        team(
            json!({"type": "message", "conversation": {"id": format!("{TEAM};messageid=1"), "tenantId": null},
            "channelData": {"tenant": {"id": "DATA"}, "team": {"name": "Ops"}}}),
        ),
    ];
    for activity in activities {
        let captured = installed(read(activity).unwrap());
        let described = captured
            .reference
            .target(captured.target.key.bot.clone(), &Default::default())
            .unwrap();
        let expected = Target {
            event_at: described.event_at,
            ..captured.target
        };
        assert_eq!(described, expected);
    }
}

#[test]
fn general_as_the_selected_channel_is_no_preference() {
    let change = read(team(json!({"type": "installationUpdate", "action": "add",
        "channelData": {"settings": {"selectedChannel": {"id": TEAM}}}})));
    assert_eq!(installed(change.unwrap()).target.preferred_channel, None);
}

#[test]
fn other_members_are_none_of_our_business() {
    for update in [
        json!({"membersAdded": [{"id": "29:1dEfOther"}], "channelData": {"eventType": "teamMemberAdded"}}),
        json!({"membersRemoved": [{"id": "29:1dEfOther"}], "channelData": {"eventType": "teamMemberRemoved"}}),
        json!({}),
    ] {
        assert_eq!(read(team(update)), Err(Ignored::OtherMembers));
    }
}

#[test]
fn leaving_one_shared_channel_is_not_leaving_the_team() {
    let update =
        json!({"membersRemoved": [{"id": BOT}], "channelData": {"eventType": "channelMemberRemoved"}});
    assert_eq!(read(team(update)), Err(Ignored::Incomplete));
    let of = |members: &str, id: &str, kind: &str| {
        let channel = json!({"id": CHANNEL});
        let update = json!({members: [{"id": id}], "channelData": {"eventType": kind, "channel": channel}});
        read(team(update)).map(|change| (change.key.root.as_str().to_owned(), change.event))
    };
    assert_eq!(
        of("membersRemoved", BOT, "channelMemberRemoved"),
        Ok((TEAM.to_owned(), Event::ChannelLeft(CHANNEL.into())))
    );
    assert_eq!(
        of("membersAdded", BOT, "channelmemberadded"),
        Ok((TEAM.to_owned(), Event::ChannelRestored(CHANNEL.into())))
    );
    for (members, kind) in [
        ("membersRemoved", "channelMemberRemoved"),
        ("membersAdded", "channelMemberAdded"),
    ] {
        assert_eq!(
            of(members, "29:1dEfOther", kind),
            Err(Ignored::EventType),
            "{kind}"
        );
    }
}

#[test]
fn the_kind_of_the_selected_channel_is_kept_where_it_is_named() {
    let selected = json!({"selectedChannel": {"id": CHANNEL}});
    let general = json!({"selectedChannel": {"id": TEAM}});
    let typed = json!({"selectedChannel": {"id": CHANNEL, "type": "shared"}});
    for (settings, channel, kind) in [
        (&selected, json!({"id": CHANNEL}), None),
        (
            &selected,
            json!({"id": CHANNEL, "type": "standard"}),
            Some(ChannelKind::Standard),
        ),
        (
            &selected,
            json!({"id": CHANNEL, "type": "Private"}),
            Some(ChannelKind::Private),
        ),
        (
            &selected,
            json!({"id": CHANNEL, "membershipType": "shared"}),
            Some(ChannelKind::Shared),
        ),
        (&selected, json!({"id": CHANNEL, "type": "new"}), None),
        (&selected, json!({"id": TEAM, "type": "private"}), None),
        (&typed, json!({"id": CHANNEL}), Some(ChannelKind::Shared)),
        (&general, json!({"id": TEAM, "type": "standard"}), None),
    ] {
        let change = read(team(json!({"type": "installationUpdate", "action": "add",
            "channelData": {"settings": settings, "channel": channel}})));
        let target = installed(change.unwrap()).target;
        assert_eq!(target.preferred_channel_kind, kind, "{channel}");
    }
}

#[test]
fn the_bot_is_found_by_app_id_when_the_recipient_differs() {
    let update = json!({"recipient": {"id": "28:alias"}, "membersAdded": [{"id": "28:0B07A111-1111-4111-8111-000000000001"}]});
    assert!(matches!(read(team(update)).unwrap().event, Event::Installed(_)));
}

#[test]
fn the_life_of_teams_and_channels_in_any_case() {
    let event = |kind: &str| {
        read(team(json!({"channelData": {"eventType": kind, "team": {"name": "Ops (EU)"}, "channel": {"id": CHANNEL}}})))
            .map(|change| change.event)
    };
    for kind in ["teamDeleted", "teamHardDeleted", "TEAMDELETED"] {
        assert_eq!(event(kind), Ok(Event::Removed));
    }
    for kind in ["teamRestored", "teamrestored"] {
        assert!(matches!(event(kind), Ok(Event::Installed(_))));
    }
    assert_eq!(event("teamArchived"), Ok(Event::Archived));
    assert_eq!(event("teamUnarchived"), Ok(Event::Unarchived));
    assert_eq!(event("teamRenamed"), Ok(Event::Renamed("Ops (EU)".to_owned())));
    assert_eq!(event("channelDeleted"), Ok(Event::ChannelDeleted(CHANNEL.into())));
    assert_eq!(
        event("channelRestored"),
        Ok(Event::ChannelRestored(CHANNEL.into()))
    );
    for kind in [
        "channelCreated",
        "channelRenamed",
        "channelShared",
        "somethingNew",
    ] {
        assert_eq!(event(kind), Err(Ignored::EventType));
    }
    let nameless = read(team(json!({"channelData": {"eventType": "teamRenamed"}})));
    assert_eq!(nameless, Err(Ignored::Incomplete));
}

#[test]
fn a_message_shows_that_the_bot_is_there() {
    let change = read(personal(
        json!({"type": "message", "text": "help", "locale": "it-IT", "localTimezone": "Europe/Rome"}),
    ))
    .unwrap();
    assert!(matches!(change.event, Event::Seen(_)));
    assert_eq!(installed(change).target.time_zone.as_deref(), Some("Europe/Rome"));
}

#[test]
fn in_a_team_only_messages_in_general_count_and_stand_for_the_team() {
    let message = |conversation: &str, data: Value| {
        read(team(
            json!({"type": "message", "conversation": {"id": conversation}, "channelData": data}),
        ))
    };
    let threaded = format!("{TEAM};messageid=1767603700456");
    for data in [json!({}), json!({"channel": {"id": TEAM}})] {
        let seen = installed(message(&threaded, data).unwrap());
        assert_eq!(seen.target.key.root.as_str(), TEAM);
        assert_eq!(seen.reference["conversation"]["id"], TEAM);
    }
    let other = format!("{CHANNEL};messageid=1767603700456");
    assert_eq!(
        message(&other, json!({"channel": {"id": CHANNEL}})),
        Err(Ignored::OtherThanGeneral)
    );
    assert_eq!(
        message(&other, json!({"team": null})),
        Err(Ignored::OtherThanGeneral)
    );
}

#[test]
fn the_tenant_is_the_conversations_else_teams_else_home_else_unknown() {
    let key = |activity: &Value, home: Option<&str>| {
        let me = Identity::new("bot", home.map(TenantId::from));
        capture(&Activity::from_value(activity.clone()).unwrap(), &me, now())
            .unwrap()
            .key
            .tenant
            .to_string()
    };
    let mut activity = personal(json!({"type": "message", "channelData": {"tenant": {"id": "DATA"}}}));
    activity["conversation"]["tenantId"] = "CONVERSATION".into();
    assert_eq!(key(&activity, Some("home")), "conversation");
    activity["conversation"]["tenantId"] = "".into();
    assert_eq!(key(&activity, Some("home")), "data");
    activity["channelData"] = json!({});
    assert_eq!(key(&activity, Some("home")), "home");
    assert_eq!(key(&activity, None), "_unknown");
}

#[test]
fn an_update_that_comes_from_the_bot_is_not_taken_for_the_person() {
    let change = read(personal(json!({"from": {"id": BOT, "aadObjectId": null},
        "membersAdded": [{"id": BOT}, {"id": "29:1aBcUserPairwise", "aadObjectId": "5e3a"}]})))
    .unwrap();
    let added = installed(change);
    assert_eq!(added.target.user.unwrap().as_str(), "29:1aBcUserPairwise");
    assert_eq!(added.reference["user"]["id"], "29:1aBcUserPairwise");
    let alone = installed(
        read(personal(
            json!({"from": {"id": BOT, "aadObjectId": null}, "membersAdded": [{"id": BOT}]}),
        ))
        .unwrap(),
    );
    assert_eq!(alone.target.user, None);
    assert!(!alone.reference.properties().contains_key("user"));
}

#[test]
fn what_lacks_something_is_ignored_with_its_reason() {
    let without = |member: &str, over: Value| {
        let mut activity = personal(over);
        activity.as_object_mut().unwrap().remove(member);
        read(activity)
    };
    let message = || json!({"type": "message"});
    assert_eq!(without("conversation", message()), Err(Ignored::NoConversation));
    let no_id = personal(json!({"type": "message", "conversation": {"id": ";messageid=1"}}));
    assert_eq!(read(no_id), Err(Ignored::NoConversation));
    assert_eq!(without("serviceUrl", message()), Err(Ignored::NoServiceUrl));
    assert_eq!(without("channelId", message()), Err(Ignored::OtherChannel));
    assert_eq!(without("timestamp", message()).unwrap().at, now());
    assert_eq!(
        read(personal(json!({"type": "message", "channelId": "webchat"}))),
        Err(Ignored::OtherChannel)
    );
    assert!(read(personal(json!({"type": "message", "channelId": "msteams:OTHER"}))).is_ok());
    for kind in ["invoke", "messageReaction", "typing", "event", "<custom>"] {
        assert_eq!(read(personal(json!({"type": kind}))), Err(Ignored::Type));
    }
}
