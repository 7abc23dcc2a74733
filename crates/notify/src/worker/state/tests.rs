//! The state machine under hand-made events: no store, no Teams, no runtime. The rig answers what it is asked for at once
//! (it is a store that never fails) and keeps the rest for the test.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test's panic is its message")]

mod cancel;
mod detours;
mod evidence;
mod handover;
mod opt_outs;
mod outcomes;
mod retries;
mod stopped;
mod windows;

use super::{
    NextCall, Now, Part, Rebuild, Start, State, Work,
    effect::Effect,
    event::{AppendEnd, Claimed, Event, Slot, Stored},
    rebuild,
};
use crate::{
    content::{Alert, Body, Composed, Content, ContentError, Form, MessageSpec},
    evidence::Waiting,
    identity::{Fingerprint, NotificationSource},
    ids::TenantId,
    lane::Lane,
    notification::{Notification, Plan, PlannedPart},
    persons::OptOuts,
    ports::{Answer, Etag, Moment, StoreError, Verdict},
    rate_limiter::Snapshot,
    recipient::Recipient,
    request::{NotificationKind, OnUncertain, Priority},
    store::lease_note::SignalVersion,
    store::ledger::{Record, Replay, RowState, Sums},
    store::record::Version,
    target::Scope,
};
use jiff::Timestamp;
use std::{collections::BTreeMap, num::NonZeroU32, sync::Arc, time::Duration};

const SLICE: Duration = Duration::from_secs(600);
const LEASE: Duration = Duration::from_secs(30);
const LATENCY: Duration = Duration::from_millis(80);

fn tenant() -> TenantId {
    TenantId::from("tenant")
}

/// A notification to `rows` people in one part.
fn notification(id: &str, rows: u32) -> Notification {
    Notification {
        version: Version::NEWEST,
        id: id.into(),
        bot: "bot".into(),
        kind: NotificationKind::Send,
        source: NotificationSource::Key(id.to_owned()),
        fingerprint: Fingerprint::of(&serde_json::json!({})),
        created_at: Timestamp::UNIX_EPOCH,
        expires_at: Timestamp::from_second(100_000).unwrap(),
        priority: Priority::Normal,
        on_uncertain: OnUncertain::Resend,
        message: MessageSpec {
            form: Form::Text("text".to_owned()),
            data: None,
            summary: None,
            alert: Alert::Quiet,
        },
        audience: None,
        plan: Some(Plan {
            parts: vec![PlannedPart {
                tenant: tenant(),
                chunks: 1,
                rows,
            }],
        }),
        stops: Vec::new(),
        operations: Vec::new(),
        cancelled_at: None,
        superseded_at: None,
        resumed_at: None,
        finished_at: None,
    }
}

fn recipient(n: u32) -> Recipient {
    Recipient {
        n,
        tenant: tenant(),
        conversation: format!("a:{n}").into(),
        root: None,
        fallback: crate::recipient::Fallback::None,
        service_url: "https://smba.trafficmanager.net/emea/".into(),
        scope: Scope::Personal,
        user: Some(format!("29:{n}").into()),
        entra: None,
        team: None,
        name: None,
        locale: None,
        version: None,
        certainty: crate::recipient::Certainty::Known,
        block: crate::recipient::BlockMark::None,
        activity: None,
        settled: None,
    }
}

/// The same content for all.
struct Same(Arc<Content>);

#[async_trait::async_trait]
impl Composed for Same {
    fn ready(&self, _: &Recipient) -> Option<Result<Arc<Content>, ContentError>> {
        Some(Ok(self.0.clone()))
    }
    async fn make(&self, _: &Recipient) -> Result<Arc<Content>, ContentError> {
        Ok(self.0.clone())
    }
}

/// Content that has to be made for each.
struct Each;

#[async_trait::async_trait]
impl Composed for Each {
    fn ready(&self, _: &Recipient) -> Option<Result<Arc<Content>, ContentError>> {
        None
    }
    async fn make(&self, _: &Recipient) -> Result<Arc<Content>, ContentError> {
        Ok(content())
    }
}

fn content() -> Arc<Content> {
    Arc::new(Content {
        body: Body::Text("text".into()),
        summary: None,
        alert: Alert::Quiet,
    })
}

/// A lane's state with a store around it.
struct Rig {
    state: State,
    at: Duration,
    composed: Arc<dyn Composed>,
    /// By work item.
    parts: BTreeMap<String, Part>,
    /// By name.
    ledgers: BTreeMap<String, Vec<u8>>,
    /// Calls that started and were not answered.
    calls: Vec<(Slot, Moment)>,
    /// What was asked for and not done.
    effects: Vec<Effect>,
    /// When to look again.
    wake: Moment,
    /// Whether lines come into the ledgers at once.
    store: Store,
    /// The version of the lane's change signal.
    signal: SignalVersion,
    /// Who wants no notifications.
    opt_outs: OptOuts,
    /// What Teams answers by itself while time passes, 80 ms after a call.
    teams: Option<Verdict>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Store {
    Quick,
    /// Appends stay among the effects.
    HoldsAppends,
    /// The change signal can't be read.
    Unreadable,
    /// Readings of notifications stay among the effects.
    HoldsReadings,
}

impl Rig {
    fn new() -> Self {
        Self::after(Snapshot::default())
    }

    /// A lane whose earlier owner left this.
    fn after(known: Snapshot) -> Self {
        Self::with(known, Work::Unknown)
    }

    fn with(known: Snapshot, work: Work) -> Self {
        Self::begin(known, work, None, Duration::ZERO)
    }

    /// A lane whose earlier owner left this wait, taken at this time.
    fn waiting(waiting: Option<Waiting>, at: Duration) -> Self {
        Self::begin(Snapshot::default(), Work::Unknown, waiting, at)
    }

    fn begin(known: Snapshot, work: Work, waiting: Option<Waiting>, at: Duration) -> Self {
        let start = Start {
            lane: Lane::Connector(tenant()),
            owner: "owner".into(),
            rate: NonZeroU32::new(50).unwrap(),
            lease: LEASE,
            leased_at: Moment::at(at),
            slice: SLICE,
            seed: 7,
            known,
            waiting,
            work,
        };
        Self {
            state: State::new(start, now(at)),
            at,
            composed: Arc::new(Same(content())),
            parts: BTreeMap::new(),
            ledgers: BTreeMap::new(),
            calls: Vec::new(),
            effects: Vec::new(),
            wake: Moment::at(at),
            store: Store::Quick,
            signal: SignalVersion::never(),
            opt_outs: OptOuts::default(),
            teams: None,
        }
    }

    /// One notification to so many people.
    fn to(rows: u32) -> Self {
        let mut rig = Self::new();
        rig.add(notification("one", rows), (0..rows).map(recipient).collect());
        rig
    }

    /// Another notification in the lane.
    fn add(&mut self, notification: Notification, rows: Vec<Recipient>) {
        self.add_with(notification, rows, b"");
    }

    /// One whose ledger holds this.
    fn add_with(&mut self, notification: Notification, rows: Vec<Recipient>, ledger: &[u8]) {
        let name = format!("ledger of {}", notification.id);
        let from = Rebuild {
            number: 0,
            first: 0,
            rows,
            ledger: name.clone(),
            version: notification.version,
            on_uncertain: notification.on_uncertain,
            base: Sums::default(),
        };
        let chunk = rebuild(from, ledger, self.now()).unwrap();
        let item = format!(
            "lanes/bot/tenant/work/{}-000000000000000-{}",
            digit(&notification),
            notification.id
        );
        let stored = stored(notification);
        let mut part = Part::new(item.clone(), stored, 1);
        part.opened(chunk);
        self.ledgers.insert(name, ledger.to_vec());
        self.parts.insert(item, part);
    }

    fn now(&self) -> Now {
        now(self.at)
    }

    fn take(&mut self, event: Event) {
        self.state.take(event, self.now());
    }

    /// Steps until nothing happens any more at this moment.
    fn run(&mut self) {
        for _ in 0..1_000 {
            let now = self.now();
            self.state.plan_work(now);
            let next = loop {
                match self.state.next_call(now) {
                    NextCall::Start(call) => self.calls.push((call.slot, now.at)),
                    NextCall::At(at) => break Some(at),
                    NextCall::None => break None,
                }
            };
            self.wake = self.state.finish_step(now, next);
            let effects: Vec<Effect> = self.state.effects().collect();
            let mut happened = false;
            for effect in effects {
                happened |= self.perform(effect);
            }
            if !happened {
                return;
            }
        }
        panic!("the state machine doesn't come to rest");
    }

    /// The listing that is asked for finds these.
    fn run_with_items(&mut self, names: Vec<String>) {
        let asked = self.state.effects().collect::<Vec<_>>();
        assert!(asked.iter().any(|effect| matches!(effect, Effect::ListWorkItems)));
        self.take(Event::WorkItems(Ok(names)));
        self.run();
    }

    /// Does what a store does; whether that was an event.
    fn perform(&mut self, effect: Effect) -> bool {
        let started = self.now().at;
        let event = match effect {
            Effect::ListWorkItems => Event::WorkItems(Ok(self.parts.keys().cloned().collect())),
            Effect::Claim { work_item } => {
                let part = self.parts.remove(&work_item).unwrap();
                let result = Ok(Claimed::Part(Box::new(part)));
                Event::Claimed { work_item, result }
            }
            Effect::Compose { part, .. } => Event::Composed {
                part,
                result: Ok(self.composed.clone()),
            },
            // As it is known.
            Effect::Refresh { part, .. } if self.store != Store::HoldsReadings => Event::Refreshed {
                part,
                result: Ok(None),
            },
            Effect::ReadOptOuts => Event::OptOuts {
                started,
                result: Ok(self.opt_outs.clone()),
            },
            Effect::ReadChangeSignal { .. } if self.store == Store::Unreadable => {
                Event::ChangeSignal(Err(StoreError::unavailable("not now")))
            }
            Effect::ReadChangeSignal { known } => Event::ChangeSignal(Ok(match known {
                Some(known) if known == self.signal => None,
                _ => Some(self.signal.clone()),
            })),
            Effect::RenewLease => Event::Renewed {
                started,
                result: Ok(()),
            },
            Effect::Append { part, chunk, line } if self.store != Store::HoldsAppends => {
                let ledger = self.ledgers.get_mut(&line.name).unwrap();
                assert_eq!(
                    line.position,
                    ledger.len() as u64,
                    "a line goes to the ledger's end"
                );
                ledger.extend_from_slice(&line.bytes);
                Event::Appended {
                    part,
                    chunk,
                    started,
                    end: AppendEnd::Written(ledger.len() as u64),
                }
            }
            other => {
                self.effects.push(other);
                return false;
            }
        };
        self.take(event);
        true
    }

    /// Time passes, and the state machine is asked whenever it wants to be.
    fn pass(&mut self, time: Duration) {
        let end = self.at + time;
        for _ in 0..100_000 {
            self.run();
            let oldest = self
                .calls
                .first()
                .map(|(_, started)| started.since_origin() + LATENCY);
            let answered = oldest.filter(|_| self.teams.is_some());
            let wake = self.wake.since_origin().max(self.at + Duration::from_millis(1));
            let next = answered.map_or(wake, |answered| answered.min(wake)).max(self.at);
            if next > end {
                break;
            }
            self.at = next;
            if let Some(verdict) = self
                .teams
                .clone()
                .filter(|_| answered.is_some_and(|due| due <= next))
            {
                self.answer(of(verdict));
            }
        }
        self.at = end;
        self.run();
    }

    /// Answers the oldest call.
    fn answer(&mut self, answer: Answer) {
        let (slot, started) = self.calls.remove(0);
        self.take(Event::Answered {
            slot,
            started,
            answer,
        });
    }

    /// Teams answers like this from now on.
    fn answer_all(&mut self, verdict: Verdict) {
        self.teams = Some(verdict);
        self.pass(Duration::from_secs(3));
    }

    /// What the ledger of a notification says.
    fn replay(&self, id: &str) -> Replay {
        let ledger = &self.ledgers[&format!("ledger of {id}")];
        Replay::read(ledger, 0, 1_000).unwrap()
    }

    /// A recipient's outcome and code in the ledger of `one`, and how many attempts it took.
    fn outcome(&self, n: usize) -> Option<(&'static str, String, u32)> {
        match &self.replay("one").rows[n].state {
            RowState::Settled(settled) => Some((
                settled.outcome.as_str(),
                settled.code.as_deref().unwrap_or_default().to_owned(),
                settled.attempts,
            )),
            _ => None,
        }
    }

    /// The lines of the ledger of `one`.
    fn lines(&self) -> Vec<Record> {
        let ledger = &self.ledgers["ledger of one"];
        let lines = ledger
            .split(|byte| *byte == b'\n')
            .filter(|line| !line.is_empty());
        lines.map(|line| Record::parse(line).unwrap()).collect()
    }

    /// Takes the first effect that is this one.
    fn effect<T>(&mut self, this: impl Fn(&Effect) -> Option<T>) -> Option<T> {
        let (at, found) = self
            .effects
            .iter()
            .enumerate()
            .find_map(|(at, effect)| this(effect).map(|found| (at, found)))?;
        self.effects.remove(at);
        Some(found)
    }

    /// The sums of the part whose end is asked for.
    fn ended(&mut self) -> Option<Sums> {
        self.effect(|effect| match effect {
            Effect::EndPart { sums, .. } => Some(*sums),
            _ => None,
        })
    }
}

fn stored(notification: Notification) -> Stored {
    Stored {
        notification: Box::new(notification),
        version: Etag("1".into()),
    }
}

fn digit(notification: &Notification) -> u8 {
    match notification.priority {
        Priority::Urgent => 0,
        Priority::Normal => 1,
        Priority::Low => 2,
    }
}

fn now(at: Duration) -> Now {
    Now {
        at: Moment::at(at),
        wall: Timestamp::UNIX_EPOCH + at,
    }
}

/// An answer with a status that goes with its meaning.
fn of(verdict: Verdict) -> Answer {
    let status = match verdict {
        Verdict::Delivered(_) => 201,
        Verdict::Throttled { .. } => 429,
        Verdict::NotNow { .. } => 503,
        Verdict::Ambiguous => 504,
        Verdict::NotFound | Verdict::MessageGone => 404,
        Verdict::Unauthorized => 401,
        _ => 403,
    };
    Answer {
        verdict,
        status: Some(status),
        code: None,
    }
}
