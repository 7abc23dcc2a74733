//! A function as the host understands it after reading its function.json.

use http::Method;

use crate::names::{BindingName, FunctionName, QueueName};
use crate::ncrontab::Schedule;
use crate::retry::Retry;
use crate::route::{LinkError, RouteTemplate};

/// A function that was loaded.
#[derive(Clone, Debug)]
pub struct Function {
    /// The folder's name, and the path of envelope calls.
    pub name: FunctionName,
    /// The trigger binding's name, key of its value in `Data`.
    pub trigger_name: BindingName,
    /// What triggers it.
    pub trigger: Trigger,
    /// Output bindings.
    pub outputs: Vec<Output>,
    /// Exactly an HTTP trigger in and an HTTP binding out: the shape whose requests may be passed on as
    /// they are instead of in an envelope.
    pub http_in_and_out: bool,
    /// Its own retry policy, or host.json's.
    pub retry: Option<Retry>,
    /// Whether it takes part.
    pub state: FunctionState,
}

/// Whether a function takes part.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FunctionState {
    /// Its trigger is served.
    Enabled,
    /// Switched off by `disabled`, by `AzureWebJobs.<Name>.Disabled` or by host.json's `functions`.
    Disabled,
}

/// What triggers a function.
#[derive(Clone, Debug)]
pub enum Trigger {
    /// `httpTrigger`.
    Http(HttpTrigger),
    /// `timerTrigger`.
    Timer(TimerTrigger),
    /// `queueTrigger`.
    Queue(QueueTrigger),
    /// A trigger that the real host knows and this one does not play; it can be invoked by hand.
    Other(String),
}

/// `httpTrigger`.
#[derive(Clone, Debug)]
pub struct HttpTrigger {
    /// Who may call.
    pub auth_level: AuthLevel,
    /// Accepted verbs; `None` = all.
    pub methods: Option<Vec<Method>>,
    /// The route below the prefix: `route`, or the function's name.
    pub route: RouteTemplate,
    /// The whole path: the prefix of host.json (`api`, unless it says otherwise) and the route.
    pub address: RouteTemplate,
}

impl HttpTrigger {
    /// Whether requests with this verb are for the function.
    #[must_use]
    pub fn accepts(&self, method: &Method) -> bool {
        self.methods
            .as_ref()
            .is_none_or(|methods| methods.contains(method))
    }

    /// The public address of a request with these route values; what the route has no parameter for becomes a query.
    /// `base` is the app's address, such as `https://contoso-bot.azurewebsites.net`.
    ///
    /// # Errors
    /// [`LinkError`] when a value is missing or would not be accepted.
    pub fn link(&self, base: &str, values: &[(&str, &str)]) -> Result<String, LinkError> {
        let path = self.address.path(values)?;
        Ok(format!("{}{path}", base.trim_end_matches('/')))
    }
}

/// `authLevel` of an HTTP trigger.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AuthLevel {
    /// Anyone.
    Anonymous,
    /// A function key, host key or the master key (the default).
    Function,
    /// The master key.
    Admin,
}

/// `timerTrigger`.
#[derive(Clone, Debug)]
pub struct TimerTrigger {
    /// When it fires.
    pub schedule: Schedule,
    /// `useMonitor` as far as it holds: not for schedules below a minute.
    pub monitored: bool,
    /// `runOnStartup`.
    pub run_on_startup: bool,
}

/// `queueTrigger`.
#[derive(Clone, Debug)]
pub struct QueueTrigger {
    /// The queue listened to.
    pub queue: QueueName,
    /// Name of the setting (or prefix of the settings) of its storage account.
    pub connection: String,
    /// How the message's text reaches the handler.
    pub data_type: DataType,
}

/// `dataType` of a binding.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DataType {
    /// Text (the default).
    Text,
    /// Bytes: base64 in the envelope.
    Binary,
}

/// An output binding.
#[derive(Clone, Debug)]
pub struct Output {
    /// Key of its value in `Outputs`.
    pub name: BindingName,
    /// Where the value goes.
    pub kind: OutputKind,
}

/// Where an output goes.
#[derive(Clone, Debug)]
pub enum OutputKind {
    /// The HTTP response.
    Http,
    /// A queue.
    Queue {
        /// Its name.
        queue: QueueName,
        /// Binary: a base64-looking string is not decoded.
        data_type: DataType,
    },
    /// A binding that this host does not write; the value is in the invocation's report only.
    Other(String),
}
