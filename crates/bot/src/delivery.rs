//! How wake-ups travel, and who runs the maintenance. Under the Functions host with Blob Storage wake-ups go through the
//! storage queue of `deliveryQueue/function.json` to whichever instance is free, and `reconcileTimer` runs the maintenance
//! once a minute. Otherwise both happen inside this process. What a wake-up leads to is the domain's.

mod maintenance;
mod queue;

pub(crate) use maintenance::run as maintain;
pub(crate) use queue::receive;

use crate::{
    commands::CommandError,
    settings::{SettingError, Settings, Source, StoreKind},
};
use functions_project::{FunctionState, MessageEncoding, Project, QueueTrigger, Trigger};
use notify::{
    dispatch::{
        fallback::{Fallback, remember},
        in_process::{LocalQueue, local_queue},
    },
    ids::BotId,
    ports::{Clock, WakeUpQueue, WakeUps},
    worker::Slice,
};
use std::{
    path::{Path, PathBuf},
    sync::Arc,
};
use storage::azure::{Account, AzureWakeUpQueue, Encoding};

/// The queue function's folder.
pub(crate) const QUEUE: &str = "deliveryQueue";
/// The reconciling timer's folder.
pub(crate) const TIMER: &str = "reconcileTimer";

/// The setting (prefix) of the storage account, unless a binding names another.
const STORAGE: &str = "AzureWebJobsStorage";

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
        folder: &Path,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, CommandError> {
        let root = project_root(source, folder);
        let project = match root.join("host.json").is_file() {
            true => Some(Project::load(&root, &source.host_settings())?),
            false => None,
        };
        let slice = project.as_ref().map_or(Slice(Slice::LONGEST), slice);
        if (host, settings.store) == (Host::Functions, StoreKind::Blob) {
            let found = project
                .as_ref()
                .and_then(|project| Some((project, trigger(project)?)));
            match found {
                Some((project, (trigger, state))) => match wake_ups(source, project, trigger)? {
                    Some(queue) => {
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
                    None => tracing::warn!(
                        function = QUEUE,
                        connection = trigger.connection,
                        "the storage account has no address for queues: this process delivers by itself, as long as it lives"
                    ),
                },
                None => tracing::warn!(
                    function = QUEUE,
                    folder = %root.display(),
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

/// The folder of host.json: the host names it.
pub(crate) fn project_root(source: &Source, folder: &Path) -> PathBuf {
    source
        .get("FUNCTIONS_APP_ROOT_PATH")
        .map(PathBuf::from)
        .filter(|root| root.join("host.json").is_file())
        .unwrap_or_else(|| folder.to_owned())
}

fn slice(project: &Project) -> Slice {
    match project.host().function_timeout {
        Some(timeout) => Slice::within(timeout),
        None => Slice(Slice::LONGEST),
    }
}

/// The queue function's trigger; a disabled one counts: its queue is filled until it is enabled again.
fn trigger(project: &Project) -> Option<(&QueueTrigger, FunctionState)> {
    for problem in project.problems() {
        tracing::error!(error = %problem, "a function can't be loaded");
    }
    project
        .functions()
        .iter()
        .find_map(|function| match &function.trigger {
            Trigger::Queue(trigger) if function.name.as_str() == QUEUE => Some((trigger, function.state)),
            _ => None,
        })
}

/// `None` when the account has no queues.
fn wake_ups(
    source: &Source,
    project: &Project,
    trigger: &QueueTrigger,
) -> Result<Option<AzureWakeUpQueue>, CommandError> {
    // The host finds "Storage" under "AzureWebJobsStorage" too.
    let connection = match trigger.connection.as_str() {
        "Storage" => STORAGE,
        other => other,
    };
    let account = Account::from_settings(|name| source.get(&name.replacen(STORAGE, connection, 1)))?;
    let account = account.ok_or_else(|| {
        let message = format!("not set; {QUEUE}/function.json names it as the connection of its queue");
        SettingError::new(connection, message)
    })?;
    let encoding = match project.host().queues.encoding {
        MessageEncoding::Base64 => Encoding::Base64,
        MessageEncoding::None => Encoding::None,
    };
    Ok(AzureWakeUpQueue::new(&account, trigger.queue.as_str(), encoding).ok())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    fn folder(timeout: &str) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        let host = format!(
            r#"{{"version":"2.0","functionTimeout":"{timeout}","extensionBundle":{{}},
                "customHandler":{{"description":{{"defaultExecutablePath":"handler"}}}}}}"#
        );
        fs::write(folder.path().join("host.json"), host).unwrap();
        fs::create_dir(folder.path().join(QUEUE)).unwrap();
        let function = include_str!("../../../deliveryQueue/function.json");
        fs::write(folder.path().join(QUEUE).join("function.json"), function).unwrap();
        folder
    }

    fn choose(host: Host, timeout: &str, pairs: &[(&str, &str)]) -> Delivery {
        let source = Source::of(pairs);
        let settings = Settings::read(&source).unwrap();
        Delivery::choose(
            host,
            &settings,
            &BotId::from("b"),
            &source,
            folder(timeout).path(),
            Arc::new(notify::clock::SystemClock::new()),
        )
        .unwrap()
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
