//! Implements the `Connector` port of `notify`.

use super::{
    TeamsConnector,
    address::{self, BaseUrl},
    message,
};
use crate::answers::{Operation, local_answer};
use async_trait::async_trait;
use http::Method;
use notify::{
    content::Content,
    ids::{ActivityId, ConversationId, ServiceUrl},
    ports::{Answer, Connector, Verdict},
    recipient::Recipient,
    target::Scope,
};
use std::sync::Arc;

#[async_trait]
impl Connector for TeamsConnector {
    async fn post(&self, to: &Recipient, content: &Content) -> Answer {
        let (base, path) = match self.place(to, address::activities(to.conversation.as_str())) {
            Ok(place) => place,
            Err(answer) => return answer,
        };
        let mut envelope = self.envelope(to);
        envelope.edited_id = None;
        self.send(
            Operation::Post,
            &base,
            &path,
            message::activity(&envelope, content),
        )
        .await
    }

    async fn open(&self, to: &Recipient) -> Result<ConversationId, Answer> {
        let person = to.user.as_ref().map(notify::ids::UserId::as_str);
        let person = person.or(to.entra.as_ref().map(notify::ids::EntraId::as_str));
        let Some(person) = person.filter(|_| to.scope == Scope::Personal) else {
            return Err(local_answer(Verdict::Rejected, "no-user"));
        };
        let base = self.base(&to.service_url)?;
        let body = message::opening(&self.sender, person, to.tenant.as_str());
        let reply = self
            .call(&base, Method::POST, address::CONVERSATIONS, Some(body.into()))
            .await?;
        let answer = reply.classified(Operation::Open, &self.hosts);
        if !matches!(answer.verdict, Verdict::Delivered(_)) {
            return Err(answer);
        }
        let opened = reply
            .body
            .json()
            .and_then(|json| serde_json::from_slice(json).ok());
        opened
            .filter(|opened: &OpenedConversation| !opened.id.trim().is_empty())
            .map(|opened| ConversationId::from(opened.id))
            .ok_or_else(|| Answer {
                verdict: Verdict::OnceMore,
                code: Some("no-id".into()),
                ..answer
            })
    }

    async fn update(&self, to: &Recipient, content: &Content) -> Answer {
        let (base, path) = match self.message_of(to) {
            Ok(place) => place,
            Err(answer) => return answer,
        };
        self.send(
            Operation::Update,
            &base,
            &path,
            message::activity(&self.envelope(to), content),
        )
        .await
    }

    async fn delete(&self, to: &Recipient) -> Answer {
        let (base, path) = match self.message_of(to) {
            Ok(place) => place,
            Err(answer) => return answer,
        };
        match self.call(&base, Method::DELETE, &path, None).await {
            Ok(reply) => reply.classified(Operation::Delete, &self.hosts),
            Err(answer) => answer,
        }
    }

    fn trusts(&self, address: &ServiceUrl) -> bool {
        self.hosts.trust(address.as_str()).is_ok()
    }
}

#[derive(serde::Deserialize)]
struct OpenedConversation {
    #[serde(default)]
    id: String,
}

impl TeamsConnector {
    fn message_of(&self, to: &Recipient) -> Result<(Arc<BaseUrl>, String), Answer> {
        let activity = to.activity.as_ref().map(ActivityId::as_str);
        let Some(activity) = activity else {
            return Err(local_answer(Verdict::Rejected, "no-activity-id"));
        };
        self.place(to, address::activity(to.conversation.as_str(), activity))
    }

    fn place(
        &self,
        to: &Recipient,
        path: Result<String, address::BadId>,
    ) -> Result<(Arc<BaseUrl>, String), Answer> {
        let base = self.base(&to.service_url)?;
        path.map(|path| (base, path))
            .map_err(|_| local_answer(Verdict::Rejected, "bad-id"))
    }
}
