//! Create conversation: whom a bot may write to.

use super::{NOW, Rig, code, message};
use crate::{LimitTable, Operation, SandboxConfig, TenantSpec, WorldSpec};
use serde_json::{Value, json};

fn create(rig: &Rig, body: &Value) -> (u16, Value) {
    rig.reply(Operation::CreateConversation, body)
}

fn tenant(rig: &Rig) -> String {
    rig.sandbox.person(0, 0).unwrap().tenant_id
}

#[test]
fn personal_chats_are_created_by_either_id_and_always_the_same() {
    let rig = Rig::free();
    let (tenant, person) = (tenant(&rig), rig.sandbox.person(0, 0).unwrap());
    for id in [&person.id, &person.aad_object_id] {
        let body = json!({ "isGroup": false, "members": [{ "id": id }], "tenantId": tenant });
        assert_eq!(create(&rig, &body), (201, json!({ "id": rig.ids()[0] })));
        let nested = json!({ "members": [{ "id": id }], "channelData": { "tenant": { "id": tenant } } });
        assert_eq!(create(&rig, &nested).0, 201);
    }
}

#[test]
fn who_lacks_the_app_is_reached_by_a_shared_team_only() {
    let rig = Rig::new(SandboxConfig {
        limits: LimitTable::lifted(),
        world: WorldSpec {
            tenants: vec![TenantSpec {
                people: 20,
                ..WorldSpec::default().tenants.remove(0)
            }],
            ..WorldSpec::default()
        },
        ..SandboxConfig::default()
    });
    let tenant = tenant(&rig);
    let create = |id: &str| create(&rig, &json!({ "members": [{ "id": id }], "tenantId": tenant }));
    let (in_team, outside) = (
        rig.sandbox.person(0, 3).unwrap(),
        rig.sandbox.person(0, 19).unwrap(),
    );
    let chat = rig.sandbox.personal_conversation(0, 3).unwrap();
    assert_eq!(code(&rig.send(&chat)), (403, "BotNotInConversationRoster"));
    assert_eq!(
        code(&create(&in_team.aad_object_id)),
        (403, "ForbiddenOperationException")
    );
    assert_eq!(create(&in_team.id), (201, json!({ "id": chat })));
    assert_eq!(rig.send(&chat).0, 201);
    assert_eq!(code(&create(&outside.id)), (403, "ForbiddenOperationException"));
    assert_eq!(code(&create("29:1nobody")), (403, "UserNotFound"));
    assert_eq!(
        code(&create("33333333-3333-4333-8333-333333333333")),
        (403, "UserNotFound")
    );
    assert_eq!(code(&create(&in_team.upn)), (400, "BadArgument"));
}

#[test]
fn bad_create_bodies_are_refused() {
    let rig = Rig::free();
    let (tenant, person) = (tenant(&rig), rig.sandbox.person(0, 0).unwrap().id);
    for body in [
        Value::Null,
        json!({ "members": [{ "id": person }] }),
        json!({ "members": [{ "id": person }], "tenantId": "contoso" }),
        json!({ "members": [], "tenantId": tenant }),
        json!({ "members": [{ "id": person }, { "id": person }], "tenantId": tenant }),
        json!({ "isGroup": true, "members": [{ "id": person }], "tenantId": tenant }),
        json!({ "isGroup": true, "channelData": { "channel": { "id": rig.ids()[3] } }, "tenantId": tenant }),
    ] {
        assert_eq!(code(&create(&rig, &body)), (400, "BadSyntax"), "{body}");
    }
}

#[test]
fn a_thread_is_created_in_a_channel() {
    let rig = Rig::free();
    let alerts = rig.ids()[3].clone();
    let data = json!({ "channel": { "id": alerts }, "tenant": { "id": tenant(&rig) } });
    let activity = json!({ "type": "message", "text": "Deployment finished" });
    let (status, body) = create(
        &rig,
        &json!({ "isGroup": true, "channelData": data, "activity": activity }),
    );
    assert_eq!(status, 201);
    assert_eq!(
        body,
        json!({ "id": format!("{alerts};messageid={NOW}"), "activityId": NOW.to_string() })
    );
    assert_eq!(rig.sandbox.accepted(&alerts).unwrap(), 1);
    let group = json!({ "channel": { "id": rig.ids()[1] }, "tenant": { "id": tenant(&rig) } });
    let wrong = create(
        &rig,
        &json!({ "isGroup": true, "channelData": group, "activity": message() }),
    );
    assert_eq!(code(&wrong), (400, "BadArgument"));
}
