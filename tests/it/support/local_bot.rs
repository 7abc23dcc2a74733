//! A bot without a registration, as in local development: it takes activities without a token.

use super::{
    activities::Teams,
    connector::Connector,
    handler::{Handler, custom},
    references::conversations,
    room::Room,
};
use serde_json::Value;

/// Its handler, and the connector that it sends to.
pub(crate) struct LocalBot {
    pub(crate) handler: Handler,
    pub(crate) connector: Connector,
    pub(crate) teams: Teams,
}

impl LocalBot {
    pub(crate) async fn start() -> Self {
        Self::with(&[]).await
    }

    /// With settings.
    pub(crate) async fn with(settings: &[(&str, &str)]) -> Self {
        let connector = Connector::start().await;
        let teams = Teams::at(&connector.service_url());
        let handler = custom(Room::new())
            .settings(settings.iter().copied())
            .start()
            .await;
        Self {
            handler,
            connector,
            teams,
        }
    }

    /// With so many people who have installed the bot.
    pub(crate) async fn with_people(people: u32, settings: &[(&str, &str)]) -> Self {
        let bot = Self::with(settings).await;
        bot.install(1..=people).await;
        bot
    }

    /// Installs it for people.
    pub(crate) async fn install(&self, people: std::ops::RangeInclusive<u32>) {
        futures::future::join_all(
            people.map(|n| async move { self.acknowledges(&self.teams.personal_install(n, 0)).await }),
        )
        .await;
    }

    /// Sends it an activity that it must acknowledge.
    pub(crate) async fn acknowledges(&self, activity: &Value) {
        self.handler.receives(activity).await.expect(200);
    }

    /// Conversations that it would send to now: those of the file's references.
    #[track_caller]
    pub(crate) fn knows(&self, wanted: &[String]) {
        let mut wanted = wanted.to_vec();
        wanted.sort();
        assert_eq!(conversations(&self.handler.room), wanted);
    }
}
