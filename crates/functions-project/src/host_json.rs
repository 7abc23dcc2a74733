//! host.json: what of it concerns a custom handler, with the host's defaults.

use std::path::Path;
use std::time::Duration;

use serde_json::{Map, Value};

use crate::json;
use crate::overrides;
use crate::problem::{Place, Problem};
use crate::retry::{self, Retry};
use crate::section::Section;
use crate::settings::Settings;

const FILE: &str = "host.json";
/// The default of the Core Tools and of plans without a limit.
const DEFAULT_TIMEOUT: Duration = Duration::from_secs(30 * 60);
const DEFAULT_INITIALIZATION: Duration = Duration::from_secs(30);

/// A loaded host.json.
#[derive(Clone, Debug)]
pub struct HostConfig {
    /// How long one invocation may take; `None` = without limit (`"-1"`). Default 30 minutes.
    pub function_timeout: Option<Duration>,
    /// The executable and how requests reach it.
    pub custom_handler: CustomHandler,
    /// `extensions.http`.
    pub http: HttpConfig,
    /// `extensions.queues`.
    pub queues: QueuesConfig,
    /// `retry` at the root, applied to functions without their own.
    pub retry: Option<Retry>,
    /// `functions`: only these are loaded.
    pub only: Option<Vec<String>>,
    /// Whether `extensionBundle` is there, without which queue and most other bindings are unknown.
    pub has_extension_bundle: bool,
}

/// `customHandler` (or the older `httpWorker`).
#[derive(Clone, Debug)]
pub struct CustomHandler {
    /// `description.defaultExecutablePath`, with `%SETTING%` replaced.
    pub executable: String,
    /// `description.arguments`.
    pub arguments: Vec<String>,
    /// `description.defaultWorkerPath`: passed in quotes after the arguments.
    pub worker_path: Option<String>,
    /// `description.workerArguments`.
    pub worker_arguments: Vec<String>,
    /// `description.workerDirectory`: where a relative executable is looked up.
    pub worker_directory: Option<String>,
    /// `description.workingDirectory`: the handler's working directory; default the project's root.
    pub working_directory: Option<String>,
    /// `enableProxyingHttpRequest`.
    pub proxying: bool,
    /// `enableForwardingHttpRequest`.
    pub forwarding: bool,
    /// `initializationTimeout`, default 30 s.
    pub initialization_timeout: Duration,
    /// `port`: a fixed port instead of a free one.
    pub port: Option<u16>,
    /// `description.useStdErrorStreamForErrorsOnly`, default true.
    pub stderr_is_errors: bool,
    /// The section is `httpWorker`: forwarded paths are then the function's name.
    pub legacy: bool,
}

/// `extensions.http`.
#[derive(Clone, Debug)]
pub struct HttpConfig {
    /// First part of every route, without slashes at its ends; default `api`, may be empty.
    pub route_prefix: String,
    /// `customHeaders`: added to every response.
    pub custom_headers: Vec<(String, String)>,
}

/// `extensions.queues`.
#[derive(Clone, Debug)]
pub struct QueuesConfig {
    /// Messages fetched at once, 1–32, default 16.
    pub batch_size: usize,
    /// A new batch is fetched when so many are left in work; default half a batch per processor.
    pub new_batch_threshold: usize,
    /// After so many failed deliveries a message goes to the poison queue; default 5.
    pub max_dequeue_count: u32,
    /// How long a message stays hidden after a failed attempt; default 0.
    pub visibility_timeout: Duration,
    /// How messages are written on the wire.
    pub encoding: MessageEncoding,
}

/// `extensions.queues.messageEncoding`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MessageEncoding {
    /// Base64 (the default): 48 KiB of text fit into a message.
    Base64,
    /// Raw text: 64 KiB fit.
    None,
}

impl HostConfig {
    /// Reads `host.json` in `root` and applies the settings that override it.
    ///
    /// # Errors
    /// The [`Problem`] for which the real host would not start.
    pub fn load(root: &Path, settings: &Settings) -> Result<Self, Problem> {
        let path = root.join(FILE);
        if !path.exists() {
            return Err(Problem::new(
                FILE,
                Place::File,
                format!(
                    "not found in {}; the folder of a function app holds one, beginning {{\"version\": \"2.0\"}}",
                    root.display()
                ),
            ));
        }
        let mut value = json::read(&path, FILE)?;
        overrides::apply(&mut value, settings);
        Self::from_value(&value, settings)
    }

    fn from_value(value: &Value, settings: &Settings) -> Result<Self, Problem> {
        let root = Section::new(FILE, value.as_object(), "");
        match root.text("version")?.as_deref() {
            Some("2.0") => {}
            Some(other) => {
                return Err(root.problem("version", format!("is \"{other}\"; exactly \"2.0\" is accepted")));
            }
            None => return Err(root.problem("version", "is missing; write \"version\": \"2.0\"")),
        }
        Ok(Self {
            function_timeout: function_timeout(&root)?,
            custom_handler: custom_handler(&root, settings)?,
            http: http(&root, settings)?,
            queues: queues(&root)?,
            retry: retry::read(&root)?,
            only: root.texts("functions")?,
            has_extension_bundle: root.find("extensionBundle").is_some(),
        })
    }
}

fn function_timeout(root: &Section<'_>) -> Result<Option<Duration>, Problem> {
    match root.text("functionTimeout")?.as_deref() {
        None => Ok(Some(DEFAULT_TIMEOUT)),
        Some("-1") => Ok(None),
        Some(_) => match root.timespan("functionTimeout")? {
            Some(span) if span >= Duration::from_secs(1) => Ok(Some(span)),
            _ => Err(root.problem(
                "functionTimeout",
                "is too short; at least 00:00:01, or \"-1\" for no limit",
            )),
        },
    }
}

fn custom_handler(root: &Section<'_>, settings: &Settings) -> Result<CustomHandler, Problem> {
    let (name, legacy) = if root.find("customHandler").is_some() {
        ("customHandler", false)
    } else if root.find("httpWorker").is_some() {
        ("httpWorker", true)
    } else {
        return Err(root.problem(
            "customHandler",
            "is missing; a custom handler is named by \"customHandler\": {\"description\": {\"defaultExecutablePath\": \"handler\"}}",
        ));
    };
    let (map, pointer) = object(root, name)?;
    let section = Section::new(FILE, Some(map), &pointer);
    let (description, pointer) = object(&section, "description")?;
    let description = Section::new(FILE, Some(description), &pointer);
    let executable = description.text("defaultExecutablePath")?.unwrap_or_default();
    if executable.trim().is_empty() {
        return Err(description.problem(
            "defaultExecutablePath",
            "is missing or empty; the path of the handler's executable is expected",
        ));
    }
    let initialization_timeout = section
        .timespan("initializationTimeout")?
        .unwrap_or(DEFAULT_INITIALIZATION);
    let port = section
        .whole("port", 0..=i64::from(u16::MAX))?
        .and_then(|port| u16::try_from(port).ok());
    if let Some((_, pointer)) = section.object("http")? {
        let message =
            "routes without function.json files are not played here; write a function.json for each function";
        return Err(Problem::new(FILE, Place::Pointer(pointer), message));
    }
    Ok(CustomHandler {
        executable: settings.expand(executable.trim()),
        arguments: expanded(description.texts("arguments")?, settings),
        worker_path: non_empty(description.text("defaultWorkerPath")?),
        worker_arguments: expanded(description.texts("workerArguments")?, settings),
        worker_directory: non_empty(description.text("workerDirectory")?),
        working_directory: non_empty(description.text("workingDirectory")?),
        proxying: !legacy && section.flag("enableProxyingHttpRequest")?.unwrap_or(false),
        forwarding: legacy || section.flag("enableForwardingHttpRequest")?.unwrap_or(false),
        initialization_timeout,
        port: port.filter(|port| *port != 0),
        stderr_is_errors: description
            .flag("useStdErrorStreamForErrorsOnly")?
            .unwrap_or(true),
        legacy,
    })
}

fn object<'a>(section: &Section<'a>, name: &str) -> Result<(&'a Map<String, Value>, String), Problem> {
    section
        .object(name)?
        .ok_or_else(|| section.problem(name, "is missing; an object is expected"))
}

fn expanded(texts: Option<Vec<String>>, settings: &Settings) -> Vec<String> {
    texts
        .unwrap_or_default()
        .iter()
        .map(|text| settings.expand(text))
        .collect()
}

fn non_empty(text: Option<String>) -> Option<String> {
    text.filter(|text| !text.trim().is_empty())
}

fn http(root: &Section<'_>, settings: &Settings) -> Result<HttpConfig, Problem> {
    let extensions = root.object("extensions")?;
    let pointer = extensions
        .as_ref()
        .map_or_else(String::new, |(_, pointer)| pointer.clone());
    let extensions = Section::new(FILE, extensions.map(|(map, _)| map), &pointer);
    let http = extensions.object("http")?;
    let pointer = http
        .as_ref()
        .map_or_else(String::new, |(_, pointer)| pointer.clone());
    let http = Section::new(FILE, http.map(|(map, _)| map), &pointer);
    let prefix = http.text("routePrefix")?.unwrap_or_else(|| "api".to_owned());
    let prefix = settings
        .resolve(&prefix)
        .map_err(|message| http.problem("routePrefix", message))?;
    let mut custom_headers = Vec::new();
    if let Some((headers, pointer)) = http.object("customHeaders")? {
        let section = Section::new(FILE, Some(headers), &pointer);
        for name in headers.keys() {
            let value = section.text(name)?.unwrap_or_default();
            if http::HeaderName::try_from(name.as_str()).is_err()
                || http::HeaderValue::try_from(value.as_str()).is_err()
            {
                return Err(section.problem(name, "is no valid header name and value"));
            }
            custom_headers.push((name.clone(), value));
        }
    }
    Ok(HttpConfig {
        route_prefix: prefix.trim_matches('/').to_owned(),
        custom_headers,
    })
}

fn queues(root: &Section<'_>) -> Result<QueuesConfig, Problem> {
    let extensions = root.object("extensions")?;
    let pointer = extensions
        .as_ref()
        .map_or_else(String::new, |(_, pointer)| pointer.clone());
    let extensions = Section::new(FILE, extensions.map(|(map, _)| map), &pointer);
    let queues = extensions.object("queues")?;
    let pointer = queues
        .as_ref()
        .map_or_else(String::new, |(_, pointer)| pointer.clone());
    let queues = Section::new(FILE, queues.map(|(map, _)| map), &pointer);
    let count = |number: Option<i64>| number.and_then(|number| usize::try_from(number).ok());
    let batch_size = count(queues.whole("batchSize", 1..=32)?).unwrap_or(16);
    let processors = std::thread::available_parallelism().map_or(1, usize::from);
    let polling = queues.timespan("maxPollingInterval")?;
    if polling.is_some_and(|interval| interval < Duration::from_millis(100)) {
        return Err(queues.problem("maxPollingInterval", "is too short; at least 00:00:00.1"));
    }
    let encoding = match queues
        .text("messageEncoding")?
        .map(|text| text.to_ascii_lowercase())
        .as_deref()
    {
        None | Some("base64") => MessageEncoding::Base64,
        Some("none") => MessageEncoding::None,
        Some(other) => {
            return Err(queues.problem(
                "messageEncoding",
                format!("is \"{other}\"; base64 or none is accepted"),
            ));
        }
    };
    Ok(QueuesConfig {
        batch_size,
        new_batch_threshold: count(queues.whole("newBatchThreshold", 0..=1_000_000)?)
            .unwrap_or(batch_size / 2 * processors),
        max_dequeue_count: queues
            .whole("maxDequeueCount", 1..=i64::from(u32::MAX))?
            .and_then(|number| u32::try_from(number).ok())
            .unwrap_or(5),
        visibility_timeout: queues.timespan("visibilityTimeout")?.unwrap_or_default(),
        encoding,
    })
}
