//! A blob container as an object store. The container is made when the first write finds it missing.

mod leases;
mod listing;
mod page;

use super::{
    account::Account,
    error::{Meaning, failed, meaning},
    transport::{BUDGET, LIST_BUDGET},
};
use crate::limits;
use async_trait::async_trait;
use azure_core::http::{Etag as SdkEtag, NoFormat, Pipeline, RequestContent};
use azure_storage_blob::{
    BlobClient, BlobContainerClient, BlobContainerClientOptions,
    models::{
        AppendBlobClientAppendBlockOptions, AppendBlobClientAppendBlockResultHeaders,
        AppendBlobClientCreateOptions, BlobClientDeleteOptions, BlobClientDownloadOptions,
        BlobClientDownloadResult, BlobClientGetPropertiesResultHeaders, BlobClientUploadOptions, HttpRange,
    },
};
use bytes::Bytes;
use listing::{Depth, Wanted};
use notify::ports::{
    Appended, Created, Etag, Folders, Lease, LeaseError, Listing, Object, ObjectStore, Read, ReadIf,
    StoreError, WriteError, WriteIf,
};
use page::Page;
use std::{collections::BTreeMap, future::Future, num::NonZero, sync::OnceLock, time::Duration};

/// One request a transfer: conditions then hold for the whole of it.
const PART: usize = limits::MAX_BODY;

/// Objects in a blob container.
pub struct AzureObjects {
    account: Account,
    container: String,
    clients: OnceLock<Clients>,
}

/// Ways to the container.
struct Clients {
    container: BlobContainerClient,
    /// For the requests that we make ourselves.
    pipeline: Pipeline,
}

impl std::fmt::Debug for AzureObjects {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "AzureObjects({})", self.container)
    }
}

impl AzureObjects {
    /// Objects of a container of the account. Nothing is sent.
    ///
    /// # Errors
    /// [`StoreError::Refused`] when [`limits::check_container`] refuses the name.
    pub fn new(account: &Account, container: &str) -> Result<Self, StoreError> {
        limits::check_container(container)?;
        account.blob_url(container)?;
        Ok(Self {
            account: account.clone(),
            container: container.to_owned(),
            clients: OnceLock::new(),
        })
    }

    fn clients(&self) -> Result<&Clients, StoreError> {
        if let Some(clients) = self.clients.get() {
            return Ok(clients);
        }
        let connection = self.account.connection()?;
        let options = BlobContainerClientOptions {
            client_options: connection.options(),
            ..BlobContainerClientOptions::default()
        };
        let url = self.account.blob_url(&self.container)?;
        let built = Clients {
            container: BlobContainerClient::new(url, connection.credential(), Some(options))
                .map_err(|e| failed(&e))?,
            pipeline: connection.pipeline(),
        };
        Ok(self.clients.get_or_init(|| built))
    }

    fn container(&self) -> Result<&BlobContainerClient, StoreError> {
        Ok(&self.clients()?.container)
    }

    async fn page(&self, wanted: Wanted<'_>) -> Result<Page, StoreError> {
        limits::check_page(wanted.limit)?;
        let clients = self.clients()?;
        let url = clients.container.url();
        within(LIST_BUDGET, listing::page(&clients.pipeline, url, &wanted)).await
    }

    fn blob(&self, name: &str) -> Result<BlobClient, StoreError> {
        limits::check_name(name)?;
        Ok(self.container()?.blob_client(name))
    }

    /// Makes the container if it is missing.
    ///
    /// # Errors
    /// When the account can't be reached or refuses.
    pub async fn create_container(&self) -> Result<(), StoreError> {
        match self.container()?.create(None).await {
            Ok(_) => Ok(()),
            Err(error) => match meaning(&error) {
                Meaning::Conflict => Ok(()),
                _ => Err(failed(&error)),
            },
        }
    }

    /// Does an operation within the budget; a missing container is made and the operation done again.
    async fn attempt<T, F, Fut>(&self, operation: F) -> Result<Result<T, Meaning>, StoreError>
    where
        T: Send,
        F: Fn() -> Fut + Send + Sync,
        Fut: Future<Output = azure_core::Result<T>> + Send,
    {
        within(BUDGET, async {
            match with_meaning(operation().await) {
                Err(Meaning::NoContainer) => {
                    self.create_container().await?;
                    Ok(with_meaning(operation().await))
                }
                answer => Ok(answer),
            }
        })
        .await
    }
}

fn with_meaning<T>(answer: azure_core::Result<T>) -> Result<T, Meaning> {
    answer.map_err(|error| meaning(&error))
}

async fn within<T>(
    budget: Duration,
    work: impl Future<Output = Result<T, StoreError>> + Send,
) -> Result<T, StoreError> {
    tokio::time::timeout(budget, work).await.unwrap_or_else(|_| {
        Err(StoreError::unavailable(format!(
            "Azure Storage took longer than {budget:?}"
        )))
    })
}

fn unexpected(meaning: Meaning) -> StoreError {
    match meaning {
        Meaning::Failed(error) => error,
        other => StoreError::unavailable(format!("Azure Storage gave an unexpected answer: {other:?}")),
    }
}

/// ETags are kept without quotes: listings give them so, headers with.
fn etag(sdk: Option<SdkEtag>) -> Result<Etag, StoreError> {
    sdk.map(|tag| Etag(tag.as_ref().trim_matches('"').into()))
        .ok_or_else(|| StoreError::unavailable("Azure Storage sent no ETag"))
}

fn quoted(etag: &Etag) -> SdkEtag {
    SdkEtag::from(format!("\"{}\"", etag.0))
}

fn conditions(when: &WriteIf) -> (Option<SdkEtag>, Option<SdkEtag>) {
    match when {
        WriteIf::Any => (None, None),
        WriteIf::Absent => (None, Some(SdkEtag::from("*"))),
        WriteIf::Version(version) => (Some(quoted(version)), None),
    }
}

async fn object(result: BlobClientDownloadResult) -> Result<Object, StoreError> {
    let etag = etag(result.properties.etag)?;
    let metadata = result.properties.metadata.into_iter().collect();
    let body = result.body.collect().await.map_err(|e| failed(&e))?;
    Ok(Object { body, metadata, etag })
}

#[async_trait]
impl ObjectStore for AzureObjects {
    async fn read(&self, name: &str, when: ReadIf) -> Result<Read, StoreError> {
        let blob = self.blob(name)?;
        let if_none_match = match &when {
            ReadIf::Any => None,
            ReadIf::Changed(known) => Some(quoted(known)),
        };
        within(BUDGET, async {
            let options = BlobClientDownloadOptions {
                if_none_match,
                partition_size: NonZero::new(PART),
                ..BlobClientDownloadOptions::default()
            };
            match with_meaning(blob.download(Some(options)).await) {
                Ok(result) => Ok(Read::Found(object(result).await?)),
                Err(Meaning::Unchanged) => Ok(Read::Unchanged),
                Err(Meaning::Missing | Meaning::NoContainer) => Ok(Read::Missing),
                Err(other) => Err(unexpected(other)),
            }
        })
        .await
    }

    async fn read_range(&self, name: &str, offset: u64, length: u64) -> Result<Read, StoreError> {
        let blob = self.blob(name)?;
        within(BUDGET, async {
            if length > 0 {
                let options = BlobClientDownloadOptions {
                    range: Some(HttpRange::new(offset, length)),
                    partition_size: NonZero::new(PART),
                    ..BlobClientDownloadOptions::default()
                };
                match with_meaning(blob.download(Some(options)).await) {
                    Ok(result) => return Ok(Read::Found(object(result).await?)),
                    Err(Meaning::Missing | Meaning::NoContainer) => return Ok(Read::Missing),
                    Err(Meaning::OutOfRange) => {}
                    Err(other) => return Err(unexpected(other)),
                }
            }
            // Past the end: the object is there, this part of it is empty.
            match blob.get_properties(None).await {
                Ok(answer) => Ok(Read::Found(Object {
                    body: Bytes::new(),
                    metadata: answer.metadata().map_err(|e| failed(&e))?.into_iter().collect(),
                    etag: etag(answer.etag().map_err(|e| failed(&e))?)?,
                })),
                Err(error) => match meaning(&error) {
                    Meaning::Missing | Meaning::NoContainer => Ok(Read::Missing),
                    other => Err(unexpected(other)),
                },
            }
        })
        .await
    }

    async fn write(
        &self,
        name: &str,
        body: Bytes,
        metadata: &BTreeMap<String, String>,
        when: WriteIf,
    ) -> Result<Etag, WriteError> {
        limits::check_metadata(metadata)?;
        limits::check_body(body.len())?;
        let blob = self.blob(name)?;
        let (if_match, if_none_match) = conditions(&when);
        let answer = self
            .attempt(|| {
                let options = BlobClientUploadOptions {
                    if_match: if_match.clone(),
                    if_none_match: if_none_match.clone(),
                    metadata: Some(metadata.clone().into_iter().collect()),
                    partition_size: NonZero::new(PART as u64),
                    ..BlobClientUploadOptions::default()
                };
                let content: RequestContent<Bytes, NoFormat> = body.clone().into();
                let blob = &blob;
                async move { blob.upload(content, Some(options)).await }
            })
            .await?;
        match answer {
            Ok(result) => Ok(etag(result.etag)?),
            Err(Meaning::Conflict | Meaning::Leased) => Err(WriteError::Conflict),
            Err(Meaning::Missing) if matches!(when, WriteIf::Version(_)) => Err(WriteError::Conflict),
            Err(other) => Err(unexpected(other).into()),
        }
    }

    async fn write_leased(
        &self,
        lease: &Lease,
        body: Bytes,
        metadata: &BTreeMap<String, String>,
    ) -> Result<Etag, LeaseError> {
        limits::check_metadata(metadata)?;
        limits::check_body(body.len())?;
        let blob = self.blob(&lease.name)?;
        let answer = self
            .attempt(|| {
                let options = BlobClientUploadOptions {
                    lease_id: Some(lease.id.to_string()),
                    metadata: Some(metadata.clone().into_iter().collect()),
                    partition_size: NonZero::new(PART as u64),
                    ..BlobClientUploadOptions::default()
                };
                let content: RequestContent<Bytes, NoFormat> = body.clone().into();
                let blob = &blob;
                async move { blob.upload(content, Some(options)).await }
            })
            .await?;
        match answer {
            Ok(result) => Ok(etag(result.etag)?),
            Err(Meaning::Leased | Meaning::Conflict | Meaning::Missing) => Err(LeaseError::Lost),
            Err(other) => Err(unexpected(other).into()),
        }
    }

    async fn delete(&self, name: &str, when: WriteIf) -> Result<(), WriteError> {
        limits::check_delete(&when)?;
        let (if_match, _) = conditions(&when);
        let blob = self.blob(name)?;
        let options = BlobClientDeleteOptions {
            if_match,
            ..BlobClientDeleteOptions::default()
        };
        let answer = within(BUDGET, async {
            Ok(with_meaning(blob.delete(Some(options)).await))
        })
        .await?;
        match (answer, when) {
            (Ok(_), _) | (Err(Meaning::Missing | Meaning::NoContainer), WriteIf::Any) => Ok(()),
            (Err(Meaning::Missing | Meaning::NoContainer | Meaning::Conflict | Meaning::Leased), _) => {
                Err(WriteError::Conflict)
            }
            (Err(other), _) => Err(unexpected(other).into()),
        }
    }

    async fn delete_leased(&self, lease: &Lease) -> Result<(), LeaseError> {
        leases::delete(&self.blob(&lease.name)?, lease).await
    }

    async fn list(&self, prefix: &str, from: Option<&str>, limit: u32) -> Result<Listing, StoreError> {
        let page = self.page(Wanted {
            prefix,
            from,
            limit,
            depth: Depth::All,
        });
        let Page { entries, next, .. } = page.await?;
        Ok(Listing { entries, next })
    }

    async fn folders(&self, prefix: &str, from: Option<&str>, limit: u32) -> Result<Folders, StoreError> {
        let page = self.page(Wanted {
            prefix,
            from,
            limit,
            depth: Depth::OneLevel,
        });
        let Page { folders, next, .. } = page.await?;
        Ok(Folders { names: folders, next })
    }

    async fn create_append(&self, name: &str) -> Result<Created, StoreError> {
        let blob = self.blob(name)?.append_blob_client();
        let answer = self
            .attempt(|| {
                let blob = &blob;
                async move {
                    let options = AppendBlobClientCreateOptions::default().if_not_exists();
                    blob.create(Some(options)).await.map(drop)
                }
            })
            .await?;
        match answer {
            Ok(()) => Ok(Created::Ours),
            // Also of our own blob, when the client repeated the request after a lost reply.
            Err(Meaning::Conflict) => Ok(Created::AlreadyThere),
            Err(other) => Err(unexpected(other)),
        }
    }

    async fn append(&self, name: &str, position: u64, body: Bytes) -> Result<Appended, StoreError> {
        limits::check_append(body.len())?;
        let blob = self.blob(name)?.append_blob_client();
        let length = body.len() as u64;
        let options = AppendBlobClientAppendBlockOptions {
            append_position: i64::try_from(position).ok(),
            ..AppendBlobClientAppendBlockOptions::default()
        };
        let content: RequestContent<Bytes, NoFormat> = body.clone().into();
        let answer = within(BUDGET, async {
            Ok(with_meaning(
                blob.append_block(content, length, Some(options)).await,
            ))
        })
        .await?;
        match answer {
            Ok(answer) => {
                let before = answer.blob_append_offset().ok().flatten();
                let before = before.and_then(|text| text.parse().ok()).unwrap_or(position);
                Ok(Appended::At(before.saturating_add(length)))
            }
            Err(Meaning::Conflict) => Ok(Appended::Elsewhere),
            Err(Meaning::Leased) => Err(StoreError::Refused(format!("{name:?} is leased"))),
            Err(Meaning::Missing | Meaning::NoContainer) => Ok(Appended::Missing),
            Err(other) => Err(unexpected(other)),
        }
    }

    async fn acquire_lease(&self, name: &str, length: Duration) -> Result<Lease, LeaseError> {
        limits::check_lease(length)?;
        leases::acquire(&self.blob(name)?, name, length).await
    }

    async fn renew_lease(&self, lease: &Lease) -> Result<(), LeaseError> {
        leases::renew(&self.blob(&lease.name)?, lease).await
    }

    async fn release_lease(&self, lease: &Lease) -> Result<(), LeaseError> {
        leases::release(&self.blob(&lease.name)?, lease).await
    }
}
