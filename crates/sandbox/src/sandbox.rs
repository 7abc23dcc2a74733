//! The sandbox: world, connector, events and page behind one handle. Clones share everything.

mod inspect;
mod switching;

use std::collections::HashSet;
use std::path::PathBuf;
use std::str::FromStr as _;
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use axum::http::Uri;
use futures::StreamExt as _;

use crate::clock::Clock;
use crate::config::{Renderer, SandboxConfig};
use crate::connector::{Connector, ConnectorState, Counters};
use crate::events::{ActivitySender, AppliedEvent, Delivery, EventError, EventReport, TeamsEvent};
use crate::faults::Faults;
use crate::ids;
use crate::limits::Limiter;
use crate::live::LiveUpdates;
use crate::switches::Switches;
use crate::world::{self, Place, SavedWorldError, Tone, World};

/// Why a sandbox cannot start.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SandboxError {
    /// The bot's endpoint is not an http URL.
    #[error("bot endpoint {0:?}: an http:// URL is needed, such as http://127.0.0.1:3978/api/messages")]
    Endpoint(String),
    /// The service URL is not an http URL.
    #[error(
        "service URL {0:?}: an http:// or https:// URL is needed, such as http://127.0.0.1:3979/_connector/"
    )]
    ServiceUrl(String),
    /// The bot's app id is not a GUID.
    #[error("bot app id {0:?}: a GUID is needed")]
    BotAppId(String),
    /// A world needs a tenant.
    #[error("the world has no tenant: add one")]
    NoTenant,
    /// The fault plan has an invalid number.
    #[error("fault plan: {0}")]
    Faults(&'static str),
    /// The state file cannot be read.
    #[error(transparent)]
    State(SavedWorldError),
}

/// The result of announcing the installations.
#[derive(Debug, Clone, Default)]
pub struct Announcement {
    /// Conversations and teams that were announced.
    pub announced: usize,
    /// Activities that the bot did not accept.
    pub failed: Vec<Delivery>,
}

/// A simulated Teams.
#[derive(Clone)]
pub struct Sandbox {
    pub(crate) inner: Arc<Inner>,
}

pub(crate) struct Inner {
    pub(crate) connector: Connector,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) live: LiveUpdates,
    pub(crate) renderer: Renderer,
    pub(crate) renderer_hint: String,
    sender: ActivitySender,
    endpoint: RwLock<Uri>,
    service_url: RwLock<String>,
    announced: Mutex<HashSet<Place>>,
    state_file: Option<PathBuf>,
    saving: Mutex<()>,
}

/// What is shown in place of activities that don't reach the bot.
const AWAY: &str = "The bot is away and hears nothing of this";

/// Conversations that are announced concurrently.
const ANNOUNCE_AT_ONCE: usize = 16;

impl Sandbox {
    /// Builds the world. A damaged state file is renamed (`.damaged`), and the world starts fresh.
    pub fn new(config: SandboxConfig) -> Result<Self, SandboxError> {
        if !ids::is_guid(&config.world.bot_app_id) {
            return Err(SandboxError::BotAppId(config.world.bot_app_id));
        }
        if config.world.tenants.is_empty() {
            return Err(SandboxError::NoTenant);
        }
        config.faults.check().map_err(SandboxError::Faults)?;
        let endpoint = endpoint(&config.bot_endpoint)?;
        let service_url = service_url(&config.service_url)?;
        let mut world = World::build(&config.world, config.history);
        if let Some(path) = &config.state_file {
            restore(&mut world, path)?;
        }
        tracing::debug!(
            seed = config.faults.seed,
            "sandbox ready; its faults are derived from this seed"
        );
        let live = LiveUpdates::new();
        let state = ConnectorState {
            world,
            limiter: Limiter::new(config.limits),
            faults: Faults::new(config.faults),
            switches: Switches::default(),
            counters: Counters::default(),
            live: live.clone(),
        };
        let inner = Inner {
            connector: Connector::new(state, config.tokens, config.observer),
            clock: config.clock,
            live,
            renderer: config.renderer,
            renderer_hint: config.renderer_hint,
            sender: ActivitySender::new(config.signer, config.delivery),
            endpoint: RwLock::new(endpoint),
            service_url: RwLock::new(service_url),
            announced: Mutex::new(HashSet::new()),
            state_file: config.state_file,
            saving: Mutex::new(()),
        };
        Ok(Self {
            inner: Arc::new(inner),
        })
    }

    /// The connector, for use without HTTP.
    #[must_use]
    pub fn connector(&self) -> &Connector {
        &self.inner.connector
    }

    /// Everything over HTTP: the page at `/`, the control API below `/sandbox`, the connector below `/_connector`.
    pub fn router(&self) -> axum::Router {
        crate::control::router(self.clone())
    }

    /// Ends the live streams of open pages: without this a graceful shutdown of the server would wait for them.
    pub fn close_streams(&self) {
        self.inner.live.close();
    }

    /// Where activities are posted to.
    #[must_use]
    pub fn bot_endpoint(&self) -> String {
        self.inner
            .endpoint
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .to_string()
    }

    /// Changes where activities are posted to (`http` only).
    pub fn set_bot_endpoint(&self, url: &str) -> Result<(), SandboxError> {
        *self
            .inner
            .endpoint
            .write()
            .unwrap_or_else(PoisonError::into_inner) = endpoint(url)?;
        Ok(())
    }

    /// `serviceUrl` of activities.
    #[must_use]
    pub fn service_url(&self) -> String {
        self.inner
            .service_url
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    /// Changes the `serviceUrl` of activities, for instance when the port is known.
    pub fn set_service_url(&self, url: &str) -> Result<(), SandboxError> {
        *self
            .inner
            .service_url
            .write()
            .unwrap_or_else(PoisonError::into_inner) = service_url(url)?;
        Ok(())
    }

    /// Sends the bot the events of every installation that was not announced in this run, as Teams would
    /// at install time: `installationUpdate` and `conversationUpdate`, once per chat and once per team.
    pub async fn announce_installed(&self) -> Announcement {
        let places: Vec<Place> = {
            let state = self.inner.connector.lock();
            let announced = self
                .inner
                .announced
                .lock()
                .unwrap_or_else(PoisonError::into_inner);
            let now = self.inner.clock.now();
            let selected = |place: &Place| match state.world.team_of(*place) {
                Some((_, team)) => matches!(place, Place::Channel(at) if *at == team.selected),
                None => true,
            };
            let wanted = |place: &Place| {
                state.world.is_installed(*place)
                    && selected(place)
                    && !announced.contains(place)
                    && !state.is_bot_away(now, *place)
            };
            state.world.shown().filter(wanted).collect()
        };
        let results = futures::stream::iter(places)
            .map(|place| self.announce(place))
            .buffer_unordered(ANNOUNCE_AT_ONCE);
        let results: Vec<_> = results.collect().await;
        let mut announcement = Announcement::default();
        for deliveries in results {
            let failed: Vec<_> = deliveries
                .into_iter()
                .filter(|delivery| !delivery.is_delivered())
                .collect();
            announcement.announced += usize::from(failed.is_empty());
            announcement.failed.extend(failed);
        }
        announcement
    }

    async fn announce(&self, place: Place) -> Vec<Delivery> {
        let activities = {
            let state = self.inner.connector.lock();
            let Some(key) = state.world.default_person(place) else {
                return Vec::new();
            };
            let person = state.world.person(key);
            let now = self.inner.clock.now();
            let service_url = state.address_of(now, place, &self.service_url());
            crate::events::EventContext::new(&state.world, place, person, now, &service_url)
                .installation("add")
        };
        let deliveries = self.post(place, &activities).await.deliveries;
        if deliveries.iter().all(Delivery::is_delivered) {
            self.inner
                .announced
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .insert(place);
        }
        deliveries
    }

    /// Applies an event to a conversation and posts its activities to the bot. `person` (any id of theirs) is the
    /// actor; by default the person of the chat, or the first of the roster.
    pub async fn raise(
        &self,
        conversation: &str,
        person: Option<&str>,
        teams_event: &TeamsEvent,
    ) -> Result<EventReport, EventError> {
        let now = self.inner.clock.now();
        let applied =
            self.inner
                .connector
                .lock()
                .raise(now, &self.service_url(), conversation, person, teams_event);
        let AppliedEvent {
            place,
            activities,
            mut report,
        } = applied?;
        if teams_event.changes_the_world() {
            self.save();
        }
        let posted = self.post(place, &activities).await;
        report.deliveries = posted.deliveries;
        report.answer = posted.answer;
        report.note = posted.note.or(report.note);
        if *teams_event == TeamsEvent::Install && report.deliveries.iter().all(Delivery::is_delivered) {
            self.inner
                .announced
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .insert(place);
        }
        Ok(report)
    }

    /// Posts activities in order; those that the bot does not accept are shown in the chat. None while it is away.
    async fn post(&self, place: Place, activities: &[serde_json::Value]) -> EventReport {
        let mut report = EventReport::default();
        if !activities.is_empty() && self.is_bot_away(place) {
            report.note = Some(AWAY.to_owned());
            return report;
        }
        for activity in activities {
            let endpoint = self
                .inner
                .endpoint
                .read()
                .unwrap_or_else(PoisonError::into_inner)
                .clone();
            let (delivery, answer) = self.inner.sender.deliver(&endpoint, activity).await;
            if !delivery.is_delivered() {
                let text = format!(
                    "{} was not accepted: {}",
                    delivery.activity_type,
                    delivery.outcome()
                );
                let now = self.inner.clock.now();
                self.inner
                    .connector
                    .lock()
                    .notice(now, place, Tone::Problem, &text);
            }
            report.deliveries.push(delivery);
            report.answer = answer.or(report.answer);
        }
        report
    }

    /// Shows that activities don't reach the bot, if they don't.
    fn is_bot_away(&self, place: Place) -> bool {
        let now = self.inner.clock.now();
        let mut state = self.inner.connector.lock();
        let away = state.is_bot_away(now, place);
        if away {
            state.notice(now, place, Tone::Info, AWAY);
        }
        away
    }

    fn save(&self) {
        let Some(path) = &self.inner.state_file else {
            return;
        };
        let _one_at_a_time = self.inner.saving.lock().unwrap_or_else(PoisonError::into_inner);
        let json = self.inner.connector.lock().world.state_json();
        if let Err(error) = json.and_then(|json| world::write_state(path, &json)) {
            tracing::error!(%error, "the sandbox's state was not saved");
        }
    }
}

fn restore(world: &mut World, path: &std::path::Path) -> Result<(), SandboxError> {
    let error = match world.restore(path) {
        Ok(()) => return Ok(()),
        Err(error) => error,
    };
    if matches!(error, SavedWorldError::Damaged(_)) {
        let aside = world::keep_aside(path).map_err(|error| SandboxError::State(error.into()))?;
        tracing::warn!(%error, kept_as = %aside.display(), "the sandbox's state file is damaged; it was renamed, and the world starts fresh");
        return Ok(());
    }
    Err(SandboxError::State(error))
}

fn endpoint(url: &str) -> Result<Uri, SandboxError> {
    let uri = Uri::from_str(url)
        .ok()
        .filter(|uri| uri.scheme_str() == Some("http") && uri.host().is_some());
    uri.ok_or_else(|| SandboxError::Endpoint(url.to_owned()))
}

fn service_url(url: &str) -> Result<String, SandboxError> {
    let good = |uri: &Uri| matches!(uri.scheme_str(), Some("http" | "https")) && uri.host().is_some();
    match Uri::from_str(url) {
        Ok(uri) if good(&uri) => Ok(url.to_owned()),
        _ => Err(SandboxError::ServiceUrl(url.to_owned())),
    }
}
