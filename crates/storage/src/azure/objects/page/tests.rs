use super::*;
use bytes::Bytes;
use futures::{executor::block_on, stream};
use std::io;
use tokio_util::io::StreamReader;

/// As the service sends it: with a byte order mark, without white space between elements.
const TEXT: &str = concat!(
    "\u{feff}<?xml version=\"1.0\" encoding=\"utf-8\"?>",
    "<EnumerationResults ServiceEndpoint=\"https://a.blob.core.windows.net/\" ContainerName=\"box\">",
    "<Prefix>p/</Prefix><MaxResults>3</MaxResults><Blobs>",
    "<Blob><Name>p/ü &amp; &lt;x&gt; &#x1F389;&#38;</Name><Properties><Creation-Time>Sun</Creation-Time>",
    "<Etag>0x8D1</Etag><Content-Length>12</Content-Length><Content-MD5 /></Properties>",
    "<Metadata Encrypted=\"true\"><Target>eyJ&quot;</Target><w> 1 </w><empty /></Metadata><OrMetadata /></Blob>",
    "<Blob><Name Encoded=\"true\">p/a%EF%BF%BE%25%2</Name><Properties><Etag>\"0x8D2\"</Etag>",
    "<Content-Length>0</Content-Length></Properties><Metadata /></Blob>",
    "<BlobPrefix><Name>p/sub/</Name><Properties><Etag>0x8D3</Etag></Properties></BlobPrefix>",
    "</Blobs><NextMarker>2!84!cC9h&amp;b</NextMarker></EnumerationResults>",
);

/// Reads a text that arrives in pieces of `size`, and then perhaps fails.
fn read_in_pieces(text: &str, size: usize, then: Option<&str>) -> Result<Page, StoreError> {
    let pieces: Vec<io::Result<Bytes>> = text
        .as_bytes()
        .chunks(size)
        .map(|piece| Ok(Bytes::copy_from_slice(piece)))
        .chain(then.map(|error| Err(io::Error::other(error.to_owned()))))
        .collect();
    block_on(read(StreamReader::new(stream::iter(pieces))))
}

#[test]
fn a_page_is_the_same_however_its_text_arrives() {
    for size in [1, 2, 3, 7, 64, 100_000] {
        let page = read_in_pieces(TEXT, size, None).unwrap();
        assert_eq!(page.next.as_deref(), Some("2!84!cC9h&b"), "in pieces of {size}");
        assert_eq!(page.folders, ["p/sub/"]);
        let [one, two] = &page.entries[..] else {
            panic!("two blobs, not {:?}", page.entries);
        };
        assert_eq!(
            (one.name.as_str(), &*one.etag.0, one.length),
            ("p/ü & <x> 🎉&", "0x8D1", 12)
        );
        let metadata = [("empty", ""), ("target", "eyJ\""), ("w", " 1 ")];
        let metadata = metadata.map(|(name, value)| (name.to_owned(), value.to_owned()));
        assert_eq!(one.metadata, BTreeMap::from(metadata), "names in lower case");
        assert_eq!(two.name, "p/a\u{fffe}%%2", "a percent sign alone stays");
        assert_eq!((&*two.etag.0, two.length, two.metadata.len()), ("0x8D2", 0, 0));
    }
}

#[test]
fn an_empty_listing_is_empty_and_the_last() {
    for blobs in ["<Blobs />", "<Blobs>\n  </Blobs>"] {
        let text = format!("<EnumerationResults>\n {blobs}\n <NextMarker /></EnumerationResults>");
        let page = read_in_pieces(&text, 5, None).unwrap();
        assert!(page.entries.is_empty() && page.folders.is_empty() && page.next.is_none());
    }
}

#[test]
fn what_breaks_off_anywhere_is_no_short_listing() {
    for end in (0..TEXT.len()).filter(|end| TEXT.is_char_boundary(*end)) {
        for then in [None, Some("connection reset")] {
            let error = read_in_pieces(&TEXT[..end], 64, then).unwrap_err();
            assert!(matches!(error, StoreError::Unavailable(_)), "{end}: {error}");
        }
    }
    let error = read_in_pieces(&TEXT[..300], 64, Some("connection reset")).unwrap_err();
    assert!(error.to_string().contains("connection reset"), "{error}");
}

#[test]
fn what_is_no_listing_is_said_to_be_none() {
    for text in [
        "<html><body>Sign in to this network</body></html>",
        "<EnumerationResults><Blobs><Blob><Name>a</Name></Blob></Blobs></EnumerationResults>",
        "<EnumerationResults><Blobs><Blob><Properties><Etag>1</Etag></Properties></Blob></Blobs></EnumerationResults>",
        "<EnumerationResults><Blobs><Blob><Name>&who;</Name></Blob></Blobs></EnumerationResults>",
        "<EnumerationResults><Blobs></EnumerationResults>",
        "no XML at all",
        "",
    ] {
        let error = read_in_pieces(text, 64, None).unwrap_err();
        assert!(error.to_string().contains("can't be read"), "{text}: {error}");
    }
}
