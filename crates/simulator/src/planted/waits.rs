//! Bugs of waiting: whom a tenant is probed with, and whose refusals make it wait.

use super::objects::{Behind, Fault, before_objects};
use async_trait::async_trait;
use bytes::Bytes;
use notify::{
    content::Content,
    ids::{ConversationId, ServiceUrl, TenantId},
    ports::{Answer, Clock, Connector, Etag, Lease, LeaseError, Moment, Ports, Verdict},
    recipient::Recipient,
};
use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

/// Whom a lane was probed with is not written down: each owner probes the first one again.
pub fn probe_stuck(ports: Ports) -> Ports {
    before_objects(ports, Forgetful)
}

struct Forgetful;

#[async_trait]
impl Fault for Forgetful {
    async fn write_leased(
        &self,
        store: &Behind,
        lease: &Lease,
        body: Bytes,
        metadata: &BTreeMap<String, String>,
    ) -> Result<Etag, LeaseError> {
        let mut note: serde_json::Value = serde_json::from_slice(&body).unwrap_or_default();
        if let Some(waiting) = note.get_mut("waiting").and_then(serde_json::Value::as_object_mut) {
            waiting.remove("probed");
            return store.write_leased(lease, note.to_string().into(), metadata).await;
        }
        store.write_leased(lease, body, metadata).await
    }
}

/// How long a refusal is taken for everybody's.
const SHARED: Duration = Duration::from_secs(60);

/// How long such an answer takes.
const LATENCY: Duration = Duration::from_millis(60);

/// Credentials that one tenant refuses are taken for refused by all.
pub fn evidence_shared(ports: Ports) -> Ports {
    Ports {
        connector: Arc::new(Shared {
            teams: ports.connector,
            clock: ports.clock.clone(),
            refused: Mutex::new(None),
        }),
        ..ports
    }
}

struct Shared {
    teams: Arc<dyn Connector>,
    clock: Arc<dyn Clock>,
    refused: Mutex<Option<(Moment, TenantId, Answer)>>,
}

#[async_trait]
impl Connector for Shared {
    async fn post(&self, to: &Recipient, content: &Content) -> Answer {
        let now = self.clock.now();
        let known = self
            .refused
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone();
        if let Some((at, tenant, answer)) = known
            && tenant != to.tenant
            && now.since(at) < SHARED
        {
            self.clock.sleep_until(now.after(LATENCY)).await;
            return answer;
        }
        let answer = self.teams.post(to, content).await;
        if answer.verdict == Verdict::Unauthorized {
            let mut refused = self.refused.lock().unwrap_or_else(PoisonError::into_inner);
            *refused = Some((self.clock.now(), to.tenant.clone(), answer.clone()));
        }
        answer
    }
    async fn open(&self, to: &Recipient) -> Result<ConversationId, Answer> {
        self.teams.open(to).await
    }
    async fn update(&self, to: &Recipient, content: &Content) -> Answer {
        self.teams.update(to, content).await
    }
    async fn delete(&self, to: &Recipient) -> Answer {
        self.teams.delete(to).await
    }
    fn trusts(&self, address: &ServiceUrl) -> bool {
        self.teams.trusts(address)
    }
}
