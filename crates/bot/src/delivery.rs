//! How wake-ups travel, and who runs the maintenance. Under the Functions host with Blob Storage wake-ups go through the
//! storage queue of `deliveryQueue/function.json` to whichever instance is free, and `reconcileTimer` runs the maintenance
//! once a minute. Otherwise both happen inside this process. What a wake-up leads to is the domain's.

mod maintenance;
mod queue;

pub(crate) use maintenance::run as maintain;
pub(crate) use queue::receive;

use crate::{
    commands::CommandError,
    settings::{Settings, Source, StoreKind},
};
use functions_project::{FunctionState, MessageEncoding, Project, QueueTrigger, Trigger};
use http_proxy::ProxySettings;
use notify::{
    dispatch::{
        fallback::{Fallback, remember},
        in_process::{LocalQueue, local_queue},
    },
    ids::BotId,
    ports::{Clock, WakeUpQueue, WakeUps},
    worker::Slice,
};
use std::sync::Arc;
use storage::azure::{Account, AzureWakeUpQueue, Encoding};

/// The queue function's folder.
pub(crate) const QUEUE: &str = "deliveryQueue";
/// The reconciling timer's folder.
pub(crate) const TIMER: &str = "reconcileTimer";

/// The setting (prefix) of the storage account, unless a binding names another.
const STORAGE: &str = config::storage::CONNECTION.name();

/// Who plays the Functions host.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Host {
    /// Azure Functions, or the Core Tools.
    Functions,
    /// This process, alone.
    Local,
}

/// The way of wake-ups.
pub(crate) struct Delivery {
    /// Sends them.
    pub(crate) wake_ups: Arc<dyn WakeUps>,
    /// Receives them.
    pub(crate) receiver: Receiver,
    /// Longest work in one invocation of the queue function.
    pub(crate) slice: Slice,
}

/// Who receives wake-ups.
pub(crate) enum Receiver {
    /// The dispatcher in this process, which also runs the maintenance.
    InProcess(LocalQueue),
    /// The two functions.
    Functions {
        /// What they don't handle is left to this; `None` while the queue function is disabled, which is how an
        /// operator pauses it.
        fallback: Option<Fallback>,
        /// Where other bots' wake-ups go back to.
        queue: Arc<dyn WakeUpQueue>,
    },
}

impl Delivery {
    /// Chooses the way. Nothing is sent.
    pub(crate) fn choose(
        host: Host,
        settings: &Settings,
        bot: &BotId,
        source: &Source,
        project: &Project,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, CommandError> {
        let slice = slice(project);
        if (host, settings.store) == (Host::Functions, StoreKind::Blob) {
            match trigger(project) {
                Some((trigger, state)) => {
                    if let Some(queue) = wake_ups(source, project, trigger)? {
                        let queue: Arc<dyn WakeUpQueue> = Arc::new(queue);
                        let (wake_ups, fallback) = remember(Arc::clone(&queue), bot.clone(), clock);
                        return Ok(Self {
                            wake_ups: Arc::new(wake_ups),
                            receiver: Receiver::Functions {
                                fallback: (state == FunctionState::Enabled).then_some(fallback),
                                queue,
                            },
                            slice,
                        });
                    }
                }
                None => tracing::warn!(
                    function = QUEUE,
                    folder = %project.root().display(),
                    "there is no usable function.json of the queue function: this process delivers by itself, as long as it lives"
                ),
            }
        }
        let (wake_ups, queue) = local_queue();
        Ok(Self {
            wake_ups: Arc::new(wake_ups),
            receiver: Receiver::InProcess(queue),
            slice,
        })
    }
}

fn slice(project: &Project) -> Slice {
    match project.host().function_timeout {
        Some(timeout) => Slice::within(timeout),
        None => Slice(Slice::LONGEST),
    }
}

/// The queue function's trigger; a disabled one counts: its queue is filled until it is enabled again.
fn trigger(project: &Project) -> Option<(&QueueTrigger, FunctionState)> {
    project
        .functions()
        .iter()
        .find_map(|function| match &function.trigger {
            Trigger::Queue(trigger) if function.name.as_str() == QUEUE => Some((trigger, function.state)),
            _ => None,
        })
}

/// `None` when the connection leads to no queues.
fn wake_ups(
    source: &Source,
    project: &Project,
    trigger: &QueueTrigger,
) -> Result<Option<AzureWakeUpQueue>, CommandError> {
    let settings = source.host_settings();
    let Some(connection) = settings.connection(&trigger.connection) else {
        tracing::warn!(
            function = QUEUE,
            connection = trigger.connection,
            "the settings have no such connection, under AzureWebJobs and its name or the name itself: the host can't run the function, and this process delivers by itself, as long as it lives"
        );
        return Ok(None);
    };
    let account = Account::from_settings(|name| {
        let part = name.strip_prefix(STORAGE)?;
        let value = match part.strip_prefix("__") {
            Some(part) => connection.part(part),
            None => connection.value(),
        };
        value.map(str::to_owned)
    });
    let account = account.map_err(|mut error| {
        error.setting = error.setting.replacen(STORAGE, connection.name(), 1);
        error
    })?;
    let encoding = match project.host().queues.encoding {
        MessageEncoding::Base64 => Encoding::Base64,
        MessageEncoding::None => Encoding::None,
    };
    let proxies = ProxySettings::read(&|name| source.get(name))?;
    let account = account.map(|account| account.through(proxies));
    let queue =
        account.and_then(|account| AzureWakeUpQueue::new(&account, trigger.queue.as_str(), encoding).ok());
    if queue.is_none() {
        tracing::warn!(
            function = QUEUE,
            connection = connection.name(),
            "the storage account has no address for queues: this process delivers by itself, as long as it lives"
        );
    }
    Ok(queue)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::project;
    use std::fs;

    fn clock() -> Arc<dyn Clock> {
        Arc::new(notify::clock::SystemClock::new())
    }

    fn folder(timeout: &str) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        let host = format!(
            r#"{{"version":"2.0","functionTimeout":"{timeout}","extensionBundle":{{}},
                "customHandler":{{"description":{{"defaultExecutablePath":"handler"}}}}}}"#
        );
        fs::write(folder.path().join("host.json"), host).unwrap();
        fs::create_dir(folder.path().join(QUEUE)).unwrap();
        let function = include_str!("../../../tests/it/fixtures/bot/deliveryQueue/function.json");
        fs::write(folder.path().join(QUEUE).join("function.json"), function).unwrap();
        folder
    }

    fn choose(host: Host, timeout: &str, pairs: &[(&str, &str)]) -> Delivery {
        let source = Source::of(pairs);
        let settings = Settings::read(&source).unwrap();
        let project = project::read(host, &source, folder(timeout).path()).unwrap();
        Delivery::choose(host, &settings, &BotId::from("b"), &source, &project, clock()).unwrap()
    }

    const ACCOUNT: (&str, &str) = ("AzureWebJobsStorage", "UseDevelopmentStorage=true");

    #[test]
    fn the_queue_carries_wake_ups_under_the_functions_host_with_blobs_only() {
        let functions = |host, pairs: &[_]| {
            matches!(
                choose(host, "00:10:00", pairs).receiver,
                Receiver::Functions { .. }
            )
        };
        assert!(functions(Host::Functions, &[ACCOUNT]));
        assert!(functions(
            Host::Functions,
            &[("AzureWebJobsStorage__accountName", "acc")]
        ));
        assert!(!functions(Host::Local, &[ACCOUNT]));
        assert!(!functions(Host::Functions, &[]));
        assert!(!functions(
            Host::Functions,
            &[ACCOUNT, ("NOTIFICATION_STORE", "file")]
        ));
        // An account without queues.
        let blobs = [(
            "AzureWebJobsStorage__blobServiceUri",
            "https://acc.blob.core.windows.net",
        )];
        assert!(!functions(Host::Functions, &blobs));
    }

    #[test]
    fn the_queues_connection_is_found_where_the_host_finds_it() {
        let in_queue = |connection: &str, pairs: &[(&str, &str)]| {
            let folder = folder("00:10:00");
            let function = format!(
                r#"{{"bindings":[{{"type":"queueTrigger","direction":"in","name":"hint","queueName":"jobs","connection":"{connection}"}}]}}"#
            );
            fs::write(folder.path().join(QUEUE).join("function.json"), function).unwrap();
            let pairs: Vec<_> = pairs.iter().copied().chain([ACCOUNT]).collect();
            let source = Source::of(&pairs);
            let settings = Settings::read(&source).unwrap();
            let bot = BotId::from("b");
            let project = project::read(Host::Functions, &source, folder.path()).unwrap();
            Delivery::choose(Host::Functions, &settings, &bot, &source, &project, clock())
                .map(|delivery| matches!(delivery.receiver, Receiver::Functions { .. }))
                .map_err(|error| error.to_string())
        };
        const VALUE: &str = "UseDevelopmentStorage=true";
        for setting in [
            "AzureWebJobsHints",
            "Hints",
            "ConnectionStrings:Hints",
            "ConnectionStrings__AzureWebJobsHints",
        ] {
            assert_eq!(in_queue("Hints", &[(setting, VALUE)]), Ok(true), "{setting}");
        }
        let uri = (
            "AzureWebJobsHints__queueServiceUri",
            "https://acc.queue.core.windows.net",
        );
        assert_eq!(in_queue("Hints", &[uri]), Ok(true));
        assert_eq!(
            in_queue("%WHICH%", &[("WHICH", "Hints"), ("Hints__accountName", "acc")]),
            Ok(true)
        );
        // What the host can't run must not end this process; what is set wrongly is named by its own name.
        assert_eq!(in_queue("Hints", &[]), Ok(false));
        assert_eq!(in_queue("%WHICH%", &[]), Ok(false));
        let wrong = in_queue("Hints", &[("AzureWebJobsHints", "nothing"), ("Hints", VALUE)]);
        assert!(wrong.unwrap_err().starts_with("AzureWebJobsHints: "));
    }

    #[test]
    fn no_part_of_host_json_ends_the_start_under_the_functions_host() {
        let start = |host_json: &str, pairs: &[(&str, &str)]| {
            let folder = folder("00:10:00");
            fs::create_dir(folder.path().join("broken")).unwrap();
            fs::write(folder.path().join("broken/function.json"), "{").unwrap();
            fs::write(folder.path().join("host.json"), host_json).unwrap();
            let pairs: Vec<_> = pairs.iter().copied().chain([ACCOUNT]).collect();
            let source = Source::of(&pairs);
            let settings = Settings::read(&source).unwrap();
            let project = project::read(Host::Functions, &source, folder.path()).unwrap();
            let delivery = Delivery::choose(
                Host::Functions,
                &settings,
                &BotId::from("b"),
                &source,
                &project,
                clock(),
            )
            .unwrap();
            assert!(matches!(delivery.receiver, Receiver::Functions { .. }));
            delivery.slice.0.as_secs()
        };
        let host = r#"{"version":"2.0","functionTimeout":"00:10:00"}"#;
        assert_eq!(start(host, &[]), 540);
        for (name, value) in [
            ("AzureFunctionsJobHost__functions__0", "deliveryQueue"),
            (
                "AzureFunctionsJobHost__customHandler__description__arguments",
                r#"["--x"]"#,
            ),
            ("AzureFunctionsJobHost__customHandler", "x"),
            ("AzureFunctionsJobHost__logging__logLevel", "1"),
            ("AzureFunctionsJobHost__retry__strategy", "x"),
            ("AzureFunctionsJobHost__extensions__queues__batchSize", "x"),
            ("AzureFunctionsJobHost__version", "9"),
        ] {
            assert_eq!(start(host, &[(name, value)]), 540, "{name}");
        }
        assert_eq!(
            start(
                r#"{"version":"2.0","functionTimeout":"00:10:00","extensions":7,"healthMonitor":[],"concurrency":"x","junk":{"a":[{}]}}"#,
                &[]
            ),
            540
        );
        assert_eq!(start(r#"{"functionTimeout":"soon"}"#, &[]), 240);
        assert_eq!(start("{", &[]), 240);
    }

    #[test]
    fn a_disabled_queue_function_pauses_delivery() {
        let disabled = [ACCOUNT, ("AzureWebJobs.deliveryQueue.Disabled", "true")];
        let delivery = choose(Host::Functions, "00:10:00", &disabled);
        let paused = matches!(delivery.receiver, Receiver::Functions { fallback: None, .. });
        assert!(paused);
    }

    #[test]
    fn a_slice_fits_the_function_timeout_or_its_override() {
        let seconds = |timeout: &str, pairs: &[_]| choose(Host::Functions, timeout, pairs).slice.0.as_secs();
        assert_eq!(seconds("00:10:00", &[ACCOUNT]), 540);
        assert_eq!(seconds("-1", &[ACCOUNT]), 1_500);
        assert_eq!(seconds("02:00:00", &[ACCOUNT]), 1_500);
        let shorter = [ACCOUNT, ("AzureFunctionsJobHost__functionTimeout", "00:05:00")];
        assert_eq!(seconds("00:10:00", &shorter), 240);
    }
}
