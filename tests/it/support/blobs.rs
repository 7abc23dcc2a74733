//! The blobs of a container, as Azure's REST API shows them: written out to a file and brought in again. It speaks to the
//! emulator by itself, with a shared access signature, so that no code of the handler has a part in it.

use super::{
    azurite::{Azurite, KEY},
    http::{Answer, client},
};
use aws_lc_rs::hmac;
use base64::{Engine, engine::general_purpose::STANDARD};
use reqwest::{Method, RequestBuilder};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// A blob with all that a reader can see of it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) struct Blob {
    pub(crate) name: String,
    pub(crate) kind: Kind,
    pub(crate) metadata: BTreeMap<String, String>,
    /// Text in the store of blobs; the files of the file store may hold anything.
    #[serde(with = "text")]
    pub(crate) body: Vec<u8>,
}

impl Blob {
    /// A file as if it were a blob.
    pub(crate) fn file(name: String, body: Vec<u8>) -> Self {
        Self {
            name,
            kind: Kind::BlockBlob,
            metadata: BTreeMap::new(),
            body,
        }
    }
}

/// A body as a string, so that people can read it.
mod text {
    use serde::{Deserialize, Deserializer, Serializer, de::Error as _, ser::Error as _};

    pub(super) fn serialize<S: Serializer>(body: &[u8], to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(std::str::from_utf8(body).map_err(S::Error::custom)?)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<u8>, D::Error> {
        let text = String::deserialize(from).map_err(D::Error::custom)?;
        Ok(text.into_bytes())
    }
}

/// How its content came in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) enum Kind {
    /// As a whole.
    BlockBlob,
    /// Piece by piece; where one ends says nothing to a reader.
    AppendBlob,
}

/// A container of the shared emulator.
pub(crate) struct Container {
    address: String,
    signature: String,
}

impl Container {
    pub(crate) fn of(azurite: &Azurite, name: &str) -> Self {
        Self {
            address: format!("{}/{name}", azurite.blob_endpoint()),
            signature: signature(),
        }
    }

    fn ask(&self, method: Method, name: &str, query: &str) -> RequestBuilder {
        let (address, signature) = (&self.address, &self.signature);
        client()
            .request(
                method,
                format!("{address}{}?{query}{signature}", name.replace('%', "%25")),
            )
            .header("x-ms-version", "2020-08-04")
    }

    /// Every blob, in the order of their names.
    pub(crate) async fn blobs(&self) -> Vec<Blob> {
        let listed = self.ask(Method::GET, "", "restype=container&comp=list&include=metadata&");
        let listed = Answer::to(listed).await.expect(200);
        assert!(
            between(&listed.body, "<NextMarker>", "</NextMarker>").is_none_or(str::is_empty),
            "more than one page of blobs"
        );
        let mut blobs = Vec::new();
        for text in listed.body.split("<Blob>").skip(1) {
            let name = between(text, "<Name>", "</Name>").unwrap().to_owned();
            let kind = match between(text, "<BlobType>", "</BlobType>").unwrap() {
                "AppendBlob" => Kind::AppendBlob,
                _ => Kind::BlockBlob,
            };
            // The emulator has no answer to a reader of an append blob without a block.
            let body = match between(text, "<Content-Length>", "</Content-Length>") {
                Some("0") => Vec::new(),
                _ => {
                    let read = Answer::to(self.ask(Method::GET, &format!("/{name}"), "")).await;
                    read.expect(200).body.into_bytes()
                }
            };
            blobs.push(Blob {
                metadata: metadata(between(text, "<Metadata>", "</Metadata>").unwrap_or_default()),
                name,
                kind,
                body,
            });
        }
        blobs.sort();
        blobs
    }

    /// Makes the container and writes these blobs.
    pub(crate) async fn fill(&self, blobs: &[Blob]) {
        let made = self.ask(Method::PUT, "", "restype=container&");
        Answer::to(made).await.expect(201);
        for blob in blobs {
            self.write(blob).await;
        }
    }

    /// Writes one, in place of what has its name.
    pub(crate) async fn write(&self, blob: &Blob) {
        let name = format!("/{}", blob.name);
        let mut request = self.ask(Method::PUT, &name, "");
        for (key, value) in &blob.metadata {
            request = request.header(format!("x-ms-meta-{key}"), value);
        }
        match blob.kind {
            Kind::BlockBlob => {
                let request = request.header("x-ms-blob-type", "BlockBlob");
                Answer::to(with(request, &blob.body)).await.expect(201);
            }
            Kind::AppendBlob => {
                let request = request.header("x-ms-blob-type", "AppendBlob");
                Answer::to(with(request, &[])).await.expect(201);
                if !blob.body.is_empty() {
                    let append = self.ask(Method::PUT, &name, "comp=appendblock&");
                    Answer::to(with(append, &blob.body)).await.expect(201);
                }
            }
        }
    }

    /// Takes one away.
    pub(crate) async fn delete(&self, name: &str) {
        Answer::to(self.ask(Method::DELETE, &format!("/{name}"), ""))
            .await
            .expect(202);
    }
}

/// A request with a body; the length of an empty one is said too.
fn with(request: RequestBuilder, body: &[u8]) -> RequestBuilder {
    request.header("content-length", body.len()).body(body.to_vec())
}

fn between<'t>(text: &'t str, start: &str, end: &str) -> Option<&'t str> {
    let (_, rest) = text.split_once(start)?;
    rest.split_once(end).map(|(found, _)| found)
}

fn metadata(xml: &str) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    let mut rest = xml;
    while let Some((key, after)) = rest.split_once('<').and_then(|(_, text)| text.split_once('>')) {
        let (value, after) = after.split_once(&format!("</{key}>")).unwrap();
        let value = value.replace("&quot;", "\"").replace("&lt;", "<");
        let value = value.replace("&gt;", ">").replace("&amp;", "&");
        found.insert(key.to_owned(), value);
        rest = after;
    }
    found
}

/// An account's shared access signature for blobs, as query parameters.
fn signature() -> String {
    const EXPIRES: &str = "2090-01-01T00:00:00Z";
    const VERSION: &str = "2020-08-04";
    let text = format!("devstoreaccount1\nrwdlac\nb\nsco\n\n{EXPIRES}\n\n\n{VERSION}\n");
    let key = hmac::Key::new(hmac::HMAC_SHA256, &STANDARD.decode(KEY).unwrap());
    let signed = STANDARD.encode(hmac::sign(&key, text.as_bytes()).as_ref());
    let signed = signed.replace('+', "%2B").replace('/', "%2F").replace('=', "%3D");
    format!("sv={VERSION}&ss=b&srt=sco&sp=rwdlac&se={EXPIRES}&sig={signed}")
}
