//! Limits, faults, modes, and what is counted.

use super::{NOW, Rig, code, message};
use crate::{
    Answer, Effect, Fault, FaultMode, FaultPlan, FaultRates, History, LimitTable, Media, Operation,
    RetryAfter, SandboxConfig, ScriptedResponse, TenantSpec, WorldSpec,
};
use serde_json::{Value, json};

#[test]
fn throttled_requests_say_when_to_come_back_if_configured() {
    for (policy, wanted) in [
        (RetryAfter::Computed, Some(1)),
        (RetryAfter::Absent, None),
        (RetryAfter::Seconds(7), Some(7)),
    ] {
        let limits = LimitTable {
            retry_after: policy,
            ..LimitTable::teams()
        };
        let rig = Rig::new(SandboxConfig {
            limits,
            ..SandboxConfig::default()
        });
        let personal = rig.ids()[0].clone();
        (0..7).for_each(|_| assert_eq!(rig.send(&personal).0, 201));
        let answer = rig.ask(
            Operation::Send {
                conversation: (&*personal).into(),
            },
            &message(),
        );
        let reply = answer.reply().unwrap();
        assert_eq!((reply.status, reply.retry_after), (429, wanted));
        rig.now.set(NOW + 1000);
        assert_eq!(rig.send(&personal).0, 201);
        let stats = rig.sandbox.stats();
        assert_eq!(
            (stats.throttled, stats.accepted, stats.peak_per_second_per_tenant),
            (1, 8, 7)
        );
        assert_eq!(stats.by_status[&429], 1);
    }
}

#[test]
fn all_calls_share_the_tenants_fifty_a_second() {
    let world = WorldSpec::of_people(100).with_tenant(TenantSpec::of_people("Fabrikam", 100, 100));
    let rig = Rig::new(SandboxConfig {
        world,
        ..SandboxConfig::default()
    });
    let statuses: Vec<u16> = (0..60)
        .map(|n| rig.send(&rig.sandbox.personal_conversation(0, n).unwrap()).0)
        .collect();
    assert_eq!(statuses.iter().filter(|status| **status == 201).count(), 50);
    assert_eq!(statuses.iter().filter(|status| **status == 429).count(), 10);
    let read = Operation::Members {
        conversation: rig.sandbox.personal_conversation(0, 99).unwrap().into(),
    };
    assert_eq!(rig.reply(read, &Value::Null).0, 429);
    assert_eq!(rig.send(&rig.sandbox.personal_conversation(1, 0).unwrap()).0, 201);
}

#[test]
fn faults_answer_in_their_own_shapes() {
    let rig = Rig::free();
    let personal = rig.ids()[0].clone();
    let custom = Fault::Answer {
        status: 202,
        body: String::new(),
        retry_after: None,
    };
    let instead = |status, body: &str| Fault::Answer {
        status,
        body: body.to_owned(),
        retry_after: None,
    };
    let cases = [
        (Fault::Throttled { retry_after: Some(7) }, 429, Media::Json),
        (Fault::RequestTimeout, 408, Media::Empty),
        (Fault::PreconditionFailed, 412, Media::Json),
        (Fault::ServerError, 500, Media::Json),
        (Fault::BadGateway, 502, Media::Html),
        (Fault::ServiceUnavailable, 503, Media::Json),
        (Fault::GatewayTimeout, 504, Media::Json),
        (custom, 202, Media::Empty),
        (instead(404, "<html>no such page</html>"), 404, Media::Html),
        (
            instead(404, r#"{"error":{"code":"ServiceError"}}"#),
            404,
            Media::Json,
        ),
        (instead(404, "nothing here"), 404, Media::Text),
    ];
    for (fault, status, media) in cases {
        let scripted = ScriptedResponse {
            fault: Some(fault),
            effect: None,
            times: 1,
        };
        rig.sandbox.script(Some(&personal), vec![scripted]).unwrap();
        let answer = rig.ask(
            Operation::Send {
                conversation: (&*personal).into(),
            },
            &message(),
        );
        let reply = answer.reply().unwrap();
        assert_eq!((reply.status, reply.media), (status, media));
    }
    assert_eq!(
        rig.sandbox.accepted(&personal).unwrap(),
        1,
        "only the scripted 202 was accepted"
    );
}

#[test]
fn a_lost_acknowledgement_is_accepted_all_the_same() {
    let rig = Rig::free();
    let personal = rig.ids()[0].clone();
    let reset = |effect| ScriptedResponse {
        fault: Some(Fault::Reset),
        effect: Some(effect),
        times: 1,
    };
    rig.sandbox
        .script(None, vec![reset(Effect::Nothing), reset(Effect::Accepted)])
        .unwrap();
    let send = || {
        rig.ask(
            Operation::Send {
                conversation: (&*personal).into(),
            },
            &message(),
        )
    };
    assert_eq!(
        (send(), rig.sandbox.accepted(&personal).unwrap()),
        (Answer::Reset, 0)
    );
    assert_eq!(
        (send(), rig.sandbox.accepted(&personal).unwrap()),
        (Answer::Reset, 1)
    );
    assert_eq!(send().status(), Some(201));
    assert_eq!(rig.sandbox.stats().resets, 2);
}

#[test]
fn modes_deny_everybody() {
    let rig = Rig::free();
    let personal = rig.ids()[0].clone();
    let mode = |mode| {
        rig.sandbox
            .set_faults(FaultPlan {
                mode,
                ..FaultPlan::default()
            })
            .unwrap()
    };
    mode(FaultMode::AuthDenied);
    let denied = json!({ "message": "Authorization has been denied for this request." });
    assert_eq!(rig.send(&personal), (401, denied));
    mode(FaultMode::Undecryptable);
    assert_eq!(code(&rig.send(&personal)), (403, "BadArgument"));
    mode(FaultMode::Normal);
    assert_eq!(rig.send(&personal).0, 201);
}

#[test]
fn a_storm_is_the_same_for_the_same_seed_and_counts_add_up() {
    let storm = || {
        let rates = FaultRates {
            throttled: 0.05,
            bad_gateway: 0.05,
            lost_acknowledgement: 0.05,
            ..Default::default()
        };
        let rig = Rig::new(SandboxConfig {
            world: WorldSpec::of_people(1000),
            limits: LimitTable::lifted(),
            faults: FaultPlan {
                seed: 42,
                rates,
                ..FaultPlan::default()
            },
            ..SandboxConfig::default()
        });
        let statuses: Vec<_> = (0..1000)
            .map(|n| {
                let conversation = rig.sandbox.personal_conversation(0, n).unwrap();
                rig.ask(
                    Operation::Send {
                        conversation: conversation.into(),
                    },
                    &message(),
                )
                .status()
            })
            .collect();
        (statuses, rig.sandbox.counts())
    };
    let (statuses, counts) = storm();
    let certain = statuses.iter().filter(|status| **status == Some(201)).count();
    assert!(
        certain < counts.len() && counts.len() < certain + 100,
        "{certain} {}",
        counts.len()
    );
    assert_eq!(storm(), (statuses, counts));
}

#[test]
fn the_observer_hears_of_every_accepted_message() {
    let heard = std::sync::Arc::new(std::sync::Mutex::new(Vec::new()));
    let sink = heard.clone();
    let rig = Rig::new(SandboxConfig {
        observer: Some(std::sync::Arc::new(move |accepted: &crate::Accepted<'_>| {
            sink.lock()
                .unwrap()
                .push((accepted.conversation.to_owned(), accepted.activity_id));
        })),
        ..SandboxConfig::default()
    });
    let [personal, .., alerts] = rig.ids();
    rig.send(&personal);
    rig.send(&alerts);
    rig.send("19:nowhere@thread.v2");
    assert_eq!(*heard.lock().unwrap(), [(personal, NOW), (alerts, NOW)]);
}

#[test]
fn three_hundred_thousand_people_cost_little() {
    let rig = Rig::new(SandboxConfig {
        world: WorldSpec::of_people(300_000),
        limits: LimitTable::lifted(),
        history: History::Off,
        ..SandboxConfig::default()
    });
    for number in (0..300_000).step_by(1000) {
        let conversation = rig.sandbox.personal_conversation(0, number).unwrap();
        assert_eq!(rig.send(&conversation).0, 201);
    }
    assert_eq!(rig.sandbox.counts().len(), 300);
    assert_eq!(rig.sandbox.personal_conversation(0, 300_000), None);
}
