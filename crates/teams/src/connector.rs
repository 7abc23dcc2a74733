//! The connector's REST interface: posting, editing, opening conversations, reading rosters. Implements the port of
//! `notify`; decides about no retry but one new token after a 401.

mod address;
mod call;
mod escape;
mod message;
mod port;
mod roster;
#[cfg(test)]
mod tests;

pub use escape::component;
pub use roster::{Channel, Member, MembersPage, PageSize, Team};

use crate::{
    activity::Activity,
    answers::{Operation, ours},
    cloud::ServiceHosts,
    outbound::Tokens,
    settings::BotSettings,
    transport::Http,
};
use address::Base;
use message::{Envelope, Sender, Whom};
use notify::{
    content::Content,
    ids::ServiceUrl,
    ports::{Answer, Clock, Verdict},
    recipient::Recipient,
    target::Scope,
};
use std::{
    collections::HashMap,
    sync::{Arc, PoisonError, RwLock},
};

/// Service URLs that are kept parsed; a tenant has one or a few.
const BASES: usize = 1024;

/// Teams' connector for one bot.
pub struct TeamsConnector {
    sender: Sender,
    hosts: ServiceHosts,
    tokens: Option<Tokens>,
    http: Http,
    clock: Arc<dyn Clock>,
    bases: RwLock<HashMap<String, Arc<Base>>>,
}

impl TeamsConnector {
    /// For a bot's settings; `tokens` is what [`Tokens::new`] made of the same settings.
    pub fn new(settings: &BotSettings, tokens: Option<Tokens>, http: &Http, clock: Arc<dyn Clock>) -> Self {
        Self {
            sender: Sender::of(&settings.identity()),
            hosts: settings.cloud.hosts.clone(),
            tokens,
            http: http.clone(),
            clock,
            bases: RwLock::default(),
        }
    }

    /// Bytes of the whole activity as Teams counts them against its limit: UTF-16.
    pub fn size_of(&self, to: &Recipient, content: &Content) -> usize {
        message::utf16_bytes(&message::activity(&self.envelope(to), content))
    }

    /// Answers an inbound activity in its own conversation and thread.
    pub async fn reply(&self, to: &Activity, content: &Content) -> Answer {
        let (Some(conversation), Some(service_url)) = (to.conversation_text("id"), to.service_url()) else {
            return ours(Verdict::Rejected, "no-conversation");
        };
        let base = match self.base(&ServiceUrl::from(service_url)) {
            Ok(base) => base,
            Err(answer) => return answer,
        };
        let answered = to.id().filter(|_| to.kind() == crate::activity::Kind::Message);
        let path = match answered {
            Some(activity) => address::activity(conversation, activity),
            None => address::activities(conversation),
        };
        let Ok(path) = path else {
            return ours(Verdict::Rejected, "bad-id");
        };
        let origin = to.told_origin();
        let sender = to
            .recipient()
            .and_then(|bot| bot.id())
            .map(|id| Sender::new(id, None));
        let envelope = Envelope {
            sender: sender.as_ref().unwrap_or(&self.sender),
            to: to.from().and_then(|person| person.id()).map(|id| Whom {
                id,
                entra: to.from().and_then(|person| person.entra()),
            }),
            conversation,
            tenant: to.place().told_tenant(&origin),
            scope: to.place().scope(&origin),
            locale: to.locale(),
            reply_to: answered,
            edits: None,
        };
        self.send(
            Operation::Post,
            &base,
            &path,
            message::activity(&envelope, content),
        )
        .await
    }

    fn envelope<'a>(&'a self, to: &'a Recipient) -> Envelope<'a> {
        let entra = to.entra.as_ref().map(notify::ids::EntraId::as_str);
        let user = to.user.as_ref().map(notify::ids::UserId::as_str).or(entra);
        Envelope {
            sender: &self.sender,
            // Elsewhere the person is only whoever acted last.
            to: user
                .filter(|_| to.scope == Scope::Personal)
                .map(|id| Whom { id, entra }),
            conversation: to.conversation.as_str(),
            tenant: Some(to.tenant.as_str()),
            scope: to.scope,
            locale: to.locale.as_deref(),
            reply_to: None,
            edits: to.activity.as_ref().map(notify::ids::ActivityId::as_str),
        }
    }

    /// The parsed, trusted form of a service URL.
    fn base(&self, service_url: &ServiceUrl) -> Result<Arc<Base>, Answer> {
        let known = self
            .bases
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .get(service_url.as_str())
            .cloned();
        if let Some(base) = known {
            return Ok(base);
        }
        let trusted = self.hosts.trust(service_url.as_str()).map_err(|reason| {
            tracing::warn!(error = %reason, "a stored service URL is not trusted; nothing is sent there");
            ours(Verdict::Rejected, "untrusted-service-url")
        })?;
        let base = Base::of(&trusted).ok_or_else(|| ours(Verdict::Rejected, "untrusted-service-url"))?;
        let base = Arc::new(base);
        let mut bases = self.bases.write().unwrap_or_else(PoisonError::into_inner);
        if bases.len() >= BASES {
            bases.clear();
        }
        bases.insert(service_url.as_str().to_owned(), Arc::clone(&base));
        Ok(base)
    }
}
