//! The connector as a function of a request and a time. `http` is a thin layer around it.
//!
//! Order of checks: token, what is switched on in front of Teams, limits, what is switched on in Teams, faults, then the
//! operation. A request that the limiter refused, that a switch answered, or that got a fault without effect changes
//! nothing in the world.

mod answer;
mod create;
mod errors;
pub(crate) mod http;
mod messages;
mod operation;
mod outgoing;
pub(crate) mod reported;
mod rosters;
mod state;
mod switched;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use bytes::Bytes;

pub use answer::{Answer, Media, Reply};
pub use operation::{NotAnOperation, Operation};
pub(crate) use outgoing::BODY_LIMIT;
pub use state::Stats;
pub(crate) use state::{ConnectorState, Counters};

use crate::faults::{Effect, FaultDecision, FaultMode, RoundTrip};
use crate::limits::RequestClass;
use crate::switches::Layer;
use crate::world::{Place, ResolvedConversation, Tone, UnknownConversation};
use messages::PostedMessage;
use outgoing::{CreateBody, OutgoingKind};

/// A parsed request.
#[derive(Debug, Clone)]
pub struct Request<'a> {
    /// The operation.
    pub operation: Operation<'a>,
    /// Path of the service URL that it was sent to, without a host.
    pub address: &'a str,
    /// Value of the `Authorization` header.
    pub authorization: Option<&'a str>,
    /// Body as received.
    pub body: Bytes,
}

impl<'a> Request<'a> {
    /// A send to a conversation, without a token, to no address in particular.
    #[must_use]
    pub fn send(conversation: &'a str, body: impl Into<Bytes>) -> Self {
        let operation = Operation::Send {
            conversation: conversation.into(),
        };
        Self {
            operation,
            address: "",
            authorization: None,
            body: body.into(),
        }
    }
}

/// Which tokens the connector accepts.
#[derive(Clone, Default)]
pub enum TokenPolicy {
    /// With or without a token.
    #[default]
    None,
    /// Any bearer token.
    AnyBearer,
    /// Bearer tokens (passed without the word `Bearer`) for which this returns true.
    Accepted(Arc<dyn Fn(&str) -> bool + Send + Sync>),
}

impl std::fmt::Debug for TokenPolicy {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::None => "None",
            Self::AnyBearer => "AnyBearer",
            Self::Accepted(_) => "Accepted(..)",
        })
    }
}

/// A message of the bot that the connector accepted, whatever its response was.
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

/// The simulated connector. Clones share one world.
#[derive(Clone)]
pub struct Connector {
    inner: Arc<Inner>,
}

struct Inner {
    state: Mutex<ConnectorState>,
    tokens: TokenPolicy,
    observer: Option<Observer>,
}

/// A body, checked before the lock is taken.
enum ParsedBody {
    None,
    Activity(Result<OutgoingKind, Reply>),
    Create(Result<CreateBody, Reply>),
}

/// The conversation of an operation, and how it counts against the limits.
struct RequestTarget {
    located: Option<Result<ResolvedConversation, UnknownConversation>>,
    place: Option<Place>,
    tenant: Option<u32>,
    class: Option<RequestClass>,
}

impl Connector {
    pub(crate) fn new(state: ConnectorState, tokens: TokenPolicy, observer: Option<Observer>) -> Self {
        Self {
            inner: Arc::new(Inner {
                state: Mutex::new(state),
                tokens,
                observer,
            }),
        }
    }

    pub(crate) fn lock(&self) -> MutexGuard<'_, ConnectorState> {
        // After a panic at most one message is shown incompletely; continuing is better than failing every test.
        self.inner.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Draws the latency of a request. A simulator waits `there`, calls [`handle`](Self::handle), waits `back`.
    #[must_use]
    pub fn draw_round_trip(&self) -> RoundTrip {
        self.lock().faults.round_trip()
    }

    /// The counters so far.
    #[must_use]
    pub fn stats(&self) -> Stats {
        self.lock().stats()
    }

    /// Handles a request that arrives at `now` (since the Unix epoch).
    #[must_use]
    pub fn handle(&self, now: Duration, request: &Request<'_>) -> Answer {
        let parsed = ParsedBody::read(request);
        let allowed = self.inner.tokens.allows(request.authorization);
        let mut state = self.lock();
        state.counters.requests += 1;
        let (answer, posted) = state.decide(now, request, &parsed, allowed);
        match &answer {
            Answer::Reply(reply) => *state.counters.by_status.entry(reply.status).or_default() += 1,
            Answer::Reset => state.counters.resets += 1,
        }
        let seen = posted.filter(|_| self.inner.observer.is_some());
        let seen = seen.map(|posted| (state.world.conversation_id(posted.place), posted.id));
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

impl TokenPolicy {
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

impl ParsedBody {
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

impl ConnectorState {
    fn decide(
        &mut self,
        now: Duration,
        request: &Request<'_>,
        parsed: &ParsedBody,
        allowed: bool,
    ) -> (Answer, Option<PostedMessage>) {
        let mode = self.faults.plan().mode;
        if !allowed || mode == FaultMode::AuthDenied {
            return (Answer::Reply(errors::denied()), None);
        }
        let target = self.target(&request.operation, parsed);
        if let Some(answer) = self.switched(now, request, &target, Layer::InFront) {
            return (answer, None);
        }
        let tenant = target.place.and(target.tenant);
        if let Err(refused) = self.limiter.admit(now, tenant, target.place.zip(target.class)) {
            self.counters.throttled += 1;
            let policy = self.limiter.table().retry_after;
            return (Answer::Reply(errors::throttled(refused, policy)), None);
        }
        if let Some(answer) = self.switched(now, request, &target, Layer::Service) {
            return (answer, None);
        }
        if mode == FaultMode::Undecryptable && target.located.is_some() {
            return (Answer::Reply(errors::undecryptable_conversation()), None);
        }
        match self.faults.decide(target.place) {
            FaultDecision::Pass => {
                let (reply, posted) = self.perform(now, request, parsed, &target);
                (Answer::Reply(reply), posted)
            }
            FaultDecision::Inject(fault, effect) => {
                let posted = match effect {
                    Effect::Nothing => None,
                    Effect::Accepted => self.perform(now, request, parsed, &target).1,
                };
                (errors::of_fault(&fault), posted)
            }
        }
    }

    fn target(&self, operation: &Operation<'_>, parsed: &ParsedBody) -> RequestTarget {
        let (conversation, class) = match operation {
            Operation::CreateConversation => {
                let (place, tenant) = match parsed {
                    ParsedBody::Create(Ok(body)) => (
                        create::target(&self.world, body),
                        body.tenant_id().and_then(|id| self.world.tenant_by_id(id)),
                    ),
                    _ => (None, None),
                };
                return RequestTarget {
                    located: None,
                    place,
                    tenant: place.map(|place| self.world.tenant_of(place)).or(tenant),
                    class: Some(RequestClass::Create),
                };
            }
            Operation::Team { team } | Operation::Channels { team } => {
                let place = self.world.locate(team).ok().map(|located| located.place);
                return RequestTarget {
                    located: None,
                    place,
                    tenant: place.map(|place| self.world.tenant_of(place)),
                    class: Some(RequestClass::Conversations),
                };
            }
            Operation::Send { conversation } | Operation::Reply { conversation, .. } => {
                (conversation, Some(RequestClass::Send))
            }
            // Updates and deletes count against the tenant's limit only.
            Operation::Update { conversation, .. } | Operation::Delete { conversation, .. } => {
                (conversation, None)
            }
            Operation::Members { conversation } => (conversation, Some(RequestClass::AllMembers)),
            Operation::PagedMembers { conversation, .. }
            | Operation::Member { conversation, .. }
            | Operation::ActivityMembers { conversation, .. } => (conversation, Some(RequestClass::Members)),
        };
        let located = self.world.locate(conversation);
        let place = located.ok().map(|located| located.place);
        RequestTarget {
            place,
            tenant: place.map(|place| self.world.tenant_of(place)),
            located: Some(located),
            class,
        }
    }

    fn perform(
        &mut self,
        now: Duration,
        request: &Request<'_>,
        parsed: &ParsedBody,
        target: &RequestTarget,
    ) -> (Reply, Option<PostedMessage>) {
        match self.try_perform(now, request, parsed, target) {
            Ok(done) => done,
            Err(reply) => {
                self.show_refusal(now, &request.operation, target.place, &reply);
                (reply, None)
            }
        }
    }

    fn try_perform(
        &mut self,
        now: Duration,
        request: &Request<'_>,
        parsed: &ParsedBody,
        target: &RequestTarget,
    ) -> Result<(Reply, Option<PostedMessage>), Reply> {
        if let ParsedBody::Create(body) = parsed {
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
                parsed.kind()?;
                self.update(located?, activity, &request.body)?
            }
            Operation::Send { .. } | Operation::Reply { .. } | Operation::CreateConversation => {
                let kind = parsed.kind()?;
                return self.send(now, located?, kind, &request.body);
            }
        };
        Ok((reply, None))
    }

    /// Shows a notice in place of a refused message.
    fn show_refusal(
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

impl ParsedBody {
    fn kind(&self) -> Result<OutgoingKind, Reply> {
        match self {
            Self::Activity(kind) => kind.clone(),
            Self::None | Self::Create(_) => Err(errors::bad_syntax("No valid activities found")),
        }
    }
}

#[cfg(test)]
mod tests;
