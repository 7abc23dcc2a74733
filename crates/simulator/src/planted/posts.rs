//! Bugs of the way to Teams: what is made of an answer, and the pace.

use crate::world;
use async_trait::async_trait;
use jiff::Timestamp;
use notify::{
    content::Content,
    ids::{ConversationId, ServiceUrl},
    ports::{Answer, Clock, Connector, Expected, Moment, Ports, ReferenceStore, Verdict},
    recipient::Recipient,
    target::{ReferenceRecord, TargetKey, Tombstone},
};
use std::{sync::Arc, time::Duration};

/// What becomes of the answer to a post; all else passes through.
#[async_trait]
trait AfterPost: Send + Sync {
    async fn answered(
        &self,
        teams: &dyn Connector,
        to: &Recipient,
        content: &Content,
        answer: Answer,
    ) -> Answer;
}

struct Posts<A> {
    teams: Arc<dyn Connector>,
    after: A,
}

fn before_posts(ports: Ports, after: impl AfterPost + 'static) -> Ports {
    Ports {
        connector: Arc::new(Posts {
            teams: ports.connector,
            after,
        }),
        ..ports
    }
}

#[async_trait]
impl<A: AfterPost> Connector for Posts<A> {
    async fn post(&self, to: &Recipient, content: &Content) -> Answer {
        let answer = self.teams.post(to, content).await;
        self.after.answered(&*self.teams, to, content, answer).await
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

/// An answer that proves nothing (a 504) is taken for one that says "not now": the post is made again, although the
/// request says `report`.
pub fn ambiguous_taken_for_certain(ports: Ports) -> Ports {
    before_posts(ports, Certain)
}

struct Certain;

#[async_trait]
impl AfterPost for Certain {
    async fn answered(&self, _: &dyn Connector, _: &Recipient, _: &Content, mut answer: Answer) -> Answer {
        if answer.verdict == Verdict::Ambiguous {
            answer.verdict = Verdict::NotNow { retry_after: None };
        }
        answer
    }
}

/// The HTTP client repeats a post by itself when its answer proves nothing.
pub fn repeated_by_the_client(ports: Ports) -> Ports {
    before_posts(ports, Repeated)
}

struct Repeated;

#[async_trait]
impl AfterPost for Repeated {
    async fn answered(
        &self,
        teams: &dyn Connector,
        to: &Recipient,
        content: &Content,
        answer: Answer,
    ) -> Answer {
        match answer.verdict {
            Verdict::Ambiguous => teams.post(to, content).await,
            _ => answer,
        }
    }
}

/// An answer that the bot is not in the roster takes the reference away.
pub fn reference_removed_by_answer(ports: Ports) -> Ports {
    let after = Removing {
        references: ports.references.clone(),
        clock: ports.clock.clone(),
    };
    before_posts(ports, after)
}

struct Removing {
    references: Arc<dyn ReferenceStore>,
    clock: Arc<dyn Clock>,
}

#[async_trait]
impl AfterPost for Removing {
    async fn answered(&self, _: &dyn Connector, to: &Recipient, _: &Content, answer: Answer) -> Answer {
        if answer.verdict == Verdict::Uninstalled
            && let Some(version) = &to.version
        {
            let key = TargetKey {
                bot: world::bot(),
                tenant: to.tenant.clone(),
                root: to.root.as_ref().unwrap_or(&to.conversation).clone(),
            };
            let now = self.clock.wall();
            let removed = ReferenceRecord::Removed(Tombstone {
                key: key.clone(),
                event_at: now,
                recorded_at: now,
            });
            let expected = Expected::Version(version.clone());
            // Somebody else's newer record stays.
            let _ = self.references.write(&key, &removed, &expected).await;
        }
        answer
    }
}

/// The rate limiter's clock is a tenth too fast, so that its seconds are too short.
pub fn clock_too_fast(ports: Ports) -> Ports {
    Ports {
        clock: Arc::new(Fast(ports.clock)),
        ..ports
    }
}

struct Fast(Arc<dyn Clock>);

const TOO_FAST: f64 = 1.1;

#[async_trait]
impl Clock for Fast {
    fn wall(&self) -> Timestamp {
        self.0.wall()
    }
    fn now(&self) -> Moment {
        Moment::at(self.0.now().since_origin().mul_f64(TOO_FAST))
    }
    async fn sleep_until(&self, moment: Moment) {
        let there = moment.since_origin().div_f64(TOO_FAST);
        // Not a fraction too early: whoever waits looks at this clock again.
        self.0
            .sleep_until(Moment::at(there + Duration::from_nanos(2)))
            .await;
    }
}
