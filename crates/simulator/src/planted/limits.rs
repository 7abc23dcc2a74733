//! Bugs of what is learnt of Teams' limiter.

use super::objects::{Behind, Fault, before_objects};
use async_trait::async_trait;
use bytes::Bytes;
use notify::{
    content::Content,
    ids::{ConversationId, ServiceUrl},
    ports::{Answer, Connector, Etag, Lease, LeaseError, Ports, Verdict},
    recipient::Recipient,
};
use serde_json::{Value, json};
use std::{collections::BTreeMap, sync::Arc};

/// What a 429 says is put down to its recipient alone: nothing that was tried is ever taken back.
pub fn throttles_unheard(ports: Ports) -> Ports {
    Ports {
        connector: Arc::new(Unheard(ports.connector)),
        ..ports
    }
}

struct Unheard(Arc<dyn Connector>);

#[async_trait]
impl Connector for Unheard {
    async fn post(&self, to: &Recipient, content: &Content) -> Answer {
        let mut answer = self.0.post(to, content).await;
        if let Verdict::Throttled { retry_after } = answer.verdict {
            answer.verdict = Verdict::NotNow { retry_after };
        }
        answer
    }
    async fn open(&self, to: &Recipient) -> Result<ConversationId, Answer> {
        self.0.open(to).await
    }
    async fn update(&self, to: &Recipient, content: &Content) -> Answer {
        self.0.update(to, content).await
    }
    async fn delete(&self, to: &Recipient) -> Answer {
        self.0.delete(to).await
    }
    fn trusts(&self, address: &ServiceUrl) -> bool {
        self.0.trusts(address)
    }
}

/// The lane's note says that Teams minds nothing, whatever was learnt: each owner begins so.
pub fn always_bold(ports: Ports) -> Ports {
    before_objects(ports, Bold)
}

struct Bold;

#[async_trait]
impl Fault for Bold {
    async fn write_leased(
        &self,
        store: &Behind,
        lease: &Lease,
        body: Bytes,
        metadata: &BTreeMap<String, String>,
    ) -> Result<Etag, LeaseError> {
        let note: Option<Value> = serde_json::from_slice(&body).ok();
        let Some(mut note) = note.filter(Value::is_object) else {
            return store.write_leased(lease, body, metadata).await;
        };
        if !note["governor"].is_object() {
            note["governor"] = json!({});
        }
        note["governor"]["learnt"] = json!({ "rate": 50, "step": 3 });
        store.write_leased(lease, note.to_string().into(), metadata).await
    }
}
