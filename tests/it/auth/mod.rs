//! Nobody gets in, and no token gets out to where it doesn't belong. Real RS256 tokens, keys and sockets.

mod emulator;
mod flood;
mod outbound;
mod rollover;
mod tenants;
mod vectors;

use crate::support::{
    activities::Teams,
    connector::Connector,
    entra::Entra,
    handler::{Handler, custom},
    room::Room,
};
use serde_json::Value;

/// A registered bot with its Entra and its connector.
struct Bot {
    handler: Handler,
    entra: Entra,
    connector: Connector,
    teams: Teams,
}

impl Bot {
    async fn start() -> Self {
        Self::with(&[]).await
    }

    /// With further settings.
    async fn with(settings: &[(&str, &str)]) -> Self {
        let entra = Entra::start().await;
        let accepts = entra.clone();
        let connector = Connector::demanding(move |token| accepts.has_issued(token)).await;
        let hosts = entra.settings(connector.host());
        let start = custom(Room::new())
            .settings(hosts)
            .settings(settings.iter().copied());
        let teams = Teams::at(&connector.service_url());
        Self {
            handler: start.start().await,
            entra,
            connector,
            teams,
        }
    }

    /// The status that an activity gets with a token.
    async fn status(&self, activity: &Value, token: &str) -> u16 {
        self.handler
            .receives_with(activity, &format!("Bearer {token}"))
            .await
            .status
    }

    /// Tells it something that it must acknowledge.
    async fn acknowledges(&self, activity: &Value) {
        let token = self.token().signed();
        assert_eq!(self.status(activity, &token).await, 200, "{activity}");
    }

    /// A good token.
    fn token(&self) -> crate::support::jwt::Token {
        Entra::token(&self.connector.service_url())
    }
}
