//! The connector as a function: a request and a time in, an answer out. HTTP is a thin shell (`http`).
//!
//! Order of decisions: token, limits, faults, then the operation. A request that the limiter refused, or that
//! a fault struck without effect, changes nothing in the world.

mod answer;
mod create;
mod errors;
pub(crate) mod http;
mod messages;
mod operation;
mod outgoing;
mod rosters;
mod state;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use bytes::Bytes;

pub use answer::{Answer, Media, Reply};
pub use operation::{NotAnOperation, Operation};
pub(crate) use outgoing::BODY_LIMIT;
pub use state::Stats;
pub(crate) use state::{Figures, State};

use crate::faults::{Effect, FaultMode, Trip, Verdict};
use crate::limits::Class;
use crate::world::{Located, Place, Tone, UnknownConversation};
use messages::Taken;
use outgoing::{CreateBody, Kind};

/// A request, already understood.
#[derive(Debug, Clone)]
pub struct Request<'a> {
    /// What is asked.
    pub operation: Operation<'a>,
    /// Value of the `Authorization` header.
    pub authorization: Option<&'a str>,
    /// Body as received.
    pub body: Bytes,
}

impl<'a> Request<'a> {
    /// A send to a conversation, without a token.
    #[must_use]
    pub fn send(conversation: &'a str, body: impl Into<Bytes>) -> Self {
        let operation = Operation::Send {
            conversation: conversation.into(),
        };
        Self {
            operation,
            authorization: None,
            body: body.into(),
        }
    }
}

/// Which tokens the connector takes.
#[derive(Clone, Default)]
pub enum TokenDemand {
    /// With or without a token.
    #[default]
    None,
    /// Any bearer token.
    AnyBearer,
    /// Bearer tokens (given without the word `Bearer`) for which this says yes.
    Accepted(Arc<dyn Fn(&str) -> bool + Send + Sync>),
}

impl std::fmt::Debug for TokenDemand {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::None => "None",
            Self::AnyBearer => "AnyBearer",
            Self::Accepted(_) => "Accepted(..)",
        })
    }
}

/// A message of the bot that the connector took, whatever the bot was told about it.
#[derive(Debug)]
pub struct Accepted<'a> {
    /// Conversation id, without `;messageid=`.
    pub conversation: &'a str,
    /// Message id.
    pub activity_id: u64,
    /// When, since the Unix epoch.
    pub at: Duration,
    /// The request's body.
    pub body: &'a Bytes,
}

/// Called for every accepted message.
pub type Observer = Arc<dyn Fn(&Accepted<'_>) + Send + Sync>;

/// The connector's double. Clones share one world.
#[derive(Clone)]
pub struct Connector {
    inner: Arc<Inner>,
}

struct Inner {
    state: Mutex<State>,
    tokens: TokenDemand,
    observer: Option<Observer>,
}

/// A body, checked before the lock is taken.
enum Draft {
    None,
    Activity(Result<Kind, Reply>),
    Create(Result<CreateBody, Reply>),
}

/// Where an operation goes.
struct Target {
    located: Option<Result<Located, UnknownConversation>>,
    place: Option<Place>,
    class: Option<Class>,
}

impl Connector {
    pub(crate) fn new(state: State, tokens: TokenDemand, observer: Option<Observer>) -> Self {
        Self {
            inner: Arc::new(Inner {
                state: Mutex::new(state),
                tokens,
                observer,
            }),
        }
    }

    pub(crate) fn lock(&self) -> MutexGuard<'_, State> {
        // A panic elsewhere leaves at worst one message half shown; going on is better than failing every test.
        self.inner.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Draws how long a request is under way. A simulator waits `there`, calls [`handle`](Self::handle), waits `back`.
    #[must_use]
    pub fn draw_trip(&self) -> Trip {
        self.lock().faults.trip()
    }

    /// Figures so far.
    #[must_use]
    pub fn stats(&self) -> Stats {
        self.lock().stats()
    }

    /// Answers a request that arrives at `now` (since the Unix epoch).
    #[must_use]
    pub fn handle(&self, now: Duration, request: &Request<'_>) -> Answer {
        let draft = Draft::read(request);
        let allowed = self.inner.tokens.allows(request.authorization);
        let mut state = self.lock();
        state.figures.requests += 1;
        let (answer, taken) = state.decide(now, request, &draft, allowed);
        match &answer {
            Answer::Reply(reply) => *state.figures.by_status.entry(reply.status).or_default() += 1,
            Answer::Reset => state.figures.resets += 1,
        }
        let seen = taken.filter(|_| self.inner.observer.is_some());
        let seen = seen.map(|taken| (state.world.conversation_id(taken.place), taken.id));
        drop(state);
        if let (Some(observer), Some((conversation, activity_id))) = (&self.inner.observer, seen) {
            observer(&Accepted {
                conversation: &conversation,
                activity_id,
                at: now,
                body: &request.body,
            });
        }
        answer
    }
}

impl TokenDemand {
    fn allows(&self, authorization: Option<&str>) -> bool {
        let bearer = authorization
            .and_then(|value| value.split_once(' '))
            .filter(|(scheme, token)| scheme.eq_ignore_ascii_case("bearer") && !token.trim().is_empty());
        match self {
            Self::None => true,
            Self::AnyBearer => bearer.is_some(),
            Self::Accepted(accepts) => bearer.is_some_and(|(_, token)| accepts(token.trim())),
        }
    }
}

impl Draft {
    fn read(request: &Request<'_>) -> Self {
        match &request.operation {
            Operation::CreateConversation => Self::Create(CreateBody::read(&request.body)),
            Operation::Send { .. } | Operation::Reply { .. } | Operation::Update { .. } => {
                Self::Activity(outgoing::read_activity(&request.body))
            }
            _ => Self::None,
        }
    }
}

impl State {
    fn decide(
        &mut self,
        now: Duration,
        request: &Request<'_>,
        draft: &Draft,
        allowed: bool,
    ) -> (Answer, Option<Taken>) {
        let mode = self.faults.plan().mode;
        if !allowed || mode == FaultMode::AuthDenied {
            return (Answer::Reply(errors::denied()), None);
        }
        let target = self.target(&request.operation, draft);
        let tenant = target.place.map(|place| self.world.tenant_of(place));
        if let Err(refused) = self.limiter.admit(now, tenant, target.place.zip(target.class)) {
            self.figures.throttled += 1;
            let policy = self.limiter.table().retry_after;
            return (Answer::Reply(errors::throttled(refused, policy)), None);
        }
        if mode == FaultMode::Undecryptable && target.located.is_some() {
            return (Answer::Reply(errors::undecryptable_conversation()), None);
        }
        match self.faults.decide(target.place) {
            Verdict::Pass => {
                let (reply, taken) = self.perform(now, request, draft, &target);
                (Answer::Reply(reply), taken)
            }
            Verdict::Strike(fault, effect) => {
                let taken = match effect {
                    Effect::Nothing => None,
                    Effect::Accepted => self.perform(now, request, draft, &target).1,
                };
                (errors::of_fault(&fault), taken)
            }
        }
    }

    fn target(&self, operation: &Operation<'_>, draft: &Draft) -> Target {
        let (conversation, class) = match operation {
            Operation::CreateConversation => {
                let place = match draft {
                    Draft::Create(Ok(body)) => create::target(&self.world, body),
                    _ => None,
                };
                return Target {
                    located: None,
                    place,
                    class: Some(Class::Create),
                };
            }
            Operation::Team { team } | Operation::Channels { team } => {
                let place = self.world.locate(team).ok().map(|located| located.place);
                return Target {
                    located: None,
                    place,
                    class: Some(Class::Conversations),
                };
            }
            Operation::Send { conversation } | Operation::Reply { conversation, .. } => {
                (conversation, Some(Class::Send))
            }
            // Updates and deletes count for the tenant only.
            Operation::Update { conversation, .. } | Operation::Delete { conversation, .. } => {
                (conversation, None)
            }
            Operation::Members { conversation } => (conversation, Some(Class::AllMembers)),
            Operation::PagedMembers { conversation, .. }
            | Operation::Member { conversation, .. }
            | Operation::ActivityMembers { conversation, .. } => (conversation, Some(Class::Members)),
        };
        let located = self.world.locate(conversation);
        Target {
            place: located.ok().map(|located| located.place),
            located: Some(located),
            class,
        }
    }

    fn perform(
        &mut self,
        now: Duration,
        request: &Request<'_>,
        draft: &Draft,
        target: &Target,
    ) -> (Reply, Option<Taken>) {
        match self.try_perform(now, request, draft, target) {
            Ok(done) => done,
            Err(reply) => {
                self.tell_refusal(now, &request.operation, target.place, &reply);
                (reply, None)
            }
        }
    }

    fn try_perform(
        &mut self,
        now: Duration,
        request: &Request<'_>,
        draft: &Draft,
        target: &Target,
    ) -> Result<(Reply, Option<Taken>), Reply> {
        if let Draft::Create(body) = draft {
            return self.create(now, body.as_ref().map_err(Clone::clone)?);
        }
        let located = match target.located {
            Some(located) => located.map_err(errors::unknown_conversation),
            None => Err(errors::conversation_not_found()),
        };
        let reply = match &request.operation {
            Operation::Team { team } => self.team(team)?,
            Operation::Channels { team } => self.channels(team)?,
            Operation::PagedMembers {
                page_size,
                continuation,
                ..
            } => self.paged_members(located?, *page_size, continuation.as_deref())?,
            Operation::Members { .. } => self.all_members(located?)?,
            Operation::Member { member, .. } => self.member(located?, member)?,
            Operation::ActivityMembers { activity, .. } => self.activity_members(located?, activity)?,
            Operation::Delete { activity, .. } => self.delete(located?, activity)?,
            Operation::Update { activity, .. } => {
                draft.kind()?;
                self.update(located?, activity, &request.body)?
            }
            Operation::Send { .. } | Operation::Reply { .. } | Operation::CreateConversation => {
                let kind = draft.kind()?;
                return self.send(now, located?, kind, &request.body);
            }
        };
        Ok((reply, None))
    }

    /// A refused message is not in the chat; the page says so in its place.
    fn tell_refusal(
        &mut self,
        now: Duration,
        operation: &Operation<'_>,
        place: Option<Place>,
        reply: &Reply,
    ) {
        let what = match operation {
            Operation::Send { .. } | Operation::Reply { .. } | Operation::CreateConversation => "message",
            Operation::Update { .. } => "update",
            Operation::Delete { .. } => "delete",
            _ => return,
        };
        let Some(place) = place else { return };
        let code = reply.code().unwrap_or_default();
        let text = format!("The bot's {what} was refused: {} {code}", reply.status);
        self.notice(now, place, Tone::Problem, text.trim_end());
    }
}

impl Draft {
    fn kind(&self) -> Result<Kind, Reply> {
        match self {
            Self::Activity(kind) => kind.clone(),
            Self::None | Self::Create(_) => Err(errors::bad_syntax("No valid activities found")),
        }
    }
}

#[cfg(test)]
mod tests;
