//! A world: one set of stores, one Teams, one clock, and processes that come and go.

use crate::{
    composer::PlainComposer,
    fuse::{Fuse, FusedConnector, FusedObjects},
    references::MemoryReferences,
    teams::{Latency, ScriptedTeams},
};
use jiff::Timestamp;
use notify::{
    clock::SystemClock,
    content::{Alert, Form, MessageSpec},
    desk::Desk,
    identity::Fingerprint,
    ids::{BotId, NotificationId, TenantId},
    lane::Slice,
    pipeline::{Pipeline, local_queue},
    ports::{Clock, ObjectStore, Ports},
    request::{Audience, Everyone, OnUncertain, Priority, Request},
    settings::{AllowedTenants, Settings},
    status::{State, Status},
};
use serde_json::json;
use std::{collections::BTreeSet, sync::Arc, time::Duration};
use storage::memory::MemoryObjects;
use tokio::task::JoinHandle;

/// The stage.
pub struct World {
    /// Virtual time.
    pub clock: Arc<SystemClock>,
    /// Blobs.
    pub objects: Arc<MemoryObjects>,
    /// Installations.
    pub references: Arc<MemoryReferences>,
    /// Teams.
    pub teams: Arc<ScriptedTeams>,
    /// Template of the settings of its processes.
    pub settings: Settings,
    /// Slice of their lanes.
    pub slice: Slice,
    processes: u32,
}

/// A process: a desk and the task of its pipeline.
pub struct Process {
    /// Its desk.
    pub desk: Desk,
    /// Counts its calls.
    pub fuse: Arc<Fuse>,
    task: JoinHandle<()>,
}

impl Process {
    /// Ends it without a goodbye.
    pub fn kill(self) {
        self.task.abort();
    }
}

/// What to change about Teams before the world begins.
pub type Prepare = fn(ScriptedTeams) -> ScriptedTeams;

impl World {
    /// A world with one tenant; to be made inside a paused current-thread runtime.
    pub fn new(seed: u64, latency: Latency, prepare: Prepare) -> Self {
        let start = Timestamp::from_second(1_800_000_000).unwrap_or(Timestamp::UNIX_EPOCH);
        let clock = Arc::new(SystemClock::starting_at(start));
        let mut settings = Settings::new(bot(), AllowedTenants::Only(BTreeSet::from([tenant()])), "p");
        settings.seed = seed;
        Self {
            objects: Arc::new(MemoryObjects::new(clock.clone())),
            references: Arc::default(),
            teams: Arc::new(prepare(ScriptedTeams::new(clock.clone(), latency, seed))),
            settings,
            slice: Slice(Duration::from_secs(25 * 60)),
            processes: 0,
            clock,
        }
    }

    /// Installs the bot for people 0 to `count`.
    pub fn install(&self, count: usize) {
        for n in 0..count {
            self.references.install_person(&bot(), &tenant(), n);
        }
    }

    /// Starts a process, whose fuse may burn.
    pub fn start(&mut self, fuse: Arc<Fuse>) -> Process {
        self.start_with(fuse, |objects| objects)
    }

    /// Starts a process that sees the store through something.
    pub fn start_with(
        &mut self,
        fuse: Arc<Fuse>,
        through: impl FnOnce(Arc<dyn ObjectStore>) -> Arc<dyn ObjectStore>,
    ) -> Process {
        self.processes += 1;
        let (hints, queue) = local_queue();
        let mut settings = self.settings.clone();
        settings.process = format!("p{}", self.processes).into();
        let ports = Ports {
            objects: Arc::new(FusedObjects {
                inner: through(self.objects.clone()),
                fuse: fuse.clone(),
            }),
            references: self.references.clone(),
            hints: Arc::new(hints),
            connector: Arc::new(FusedConnector {
                inner: self.teams.clone(),
                fuse: fuse.clone(),
            }),
            composer: Arc::new(PlainComposer),
            clock: self.clock.clone(),
        };
        let desk = Desk::new(ports, settings);
        let pipeline = Pipeline {
            desk: desk.clone(),
            clock: self.clock.clone(),
            slice: self.slice,
        };
        let burnt = fuse.clone();
        let task = tokio::spawn(async move {
            tokio::select! {
                () = pipeline.run(queue) => {}
                () = burnt.burnt() => {}
            }
        });
        Process { desk, fuse, task }
    }

    /// Time since the world began.
    pub fn now(&self) -> Duration {
        self.clock.now().since_origin()
    }

    /// Lets time pass.
    pub async fn pass(&self, time: Duration) {
        self.clock.sleep_until(self.clock.now().after(time)).await;
    }

    /// Waits until a notification is at its end, checking the sums at every look; `None` after `patience`.
    pub async fn wait_for(&self, desk: &Desk, id: &NotificationId, patience: Duration) -> Option<Status> {
        let until = self.clock.now().after(patience);
        while self.clock.now() < until {
            if let Ok(status) = desk.status(id).await {
                assert_sums(&status);
                let ended = status.notification.finished_at.is_some() || status.state == State::Stopped;
                if ended {
                    return Some(status);
                }
            }
            self.pass(Duration::from_millis(500)).await;
        }
        None
    }
}

/// The counts sum to the total.
fn assert_sums(status: &Status) {
    assert_eq!(
        status.counts.settled() + status.pending,
        status.total,
        "the counts of {} sum to its total",
        status.notification.id
    );
}

/// The bot of every world.
pub fn bot() -> BotId {
    BotId::from("0b07a111-1111-4111-8111-000000000001")
}

/// The tenant of every world.
pub fn tenant() -> TenantId {
    TenantId::from("7e4a2222-2222-4222-8222-000000000002")
}

/// A text to everyone.
pub fn to_all(text: &str) -> Request {
    let audience = Audience {
        all: Everyone::Said,
        ..Audience::default()
    };
    request(text, Some(audience))
}

/// A text to some people, by number.
pub fn to_people(text: &str, people: impl IntoIterator<Item = usize>) -> Request {
    let audience = Audience {
        users: people.into_iter().map(|n| format!("29:{n}")).collect(),
        ..Audience::default()
    };
    request(text, Some(audience))
}

/// A text.
pub fn request(text: &str, audience: Option<Audience>) -> Request {
    Request {
        message: MessageSpec {
            form: Form::Text(text.to_owned()),
            data: None,
            summary: None,
            alert: Alert::Quiet,
        },
        audience,
        priority: Priority::Normal,
        on_uncertain: OnUncertain::Resend,
        expires_at: None,
        fingerprint: Fingerprint::of(&json!({ "text": text })),
    }
}
