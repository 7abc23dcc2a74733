//! The storage account as the Functions host reads it: `AzureWebJobsStorage` as a connection string, or
//! `AzureWebJobsStorage__…` for an identity. Other settings don't come in here.

use super::{
    connection_string,
    endpoint::{self, Access, Endpoints, Identity},
    requests::{RequestCounts, Requests},
    transport::Connection,
};
use config::storage::{ACCOUNT_NAME, BLOB_SERVICE_URI, CLIENT_ID, CONNECTION, CREDENTIAL, QUEUE_SERVICE_URI};
use http_proxy::ProxySettings;
use notify::ports::StoreError;
use std::{
    fmt,
    sync::{Arc, OnceLock},
};
use url::Url;

/// The setting of a connection string, and the beginning of those of an identity.
const STORAGE: &str = CONNECTION.name();
const ACCEPTED: &str = "accepted: a connection string with AccountKey or SharedAccessSignature, \
     UseDevelopmentStorage=true, or AzureWebJobsStorage__accountName (or __blobServiceUri and __queueServiceUri) \
     with __credential=managedidentity and, for a user-assigned identity, __clientId";

/// A setting of the storage account is wrong. Says which and what is accepted; never holds a value.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{setting}: {problem}. {ACCEPTED}")]
pub struct AccountError {
    /// Name of the setting.
    pub setting: String,
    /// What is wrong with it.
    pub problem: String,
}

impl AccountError {
    pub(super) fn new(setting: &str, problem: &str) -> Self {
        Self {
            setting: setting.to_owned(),
            problem: problem.to_owned(),
        }
    }
}

/// A storage account: where it is and how to get in. Cheap to make and to clone; connects on first use.
#[derive(Clone)]
pub struct Account {
    shared: Arc<Shared>,
}

struct Shared {
    endpoints: Endpoints,
    access: Access,
    proxies: ProxySettings,
    requests: Arc<Requests>,
    connection: OnceLock<Connection>,
}

impl fmt::Debug for Account {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let access = match &self.shared.access {
            Access::Key { .. } => "key",
            Access::Sas(_) => "shared access signature",
            Access::Identity(_) => "identity",
        };
        f.debug_struct("Account")
            .field("blob", &self.shared.endpoints.blob.as_ref().map(Url::as_str))
            .field("queue", &self.shared.endpoints.queue.as_ref().map(Url::as_str))
            .field("access", &access)
            .finish()
    }
}

impl Account {
    /// Reads the settings through `get` (a name to its value). `Ok(None)` when no storage account is set.
    ///
    /// # Errors
    /// [`AccountError`] names the setting that is wrong and what is accepted.
    pub fn from_settings(get: impl Fn(&str) -> Option<String>) -> Result<Option<Self>, AccountError> {
        if let Some(text) = CONNECTION.read(&get) {
            return Self::from_connection_string(&text).map(Some);
        }
        let (name, blob, queue) = (
            ACCOUNT_NAME.read(&get),
            BLOB_SERVICE_URI.read(&get),
            QUEUE_SERVICE_URI.read(&get),
        );
        let (credential, client) = (CREDENTIAL.read(&get), CLIENT_ID.read(&get));
        if name.is_none() && blob.is_none() && queue.is_none() {
            return match (credential, client) {
                (None, None) => Ok(None),
                _ => Err(AccountError::new(
                    ACCOUNT_NAME.name(),
                    "it is missing although an identity is set",
                )),
            };
        }
        for unsupported in ["managedIdentityResourceId", "clientSecret", "tenantId"] {
            let setting = format!("{STORAGE}__{unsupported}");
            if get(&setting).is_some_and(|value| !value.trim().is_empty()) {
                return Err(AccountError::new(
                    &setting,
                    "this way of signing in is not supported",
                ));
            }
        }
        let identity = match (credential.as_deref(), client) {
            (None, None) => Identity::Default,
            (None, Some(client)) => Identity::User(client),
            (Some(word), client) if word.eq_ignore_ascii_case("managedidentity") => {
                client.map_or(Identity::System, Identity::User)
            }
            (Some(_), _) => {
                return Err(AccountError::new(
                    CREDENTIAL.name(),
                    "the only value is `managedidentity`",
                ));
            }
        };
        let endpoint =
            |setting: &str, given: Option<String>, service: &str| -> Result<Option<Url>, AccountError> {
                let url = match (given, &name) {
                    (Some(text), _) => endpoint::parse(setting, "the value", &text)?,
                    (None, Some(name)) => {
                        let named = ACCOUNT_NAME.name();
                        endpoint::check_account(named, name)?;
                        Url::parse(&format!("https://{name}.{service}.core.windows.net"))
                            .map_err(|_| AccountError::new(named, "it is not a name"))?
                    }
                    (None, None) => return Ok(None),
                };
                if url.scheme() != "https" {
                    return Err(AccountError::new(
                        setting,
                        "with an identity the address must be https",
                    ));
                }
                Ok(Some(url))
            };
        let endpoints = Endpoints {
            blob: endpoint(BLOB_SERVICE_URI.name(), blob, "blob")?,
            queue: endpoint(QUEUE_SERVICE_URI.name(), queue, "queue")?,
        };
        Ok(Some(Self::new(endpoints, Access::Identity(identity))))
    }

    /// Takes a connection string.
    ///
    /// # Errors
    /// [`AccountError`] names the part that is wrong.
    pub fn from_connection_string(text: &str) -> Result<Self, AccountError> {
        let (endpoints, access) = connection_string::parse(STORAGE, text)?;
        if endpoints.blob.is_none() {
            return Err(AccountError::new(
                STORAGE,
                "neither AccountName nor BlobEndpoint is given",
            ));
        }
        Ok(Self::new(endpoints, access))
    }

    fn new(endpoints: Endpoints, access: Access) -> Self {
        Self::with(endpoints, access, ProxySettings::none())
    }

    /// The same account, reached through these proxies; without a call of this, through none.
    #[must_use]
    pub fn through(self, proxies: ProxySettings) -> Self {
        Self::with(self.shared.endpoints.clone(), self.shared.access.clone(), proxies)
    }

    fn with(endpoints: Endpoints, access: Access, proxies: ProxySettings) -> Self {
        Self {
            shared: Arc::new(Shared {
                endpoints,
                access,
                proxies,
                requests: Arc::default(),
                connection: OnceLock::new(),
            }),
        }
    }

    /// Requests sent so far by all stores of this account, retries included.
    pub fn requests(&self) -> RequestCounts {
        self.shared.requests.counts()
    }

    pub(super) fn blob_url(&self, container: &str) -> Result<Url, StoreError> {
        self.service_url(self.shared.endpoints.blob.as_ref(), "blob", container)
    }

    pub(super) fn queue_url(&self, queue: &str) -> Result<Url, StoreError> {
        self.service_url(self.shared.endpoints.queue.as_ref(), "queue", queue)
    }

    fn service_url(&self, base: Option<&Url>, service: &str, name: &str) -> Result<Url, StoreError> {
        let Some(base) = base else {
            return Err(StoreError::Refused(format!(
                "{STORAGE} names no {service} address; set AccountName, or the {service} endpoint"
            )));
        };
        let mut url = base.clone();
        if let Ok(mut segments) = url.path_segments_mut() {
            segments.pop_if_empty().push(name);
        }
        if let Access::Sas(sas) = &self.shared.access {
            url.set_query(Some(sas.secret()));
        }
        Ok(url)
    }

    /// The connection that all stores of the account share, built on first use.
    pub(super) fn connection(&self) -> Result<&Connection, StoreError> {
        if let Some(connection) = self.shared.connection.get() {
            return Ok(connection);
        }
        let built = Connection::build(
            &self.shared.access,
            &self.shared.proxies,
            self.shared.requests.clone(),
        )?;
        Ok(self.shared.connection.get_or_init(|| built))
    }
}

#[cfg(test)]
mod tests;
