//! Wake-ups through a storage queue, as the queue trigger of the Functions host reads it.

use super::{
    account::Account,
    error::{Meaning, failed, meaning},
};
use async_trait::async_trait;
use azure_storage_queue::{
    QueueClient, QueueClientOptions,
    models::{QueueClientSendMessageOptions, QueueMessage},
};
use base64::{Engine, engine::general_purpose::STANDARD};
use notify::ports::{AddressedWakeUp, StoreError, WakeUpQueue};
use std::{sync::OnceLock, time::Duration};

/// Longest time a wake-up may take; the caller waits for it.
const BUDGET: Duration = Duration::from_secs(4);
/// Longest delay that the queue knows.
const MAX_DELAY: Duration = Duration::from_secs(7 * 24 * 3600 - 1);

/// How the queue's messages are written: `extensions.queues.messageEncoding` of host.json.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Encoding {
    /// Text in base64, the host's default.
    #[default]
    Base64,
    /// Text as it is.
    None,
}

/// Wake-ups through a queue of the account, which is made when it is missing.
pub struct AzureWakeUpQueue {
    account: Account,
    queue: String,
    encoding: Encoding,
    client: OnceLock<QueueClient>,
}

impl std::fmt::Debug for AzureWakeUpQueue {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "AzureWakeUpQueue({})", self.queue)
    }
}

impl AzureWakeUpQueue {
    /// Wake-ups through `queue`, the name in the queue trigger's function.json. Nothing is sent.
    ///
    /// # Errors
    /// [`StoreError::Refused`] when the account's settings name no queue address.
    pub fn new(account: &Account, queue: &str, encoding: Encoding) -> Result<Self, StoreError> {
        account.queue_url(queue)?;
        Ok(Self {
            account: account.clone(),
            queue: queue.to_owned(),
            encoding,
            client: OnceLock::new(),
        })
    }

    fn client(&self) -> Result<&QueueClient, StoreError> {
        if let Some(client) = self.client.get() {
            return Ok(client);
        }
        let connection = self.account.connection()?;
        let options = QueueClientOptions {
            client_options: connection.options(),
            ..QueueClientOptions::default()
        };
        let url = self.account.queue_url(&self.queue)?;
        let built = QueueClient::new(url, connection.credential(), Some(options)).map_err(|e| failed(&e))?;
        Ok(self.client.get_or_init(|| built))
    }
}

#[async_trait]
impl WakeUpQueue for AzureWakeUpQueue {
    async fn put(&self, wake_up: &AddressedWakeUp, delay: Duration) -> Result<(), StoreError> {
        let json = serde_json::to_string(wake_up).map_err(|e| StoreError::Refused(e.to_string()))?;
        let text = match self.encoding {
            Encoding::Base64 => STANDARD.encode(json),
            Encoding::None => json,
        };
        let client = self.client()?;
        let once = || async {
            let message = QueueMessage {
                message_text: Some(text.clone()),
            };
            let options = QueueClientSendMessageOptions {
                visibility_timeout: visibility(delay),
                ..QueueClientSendMessageOptions::default()
            };
            client.send_message(message.try_into()?, Some(options)).await
        };
        let work = async {
            let Err(error) = once().await else { return Ok(()) };
            let Meaning::NoContainer = meaning(&error) else {
                return Err(failed(&error));
            };
            match client.create(None).await {
                Ok(_) => {}
                Err(error) if matches!(meaning(&error), Meaning::Conflict) => {}
                Err(error) => return Err(failed(&error)),
            }
            once().await.map(drop).map_err(|error| failed(&error))
        };
        tokio::time::timeout(BUDGET, work)
            .await
            .unwrap_or_else(|_| Err(StoreError::unavailable("the wake-up queue took too long")))
    }
}

/// Whole seconds, rounded up: a wake-up that comes a moment too soon finds nothing to do and is gone.
fn visibility(delay: Duration) -> Option<i32> {
    let delay = delay.min(MAX_DELAY);
    let seconds = delay.as_secs() + u64::from(delay.subsec_nanos() > 0);
    i32::try_from(seconds).ok().filter(|seconds| *seconds > 0)
}
