//! Request paths as Kestrel, the host's web server, reads them.

use percent_encoding::percent_decode_str;

/// A request path as Kestrel decodes it: all but `%2F`, dot segments removed. Bytes that are not UTF-8 leave the path as
/// it is.
#[must_use]
pub fn decoded_path(path: &str) -> String {
    let decoded: Option<Vec<String>> = path.split('/').map(decoded_segment).collect();
    let Some(segments) = decoded else {
        return path.to_owned();
    };
    if !segments.iter().any(|segment| segment == "." || segment == "..") {
        return segments.join("/");
    }
    let mut kept: Vec<&str> = Vec::new();
    for segment in segments.iter().skip(1) {
        match segment.as_str() {
            "." => {}
            ".." => {
                kept.pop();
            }
            segment => kept.push(segment),
        }
    }
    let last = segments.last().map(String::as_str);
    let end = if matches!(last, Some("." | "..")) { "/" } else { "" };
    format!("/{}{end}", kept.join("/"))
}

fn decoded_segment(segment: &str) -> Option<String> {
    // An encoded slash stays one, as it was written.
    let mut decoded = String::with_capacity(segment.len());
    let mut left = segment;
    while let Some(at) = left.to_ascii_lowercase().find("%2f") {
        decoded.push_str(&percent_decode_str(&left[..at]).decode_utf8().ok()?);
        decoded.push_str(&left[at..at + 3]);
        left = &left[at + 3..];
    }
    decoded.push_str(&percent_decode_str(left).decode_utf8().ok()?);
    Some(decoded)
}
