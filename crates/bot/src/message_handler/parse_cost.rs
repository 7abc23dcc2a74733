//! What a JSON text costs as a tree, estimated from the text alone, before the tree is built. Rather too much than too
//! little; a text that is no JSON costs something too.

/// An object's first node: eleven keys and values, whatever it holds.
const OBJECT: usize = 700;
/// An array's first elements.
const ARRAY: usize = 160;
/// One more element or member, with the growth of what holds it, and a string's own allocation.
const ITEM: usize = 140;

/// Bytes of memory, about, for the text and its tree together.
pub(super) fn of(text: &[u8]) -> usize {
    let mut bytes = text.iter();
    let mut cost = 2 * text.len();
    while let Some(byte) = bytes.next() {
        cost += match byte {
            b'{' => OBJECT,
            b'[' => ARRAY,
            b',' | b':' => ITEM,
            b'"' => {
                while let Some(byte) = bytes.next() {
                    match byte {
                        b'"' => break,
                        b'\\' => {
                            bytes.next();
                        }
                        _ => {}
                    }
                }
                0
            }
            _ => 0,
        };
    }
    cost
}

#[cfg(test)]
mod tests {
    use super::of;

    #[test]
    fn what_is_small_as_text_and_large_as_a_tree_costs_what_the_tree_needs() {
        let many = |piece: &str| format!("[{}]", vec![piece; 250_000 / (piece.len() + 1)].join(","));
        // Measured as a `serde_json::Value`: 20 MiB, 12 MiB, 4 MiB, 12 MiB.
        for (piece, megabytes) in [(r#"{"":0}"#, 20), ("[1]", 12), ("0", 4), (r#""a""#, 8)] {
            assert!(of(many(piece).as_bytes()) >= megabytes << 20, "{piece}");
        }
    }

    #[test]
    fn what_stands_in_a_string_is_only_text() {
        let text = format!(r#"{{"text":"{}"}}"#, r#"{[,:\"]}"#.repeat(10_000));
        assert!(of(text.as_bytes()) < 3 * text.len());
        assert!(of(b"\"never closed \\") > 0);
    }

    #[test]
    fn a_usual_activity_costs_some_kilobytes() {
        let text = r#"{"type":"message","text":"help","from":{"id":"29:1"},"conversation":{"id":"a:1"}}"#;
        assert!(of(text.as_bytes()) < 8 << 10);
    }
}
