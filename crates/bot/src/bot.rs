//! The bot as the library's code and a project's code see it: it sends, and knows its parts. Cheap to clone.

mod start;

use crate::{
    compose::CardComposer,
    functions::Functions,
    http::Routes,
    notification::Notification,
    schedules::Schedules,
    send::{SendError, Sent},
    settings::Settings,
    signed_buttons::LazySigningKey,
    templates::Cards,
    tick::Tick,
};
use jiff::SignedDuration;
use notify::{
    accept::{Accepted, Novelty},
    content::{ActionFacts, Composer, NotificationFacts},
    dispatch::{
        fallback::QueueServed,
        queue::{Disposition, QueueDispatcher},
    },
    identity::NotificationSource,
    maintenance::Maintenance,
    ports::{AddressedWakeUp, Clock, ReferenceStore},
    request::{NotificationKind, Request},
    service::{NotificationService, TimerRun},
};
use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};
use teams::{connector::TeamsConnector, identity::Identity, inbound::Validator};
use tokio::task::JoinHandle;

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
    signing: LazySigningKey,
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
                ..
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
    pub(crate) fn signing_key(&self) -> &LazySigningKey {
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
