//! A scripted Teams: latency, limiters at the receiver, faults, storms, and a record of everything it accepted.
//!
//! A double of verdicts, not of HTTP: the domain never sees HTTP. The crate `sandbox`, which speaks the connector's wire,
//! is what the black-box tests run against over sockets; here its requests, bodies and history would be most of the
//! cost of a run of millions of posts, and the table that reads its answers is outside of the domain.
//! A request that is on its way arrives, whatever becomes of the process that sent it.

mod limits;
mod record;

pub use limits::LimiterModel;
pub use record::{Call, Messages, original};

use crate::seed::Seed;
use async_trait::async_trait;
use limits::Limits;
use notify::{
    content::{Body, Content},
    ids::{ActivityId, ConversationId, ServiceUrl, TenantId},
    ports::{Answer, Clock, Connector, Moment, Verdict},
    recipient::Recipient,
};
use std::{
    collections::{HashMap, HashSet, VecDeque},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

/// How long answers take; half of it is the way there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Latency {
    /// Always the same.
    Constant(Duration),
    /// Log-normal with this median and 99th percentile.
    LogNormal {
        /// Median.
        median: Duration,
        /// 99th percentile.
        p99: Duration,
    },
}

impl Latency {
    /// 80 ms, always.
    pub const STEADY: Self = Self::Constant(Duration::from_millis(80));
    /// Median 80 ms, 99th percentile 600 ms.
    pub const VARYING: Self = Self::LogNormal {
        median: Duration::from_millis(80),
        p99: Duration::from_millis(600),
    };

    fn draw(self, seed: &mut Seed) -> Duration {
        match self {
            Self::Constant(latency) => latency,
            Self::LogNormal { median, p99 } => {
                let sigma = (p99.as_secs_f64() / median.as_secs_f64()).ln() / 2.326;
                median.mul_f64((sigma * seed.normal()).exp())
            }
        }
    }
}

/// One scripted answer; `AcceptedUnheard` is accepted and its answer is lost.
#[derive(Clone, Debug)]
pub enum Script {
    /// This answer, without accepting anything.
    Answer(Verdict),
    /// Accepted, but the answer is a 504.
    AcceptedUnheard,
    /// The chat is not found, now and ever after; opened again it has another id.
    Lost,
}

/// A time in which every request gets the same answer, and none is accepted; or every request for one tenant.
#[derive(Clone, Debug)]
pub struct Storm {
    /// Begins so long after the world began.
    pub from: Duration,
    /// Ends then.
    pub to: Duration,
    /// Whose requests; `None` for all.
    pub tenant: Option<TenantId>,
    /// The answer.
    pub verdict: Verdict,
}

/// A time in which the limiter takes fewer requests of a tenant.
#[derive(Clone, Copy, Debug)]
pub struct Drought {
    /// Begins so long after the world began.
    pub from: Duration,
    /// Ends then.
    pub to: Duration,
    /// Requests in any second.
    pub limit: usize,
}

/// What becomes of a channel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ChannelPresence {
    /// It is not found.
    Deleted,
    /// It is found again.
    Restored,
}

/// A tenant that is reached at another address than before, and how Teams says so.
#[derive(Clone, Debug)]
pub struct Relocation {
    /// The only address that takes its requests.
    pub to: ServiceUrl,
    /// Whether the answers of other addresses name it.
    pub told: Told,
}

/// Whether an answer names the right address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Told {
    /// As for another cloud's tenants.
    InAnswers,
    /// As for another region's.
    Nowhere,
}

impl Storm {
    fn hits(&self, tenant: &TenantId, since: Duration) -> bool {
        (self.from..self.to).contains(&since) && self.tenant.as_ref().is_none_or(|hit| hit == tenant)
    }
}

impl Relocation {
    fn answer(&self) -> Answer {
        match self.told {
            Told::InAnswers => reply(
                Verdict::WrongAddress {
                    named: Some(self.to.clone()),
                },
                403,
            ),
            Told::Nowhere => reply(Verdict::WrongAddress { named: None }, 400),
        }
    }
}

struct State {
    seed: Seed,
    limits: Option<Limits>,
    /// Share of requests that get a random fault of the retry table.
    faults: f64,
    storms: Vec<Storm>,
    droughts: Vec<Drought>,
    scripts: HashMap<ConversationId, VecDeque<Script>>,
    /// Chats that are not found any more.
    lost: HashSet<ConversationId>,
    relocations: HashMap<TenantId, Relocation>,
    messages: Messages,
    calls: Vec<Call>,
    in_flight: usize,
    most_in_flight: usize,
    throttled: u64,
    next_activity: u64,
}

/// The double.
pub struct ScriptedTeams {
    clock: Arc<dyn Clock>,
    latency: Latency,
    state: Arc<Mutex<State>>,
}

/// What a request to Teams does.
#[derive(Clone)]
enum TeamsOperation {
    Post(Arc<str>),
    Edit,
    Open,
}

impl ScriptedTeams {
    /// A Teams that accepts everything after `latency`.
    pub fn new(clock: Arc<dyn Clock>, latency: Latency, seed: u64) -> Self {
        Self {
            clock,
            latency,
            state: Arc::new(Mutex::new(State {
                seed: Seed::new(seed),
                limits: None,
                faults: 0.0,
                storms: Vec::new(),
                droughts: Vec::new(),
                scripts: HashMap::new(),
                lost: HashSet::new(),
                relocations: HashMap::new(),
                messages: Messages::default(),
                calls: Vec::new(),
                in_flight: 0,
                most_in_flight: 0,
                throttled: 0,
                next_activity: 1,
            })),
        }
    }

    /// Refuses more than so many requests of a tenant in any second, and more to a conversation than is documented.
    #[must_use]
    pub fn limited(self, limit: usize) -> Self {
        self.limited_as(limit, LimiterModel::SlidingSecond)
    }

    /// The same, with another way to count a tenant's requests.
    #[must_use]
    pub fn limited_as(self, limit: usize, model: LimiterModel) -> Self {
        self.state().limits = Some(Limits::new(limit, model));
        self
    }

    /// Answers this share of requests with a random fault.
    #[must_use]
    pub fn faulty(self, share: f64) -> Self {
        self.state().faults = share;
        self
    }

    /// Gives everything one answer at these times.
    #[must_use]
    pub fn stormy(self, storms: Vec<Storm>) -> Self {
        self.state().storms = storms;
        self
    }

    /// Has the limiter take fewer at these times.
    #[must_use]
    pub fn dry(self, droughts: Vec<Drought>) -> Self {
        self.state().droughts = droughts;
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

    /// A channel is not found from now on, or is there again.
    pub fn set_channel(&self, channel: &ConversationId, presence: ChannelPresence) {
        match presence {
            ChannelPresence::Deleted => self.state().lost.insert(channel.clone()),
            ChannelPresence::Restored => self.state().lost.remove(channel),
        };
    }

    /// From now on a tenant is reached at one address only.
    pub fn relocate(&self, tenant: &TenantId, relocation: Relocation) {
        self.state().relocations.insert(tenant.clone(), relocation);
    }

    /// How often person `n` got a message.
    pub fn accepted(&self, n: usize) -> u32 {
        self.state().messages.to(&ConversationId::from(format!("a:{n}")))
    }

    /// How often a conversation got a text.
    pub fn accepted_text(&self, text: &str, conversation: &ConversationId) -> u32 {
        self.state().messages.of(text, conversation)
    }

    /// Messages accepted beyond the first of each text and conversation.
    pub fn repeated(&self) -> u64 {
        self.state().messages.repeated(None)
    }

    /// The same, of one text.
    pub fn repeated_text(&self, text: &str) -> u64 {
        self.state().messages.repeated(Some(text))
    }

    /// Messages accepted.
    pub fn total(&self) -> u64 {
        self.state().messages.total()
    }

    /// Requests answered 429 by the limiter.
    pub fn throttled(&self) -> u64 {
        self.state().throttled
    }

    /// The most requests that were on their way at once.
    pub fn most_in_flight(&self) -> usize {
        self.state().most_in_flight
    }

    /// Every call, in order.
    pub fn calls(&self) -> Vec<Call> {
        self.state().calls.clone()
    }

    /// The most calls for one tenant that began within any second.
    pub fn most_in_a_second(&self) -> usize {
        record::most_in_a_second(&self.state().calls)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        lock(&self.state)
    }

    async fn call(&self, to: &Recipient, operation: TeamsOperation) -> Answer {
        let began = self.clock.now();
        let (call, delay) = {
            let mut state = self.state();
            let call = state.calls.len();
            state.calls.push(Call {
                began,
                accepted: None,
                tenant: to.tenant.clone(),
                conversation: to.conversation.clone(),
                text: match &operation {
                    TeamsOperation::Post(text) => Some(text.clone()),
                    TeamsOperation::Edit | TeamsOperation::Open => None,
                },
            });
            state.in_flight += 1;
            state.most_in_flight = state.most_in_flight.max(state.in_flight);
            (call, self.latency.draw(&mut state.seed))
        };
        let (state, clock) = (self.state.clone(), self.clock.clone());
        let to = to.clone();
        let arrival = tokio::spawn(async move {
            clock.sleep_until(began.after(delay / 2)).await;
            let now = clock.now();
            let mut state = lock(&state);
            state.in_flight -= 1;
            state.arrive(call, &to, &operation, now)
        });
        let answer = arrival.await;
        self.clock.sleep_until(began.after(delay)).await;
        answer.unwrap_or_else(|_| reply(Verdict::Ambiguous, 0))
    }
}

impl State {
    /// What becomes of a request that arrives now.
    fn arrive(&mut self, call: usize, to: &Recipient, operation: &TeamsOperation, now: Moment) -> Answer {
        let (tenant, conversation) = (&to.tenant, &to.conversation);
        let since = now.since_origin();
        if let Some(storm) = self.storms.iter().find(|storm| storm.hits(tenant, since)) {
            return answer(storm.verdict.clone());
        }
        let drought = self
            .droughts
            .iter()
            .find(|drought| (drought.from..drought.to).contains(&since));
        if let Some(limits) = &mut self.limits
            && !limits.admit(tenant, conversation, now, drought.map(|drought| drought.limit))
        {
            self.throttled += 1;
            let retry_after = Some(Duration::from_secs(1));
            return reply(Verdict::Throttled { retry_after }, 429);
        }
        if let Some(relocation) = self.relocations.get(tenant)
            && relocation.to != to.service_url
        {
            return relocation.answer();
        }
        let script = self.scripts.get_mut(conversation).and_then(VecDeque::pop_front);
        let script = script.or_else(|| fault(&mut self.seed, self.faults));
        match script {
            Some(Script::Answer(verdict)) => return answer(verdict),
            // A chat that was opened again stays.
            Some(Script::Lost) if !record::is_opened_again(conversation) => {
                self.lost.insert(conversation.clone());
            }
            _ => {}
        }
        if self.lost.contains(conversation) && !matches!(operation, TeamsOperation::Open) {
            return reply(Verdict::NotFound, 404);
        }
        self.calls[call].accepted = Some(now);
        if let TeamsOperation::Post(text) = operation {
            self.messages.accept(text, conversation);
        }
        if matches!(script, Some(Script::AcceptedUnheard)) {
            return reply(Verdict::Ambiguous, 504);
        }
        let id = self.next_activity;
        self.next_activity += 1;
        reply(Verdict::Delivered(Some(ActivityId::from(id.to_string()))), 201)
    }
}

/// A fault of the retry table, or an end that concerns one recipient.
fn fault(seed: &mut Seed, share: f64) -> Option<Script> {
    if share == 0.0 || seed.unit() >= share {
        return None;
    }
    let retry_after = Some(Duration::from_secs(1 + seed.below(3)));
    Some(match seed.below(13) {
        0 => Script::Answer(Verdict::Throttled { retry_after }),
        1 => Script::Answer(Verdict::Throttled { retry_after: None }),
        2 => Script::Answer(Verdict::NotNow { retry_after: None }),
        3 => Script::Answer(Verdict::NotNow { retry_after }),
        4 | 5 => Script::Answer(Verdict::Ambiguous),
        6 => Script::AcceptedUnheard,
        7 => Script::Answer(Verdict::Blocked),
        8 => Script::Answer(Verdict::Disallowed),
        9 => Script::Answer(Verdict::Uninstalled),
        10 => Script::Answer(Verdict::NotFound),
        11 => Script::Answer(Verdict::OnceMore),
        _ => Script::Lost,
    })
}

fn lock(state: &Mutex<State>) -> MutexGuard<'_, State> {
    state.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A scripted answer, with a status that goes with it.
fn answer(verdict: Verdict) -> Answer {
    let status = match verdict {
        Verdict::Delivered(_) => 201,
        Verdict::Throttled { .. } => 429,
        Verdict::NotNow { .. } => 503,
        Verdict::Ambiguous => 504,
        Verdict::NotFound | Verdict::MessageGone => 404,
        Verdict::Unauthorized => 401,
        Verdict::Rejected => 400,
        _ => 403,
    };
    reply(verdict, status)
}

fn reply(verdict: Verdict, status: u16) -> Answer {
    Answer {
        verdict,
        status: (status > 0).then_some(status),
        code: None,
    }
}

#[async_trait]
impl Connector for ScriptedTeams {
    async fn post(&self, to: &Recipient, content: &Content) -> Answer {
        let (Body::Text(text) | Body::Card(text)) = &content.body;
        self.call(to, TeamsOperation::Post(text.clone())).await
    }

    async fn open(&self, to: &Recipient) -> Result<ConversationId, Answer> {
        let answer = self.call(to, TeamsOperation::Open).await;
        match answer.verdict {
            // As in Teams, a chat that is there is found again; one that was lost is another chat from then on.
            Verdict::Delivered(_) if self.state().lost.contains(&to.conversation) => {
                Ok(record::opened_again(&to.conversation))
            }
            Verdict::Delivered(_) => Ok(to.conversation.clone()),
            _ => Err(answer),
        }
    }

    async fn update(&self, to: &Recipient, _: &Content) -> Answer {
        self.call(to, TeamsOperation::Edit).await
    }

    async fn delete(&self, to: &Recipient) -> Answer {
        self.call(to, TeamsOperation::Edit).await
    }

    fn trusts(&self, _: &ServiceUrl) -> bool {
        true
    }
}
