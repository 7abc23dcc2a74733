//! Ids as parts of a path or query: percent-encoded as `encodeURIComponent` does it.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

/// All but what `encodeURIComponent` leaves as it is: letters, digits and `-_.!~*'()`.
const COMPONENT: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'_')
    .remove(b'.')
    .remove(b'!')
    .remove(b'~')
    .remove(b'*')
    .remove(b'\'')
    .remove(b'(')
    .remove(b')');

/// Appends a component.
pub(super) fn push(out: &mut String, text: &str) {
    out.extend(utf8_percent_encode(text, COMPONENT));
}

/// A component by itself.
pub fn component(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 16);
    push(&mut out, text);
    out
}

#[cfg(test)]
mod tests {
    use super::component;

    #[test]
    fn ids_are_encoded_as_components() {
        assert_eq!(component("a:1PersonalConvOpaque"), "a%3A1PersonalConvOpaque");
        assert_eq!(component("29:1aB-c_D"), "29%3A1aB-c_D");
        assert_eq!(
            component("19:chan0002@thread.tacv2;messageid=1767603700456"),
            "19%3Achan0002%40thread.tacv2%3Bmessageid%3D1767603700456"
        );
        assert_eq!(component("A+b/=&x|y z?ü"), "A%2Bb%2F%3D%26x%7Cy%20z%3F%C3%BC");
        assert_eq!(component("-_.!~*'()"), "-_.!~*'()");
    }
}
