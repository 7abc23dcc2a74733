//! Bytes of a file as text; other encodings than UTF-8 are named.

use super::JsonError;
use super::position::Position;

/// The text of a file, without a byte order mark.
///
/// # Errors
/// When it is UTF-16 or not UTF-8, with the place of the first wrong byte and what to do.
pub fn utf8(bytes: &[u8]) -> Result<&str, JsonError> {
    let error = |at: usize, message: &str| {
        let before = bytes.get(..at).unwrap_or_default();
        let Position { line, column } = Position::of(std::str::from_utf8(before).unwrap_or(""), at);
        JsonError {
            line,
            column,
            message: message.to_owned(),
        }
    };
    if is_utf16(bytes) {
        return Err(error(
            0,
            "the file is UTF-16, as Notepad and `>` in Windows PowerShell write it; save it as UTF-8",
        ));
    }
    match std::str::from_utf8(bytes) {
        Ok(text) => Ok(text.strip_prefix('\u{feff}').unwrap_or(text)),
        Err(wrong) => Err(error(
            wrong.valid_up_to(),
            "the file is not UTF-8, but in an older encoding such as Windows-1252; save it as UTF-8",
        )),
    }
}

/// UTF-16 begins with a byte order mark, or has a zero beside the first bracket.
fn is_utf16(bytes: &[u8]) -> bool {
    matches!(
        bytes,
        [0xff, 0xfe, ..] | [0xfe, 0xff, ..] | [0, 1..=255, ..] | [1..0x80, 0, ..]
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn other_encodings_are_named() {
        assert_eq!(utf8("\u{feff}{}".as_bytes()), Ok("{}"));
        for order in [u16::to_le_bytes, u16::to_be_bytes] {
            for text in ["\u{feff}{}", "{}"] {
                let bytes: Vec<u8> = text.encode_utf16().flat_map(order).collect();
                let error = utf8(&bytes).unwrap_err().to_string();
                assert!(
                    error.starts_with("line 1, column 1: the file is UTF-16"),
                    "{error}"
                );
            }
        }
        let error = utf8(b"{\n \"n\": \"Jos\xe9\"}").unwrap_err().to_string();
        assert!(
            error.starts_with("line 2, column 11: the file is not UTF-8"),
            "{error}"
        );
        assert!(utf8(&[]).is_ok());
    }
}
