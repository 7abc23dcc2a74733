//! How a bot is made: every part from the settings and the project's files, once, at the start.

use super::{Dispatcher, Inner, NotificationBot};
use crate::{
    commands::CommandError,
    compose::CardComposer,
    delivery::{Delivery, Host, Receiver},
    functions::Functions,
    project,
    schedules::Schedules,
    settings::{Source, domain_settings, read_settings},
    signed_buttons::LazySigningKey,
    stores::{self, OwnStores},
    templates::Cards,
};
use notify::{
    clock::SystemClock,
    dispatch::{fallback::Fallback, in_process::InProcessDispatcher, queue::QueueDispatcher},
    maintenance::{Maintenance, recover},
    ports::{Clock, Ports, WakeUpQueue},
    service::NotificationService,
    worker::Slice,
};
use std::{
    path::Path,
    sync::{Arc, Mutex},
};
use teams::{connector::TeamsConnector, inbound::Validator, outbound::Tokens, transport};
use tokio::task::JoinHandle;

/// Folder of the card templates, beside host.json.
const CARDS: &str = "cards";

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
        let signing = LazySigningKey::new(Arc::clone(&stores.objects), me.bot.clone());
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
        let (dispatcher, shared_queue, task) = start_dispatcher(delivery.receiver, &service, &clock);
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
            functions: Functions::of(&project, &source.host_settings()),
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
}

/// Starts what acts on wake-ups in this process. Also where others' wake-ups go back to, if there is such a place.
fn start_dispatcher(
    receiver: Receiver,
    service: &NotificationService,
    clock: &Arc<dyn Clock>,
) -> (Dispatcher, Option<Arc<dyn WakeUpQueue>>, JoinHandle<()>) {
    match receiver {
        Receiver::InProcess(queue) => {
            let dispatcher = InProcessDispatcher {
                service: service.clone(),
                clock: Arc::clone(clock),
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
