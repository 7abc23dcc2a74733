//! Many people in the sandbox, over sockets, with Teams' limits; what each of them got is counted on their side.

use crate::support::{activities::TENANT, handler::run, room::Room};
use sandbox::{History, LimitTable, Sandbox, SandboxConfig, TenantSpec, WorldSpec};
use serde_json::{Map, json};
use tokio::net::TcpListener;

/// A sandbox that is served.
pub(super) struct Crowd {
    teams: Sandbox,
    people: u32,
    service_url: String,
}

impl Crowd {
    /// So many people with the bot, in one tenant that takes so many messages a second.
    pub(super) async fn gather(people: u32, rate: u32) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let service_url = format!("http://{}/_connector/", listener.local_addr().unwrap());
        let teams = Sandbox::new(SandboxConfig {
            world: WorldSpec {
                tenants: vec![TenantSpec::of_people("Contoso", people, people).with_id(TENANT)],
                ..WorldSpec::default()
            },
            limits: LimitTable::teams().with_tenant_rate(rate),
            history: History::Off,
            service_url: service_url.clone(),
            ..SandboxConfig::default()
        })
        .unwrap();
        let router = teams.router();
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self {
            teams,
            people,
            service_url,
        }
    }

    fn chat(&self, number: u32) -> String {
        self.teams.personal_conversation(0, number).unwrap()
    }

    /// Makes everyone known to the bot, through an import.
    pub(super) async fn is_known(&self, settings: &[(&'static str, String)]) {
        let tenant = TENANT;
        let mut references = Map::new();
        for number in 0..self.people {
            let (person, chat) = (self.teams.person(0, number).unwrap(), self.chat(number));
            let reference = json!({
                "user": { "id": person.id, "aadObjectId": person.aad_object_id, "name": person.given_name },
                "bot": { "id": format!("28:{}", sandbox::DEFAULT_BOT_APP_ID), "name": "Notifier" },
                "conversation": { "conversationType": "personal", "tenantId": tenant, "id": chat },
                "channelId": "msteams", "locale": "en-GB", "serviceUrl": self.service_url,
            });
            references.insert(format!("_{tenant}_{chat}"), reference);
        }
        let room = Room::new();
        room.write(
            "everyone.json",
            &serde_json::Value::Object(references).to_string(),
        );
        let settings: Vec<_> = settings
            .iter()
            .map(|(name, value)| (*name, value.as_str()))
            .collect();
        let imported = run(&room, &["references", "import", "everyone.json"], &settings, "").await;
        assert!(
            imported
                .success()
                .stdout
                .contains(&format!("{} imported", self.people)),
            "{imported:#?}"
        );
    }

    /// Messages that Teams took.
    pub(super) fn accepted(&self) -> u64 {
        self.teams.connector().stats().accepted
    }

    /// Requests that Teams answered 429.
    pub(super) fn refused(&self) -> u64 {
        self.teams.connector().stats().throttled
    }

    /// People who got fewer than so many.
    pub(super) fn missing(&self, messages: u64) -> usize {
        (0..self.people)
            .filter(|number| u64::from(self.teams.accepted(&self.chat(*number)).unwrap()) < messages)
            .count()
    }

    /// The most messages that Teams took in any sliding second.
    pub(super) fn fastest_second(&self) -> usize {
        self.teams.connector().stats().peak_per_second_per_tenant
    }
}
