//! A world: one set of stores, one Teams, one clock, and processes that come and go.

use crate::{
    composer::PlainComposer,
    freeze::Freezer,
    fuse::Fuse,
    fused::Fused,
    hints::{HintTrouble, UnreliableHints},
    queue::{QueueHost, StorageQueue},
    references::MemoryReferences,
    remote::Remote,
    seed::Seed,
    skew::SkewedClock,
    teams::{Latency, ScriptedTeams},
    time::beginning,
    wire::Wire,
};
use notify::{
    clock::SystemClock,
    content::{Alert, Form, MessageSpec},
    desk::Desk,
    identity::Fingerprint,
    ids::{BotId, NotificationId, TenantId},
    lane::Slice,
    pipeline::{Pipeline, local_queue},
    ports::{Clock, Connector, Hints, ObjectStore, Ports, ReferenceStore},
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
    pub clock: Arc<dyn Clock>,
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

/// A process: a desk and the task that follows its hints.
pub struct Process {
    /// Its desk.
    pub desk: Desk,
    /// Counts its calls.
    pub fuse: Arc<Fuse>,
    /// Freezes all that it does.
    pub freezer: Arc<Freezer>,
    /// Its wall clock.
    pub clock: Arc<SkewedClock>,
    task: JoinHandle<()>,
}

impl Process {
    /// Ends it without a goodbye: none of its calls has an effect any more.
    pub fn kill(self) {
        self.fuse.burn();
        self.task.abort();
    }
}

/// Where a process's hints go.
pub enum HintsTo {
    /// Into the process itself, as the local host has it.
    Itself,
    /// Into a storage queue that all processes poll.
    Queue {
        /// The queue.
        queue: Arc<StorageQueue>,
        /// Longest wait between polls.
        longest_poll: Duration,
    },
}

/// How a process meets the world.
pub struct Launch {
    /// Its end.
    pub fuse: Arc<Fuse>,
    /// Its way to the stores; `None` for one without length or trouble.
    pub wire: Option<Arc<Wire>>,
    /// Where its hints go.
    pub hints: HintsTo,
    /// What becomes of its hints on the way.
    pub hint_trouble: HintTrouble,
}

impl Launch {
    /// A process without trouble, its hints in itself.
    pub fn plain(fuse: Arc<Fuse>) -> Self {
        Self {
            fuse,
            wire: None,
            hints: HintsTo::Itself,
            hint_trouble: HintTrouble::default(),
        }
    }
}

impl World {
    /// A world with one tenant on tokio's time; to be made inside a paused current-thread runtime.
    pub fn new(seed: u64, latency: Latency, prepare: impl FnOnce(ScriptedTeams) -> ScriptedTeams) -> Self {
        Self::on(
            Arc::new(SystemClock::starting_at(beginning())),
            seed,
            latency,
            prepare,
        )
    }

    /// A world with one tenant on a clock.
    pub fn on(
        clock: Arc<dyn Clock>,
        seed: u64,
        latency: Latency,
        prepare: impl FnOnce(ScriptedTeams) -> ScriptedTeams,
    ) -> Self {
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
        let objects = through(self.objects.clone());
        self.launch_on(Launch::plain(fuse), objects)
    }

    /// Starts a process.
    pub fn launch(&mut self, launch: Launch) -> Process {
        let objects: Arc<dyn ObjectStore> = self.objects.clone();
        self.launch_on(launch, objects)
    }

    fn launch_on(&mut self, launch: Launch, objects: Arc<dyn ObjectStore>) -> Process {
        self.processes += 1;
        let number = self.processes;
        let fuse = launch.fuse;
        let freezer: Arc<Freezer> = Arc::default();
        let skewed = Arc::new(SkewedClock::new(self.clock.clone()));
        let clock: Arc<dyn Clock> = Arc::new(Fused::<dyn Clock> {
            inner: skewed.clone(),
            fuse: fuse.clone(),
            freezer: freezer.clone(),
        });
        let (local, local_ends) = local_queue();
        let hints: Arc<dyn Hints> = match &launch.hints {
            HintsTo::Itself => Arc::new(local),
            HintsTo::Queue { queue, .. } => queue.clone(),
        };
        let hint_seed = Seed::new(self.settings.seed.wrapping_add(u64::from(number)));
        let hints = Arc::new(UnreliableHints::new(hints, launch.hint_trouble, hint_seed));
        let ports = self.ports((&fuse, &freezer), clock.clone(), objects, launch.wire, hints);
        let mut settings = self.settings.clone();
        settings.process = format!("p{number}").into();
        let desk = Desk::new(ports, settings);
        let task = follow(desk.clone(), clock, launch.hints, local_ends, self.slice);
        let burnt = fuse.clone();
        let task = tokio::spawn(async move {
            tokio::select! {
                biased;
                () = burnt.burnt() => {}
                () = task => {}
            }
        });
        Process {
            desk,
            fuse,
            freezer,
            clock: skewed,
            task,
        }
    }

    fn ports(
        &self,
        (fuse, freezer): (&Arc<Fuse>, &Arc<Freezer>),
        clock: Arc<dyn Clock>,
        mut objects: Arc<dyn ObjectStore>,
        wire: Option<Arc<Wire>>,
        hints: Arc<dyn Hints>,
    ) -> Ports {
        let mut references: Arc<dyn ReferenceStore> = self.references.clone();
        if let Some(wire) = wire {
            objects = Arc::new(Remote::<dyn ObjectStore> {
                inner: objects,
                wire: wire.clone(),
            });
            references = Arc::new(Remote::<dyn ReferenceStore> {
                inner: references,
                wire,
            });
        }
        Ports {
            objects: Arc::new(Fused::<dyn ObjectStore> {
                inner: objects,
                fuse: fuse.clone(),
                freezer: freezer.clone(),
            }),
            references: Arc::new(Fused::<dyn ReferenceStore> {
                inner: references,
                fuse: fuse.clone(),
                freezer: freezer.clone(),
            }),
            hints: Arc::new(Fused::<dyn Hints> {
                inner: hints,
                fuse: fuse.clone(),
                freezer: freezer.clone(),
            }),
            connector: Arc::new(Fused::<dyn Connector> {
                inner: self.teams.clone(),
                fuse: fuse.clone(),
                freezer: freezer.clone(),
            }),
            composer: Arc::new(PlainComposer::new(clock.clone())),
            clock,
        }
    }

    /// A desk for looking: it has a way of its own to the stores, follows no hints, and no call of it counts.
    pub fn observer(&self) -> Desk {
        let (hints, _) = local_queue();
        let ports = Ports {
            objects: self.objects.clone(),
            references: self.references.clone(),
            hints: Arc::new(hints),
            connector: self.teams.clone(),
            composer: Arc::new(PlainComposer::new(self.clock.clone())),
            clock: self.clock.clone(),
        };
        Desk::new(ports, self.settings.clone())
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

/// What a process does all day.
async fn follow(
    desk: Desk,
    clock: Arc<dyn Clock>,
    hints: HintsTo,
    local: notify::pipeline::LocalQueue,
    slice: Slice,
) {
    match hints {
        HintsTo::Itself => Pipeline { desk, clock, slice }.run(local).await,
        HintsTo::Queue { queue, longest_poll } => {
            QueueHost {
                desk,
                clock,
                queue,
                slice,
                longest_poll,
            }
            .run()
            .await;
        }
    }
}

/// The counts sum to the total.
pub fn assert_sums(status: &Status) {
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
