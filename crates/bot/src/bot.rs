//! The bot: identity, stores, connector, templates and the in-process dispatcher, made from settings once. Cheap to clone.

use crate::{
    commands::CommandError,
    compose::CardComposer,
    delivery::{Delivery, Host, Receiver},
    functions::Functions,
    http::Routes,
    notification::Notification,
    project,
    schedules::Schedules,
    send::{SendError, Sent},
    settings::{Settings, Source},
    stores::{self, OwnStores},
    templates::Cards,
    tick::Tick,
    trust::Keeper,
};
use config::names::{self, UnknownName};
use jiff::SignedDuration;
use notify::{
    accept::{Accepted, Novelty},
    clock::SystemClock,
    content::{ActionFacts, Composer, NotificationFacts},
    dispatch::{
        fallback::{Fallback, QueueServed},
        in_process::InProcessDispatcher,
        queue::{Disposition, QueueDispatcher},
    },
    identity::NotificationSource,
    maintenance::{Maintenance, recover},
    ports::{AddressedWakeUp, Clock, Ports, ReferenceStore},
    request::{NotificationKind, Request},
    service::{NotificationService, TimerRun},
    settings::AllowedTenants,
    worker::Slice,
};
use std::{
    num::NonZeroU32,
    path::Path,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};
use teams::{
    connector::TeamsConnector,
    identity::Identity,
    inbound::Validator,
    outbound::Tokens,
    settings::{BotSettings, TenantAllowList},
    transport,
};
use tokio::task::JoinHandle;

/// Folder of the card templates, beside host.json.
const CARDS: &str = "cards";

/// How long the end waits for posts under way; container runtimes kill 10 s after they asked, and the process needs a
/// moment more.
const STOP_LIMIT: Duration = Duration::from_secs(8);

/// How long a timer's notification to nobody in particular is tried: a target that can't be reached must not keep the
/// timer's next runs from being sent for days.
const TICK_LIFETIME: SignedDuration = SignedDuration::from_mins(10);

/// A notification bot.
#[derive(Clone)]
pub struct NotificationBot {
    inner: Arc<Inner>,
}

struct Inner {
    settings: Settings,
    me: Identity,
    validator: Validator,
    connector: Arc<TeamsConnector>,
    composer: Arc<CardComposer>,
    references: Arc<dyn ReferenceStore>,
    service: NotificationService,
    cards: Cards,
    functions: Functions,
    signing: Keeper,
    schedules: Schedules,
    clock: Arc<dyn Clock>,
    queue: QueueDispatcher,
    dispatcher: Dispatcher,
    task: Mutex<Option<JoinHandle<()>>>,
}

/// Who acts on wake-ups and runs the maintenance.
enum Dispatcher {
    /// A task of this process.
    InProcess,
    /// Functions, here or in another instance.
    Functions {
        served: Option<Arc<QueueServed>>,
        maintenance: Maintenance,
    },
}

impl NotificationBot {
    /// Makes the bot that the settings describe, and starts its work. `folder` holds `cards/` and local stores.
    pub(crate) async fn from_source(
        source: &Source,
        folder: &Path,
        host: Host,
        own: &OwnStores,
    ) -> Result<Self, CommandError> {
        let lookup = |name: &str| source.get(name);
        let (settings, bot) = read_settings(source)?;
        let clock: Arc<dyn Clock> = Arc::new(SystemClock::new());
        let http = transport::client(&lookup)?;
        let me = bot.identity();
        let stores = stores::open(&settings, source, folder, &me.bot, bot.home_tenant.clone(), own)?;
        let tokens = Tokens::new(&bot, &http, Arc::clone(&clock), &lookup)?;
        let connector = Arc::new(TeamsConnector::new(&bot, tokens, &http, Arc::clone(&clock)));
        let signing = Keeper::new(Arc::clone(&stores.objects), me.bot.clone());
        let composer = Arc::new(CardComposer::new(Arc::clone(&connector), signing.clone()));
        let project = project::read(host, source, folder)?;
        let delivery = Delivery::choose(host, &settings, &me.bot, source, &project, Arc::clone(&clock))?;
        let ports = Ports {
            objects: stores.objects,
            references: Arc::clone(&stores.references),
            wake_ups: delivery.wake_ups,
            connector: Arc::clone(&connector) as _,
            composer: Arc::new(composer.for_accepted()) as _,
            clock: Arc::clone(&clock),
        };
        let service = NotificationService::new(ports, domain_settings(&settings, &bot));
        let (dispatcher, shared_queue, task) = match delivery.receiver {
            Receiver::InProcess(queue) => {
                let dispatcher = InProcessDispatcher {
                    service: service.clone(),
                    clock: Arc::clone(&clock),
                    slice: Slice(Slice::LONGEST),
                };
                let task = tokio::spawn(async move { dispatcher.run(queue).await });
                (Dispatcher::InProcess, None, task)
            }
            Receiver::Functions { fallback, queue } => {
                let dispatcher = Dispatcher::Functions {
                    served: fallback.as_ref().map(Fallback::served),
                    maintenance: Maintenance::new(service.clone()),
                };
                let task = tokio::spawn(beside_functions(service.clone(), fallback));
                (dispatcher, Some(queue), task)
            }
        };
        let queue = QueueDispatcher {
            service: service.clone(),
            queue: shared_queue,
            slice: delivery.slice,
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
            service,
            cards,
            functions: Functions::of(&project),
            signing,
            schedules: Schedules::of(&project),
            clock,
            queue,
            dispatcher,
            task: Mutex::new(Some(task)),
        };
        Ok(Self {
            inner: Arc::new(inner),
        })
    }

    /// Sends a notification: when this returns it is stored, and nothing but its expiry or a cancel ends it before
    /// everybody has an outcome.
    ///
    /// # Errors
    /// When it can't be sent to anybody as it is, or can't be stored. Nothing was sent then.
    pub async fn send(&self, notification: Notification) -> Result<Sent, SendError> {
        let (source, request) = notification.into_request(self.cards())?;
        self.accept(source, request).await
    }

    /// Accepts a request.
    pub(crate) async fn accept(
        &self,
        source: NotificationSource,
        request: Request,
    ) -> Result<Sent, SendError> {
        let id = source.notification_id(&self.inner.me.bot);
        let facts = NotificationFacts {
            action: Some(ActionFacts::of(&NotificationKind::Send, &id)),
            id,
            created_at: self.inner.clock.wall(),
        };
        // What can't be sent to anybody is refused here, where the caller still listens.
        self.inner.composer.compose(&request.message, &facts).await?;
        Ok(Sent::of(self.inner.service.submit(source, request).await?))
    }

    /// Sends a notification for a timer's tick: once for each occurrence, whichever instance fires it, and not at all
    /// while the timer's previous notification is unfinished. Of a notification that names nobody what is not sent
    /// within ten minutes is skipped, so that a target that can't be reached doesn't hold up the next runs.
    ///
    /// # Errors
    /// As [`send`](Self::send).
    pub async fn send_on_tick(&self, tick: &Tick, notification: Notification) -> Result<(), SendError> {
        let (_, mut request) = notification.into_request(self.cards())?;
        if request.audience.is_none() && request.expires_at.is_none() {
            request.expires_at = self.inner.clock.wall().checked_add(TICK_LIFETIME).ok();
        }
        match self
            .inner
            .service
            .accept_timer(tick.function(), tick.occurrence(), request)
            .await?
        {
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
            // The service has said so.
            TimerRun::Accepted(Accepted {
                novelty: Novelty::New,
                ..
            })
            | TimerRun::Skipped(_) => {}
        }
        Ok(())
    }

    /// Where HTTP functions are.
    pub(crate) fn routes(&self) -> &Routes {
        self.inner.functions.routes()
    }
    pub(crate) fn functions(&self) -> &Functions {
        &self.inner.functions
    }
    pub(crate) fn signing_key(&self) -> &Keeper {
        &self.inner.signing
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
    pub(crate) fn service(&self) -> &NotificationService {
        &self.inner.service
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
    /// The queue function was called.
    pub(crate) fn queue_is_served(&self) {
        if let Dispatcher::Functions {
            served: Some(served), ..
        } = &self.inner.dispatcher
        {
            served.seen();
        }
    }
    /// Acts on messages of the queue function.
    pub(crate) async fn receive(&self, addressed: AddressedWakeUp) -> Disposition {
        self.inner.queue.receive(addressed).await
    }
    /// What the reconciling timer runs; `None` where this process runs it by itself.
    pub(crate) fn maintenance(&self) -> Option<&Maintenance> {
        match &self.inner.dispatcher {
            Dispatcher::Functions { maintenance, .. } => Some(maintenance),
            Dispatcher::InProcess => None,
        }
    }

    /// Ends the work: posts under way get their outcomes written, leases are given back. What is unfinished goes on at
    /// the next start.
    pub(crate) async fn close(&self) {
        self.inner.service.stop(STOP_LIMIT).await;
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
async fn beside_functions(service: NotificationService, fallback: Option<Fallback>) {
    let recover = recover(&service);
    match fallback {
        Some(fallback) => drop(tokio::join!(recover, fallback.run(service.clone()))),
        None => recover.await,
    }
}

/// Reads all settings. What is wrong is said all at once, a line each.
pub(crate) fn read_settings(source: &Source) -> Result<(Settings, BotSettings), CommandError> {
    let mut wrong = Vec::new();
    let mut keep = |text: String| wrong.push(text);
    let bot = BotSettings::read(&|name| source.get(name))
        .map_err(|errors| errors.iter().for_each(|error| keep(error.to_string())))
        .ok();
    for name in names::unknown(source.names()) {
        match name {
            UnknownName::Refused(text) => keep(text),
            UnknownName::Ignored(text) => tracing::warn!(setting = text, "unknown setting"),
        }
    }
    let settings = Settings::read(source)
        .map_err(|error| keep(error.to_string()))
        .ok();
    match (settings, bot) {
        (Some(settings), Some(bot)) if wrong.is_empty() => Ok((settings, bot)),
        _ => Err(wrong.join("\n").into()),
    }
}

/// The domain's part of the settings; each call is another process to it.
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
