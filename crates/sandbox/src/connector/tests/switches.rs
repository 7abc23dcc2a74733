//! Switches: what each answers, whom it concerns, and that it ends by itself.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::{Rig, code, message, read};
use crate::switches::{SWITCHES, SwitchError};
use crate::{LimitTable, Media, Operation, SandboxConfig, TeamsEvent, TenantSpec, WorldSpec};

/// The switches that change activities, and answer nothing or only some requests.
const IN_ACTIVITIES: [&str; 4] = ["rosterLag", "secondChatId", "copilotChat", "botAway"];

impl Rig {
    /// Two tenants of six people, three of whom have the bot; a group chat and a team in the first.
    fn of_two_tenants() -> Self {
        let mut world = WorldSpec::default().with_tenant(TenantSpec::of_people("Fabrikam", 6, 3));
        world.tenants[0].personal = 3;
        Self::new(SandboxConfig {
            world,
            limits: LimitTable::lifted(),
            ..SandboxConfig::default()
        })
    }

    fn person(&self, tenant: u32, number: u32) -> String {
        self.sandbox.personal_conversation(tenant, number).unwrap()
    }

    fn switch_on(&self, name: &str, settings: Value) -> Result<u64, SwitchError> {
        let Value::Object(settings) = settings else {
            panic!("an object")
        };
        let now = std::time::Duration::from_millis(self.now.get());
        let mut state = self.sandbox.connector().lock();
        let state = &mut *state;
        let service_url = "http://x/_connector/";
        state
            .switches
            .switch_on(&state.world, now, service_url, name, settings)
    }

    fn wait(&self, millis: u64) {
        self.now.set(self.now.get() + millis);
    }

    fn create(&self, tenant: u32, member: &str) -> (u16, Value) {
        let tenant_id = self.sandbox.person(tenant, 0).unwrap().tenant_id;
        let body = json!({ "members": [{ "id": member }], "tenantId": tenant_id });
        self.reply(Operation::CreateConversation, &body)
    }
}

/// Name, settings, status, content type, and what the body contains.
fn reported() -> Vec<(&'static str, Value, u16, Media, &'static str)> {
    let page = |status: u16, text| {
        (
            "gatewayPage",
            json!({ "status": status }),
            status,
            Media::Html,
            text,
        )
    };
    let service = |status: u16| {
        let settings = json!({ "status": status });
        (
            "serviceError",
            settings,
            status,
            Media::Json,
            r#"{"error":{"code":"ServiceError""#,
        )
    };
    let plain = |name, status, text| (name, json!({}), status, Media::Json, text);
    vec![
        plain("disabledByAdmin", 403, r#""code":"BotDisabledByAdmin""#),
        plain(
            "tokensRefused",
            401,
            r#"{"message":"Authorization has been denied for this request."}"#,
        ),
        plain("pairwiseUnauthorized", 401, "Failed to decrypt pairwise id"),
        plain("conversationsGone", 404, r#""code":"ConversationNotFound""#),
        plain("strayNotFound", 404, r#""code":"ConversationNotFound""#),
        plain("strayForbidden", 403, r#""code":"BotNotInConversationRoster""#),
        service(404),
        service(403),
        service(500),
        page(404, "<h1>404 Not Found</h1>"),
        page(502, "<h1>502 Bad Gateway</h1>"),
        page(307, "<h1>307 Temporary Redirect</h1>"),
        page(403, "<h1>403 Forbidden</h1>"),
        page(407, "<h1>407 Proxy Authentication Required</h1>"),
        ("loginPage", json!({}), 200, Media::Html, "<title>Sign in</title>"),
        plain("wrongGeo", 400, "redirected to the wrong geo"),
        plain("differentRegion", 403, "User is from different region"),
        plain("invalidHost", 403, "please call http://x/_connector/emea/"),
    ]
}

#[test]
fn each_answers_as_reported_and_nothing_is_accepted() {
    let mut played = BTreeSet::new();
    for (name, settings, status, media, text) in reported() {
        let rig = Rig::of_two_tenants();
        let chat = rig.person(0, 0);
        rig.switch_on(name, settings).unwrap();
        let operation = Operation::Send {
            conversation: (&*chat).into(),
        };
        let answer = rig.ask(operation, &message());
        let reply = answer.reply().unwrap();
        let body = std::str::from_utf8(&reply.body).unwrap();
        assert_eq!((reply.status, reply.media), (status, media), "{name}");
        assert!(body.contains(text), "{name}: {body}");
        assert_eq!(reply.location.is_some(), status == 307, "{name}");
        assert_eq!(rig.sandbox.accepted(&chat).unwrap(), 0, "{name}");
        assert_eq!(rig.sandbox.stats().faults, 1, "{name}");
        played.insert(name);
    }
    let listed = SWITCHES.iter().map(|switch| switch.name);
    let answering: BTreeSet<_> = listed.filter(|name| !IN_ACTIVITIES.contains(name)).collect();
    assert_eq!(played, answering);
}

#[test]
fn a_wrong_geo_has_no_error_object() {
    let rig = Rig::of_two_tenants();
    rig.switch_on("wrongGeo", json!({})).unwrap();
    let (_, body) = rig.send(&rig.person(0, 0));
    assert_eq!(
        (&body["error"], &body["code"]),
        (&Value::Null, &json!("BadArgument"))
    );
}

#[test]
fn only_those_who_are_named_are_concerned() {
    for (name, settings, status, ..) in reported() {
        let rig = Rig::of_two_tenants();
        let [personal, ..] = rig.ids();
        let team = rig.sandbox.conversations(5)[4].clone();
        let here = rig.sandbox.person(0, 0).unwrap();
        let scopes = [
            (json!({ "person": here.id }), vec![&personal]),
            (json!({ "person": here.aad_object_id }), vec![&personal]),
            (json!({ "conversation": team }), vec![&team]),
        ];
        for (scope, concerned) in scopes {
            let mut with = settings.clone();
            with.as_object_mut()
                .unwrap()
                .extend(scope.as_object().unwrap().clone());
            rig.switch_on(name, with).unwrap();
            for conversation in rig.sandbox.conversations(20) {
                let wanted = if concerned.contains(&&conversation) {
                    status
                } else {
                    201
                };
                assert_eq!(rig.send(&conversation).0, wanted, "{name} {scope}");
            }
            rig.sandbox.switch_all_off();
            assert_eq!(rig.send(concerned[0]).0, 201, "{name} is off");
        }
    }
}

#[test]
fn a_tenant_or_a_team_alone_can_be_concerned() {
    let rig = Rig::of_two_tenants();
    let there = rig.sandbox.person(1, 0).unwrap().tenant_id;
    for (name, status) in [("tokensRefused", 401), ("disabledByAdmin", 403)] {
        rig.switch_on(name, json!({ "tenant": there })).unwrap();
        assert_eq!(rig.send(&rig.person(1, 2)).0, status);
        assert_eq!(rig.create(1, "no such person").0, status, "whoever is meant");
        for conversation in rig.sandbox.conversations(6) {
            assert_eq!(rig.send(&conversation).0, 201);
        }
        rig.sandbox.switch_all_off();
    }
    let [general, alerts] = [4, 5].map(|at| rig.sandbox.conversations(6)[at].clone());
    rig.switch_on("strayForbidden", json!({ "team": general, "requests": 2 }))
        .unwrap();
    assert_eq!(rig.send(&rig.person(0, 0)).0, 201);
    for channel in [&general, &alerts] {
        assert_eq!(code(&rig.send(channel)), (403, "BotNotInConversationRoster"));
    }
    assert_eq!(rig.send(&general).0, 201);
}

#[test]
fn a_person_is_concerned_also_while_their_chat_is_created() {
    let rig = Rig::of_two_tenants();
    let [here, other] = [0, 1].map(|number| rig.sandbox.person(0, number).unwrap());
    rig.switch_on("disabledByAdmin", json!({ "person": here.id }))
        .unwrap();
    assert_eq!(
        code(&rig.create(0, &here.aad_object_id)),
        (403, "BotDisabledByAdmin")
    );
    assert_eq!(rig.create(0, &other.aad_object_id).0, 201);
}

#[test]
fn each_ends_by_itself_after_its_time() {
    for (name, mut settings, status, ..) in reported() {
        let rig = Rig::of_two_tenants();
        let chat = rig.person(0, 0);
        settings["seconds"] = 30.into();
        settings["requests"] = 0.into();
        rig.switch_on(name, settings).unwrap();
        for at in [0, 15_000, 14_999] {
            rig.wait(at);
            assert_eq!(rig.send(&chat).0, status, "{name}");
        }
        rig.wait(1);
        assert_eq!(rig.send(&chat).0, 201, "{name}");
        assert!(
            rig.sandbox.connector().lock().switches.are_off(),
            "{name} is forgotten"
        );
    }
}

#[test]
fn times_are_those_of_the_reports_unless_others_are_given() {
    let rig = Rig::of_two_tenants();
    let chat = rig.person(0, 0);
    rig.switch_on("tokensRefused", json!({})).unwrap();
    rig.wait(21_999);
    assert_eq!(rig.send(&chat).0, 401);
    rig.wait(1);
    assert_eq!(rig.send(&chat).0, 201);
    rig.switch_on("conversationsGone", json!({ "seconds": 86_400 }))
        .unwrap();
    rig.wait(86_399_999);
    assert_eq!(rig.send(&chat).0, 404);
    rig.wait(1);
    assert_eq!(rig.send(&chat).0, 201);
}

#[test]
fn spurious_answers_come_once() {
    for (name, status) in [("strayNotFound", 404), ("strayForbidden", 403)] {
        let rig = Rig::of_two_tenants();
        let chat = rig.person(0, 0);
        rig.switch_on(name, json!({ "conversation": chat })).unwrap();
        let got: Vec<_> = (0..3).map(|_| rig.send(&chat).0).collect();
        assert_eq!(got, [status, 201, 201], "{name}");
    }
}

#[test]
fn a_policy_for_some_people_always_means_the_same_ones() {
    let rig = Rig::new(SandboxConfig {
        world: WorldSpec::of_people(1000),
        limits: LimitTable::lifted(),
        ..SandboxConfig::default()
    });
    rig.switch_on("disabledByAdmin", json!({ "percent": 10 }))
        .unwrap();
    let refused = || -> Vec<u32> {
        let is_refused = |number: &u32| rig.send(&rig.person(0, *number)).0 == 403;
        (0..1000).filter(is_refused).collect()
    };
    let first = refused();
    assert!((70..130).contains(&first.len()), "{}", first.len());
    assert_eq!(refused(), first);
}

#[test]
fn the_roster_lags_behind_installs_only() {
    let rig = Rig::of_two_tenants();
    let [here, other] = [rig.person(0, 0), rig.person(0, 1)];
    let [general, alerts] = [4, 5].map(|at| rig.sandbox.conversations(6)[at].clone());
    rig.switch_on("rosterLag", json!({ "afterInstall": 5 })).unwrap();
    rig.raise(&here, &TeamsEvent::Install);
    rig.raise(&alerts, &TeamsEvent::Install);
    for conversation in [&here, &general, &alerts] {
        assert_eq!(code(&rig.send(conversation)), (403, "BotNotInConversationRoster"));
    }
    assert_eq!(rig.send(&other).0, 201);
    rig.wait(4_999);
    assert_eq!(rig.send(&here).0, 403);
    rig.wait(1);
    for conversation in [&here, &general, &alerts] {
        assert_eq!(rig.send(conversation).0, 201);
    }
}

#[test]
fn who_has_moved_answers_at_the_new_address() {
    for name in ["wrongGeo", "differentRegion", "invalidHost"] {
        let rig = Rig::of_two_tenants();
        let there = rig.sandbox.person(1, 0).unwrap().tenant_id;
        rig.switch_on(name, json!({ "tenant": there })).unwrap();
        assert!(rig.send(&rig.person(1, 0)).0 >= 400, "{name}");
        rig.address.set("/_connector/emea/");
        assert_eq!(rig.send(&rig.person(1, 0)).0, 201, "{name}");
        rig.address.set("/_connector");
        assert_eq!(rig.send(&rig.person(0, 0)).0, 201, "{name}: others did not move");
    }
}

#[test]
fn in_a_copilot_chat_only_answers_are_accepted() {
    let rig = Rig::of_two_tenants();
    let person = rig.sandbox.person(0, 0).unwrap();
    let pair = format!(
        "19:{}_{}@unq.gbl.spaces",
        person.aad_object_id,
        crate::DEFAULT_BOT_APP_ID
    );
    assert_eq!(rig.send(&pair).0, 201, "both ids take messages");
    rig.switch_on("copilotChat", json!({ "person": person.id }))
        .unwrap();
    assert_eq!(code(&rig.send(&pair)), (403, "BotDisabledByAdmin"));
    assert_eq!(rig.send(&rig.person(0, 0)).0, 201);
    let reply = Operation::Reply {
        conversation: (&*pair).into(),
        activity: "1".into(),
    };
    assert_eq!(rig.reply(reply, &message()).0, 201);
    let mut answer = message();
    answer["replyToId"] = "1".into();
    let send = Operation::Send {
        conversation: (&*pair).into(),
    };
    assert_eq!(rig.reply(send, &answer).0, 201);
    rig.sandbox.switch_off("copilotChat", None).unwrap();
    assert_eq!(rig.send(&pair).0, 201);
}

#[test]
fn what_stands_in_front_of_teams_hides_it_from_the_limits() {
    let statuses = |name: &str| {
        let rig = Rig::new(SandboxConfig::default());
        let chat = rig.ids()[0].clone();
        rig.switch_on(name, json!({})).unwrap();
        (0..20).map(|_| rig.send(&chat).0).collect::<BTreeSet<_>>()
    };
    assert_eq!(statuses("gatewayPage"), BTreeSet::from([404]));
    assert_eq!(statuses("conversationsGone"), BTreeSet::from([404, 429]));
}

#[test]
fn the_newest_wins_and_the_same_scope_is_replaced() {
    let rig = Rig::of_two_tenants();
    let chat = rig.person(0, 0);
    let first = rig.switch_on("conversationsGone", json!({})).unwrap();
    rig.switch_on("disabledByAdmin", json!({ "conversation": chat }))
        .unwrap();
    assert_eq!((rig.send(&chat).0, rig.send(&rig.person(0, 1)).0), (403, 404));
    let second = rig
        .switch_on("conversationsGone", json!({ "seconds": 0 }))
        .unwrap();
    let off = |id| rig.sandbox.switch_off("conversationsGone", Some(id));
    assert_eq!(
        (off(first), off(second)),
        (Err(SwitchError::NotOn(first)), Ok(()))
    );
    assert_eq!((rig.send(&chat).0, rig.send(&rig.person(0, 1)).0), (403, 201));
}

#[test]
fn a_refusal_is_shown_in_the_chat() {
    let rig = Rig::of_two_tenants();
    let chat = rig.person(0, 0);
    rig.switch_on("conversationsGone", json!({})).unwrap();
    rig.send(&chat);
    let entries = rig.sandbox.messages(&chat).unwrap();
    let shown: Value = serde_json::from_slice(&entries[0].activity).unwrap();
    assert_eq!(
        shown["text"],
        "The bot's message was refused: 404 ConversationNotFound"
    );
}

#[test]
fn reads_are_answered_too() {
    let rig = Rig::of_two_tenants();
    rig.switch_on("tokensRefused", json!({})).unwrap();
    let team = rig.sandbox.conversations(6)[4].clone();
    for operation in [
        Operation::Members {
            conversation: (&*team).into(),
        },
        Operation::Channels {
            team: (&*team).into(),
        },
    ] {
        assert_eq!(read(rig.ask(operation, &Value::Null).reply().unwrap()).0, 401);
    }
}
