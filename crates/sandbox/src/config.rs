//! How a sandbox is set up. Everything has a default that suits a bot on this machine.

use std::path::PathBuf;
use std::sync::Arc;

use crate::clock::{Clock, SystemClock};
use crate::connector::{Observer, TokenDemand};
use crate::events::{DeliveryPolicy, Signer};
use crate::faults::FaultPlan;
use crate::limits::LimitTable;
use crate::world::{History, WorldSpec};

/// Where the page gets the official card renderer from.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Renderer {
    /// Nowhere: cards are shown as text.
    #[default]
    Absent,
    /// `adaptivecards.min.js` of the npm package `adaptivecards`. The file may appear later; the page picks it up.
    File(PathBuf),
}

/// Settings of a [`Sandbox`](crate::Sandbox).
pub struct SandboxConfig {
    /// Who and what is there.
    pub world: WorldSpec,
    /// Where activities are posted to (`http` only).
    pub bot_endpoint: String,
    /// `serviceUrl` of activities: where the bot reaches this sandbox's `/_connector`.
    pub service_url: String,
    /// Time.
    pub clock: Arc<dyn Clock>,
    /// Throttling.
    pub limits: LimitTable,
    /// What goes wrong.
    pub faults: FaultPlan,
    /// Which tokens the connector takes.
    pub tokens: TokenDemand,
    /// Signs the activities; without it they carry no `Authorization`.
    pub signer: Option<Arc<dyn Signer>>,
    /// How stubbornly activities are posted.
    pub delivery: DeliveryPolicy,
    /// How much of the conversations is remembered.
    pub history: History,
    /// Is told of every accepted message.
    pub observer: Option<Observer>,
    /// The card renderer of the page.
    pub renderer: Renderer,
    /// What the page says about a missing renderer: why it is missing and how to get it.
    pub renderer_hint: String,
    /// File that keeps who has the bot, who blocked it, and so on, over a restart.
    pub state_file: Option<PathBuf>,
}

impl Default for SandboxConfig {
    fn default() -> Self {
        Self {
            world: WorldSpec::default(),
            bot_endpoint: "http://127.0.0.1:3978/api/messages".to_owned(),
            service_url: "http://127.0.0.1:3979/_connector/".to_owned(),
            clock: Arc::new(SystemClock),
            limits: LimitTable::default(),
            faults: FaultPlan::default(),
            tokens: TokenDemand::default(),
            signer: None,
            delivery: DeliveryPolicy::default(),
            history: History::default(),
            observer: None,
            renderer: Renderer::default(),
            renderer_hint: "It is the file dist/adaptivecards.min.js of the npm package adaptivecards: \
                with Node.js installed, run npm install adaptivecards."
                .to_owned(),
            state_file: None,
        }
    }
}
