//! A scripted Teams: latency, a limiter at the receiver, faults, and a record of everything it accepted.

use crate::seed::Seed;
use async_trait::async_trait;
use notify::{
    content::Content,
    ids::{ActivityId, ConversationId},
    ports::{Answer, Clock, Connector, Moment, Verdict},
    recipient::Recipient,
};
use std::{
    collections::{HashMap, VecDeque},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

/// How long answers take.
#[derive(Clone, Copy, Debug)]
pub enum Latency {
    /// Always the same.
    Constant(Duration),
    /// Log-normal with this median and 99th percentile, half of it on the way there.
    LogNormal {
        /// Median.
        median: Duration,
        /// 99th percentile.
        p99: Duration,
    },
}

/// One scripted answer; `Lost` is accepted without anyone hearing of it.
#[derive(Clone, Debug)]
pub enum Script {
    /// This answer, without accepting anything.
    Answer(Verdict),
    /// Accepted, but the answer is a 504.
    AcceptedUnheard,
}

/// Something that Teams accepted or refused.
#[derive(Clone, Debug)]
pub struct Call {
    /// When the caller began.
    pub began: Moment,
    /// Conversation.
    pub conversation: ConversationId,
}

struct State {
    seed: Seed,
    scripts: HashMap<ConversationId, VecDeque<Script>>,
    accepted: HashMap<ConversationId, u32>,
    calls: Vec<Call>,
    arrived: VecDeque<Moment>,
    throttled: u64,
    next_activity: u64,
}

/// The double.
pub struct ScriptedTeams {
    clock: Arc<dyn Clock>,
    latency: Latency,
    /// Requests a second that it takes; none refused if `None`.
    limit: Option<usize>,
    /// Share of posts that get a random fault of the retry table.
    faults: f64,
    state: Mutex<State>,
}

impl ScriptedTeams {
    /// A Teams that accepts everything after `latency`.
    pub fn new(clock: Arc<dyn Clock>, latency: Latency, seed: u64) -> Self {
        Self {
            clock,
            latency,
            limit: None,
            faults: 0.0,
            state: Mutex::new(State {
                seed: Seed::new(seed),
                scripts: HashMap::new(),
                accepted: HashMap::new(),
                calls: Vec::new(),
                arrived: VecDeque::new(),
                throttled: 0,
                next_activity: 1,
            }),
        }
    }

    /// Refuses more than so many requests in any second.
    #[must_use]
    pub fn limited(mut self, limit: usize) -> Self {
        self.limit = Some(limit);
        self
    }

    /// Answers this share of posts with a random fault.
    #[must_use]
    pub fn faulty(mut self, share: f64) -> Self {
        self.faults = share;
        self
    }

    /// Scripts the next answers of person `n`'s conversation.
    pub fn script(&self, n: usize, scripts: impl IntoIterator<Item = Script>) {
        let conversation = ConversationId::from(format!("a:{n}"));
        self.state()
            .scripts
            .entry(conversation)
            .or_default()
            .extend(scripts);
    }

    /// How often person `n` got a message.
    pub fn accepted(&self, n: usize) -> u32 {
        let conversation = ConversationId::from(format!("a:{n}"));
        self.state().accepted.get(&conversation).copied().unwrap_or(0)
    }

    /// Messages accepted beyond the first, over all conversations.
    pub fn repeated(&self) -> u64 {
        let state = self.state();
        state
            .accepted
            .values()
            .map(|count| u64::from(count.saturating_sub(1)))
            .sum()
    }

    /// Messages accepted.
    pub fn total(&self) -> u64 {
        self.state()
            .accepted
            .values()
            .map(|count| u64::from(*count))
            .sum()
    }

    /// Requests answered 429 by the limiter.
    pub fn throttled(&self) -> u64 {
        self.state().throttled
    }

    /// Every call, in order.
    pub fn calls(&self) -> Vec<Call> {
        self.state().calls.clone()
    }

    /// The most calls that began within any second.
    pub fn most_in_a_second(&self) -> usize {
        let mut began: Vec<Moment> = self.state().calls.iter().map(|call| call.began).collect();
        began.sort_unstable();
        let mut most = 0;
        let mut start = 0;
        for end in 0..began.len() {
            while began[end].since(began[start]) >= Duration::from_secs(1) {
                start += 1;
            }
            most = most.max(end - start + 1);
        }
        most
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn delay(&self) -> Duration {
        match self.latency {
            Latency::Constant(latency) => latency,
            Latency::LogNormal { median, p99 } => {
                let sigma = (p99.as_secs_f64() / median.as_secs_f64()).ln() / 2.326;
                let normal = self.state().seed.normal();
                median.mul_f64((sigma * normal).exp())
            }
        }
    }

    async fn pass(&self, time: Duration) {
        self.clock.sleep_until(self.clock.now().after(time)).await;
    }

    /// What becomes of a request that arrives now.
    fn arrive(&self, conversation: &ConversationId) -> Answer {
        let now = self.clock.now();
        let mut state = self.state();
        if let Some(limit) = self.limit {
            while state
                .arrived
                .front()
                .is_some_and(|first| now.since(*first) >= Duration::from_secs(1))
            {
                state.arrived.pop_front();
            }
            if state.arrived.len() >= limit {
                state.throttled += 1;
                return answer(
                    Verdict::Throttled {
                        retry_after: Some(Duration::from_secs(1)),
                    },
                    429,
                );
            }
            state.arrived.push_back(now);
        }
        let script = state.scripts.get_mut(conversation).and_then(VecDeque::pop_front);
        let script = script.or_else(|| self.fault(&mut state.seed));
        match script {
            Some(Script::Answer(verdict)) => answer(verdict, 0),
            Some(Script::AcceptedUnheard) => {
                *state.accepted.entry(conversation.clone()).or_default() += 1;
                answer(Verdict::Ambiguous, 504)
            }
            None => {
                *state.accepted.entry(conversation.clone()).or_default() += 1;
                let id = state.next_activity;
                state.next_activity += 1;
                answer(Verdict::Delivered(Some(ActivityId::from(id.to_string()))), 201)
            }
        }
    }

    fn fault(&self, seed: &mut Seed) -> Option<Script> {
        if self.faults == 0.0 || seed.unit() >= self.faults {
            return None;
        }
        let retry_after = Some(Duration::from_secs(1 + seed.below(3)));
        Some(match seed.below(6) {
            0 => Script::Answer(Verdict::Throttled { retry_after }),
            1 => Script::Answer(Verdict::NotNow { retry_after: None }),
            2 => Script::Answer(Verdict::NotNow { retry_after }),
            3 => Script::Answer(Verdict::Ambiguous),
            4 => Script::AcceptedUnheard,
            _ => Script::Answer(Verdict::Blocked),
        })
    }

    async fn call(&self, conversation: &ConversationId) -> Answer {
        let began = self.clock.now();
        self.state().calls.push(Call {
            began,
            conversation: conversation.clone(),
        });
        let delay = self.delay();
        self.pass(delay / 2).await;
        let answer = self.arrive(conversation);
        self.pass(delay - delay / 2).await;
        answer
    }
}

fn answer(verdict: Verdict, status: u16) -> Answer {
    Answer {
        verdict,
        status: (status > 0).then_some(status),
        code: None,
    }
}

#[async_trait]
impl Connector for ScriptedTeams {
    async fn post(&self, to: &Recipient, _: &Content) -> Answer {
        self.call(&to.conversation).await
    }

    async fn open(&self, to: &Recipient) -> Result<ConversationId, Answer> {
        let delay = self.delay();
        self.pass(delay).await;
        Ok(ConversationId::from(format!("{}-again", to.conversation)))
    }

    async fn update(&self, to: &Recipient, _: &Content) -> Answer {
        self.call(&to.conversation).await
    }

    async fn delete(&self, to: &Recipient) -> Answer {
        self.call(&to.conversation).await
    }
}
