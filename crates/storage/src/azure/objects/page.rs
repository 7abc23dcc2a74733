//! A page of a listing, read from the service's XML as it arrives: no tree of it, no second look, never the whole text.
//! Its shape: Microsoft Learn, "List Blobs", response body.

use super::etag;
use crate::azure::error::innermost;
use azure_core::http::Etag as SdkEtag;
use notify::ports::{Entry, Etag, StoreError};
use percent_encoding::percent_decode_str;
use quick_xml::{
    Reader,
    escape::resolve_predefined_entity,
    events::{BytesRef, BytesStart, Event},
};
use std::{borrow::Cow, collections::BTreeMap};
use tokio::io::AsyncBufRead;

/// What a page holds.
#[derive(Debug, Default)]
pub(super) struct Page {
    pub(super) entries: Vec<Entry>,
    /// What a listing with a delimiter rolls up: the prefixes, delimiter included.
    pub(super) folders: Vec<String>,
    pub(super) next: Option<String>,
}

/// Reads a page to its end.
///
/// # Errors
/// [`StoreError::Unavailable`] when the text breaks off or is no listing.
pub(super) async fn read(body: impl AsyncBufRead + Unpin + Send) -> Result<Page, StoreError> {
    let mut reader = Reader::from_reader(body);
    reader.config_mut().expand_empty_elements = true;
    let mut reading = Reading::default();
    let mut buffer = Vec::new();
    loop {
        let event = reader.read_event_into_async(&mut buffer).await;
        match event.map_err(|error| broken(&innermost(&error)))? {
            Event::Start(start) => reading.begin(&start)?,
            Event::End(_) => reading.end()?,
            Event::Text(text) if reading.takes_text() => {
                let text = text.xml10_content().map_err(|_| broken("it is not UTF-8"))?;
                reading.text.push_str(&text);
            }
            Event::CData(text) if reading.takes_text() => {
                let text = text.xml10_content().map_err(|_| broken("it is not UTF-8"))?;
                reading.text.push_str(&text);
            }
            Event::GeneralRef(reference) if reading.takes_text() => {
                reading.text.push(character(&reference)?);
            }
            Event::Eof => return reading.finish(),
            _ => {}
        }
        buffer.clear();
    }
}

fn broken(what: &str) -> StoreError {
    StoreError::unavailable(format!("a listing of Azure Storage can't be read: {what}"))
}

fn character(reference: &BytesRef<'_>) -> Result<char, StoreError> {
    if let Ok(Some(character)) = reference.resolve_char_ref() {
        return Ok(character);
    }
    let name = str::from_utf8(reference).unwrap_or_default();
    let predefined = resolve_predefined_entity(name).and_then(|text| text.chars().next());
    predefined.ok_or_else(|| broken("it has an unknown entity"))
}

/// An element that matters, by its name and where it stands.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Element {
    Listing,
    Blobs,
    Blob,
    Folder,
    Name,
    /// A name with characters that XML can't hold, percent-encoded.
    EncodedName,
    Properties,
    Version,
    Length,
    Metadata,
    Datum,
    Next,
    Other,
}

impl Element {
    fn of(parent: Option<Self>, start: &BytesStart<'_>) -> Self {
        match (parent, start.name().as_ref()) {
            (None, b"EnumerationResults") => Self::Listing,
            (Some(Self::Listing), b"Blobs") => Self::Blobs,
            (Some(Self::Listing), b"NextMarker") => Self::Next,
            (Some(Self::Blobs), b"Blob") => Self::Blob,
            (Some(Self::Blobs), b"BlobPrefix") => Self::Folder,
            (Some(Self::Blob | Self::Folder), b"Name") => {
                let encoded = start.try_get_attribute("Encoded").ok().flatten();
                match encoded {
                    Some(encoded) if &*encoded.value == b"true" => Self::EncodedName,
                    _ => Self::Name,
                }
            }
            (Some(Self::Blob), b"Properties") => Self::Properties,
            (Some(Self::Blob), b"Metadata") => Self::Metadata,
            (Some(Self::Properties), b"Etag") => Self::Version,
            (Some(Self::Properties), b"Content-Length") => Self::Length,
            (Some(Self::Metadata), _) => Self::Datum,
            _ => Self::Other,
        }
    }
}

/// An entry of which not all is read.
#[derive(Default)]
struct Draft {
    name: Option<String>,
    etag: Option<Etag>,
    length: u64,
    metadata: BTreeMap<String, String>,
}

impl Draft {
    fn name(&mut self) -> Result<String, StoreError> {
        let name = self.name.take();
        name.ok_or_else(|| broken("something in it has no name"))
    }

    fn entry(mut self) -> Result<Entry, StoreError> {
        Ok(Entry {
            name: self.name()?,
            etag: self.etag.ok_or_else(|| broken("a blob in it has no ETag"))?,
            metadata: self.metadata,
            length: self.length,
        })
    }
}

#[derive(Default)]
struct Reading {
    /// The open elements, the outermost first.
    open: Vec<Element>,
    /// Text of the innermost element.
    text: String,
    /// Name of the metadata that is being read.
    datum: String,
    draft: Draft,
    page: Page,
    end: End,
}

/// Whether the outermost element is closed: what breaks off must not pass for a short listing.
#[derive(Default, PartialEq, Eq)]
enum End {
    #[default]
    Ahead,
    Seen,
}

impl Reading {
    fn begin(&mut self, start: &BytesStart<'_>) -> Result<(), StoreError> {
        let element = Element::of(self.open.last().copied(), start);
        if self.open.is_empty() && element != Element::Listing {
            return Err(broken("it is something else"));
        }
        if element == Element::Datum {
            let name = str::from_utf8(start.name().into_inner()).map_err(|_| broken("it is not UTF-8"))?;
            self.datum = name.to_lowercase();
        }
        self.text.clear();
        self.open.push(element);
        Ok(())
    }

    fn takes_text(&self) -> bool {
        matches!(
            self.open.last(),
            Some(
                Element::Name
                    | Element::EncodedName
                    | Element::Version
                    | Element::Length
                    | Element::Datum
                    | Element::Next
            )
        )
    }

    fn end(&mut self) -> Result<(), StoreError> {
        match self.open.pop() {
            Some(Element::Name) => self.draft.name = Some(self.text.as_str().to_owned()),
            Some(Element::EncodedName) => self.draft.name = Some(decoded(&self.text)?),
            Some(Element::Version) => {
                self.draft.etag = Some(etag(Some(SdkEtag::from(self.text.as_str())))?);
            }
            Some(Element::Length) => {
                let length = self.text.trim().parse();
                self.draft.length = length.map_err(|_| broken("a length in it is no number"))?;
            }
            Some(Element::Datum) => {
                let name = std::mem::take(&mut self.datum);
                self.draft.metadata.insert(name, self.text.as_str().to_owned());
            }
            Some(Element::Blob) => {
                let entry = std::mem::take(&mut self.draft).entry()?;
                self.page.entries.push(entry);
            }
            Some(Element::Folder) => {
                let name = std::mem::take(&mut self.draft).name()?;
                self.page.folders.push(name);
            }
            Some(Element::Next) => {
                self.page.next = Some(self.text.as_str().to_owned()).filter(|next| !next.is_empty());
            }
            Some(Element::Listing) => self.end = End::Seen,
            _ => {}
        }
        Ok(())
    }

    fn finish(self) -> Result<Page, StoreError> {
        match self.end {
            End::Seen => Ok(self.page),
            End::Ahead => Err(broken("it breaks off")),
        }
    }
}

/// A percent-encoded name.
fn decoded(text: &str) -> Result<String, StoreError> {
    let name = percent_decode_str(text).decode_utf8();
    name.map(Cow::into_owned)
        .map_err(|_| broken("a name in it is not UTF-8"))
}

#[cfg(test)]
mod tests;
