//! The bot: identity, stores, connector, templates and the pipeline, made from settings once. Cheap to clone.

use crate::{
    commands::CommandError,
    compose::CardComposer,
    delivery::{Delivery, Host, LastResort, Receiver, Served},
    schedules::Schedules,
    send::{Draft, SendError},
    settings::{Settings, Source, check_names},
    stores,
    templates::{CardError, Cards},
    tick::Tick,
};
use jiff::SignedDuration;
use notify::{
    accept::{Accepted, Novelty},
    clock::SystemClock,
    content::{Composer, NotificationFacts},
    desk::{Desk, TimerRun},
    identity::Source as Asked,
    lane::Slice,
    pipeline::Pipeline,
    ports::{Clock, Ports, ReferenceStore},
    request::Request,
    settings::AllowedTenants,
};
use std::{
    num::NonZeroU32,
    path::Path,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};
use storage::azure::AzureHints;
use teams::{
    connector::TeamsConnector,
    identity::Identity,
    inbound::Validator,
    outbound::Tokens,
    settings::{BotSettings, TenantAllowList, UnknownSetting, unknown_names},
    transport,
};
use tokio::task::JoinHandle;

/// Folder of the card templates, beside host.json.
const CARDS: &str = "cards";

/// How long the end waits for posts under way; container runtimes kill 10 s after they asked, and the process needs a
/// moment more.
const PATIENCE: Duration = Duration::from_secs(8);

/// How long a timer's notification to nobody in particular is tried: a target that can't be reached must not keep the
/// timer's next runs from being sent for days.
const TICK_LIFETIME: SignedDuration = SignedDuration::from_mins(10);

/// A notification bot.
#[derive(Clone)]
pub(crate) struct NotificationBot {
    inner: Arc<Inner>,
}

struct Inner {
    settings: Settings,
    me: Identity,
    validator: Validator,
    connector: Arc<TeamsConnector>,
    composer: Arc<CardComposer>,
    references: Arc<dyn ReferenceStore>,
    desk: Desk,
    cards: Cards,
    schedules: Schedules,
    clock: Arc<dyn Clock>,
    slice: Slice,
    worker: Worker,
    task: Mutex<Option<JoinHandle<()>>>,
}

/// Who follows hints and looks around.
enum Worker {
    /// A pipeline in this process.
    Pipeline,
    /// Functions, here or in another instance.
    Functions {
        served: Option<Arc<Served>>,
        queue: Arc<AzureHints>,
    },
}

impl NotificationBot {
    /// Makes the bot that the settings describe, and starts its work. `folder` holds `cards/` and local stores.
    pub(crate) async fn from_source(
        source: &Source,
        folder: &Path,
        host: Host,
    ) -> Result<Self, CommandError> {
        let lookup = |name: &str| source.get(name);
        let (settings, bot) = read_settings(source)?;
        let clock: Arc<dyn Clock> = Arc::new(SystemClock::new());
        let http = transport::client(&lookup)?;
        let me = bot.identity();
        let stores = stores::open(&settings, source, folder, &me.bot, bot.home_tenant.clone())?;
        let tokens = Tokens::new(&bot, &http, Arc::clone(&clock), &lookup)?;
        let connector = Arc::new(TeamsConnector::new(&bot, tokens, &http, Arc::clone(&clock)));
        let composer = Arc::new(CardComposer::new(Arc::clone(&connector)));
        let delivery = Delivery::choose(host, &settings, &me.bot, source, folder)?;
        let ports = Ports {
            objects: stores.objects,
            references: Arc::clone(&stores.references),
            hints: delivery.hints,
            connector: Arc::clone(&connector) as _,
            composer: Arc::new(composer.for_accepted()) as _,
            clock: Arc::clone(&clock),
        };
        let desk = Desk::new(ports, domain_settings(&settings, &bot));
        let (worker, task) = match delivery.receiver {
            Receiver::Pipeline(queue) => {
                let pipeline = Pipeline {
                    desk: desk.clone(),
                    clock: Arc::clone(&clock),
                    slice: Slice(Slice::LONGEST),
                };
                let task = tokio::spawn(async move { pipeline.run(queue).await });
                (Worker::Pipeline, task)
            }
            Receiver::Functions { last_resort, queue } => (
                Worker::Functions {
                    served: last_resort.as_ref().map(LastResort::served),
                    queue,
                },
                tokio::spawn(beside_functions(desk.clone(), last_resort)),
            ),
        };
        let cards = Cards::new(folder.join(CARDS));
        cards.check();
        let inner = Inner {
            validator: Validator::new(&bot, &http, Arc::clone(&clock)),
            settings,
            me,
            connector,
            composer,
            references: stores.references,
            desk,
            cards,
            schedules: Schedules::read(source, folder),
            clock,
            slice: delivery.slice,
            worker,
            task: Mutex::new(Some(task)),
        };
        Ok(Self {
            inner: Arc::new(inner),
        })
    }

    /// Accepts a request; when this returns it is stored.
    pub(crate) async fn notify(&self, asked: Asked, request: Request) -> Result<Accepted, SendError> {
        let id = asked.notification_id(&self.inner.me.bot);
        let facts = NotificationFacts {
            id,
            created_at: self.inner.clock.wall(),
        };
        // What can't be sent to anybody is refused here, where the caller still listens.
        self.inner.composer.compose(&request.message, &facts).await?;
        Ok(self.inner.desk.submit(asked, request).await?)
    }

    /// Accepts what a timer sends for one occurrence; skipped while that timer's previous notification is unfinished.
    pub(crate) async fn notify_on_tick(&self, tick: &Tick, mut request: Request) -> Result<(), SendError> {
        if request.audience.is_none() && request.expires_at.is_none() {
            request.expires_at = self.inner.clock.wall().checked_add(TICK_LIFETIME).ok();
        }
        match self
            .inner
            .desk
            .accept_timer(tick.function(), tick.occurrence(), request)
            .await?
        {
            TimerRun::Accepted(Accepted {
                id,
                novelty: Novelty::New,
            }) => {
                tracing::info!(function = tick.function(), notification_id = %id, "timer: notification accepted");
            }
            TimerRun::Accepted(Accepted {
                id,
                novelty: Novelty::Repeated,
            }) => {
                tracing::info!(
                    function = tick.function(),
                    occurrence = %tick.occurrence(),
                    notification_id = %id,
                    "timer: this occurrence was accepted before, perhaps by another instance that fired the same tick; nothing more is sent for it"
                );
            }
            // The desk has said so.
            TimerRun::Skipped(_) => {}
        }
        Ok(())
    }

    /// A card template by its name in `cards/`.
    pub(crate) fn card(&self, name: &str) -> Result<Draft, CardError> {
        self.inner.cards.load(name).map(Draft::new)
    }

    pub(crate) fn settings(&self) -> &Settings {
        &self.inner.settings
    }
    pub(crate) fn identity(&self) -> &Identity {
        &self.inner.me
    }
    pub(crate) fn validator(&self) -> &Validator {
        &self.inner.validator
    }
    pub(crate) fn connector(&self) -> &TeamsConnector {
        &self.inner.connector
    }
    pub(crate) fn composer(&self) -> &CardComposer {
        &self.inner.composer
    }
    pub(crate) fn references(&self) -> &dyn ReferenceStore {
        &*self.inner.references
    }
    pub(crate) fn desk(&self) -> &Desk {
        &self.inner.desk
    }
    pub(crate) fn cards(&self) -> &Cards {
        &self.inner.cards
    }
    /// When the timers are due.
    pub(crate) fn schedules(&self) -> &Schedules {
        &self.inner.schedules
    }
    pub(crate) fn clock(&self) -> &dyn Clock {
        &*self.inner.clock
    }
    /// Longest work in one invocation of the queue function.
    pub(crate) fn slice(&self) -> Slice {
        self.inner.slice
    }
    /// Whether this process looks by itself for what was left behind.
    pub(crate) fn looks_around(&self) -> bool {
        matches!(self.inner.worker, Worker::Pipeline)
    }
    /// The queue function was called.
    pub(crate) fn queue_is_served(&self) {
        if let Worker::Functions {
            served: Some(served), ..
        } = &self.inner.worker
        {
            served.seen();
        }
    }
    /// The queue of hints, where they travel through one.
    pub(crate) fn hint_queue(&self) -> Option<&AzureHints> {
        match &self.inner.worker {
            Worker::Functions { queue, .. } => Some(queue),
            Worker::Pipeline => None,
        }
    }

    /// Ends the work: posts under way get their outcomes written, leases are given back. What is unfinished goes on at
    /// the next start.
    pub(crate) async fn close(&self) {
        self.inner.desk.stop(PATIENCE).await;
        let task = self
            .inner
            .task
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take();
        if let Some(task) = task {
            task.abort();
            let _ = task.await;
        }
    }
}

/// What this process does beside the functions.
async fn beside_functions(desk: Desk, last_resort: Option<LastResort>) {
    let recover = recover(desk.clone());
    match last_resort {
        Some(last_resort) => drop(tokio::join!(recover, last_resort.run(desk))),
        None => recover.await,
    }
}

/// The host started this process anew: the one before may have died in the midst of its work, and its hints with it.
async fn recover(desk: Desk) {
    match desk.recover().await {
        Ok(found) if found.plans + found.lanes > 0 => {
            tracing::info!(
                plans = found.plans,
                lanes = found.lanes,
                "what is unfinished was hinted again"
            );
        }
        Ok(_) => {}
        Err(error) => {
            tracing::warn!(%error, "unfinished work could not be looked for; the reconciling timer looks once a minute");
        }
    }
}

/// Reads all settings. What is wrong is said all at once, a line each.
pub(crate) fn read_settings(source: &Source) -> Result<(Settings, BotSettings), CommandError> {
    let mut wrong = Vec::new();
    let mut keep = |text: String| wrong.push(text);
    let bot = BotSettings::read(&|name| source.get(name))
        .map_err(|errors| errors.iter().for_each(|error| keep(error.to_string())))
        .ok();
    for finding in unknown_names(source.names()) {
        match finding {
            UnknownSetting::NearMiss { .. } => keep(finding.to_string()),
            _ => tracing::warn!(setting = %finding, "unknown setting"),
        }
    }
    check_names(source).unwrap_or_else(|error| keep(error.to_string()));
    let settings = Settings::read(source)
        .map_err(|error| keep(error.to_string()))
        .ok();
    match (settings, bot) {
        (Some(settings), Some(bot)) if wrong.is_empty() => Ok((settings, bot)),
        _ => Err(wrong.join("\n").into()),
    }
}

/// What the domain is told of the settings; each call is another process to it.
pub(crate) fn domain_settings(settings: &Settings, bot: &BotSettings) -> notify::settings::Settings {
    let tenants = match &bot.tenants {
        TenantAllowList::All => AllowedTenants::Any,
        TenantAllowList::Listed(tenants) => AllowedTenants::Only(tenants.iter().cloned().collect()),
    };
    let process = uuid::Uuid::new_v4();
    let mut domain =
        notify::settings::Settings::new(bot.identity().bot, tenants, process.simple().to_string());
    domain.home = bot.home_tenant.clone();
    domain.rate = NonZeroU32::new(settings.rate).unwrap_or(NonZeroU32::MIN);
    domain.lease = settings.lease;
    domain.unnamed_limit = settings.unnamed_limit;
    domain.retention = settings.retention;
    domain.seed = process.as_u64_pair().0;
    domain
}
