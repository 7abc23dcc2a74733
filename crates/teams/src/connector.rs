//! The connector's REST interface: posting, editing, opening conversations, reading rosters. Implements the
//! `Connector` port of `notify`; its only retry is one with a new token after a 401.

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
    answers::{Operation, local_answer},
    cloud::ServiceHosts,
    outbound::Tokens,
    settings::BotSettings,
    transport::Http,
};
use address::BaseUrl;
use message::{Addressee, Envelope, Sender};
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

/// Service URLs that are cached in parsed form; a tenant has one or a few.
const CACHED_BASE_URLS: usize = 1024;

/// Teams' connector for one bot.
pub struct TeamsConnector {
    sender: Sender,
    hosts: ServiceHosts,
    tokens: Option<Tokens>,
    http: Http,
    clock: Arc<dyn Clock>,
    base_urls: RwLock<HashMap<String, Arc<BaseUrl>>>,
}

impl TeamsConnector {
    /// For a bot's settings; `tokens` comes from [`Tokens::new`] with the same settings.
    pub fn new(settings: &BotSettings, tokens: Option<Tokens>, http: &Http, clock: Arc<dyn Clock>) -> Self {
        Self {
            sender: Sender::of(&settings.identity()),
            hosts: settings.cloud.hosts.clone(),
            tokens,
            http: http.clone(),
            clock,
            base_urls: RwLock::default(),
        }
    }

    /// Size of the whole activity as Teams counts it against its limit: bytes of UTF-16.
    pub fn size_of(&self, to: &Recipient, content: &Content) -> usize {
        message::utf16_bytes(&message::activity(&self.envelope(to), content))
    }

    /// Replies to an inbound activity in its own conversation and thread.
    pub async fn reply(&self, to: &Activity, content: &Content) -> Answer {
        let (Some(conversation), Some(service_url)) = (to.conversation_property("id"), to.service_url())
        else {
            return local_answer(Verdict::Rejected, "no-conversation");
        };
        let base = match self.base(&ServiceUrl::from(service_url)) {
            Ok(base) => base,
            Err(answer) => return answer,
        };
        let answered = to
            .id()
            .filter(|_| to.kind() == crate::activity::ActivityKind::Message);
        let path = match answered {
            Some(activity) => address::activity(conversation, activity),
            None => address::activities(conversation),
        };
        let Ok(path) = path else {
            return local_answer(Verdict::Rejected, "bad-id");
        };
        let origin = to.named_origin();
        let sender = to
            .recipient()
            .and_then(|bot| bot.id())
            .map(|id| Sender::new(id, None));
        let envelope = Envelope {
            sender: sender.as_ref().unwrap_or(&self.sender),
            to: to.from().and_then(|person| person.id()).map(|id| Addressee {
                id,
                entra: to.from().and_then(|person| person.entra()),
            }),
            conversation,
            tenant: to.place().named_tenant(&origin),
            scope: to.place().scope(&origin),
            locale: to.locale(),
            reply_to: answered,
            edited_id: None,
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
            // In other scopes the stored person is only the one who acted last.
            to: user
                .filter(|_| to.scope == Scope::Personal)
                .map(|id| Addressee { id, entra }),
            conversation: to.conversation.as_str(),
            tenant: Some(to.tenant.as_str()),
            scope: to.scope,
            locale: to.locale.as_deref(),
            reply_to: None,
            edited_id: to.activity.as_ref().map(notify::ids::ActivityId::as_str),
        }
    }

    /// The parsed, trusted form of a service URL.
    fn base(&self, service_url: &ServiceUrl) -> Result<Arc<BaseUrl>, Answer> {
        let known = self
            .base_urls
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .get(service_url.as_str())
            .cloned();
        if let Some(base) = known {
            return Ok(base);
        }
        let trusted = self.hosts.trust(service_url.as_str()).map_err(|reason| {
            tracing::warn!(error = %reason, "a stored service URL is not trusted; nothing is sent there");
            local_answer(Verdict::Rejected, "untrusted-service-url")
        })?;
        let base =
            BaseUrl::of(&trusted).ok_or_else(|| local_answer(Verdict::Rejected, "untrusted-service-url"))?;
        let base = Arc::new(base);
        let mut base_urls = self.base_urls.write().unwrap_or_else(PoisonError::into_inner);
        if base_urls.len() >= CACHED_BASE_URLS {
            base_urls.clear();
        }
        base_urls.insert(service_url.as_str().to_owned(), Arc::clone(&base));
        Ok(base)
    }
}
