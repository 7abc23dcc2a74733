//! Finds the first byte that must be escaped in a JSON string, eight bytes at a time.

const ONES: u64 = 0x0101_0101_0101_0101;
const HIGH: u64 = 0x8080_8080_8080_8080;

/// Number of bytes at the start that are neither a quote nor a backslash nor a control character.
pub(super) fn plain_len(bytes: &[u8]) -> usize {
    let (words, rest) = bytes.as_chunks::<8>();
    for (at, word) in words.iter().enumerate() {
        let found = special(u64::from_le_bytes(*word));
        if found != 0 {
            return at * 8 + found.trailing_zeros() as usize / 8;
        }
    }
    let tail = rest.iter().position(|&b| b < 0x20 || b == b'"' || b == b'\\');
    words.len() * 8 + tail.unwrap_or(rest.len())
}

/// The high bit of each byte that is special. A borrow can mark bytes after the first one too, so only the
/// lowest mark is reliable.
fn special(word: u64) -> u64 {
    let zero = |x: u64| x.wrapping_sub(ONES) & !x;
    let control = word.wrapping_sub(ONES * 0x20) & !word;
    (control | zero(word ^ (ONES * 0x22)) | zero(word ^ (ONES * 0x5c))) & HIGH
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stops_at_each_special_byte_in_each_place() {
        for length in 0..40 {
            for at in 0..=length {
                for (special, b) in (0..=255u8).map(|b| (b < 0x20 || b == b'"' || b == b'\\', b)) {
                    let mut bytes = vec![0xc3; length];
                    if at < length {
                        bytes[at] = b;
                    }
                    let wanted = if at < length && special { at } else { length };
                    assert_eq!(plain_len(&bytes), wanted, "{b} at {at} of {length}");
                }
            }
        }
    }
}
