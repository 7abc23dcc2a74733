//! One page of a container's listing, metadata included: exactly one request.

use super::{Meaning, etag, failed, meaning, unexpected};
use azure_storage_blob::{
    BlobContainerClient,
    models::{BlobContainerClientListBlobsOptions, BlobItem, ListBlobsIncludeItem},
};
use futures::TryStreamExt;
use notify::ports::{Entry, Listing, StoreError};

pub(super) async fn page(
    container: &BlobContainerClient,
    prefix: &str,
    from: Option<&str>,
    limit: u32,
) -> Result<Listing, StoreError> {
    let options = BlobContainerClientListBlobsOptions {
        include: Some(vec![ListBlobsIncludeItem::Metadata]),
        marker: from.map(str::to_owned),
        maxresults: i32::try_from(limit).ok(),
        // An empty parameter would be signed by us and not by the service.
        prefix: Some(prefix.to_owned()).filter(|prefix| !prefix.is_empty()),
        ..BlobContainerClientListBlobsOptions::default()
    };
    let mut pages = container
        .list_blobs(Some(options))
        .map_err(|e| failed(&e))?
        .into_pages();
    let page = match pages.try_next().await {
        Ok(Some(page)) => page.into_model().map_err(|e| failed(&e))?,
        Ok(None) => return Ok(nothing()),
        Err(error) => match meaning(&error) {
            Meaning::NoContainer => return Ok(nothing()),
            other => return Err(unexpected(other)),
        },
    };
    Ok(Listing {
        entries: page.blob_items.into_iter().map(entry).collect::<Result<_, _>>()?,
        next: page.next_marker.filter(|marker| !marker.is_empty()),
    })
}

const fn nothing() -> Listing {
    Listing {
        entries: Vec::new(),
        next: None,
    }
}

fn entry(item: BlobItem) -> Result<Entry, StoreError> {
    let properties = item.properties.unwrap_or_default();
    Ok(Entry {
        name: item
            .name
            .ok_or_else(|| StoreError::unavailable("Azure Storage listed a blob without a name"))?,
        etag: etag(properties.etag)?,
        metadata: item
            .metadata
            .and_then(|metadata| metadata.values)
            .map(|values| {
                values
                    .into_iter()
                    .map(|(name, value)| (name.to_lowercase(), value))
                    .collect()
            })
            .unwrap_or_default(),
        length: properties.content_length.unwrap_or_default(),
    })
}
