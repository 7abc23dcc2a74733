//! Takes the bearer token from the request's `Authorization` headers.

use super::Denied;

/// Longest accepted token, bytes. Teams' have about 1,000.
const LONGEST: usize = 16 * 1024;

/// The token, if there is exactly one header with exactly two parts. The scheme's case doesn't matter (RFC 9110).
pub(super) fn bearer<'a>(values: &[&'a [u8]]) -> Result<&'a str, Denied> {
    let value = match values {
        [] => return Err(Denied::NoToken),
        [one] => str::from_utf8(one).map_err(|_| Denied::Header)?.trim(),
        _ => return Err(Denied::Header),
    };
    if value.is_empty() {
        return Err(Denied::NoToken);
    }
    let mut parts = value.split(' ');
    match (parts.next(), parts.next(), parts.next()) {
        (Some(scheme), Some(token), None) if scheme.eq_ignore_ascii_case("bearer") => {
            if token.is_empty() || token.len() > LONGEST {
                Err(Denied::Header)
            } else {
                Ok(token)
            }
        }
        _ => Err(Denied::Header),
    }
}
