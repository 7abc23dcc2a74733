//! Wake-ups through a storage queue. Sending never fails the caller: the reconciler sends the wake-up again.

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
use notify::{
    ids::BotId,
    ports::{AddressedWakeUp, StoreError, WakeUp, WakeUps},
};
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
pub struct AzureWakeUps {
    account: Account,
    queue: String,
    encoding: Encoding,
    bot: Option<BotId>,
    client: OnceLock<QueueClient>,
}

impl std::fmt::Debug for AzureWakeUps {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "AzureWakeUps({})", self.queue)
    }
}

impl AzureWakeUps {
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
            bot: None,
            client: OnceLock::new(),
        })
    }

    /// Wake-ups that say whose they are, as several bots may share a queue; a bot without an id has none to say.
    #[must_use]
    pub fn of(mut self, bot: BotId) -> Self {
        self.bot = (!bot.as_str().is_empty()).then_some(bot);
        self
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

    /// Sends a wake-up and tells whether it arrived.
    ///
    /// # Errors
    /// When the queue can't be reached or refuses.
    pub async fn try_send(&self, wake_up: &WakeUp, delay: Duration) -> Result<(), StoreError> {
        let addressed = AddressedWakeUp {
            wake_up: wake_up.clone(),
            bot: self.bot.clone(),
            passed: 0,
        };
        self.try_pass(&addressed, delay).await
    }

    /// Sends a wake-up as it is, another bot's too, and tells whether it arrived.
    ///
    /// # Errors
    /// When the queue can't be reached or refuses.
    pub async fn try_pass(&self, wake_up: &AddressedWakeUp, delay: Duration) -> Result<(), StoreError> {
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

#[async_trait]
impl WakeUps for AzureWakeUps {
    async fn send(&self, wake_up: WakeUp, delay: Duration) {
        if let Err(error) = self.try_send(&wake_up, delay).await {
            tracing::warn!(queue = %self.queue, %error, "a wake-up was not sent; the reconciler will send a wake-up again");
        }
    }
}
