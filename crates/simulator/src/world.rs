//! A world: one set of stores, one Teams, one clock, and processes that come and go.

use crate::{
    composer::PlainComposer,
    freeze::Freezer,
    fuse::Fuse,
    fused::Fused,
    queue::{QueueHost, StorageQueue},
    references::Installations,
    remote::Remote,
    seed::Seed,
    skew::SkewedClock,
    teams::{Latency, ScriptedTeams},
    time::beginning,
    wake_ups::{UnreliableWakeUps, WakeUpTrouble},
    wire::Wire,
};
use notify::{
    clock::SystemClock,
    content::{Alert, Form, MessageSpec},
    dispatch::in_process::{InProcessDispatcher, local_queue},
    identity::Fingerprint,
    ids::{BotId, NotificationId, TenantId},
    ports::{Clock, Connector, ObjectStore, Ports, ReferenceStore, WakeUps},
    request::{Audience, OnUncertain, Priority, Request, SelectAll},
    service::NotificationService,
    settings::{AllowedTenants, Settings},
    status::{NotificationState, Status},
    worker::Slice,
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
    pub references: Arc<Installations>,
    /// Teams.
    pub teams: Arc<ScriptedTeams>,
    /// Template of the settings of its processes.
    pub settings: Settings,
    /// Slice of their lanes.
    pub slice: Slice,
    processes: u32,
}

/// A process: a service and the task that follows its wake-ups.
pub struct Process {
    /// Its service.
    pub service: NotificationService,
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

/// Where a process's wake-ups go.
pub enum WakeUpsTo {
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
    /// Where its wake-ups go.
    pub wake_ups: WakeUpsTo,
    /// What becomes of its wake-ups on the way.
    pub wake_up_trouble: WakeUpTrouble,
    /// What lies between the process and its ports, for instance a bug of [`crate::planted`].
    pub ports: fn(Ports) -> Ports,
}

impl Launch {
    /// A process without trouble, its wake-ups in itself.
    pub fn plain(fuse: Arc<Fuse>) -> Self {
        Self {
            fuse,
            wire: None,
            wake_ups: WakeUpsTo::Itself,
            wake_up_trouble: WakeUpTrouble::default(),
            ports: std::convert::identity,
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
            references: Arc::new(Installations::new(bot())),
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

    /// Starts a process without trouble, whose fuse may burn.
    pub fn start(&mut self, fuse: Arc<Fuse>) -> Process {
        self.launch(Launch::plain(fuse))
    }

    /// Starts a process.
    pub fn launch(&mut self, launch: Launch) -> Process {
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
        let wake_ups: Arc<dyn WakeUps> = match &launch.wake_ups {
            WakeUpsTo::Itself => Arc::new(local),
            WakeUpsTo::Queue { queue, .. } => queue.clone(),
        };
        let wake_up_seed = Seed::new(self.settings.seed.wrapping_add(u64::from(number)));
        let wake_ups = Arc::new(UnreliableWakeUps::new(
            wake_ups,
            launch.wake_up_trouble,
            wake_up_seed,
        ));
        let ports = self.ports((&fuse, &freezer), clock.clone(), launch.wire, wake_ups);
        let ports = (launch.ports)(ports);
        let mut settings = self.settings.clone();
        settings.process = format!("p{number}").into();
        let service = NotificationService::new(ports, settings);
        let task = follow(service.clone(), clock, launch.wake_ups, local_ends, self.slice);
        let burnt = fuse.clone();
        let task = tokio::spawn(async move {
            tokio::select! {
                biased;
                () = burnt.burnt() => {}
                () = task => {}
            }
        });
        Process {
            service,
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
        wire: Option<Arc<Wire>>,
        wake_ups: Arc<dyn WakeUps>,
    ) -> Ports {
        let mut objects: Arc<dyn ObjectStore> = self.objects.clone();
        let mut references: Arc<dyn ReferenceStore> = self.references.store();
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
            wake_ups: Arc::new(Fused::<dyn WakeUps> {
                inner: wake_ups,
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

    /// A service for looking: it has a way of its own to the stores, follows no wake-ups, and no call of it counts.
    pub fn observer(&self) -> NotificationService {
        let (wake_ups, _) = local_queue();
        let ports = Ports {
            objects: self.objects.clone(),
            references: self.references.store(),
            wake_ups: Arc::new(wake_ups),
            connector: self.teams.clone(),
            composer: Arc::new(PlainComposer::new(self.clock.clone())),
            clock: self.clock.clone(),
        };
        NotificationService::new(ports, self.settings.clone())
    }

    /// Time since the world began.
    pub fn now(&self) -> Duration {
        self.clock.now().since_origin()
    }

    /// Lets time pass.
    pub async fn pass(&self, time: Duration) {
        self.clock.sleep_until(self.clock.now().after(time)).await;
    }

    /// Waits until a notification is at its end, checking the sums at every poll; `None` after `limit`.
    pub async fn wait_for(
        &self,
        service: &NotificationService,
        id: &NotificationId,
        limit: Duration,
    ) -> Option<Status> {
        let until = self.clock.now().after(limit);
        while self.clock.now() < until {
            if let Ok(status) = service.status(id).await {
                assert_sums(&status);
                let ended =
                    status.notification.finished_at.is_some() || status.state == NotificationState::Stopped;
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
    service: NotificationService,
    clock: Arc<dyn Clock>,
    wake_ups: WakeUpsTo,
    local: notify::dispatch::in_process::LocalQueue,
    slice: Slice,
) {
    match wake_ups {
        WakeUpsTo::Itself => {
            InProcessDispatcher {
                service,
                clock,
                slice,
            }
            .run(local)
            .await
        }
        WakeUpsTo::Queue { queue, longest_poll } => {
            QueueHost {
                service,
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
        all: SelectAll::Requested,
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
