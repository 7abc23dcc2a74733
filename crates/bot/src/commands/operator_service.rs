//! A service for operators: the stores and the wake-ups of the bot, without Teams.

use crate::{
    commands::CommandError,
    delivery::{Delivery, Host},
    project,
    settings::{Source, StoreKind, domain_settings, read_settings},
    stores::{self, OwnStores},
};
use async_trait::async_trait;
use notify::{
    clock::SystemClock,
    content::{Composed, Composer, Content, ContentError, MessageSpec, NotificationFacts},
    ids::{ConversationId, ServiceUrl},
    ports::{Answer, Clock, Connector, Ports, Verdict},
    recipient::Recipient,
    service::NotificationService,
};
use std::{path::Path, sync::Arc};
use storage::OpenError;

/// Advice for what only a stopped bot's files can be asked.
pub(super) const STOP_FIRST: &str = "Stop the handler, run this again, and start it anew";

/// Opens the stores that the settings name. `locked` says what to do when a running process has the files to itself.
pub(super) fn service(
    source: &Source,
    folder: &Path,
    own: &OwnStores,
    locked: &str,
) -> Result<NotificationService, CommandError> {
    let (settings, bot) = read_settings(source)?;
    let me = bot.identity();
    let opened = stores::open(&settings, source, folder, &me.bot, bot.home_tenant.clone(), own);
    let stores = opened.map_err(|error| match error.downcast_ref::<OpenError>() {
        Some(OpenError::Locked { .. }) => format!("{error}.\n{locked}").into(),
        _ => error,
    })?;
    // With files nobody else runs now, and who starts later looks for what is left.
    let host = match settings.store {
        StoreKind::Blob => Host::Functions,
        StoreKind::File => Host::Local,
    };
    let clock: Arc<dyn Clock> = Arc::new(SystemClock::new());
    let project = project::read(host, source, folder)?;
    let delivery = Delivery::choose(host, &settings, &me.bot, source, &project, Arc::clone(&clock))?;
    let ports = Ports {
        objects: stores.objects,
        references: stores.references,
        wake_ups: delivery.wake_ups,
        connector: Arc::new(NoTeams),
        composer: Arc::new(NoTeams),
        clock,
    };
    Ok(NotificationService::new(ports, domain_settings(&settings, &bot)))
}

/// Nothing is posted by an operator's command.
struct NoTeams;

fn nowhere() -> Answer {
    Answer {
        verdict: Verdict::NotNow { retry_after: None },
        status: None,
        code: None,
    }
}

#[async_trait]
impl Connector for NoTeams {
    async fn post(&self, _: &Recipient, _: &Content) -> Answer {
        nowhere()
    }
    async fn open(&self, _: &Recipient) -> Result<ConversationId, Answer> {
        Err(nowhere())
    }
    async fn update(&self, _: &Recipient, _: &Content) -> Answer {
        nowhere()
    }
    async fn delete(&self, _: &Recipient) -> Answer {
        nowhere()
    }
    fn trusts(&self, _: &ServiceUrl) -> bool {
        false
    }
}

#[async_trait]
impl Composer for NoTeams {
    async fn compose(
        &self,
        _: &MessageSpec,
        _: &NotificationFacts,
    ) -> Result<Arc<dyn Composed>, ContentError> {
        Err(ContentError::Template {
            message: "an operator's command composes nothing".to_owned(),
            pointer: String::new(),
        })
    }
}
