//! One page of a container's listing: exactly one request, by our own hand over the SDK's pipeline. The SDK's listing
//! reads all of the text into memory and makes a tree of it, twice, and knows no delimiter.

use super::{
    Meaning, failed, meaning,
    page::{self, Page},
    unexpected,
};
use azure_core::{
    error::CheckSuccessOptions,
    http::{Context, Method, Pipeline, PipelineStreamOptions, Request, Url},
};
use futures::TryStreamExt;
use notify::ports::StoreError;
use std::io;
use tokio_util::io::StreamReader;

/// Version of the service's interface, the SDK's own.
const VERSION: &str = "2026-04-06";
/// Times that a page is asked for when its text breaks off; what fails before that is the pipeline's to repeat.
const TRIES: u32 = 3;

/// What is wanted.
pub(super) struct Wanted<'a> {
    pub(super) prefix: &'a str,
    pub(super) from: Option<&'a str>,
    pub(super) limit: u32,
    pub(super) depth: Depth,
}

/// How deep a listing goes.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Depth {
    /// All blobs with their metadata.
    All,
    /// What lies behind the next slash is rolled up.
    OneLevel,
}

/// Asks for a page. A missing container has none.
pub(super) async fn page(
    pipeline: &Pipeline,
    container: &Url,
    wanted: &Wanted<'_>,
) -> Result<Page, StoreError> {
    let url = url(container, wanted);
    let mut again = 1;
    loop {
        let answer = match ask(pipeline, url.clone()).await {
            Ok(answer) => answer,
            Err(error) => match meaning(&error) {
                Meaning::NoContainer => return Ok(Page::default()),
                other => return Err(unexpected(other)),
            },
        };
        let body = answer.map_err(|error| io::Error::other(failed(&error).to_string()));
        match page::read(StreamReader::new(body)).await {
            Err(error) if again < TRIES => {
                tracing::debug!(%error, attempt = again, "a listing is asked for again");
                again += 1;
            }
            read => return read,
        }
    }
}

async fn ask(pipeline: &Pipeline, url: Url) -> azure_core::Result<azure_core::http::AsyncResponseBody> {
    let mut request = Request::new(url, Method::Get);
    request.insert_header("accept", "application/xml");
    request.insert_header("x-ms-version", VERSION);
    let options = PipelineStreamOptions {
        check_success: CheckSuccessOptions {
            success_codes: &[200],
        },
        ..PipelineStreamOptions::default()
    };
    let answer = pipeline
        .stream(&Context::new(), &mut request, Some(options))
        .await?;
    Ok(answer.into_body())
}

fn url(container: &Url, wanted: &Wanted<'_>) -> Url {
    let mut url = container.clone();
    {
        let mut query = url.query_pairs_mut();
        query
            .append_pair("restype", "container")
            .append_pair("comp", "list")
            .append_pair("maxresults", &wanted.limit.to_string());
        match wanted.depth {
            Depth::All => query.append_pair("include", "metadata"),
            Depth::OneLevel => query.append_pair("delimiter", "/"),
        };
        // An empty parameter would be signed by us and not by the service.
        if !wanted.prefix.is_empty() {
            query.append_pair("prefix", wanted.prefix);
        }
        if let Some(from) = wanted.from {
            query.append_pair("marker", from);
        }
    }
    url
}

#[cfg(test)]
mod tests;
