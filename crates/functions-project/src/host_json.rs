//! host.json: what of it concerns a custom handler, with the host's defaults.

use std::path::Path;
use std::time::Duration;

use crate::configuration::{Configuration, ConfigurationSection, FILE};
use crate::json;
use crate::problem::{Place, Problem};
use crate::retry::{self, Retry};
use crate::settings::Settings;

/// The default of all plans but Consumption on Windows.
const DEFAULT_TIMEOUT: Duration = Duration::from_secs(30 * 60);
/// Taken where the host's own limit can't be read: the shortest default of any plan.
const CAUTIOUS_TIMEOUT: Duration = Duration::from_secs(5 * 60);
const DEFAULT_INITIALIZATION: Duration = Duration::from_secs(30);

/// A loaded host.json.
#[derive(Clone, Debug)]
pub struct HostConfig {
    /// How long one invocation may take; `None` = without limit (`"-1"`). Default 30 minutes.
    pub function_timeout: Option<Duration>,
    /// `extensions.http`.
    pub http: HttpConfig,
    /// `extensions.queues`.
    pub queues: QueuesConfig,
    /// `retry` at the root, applied to functions without their own.
    pub retry: Option<Retry>,
    /// `functions`: only these run.
    pub listed_functions: Option<Vec<String>>,
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
    /// Reads everything as critically as the host.
    pub(super) fn read(configuration: &Configuration, settings: &Settings) -> Result<Self, Problem> {
        let root = configuration.root();
        Ok(Self {
            function_timeout: function_timeout(&root)?,
            http: HttpConfig {
                route_prefix: route_prefix(&root, settings)?,
                custom_headers: custom_headers(&root)?,
            },
            queues: queues(&root)?,
            retry: retry::read_host(&root.section("retry"))?,
            listed_functions: listed_functions(&root),
            has_extension_bundle: root.section("extensionBundle").exists(),
        })
    }

    /// Reads what a handler needs to know of the host around it. That host has judged the rest; what can't be read here
    /// is replaced by something cautious and reported.
    pub(super) fn observe(
        configuration: &Configuration,
        settings: &Settings,
        problems: &mut Vec<Problem>,
    ) -> Self {
        let root = configuration.root();
        Self {
            function_timeout: function_timeout(&root).unwrap_or_else(|problem| {
                problems.push(problem.and(format!(
                    "an invocation is taken to be limited to {} minutes",
                    CAUTIOUS_TIMEOUT.as_secs() / 60
                )));
                Some(CAUTIOUS_TIMEOUT)
            }),
            http: HttpConfig {
                route_prefix: route_prefix(&root, settings).unwrap_or_else(|problem| {
                    problems.push(problem.and(format!("the prefix is taken to be \"{DEFAULT_PREFIX}\"")));
                    DEFAULT_PREFIX.to_owned()
                }),
                custom_headers: Vec::new(),
            },
            queues: QueuesConfig {
                encoding: encoding(&queues_section(&root)).unwrap_or_else(|problem| {
                    problems.push(problem.and("messages are taken to be in base64"));
                    MessageEncoding::Base64
                }),
                ..QueuesConfig::default()
            },
            retry: None,
            listed_functions: listed_functions(&root),
            has_extension_bundle: true,
        }
    }
}

/// The file's JSON, which the host refuses without the right version.
pub(super) fn load(root: &Path) -> Result<serde_json::Value, Problem> {
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
    json::read(&path, FILE)
}

/// What stands for a file that can't be read.
pub(super) fn cautious() -> serde_json::Value {
    let minutes = CAUTIOUS_TIMEOUT.as_secs() / 60;
    serde_json::json!({"functionTimeout": format!("00:{minutes:02}:00")})
}

/// The host looks at the file alone here, and at this very name.
pub(super) fn check_version(host: &serde_json::Value) -> Result<(), Problem> {
    let problem = |message: String| Problem::new(FILE, Place::Pointer("/version".to_owned()), message);
    match host.get("version") {
        Some(serde_json::Value::String(version)) if version == "2.0" => Ok(()),
        None => Err(problem("is missing; write \"version\": \"2.0\"".to_owned())),
        Some(other) => Err(problem(format!("is {other}; exactly \"2.0\" is accepted"))),
    }
}

fn function_timeout(root: &ConfigurationSection<'_>) -> Result<Option<Duration>, Problem> {
    let section = root.section("functionTimeout");
    match section.filled() {
        None => Ok(Some(DEFAULT_TIMEOUT)),
        // A day less than nothing, as .NET reads it, is without limit.
        Some("-1" | "-1.00:00:00" | "-1:00:00:00") => Ok(None),
        Some(_) => match section.timespan()? {
            Some(span) if span >= Duration::from_secs(1) => Ok(Some(span)),
            _ => Err(section.problem("is too short; at least 00:00:01, or \"-1\" for no limit")),
        },
    }
}

fn listed_functions(root: &ConfigurationSection<'_>) -> Option<Vec<String>> {
    let names = root.section("functions").list()?;
    Some(names.into_iter().map(str::to_owned).collect())
}

impl CustomHandler {
    /// Reads the section as critically as the host.
    pub(super) fn read(configuration: &Configuration, settings: &Settings) -> Result<Self, Problem> {
        let root = configuration.root();
        let (current, older) = (root.section("customHandler"), root.section("httpWorker"));
        let (section, legacy) = match (current.exists(), older.exists()) {
            (true, _) => (current, false),
            (false, true) => (older, true),
            (false, false) => {
                return Err(current.problem(
                    "is missing; a custom handler is named by \"customHandler\": {\"description\": {\"defaultExecutablePath\": \"handler\"}}",
                ));
            }
        };
        let description = section.section("description");
        if !description.has_children() {
            return Err(description.problem("is missing; an object is expected"));
        }
        let executable = description.section("defaultExecutablePath");
        let Some(path) = executable.filled() else {
            return Err(
                executable.problem("is missing or empty; the path of the handler's executable is expected")
            );
        };
        let http = section.section("http");
        if http.section("routes").has_children() {
            return Err(http.problem(
                "routes without function.json files are not played here; write a function.json for each function",
            ));
        }
        let text = |name: &str| {
            let text = description.section(name);
            text.filled().map(str::to_owned)
        };
        let flag = |name: &str| section.section(name).flag();
        Ok(Self {
            executable: settings.expand(path),
            arguments: arguments(&description.section("arguments"), settings),
            worker_path: text("defaultWorkerPath"),
            worker_arguments: arguments(&description.section("workerArguments"), settings),
            worker_directory: text("workerDirectory"),
            working_directory: text("workingDirectory"),
            proxying: !legacy && flag("enableProxyingHttpRequest")?.unwrap_or(false),
            forwarding: legacy || flag("enableForwardingHttpRequest")?.unwrap_or(false),
            initialization_timeout: section
                .section("initializationTimeout")
                .timespan()?
                .unwrap_or(DEFAULT_INITIALIZATION),
            port: port(&section.section("port"))?,
            stderr_is_errors: description
                .section("useStdErrorStreamForErrorsOnly")
                .flag()?
                .unwrap_or(true),
            legacy,
        })
    }
}

/// What is no whole number is no port: the host then takes a free one.
fn port(section: &ConfigurationSection<'_>) -> Result<Option<u16>, Problem> {
    match section.filled().map(str::parse::<i32>) {
        Some(Ok(number)) => match u16::try_from(number) {
            Ok(port) => Ok(Some(port).filter(|port| *port != 0)),
            Err(_) => Err(section.problem(format!("is {number}; a port from 1 to 65535 is expected"))),
        },
        None | Some(Err(_)) => Ok(None),
    }
}

/// An array, or a text that holds one as JSON: a setting can write it so. Any other text counts for nothing
/// (`HttpWorkerOptionsSetup.GetArgumentList` of the host).
fn arguments(section: &ConfigurationSection<'_>, settings: &Settings) -> Vec<String> {
    let written = section
        .text()
        .and_then(|text| serde_json::from_str::<Vec<String>>(text).ok())
        .or_else(|| {
            let texts = section.list()?;
            Some(texts.into_iter().map(str::to_owned).collect())
        });
    written
        .unwrap_or_default()
        .iter()
        .map(|text| settings.expand(text))
        .collect()
}

const DEFAULT_PREFIX: &str = "api";

fn http_section<'a>(root: &ConfigurationSection<'a>) -> ConfigurationSection<'a> {
    root.section("extensions").section("http")
}

/// null is the empty prefix, as .NET binds it.
fn route_prefix(root: &ConfigurationSection<'_>, settings: &Settings) -> Result<String, Problem> {
    let section = http_section(root).section("routePrefix");
    let written = section.text().unwrap_or(DEFAULT_PREFIX).trim();
    let prefix = settings
        .resolve(written)
        .map_err(|message| section.problem(message))?;
    Ok(prefix.trim_matches('/').to_owned())
}

fn custom_headers(root: &ConfigurationSection<'_>) -> Result<Vec<(String, String)>, Problem> {
    let section = http_section(root).section("customHeaders");
    let mut headers = Vec::new();
    for name in section.children() {
        let header = section.section(name);
        let value = header.text().unwrap_or_default();
        if http::HeaderName::try_from(name).is_err() || http::HeaderValue::try_from(value).is_err() {
            return Err(header.problem("is no valid header name and value"));
        }
        headers.push((name.to_owned(), value.to_owned()));
    }
    Ok(headers)
}

fn queues_section<'a>(root: &ConfigurationSection<'a>) -> ConfigurationSection<'a> {
    root.section("extensions").section("queues")
}

fn encoding(queues: &ConfigurationSection<'_>) -> Result<MessageEncoding, Problem> {
    let section = queues.section("messageEncoding");
    // An enumeration of .NET may also be written as its number.
    match section.filled().map(str::to_ascii_lowercase).as_deref() {
        None | Some("base64" | "1") => Ok(MessageEncoding::Base64),
        Some("none" | "0") => Ok(MessageEncoding::None),
        Some(other) => Err(section.problem(format!("is \"{other}\"; base64 or none is accepted"))),
    }
}

impl Default for QueuesConfig {
    fn default() -> Self {
        let processors = std::thread::available_parallelism().map_or(1, usize::from);
        Self {
            batch_size: 16,
            new_batch_threshold: 8 * processors,
            max_dequeue_count: 5,
            visibility_timeout: Duration::ZERO,
            encoding: MessageEncoding::Base64,
        }
    }
}

fn queues(root: &ConfigurationSection<'_>) -> Result<QueuesConfig, Problem> {
    let queues = queues_section(root);
    let count = |name: &str, accepted| {
        let number = queues.section(name).whole(accepted)?;
        Ok(number.and_then(|number| usize::try_from(number).ok()))
    };
    let default = QueuesConfig::default();
    let batch_size = count("batchSize", 1..=32)?.unwrap_or(default.batch_size);
    let polling = queues.section("maxPollingInterval");
    if polling
        .timespan()?
        .is_some_and(|interval| interval < Duration::from_millis(100))
    {
        return Err(polling.problem("is too short; at least 00:00:00.1"));
    }
    let threshold = count("newBatchThreshold", 0..=i64::from(i32::MAX))?;
    Ok(QueuesConfig {
        batch_size,
        new_batch_threshold: threshold
            .unwrap_or(batch_size * default.new_batch_threshold / default.batch_size),
        max_dequeue_count: queues
            .section("maxDequeueCount")
            .whole(1..=i64::from(i32::MAX))?
            .and_then(|number| u32::try_from(number).ok())
            .unwrap_or(default.max_dequeue_count),
        visibility_timeout: queues
            .section("visibilityTimeout")
            .timespan()?
            .unwrap_or(default.visibility_timeout),
        encoding: encoding(&queues)?,
    })
}
