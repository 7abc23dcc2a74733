//! `${{NAME}}` in the manifest, as the Microsoft 365 Agents Toolkit writes it.

/// Replaces every `${{NAME}}` by what `value_of` returns, escaped for a JSON string.
pub(super) fn replace(text: &str, mut value_of: impl FnMut(&str) -> String) -> Result<String, String> {
    const OPEN: &str = "${{";
    let mut done = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once(OPEN) {
        let Some((name, tail)) = after.split_once("}}") else {
            return Err(format!(
                "a placeholder opens with {OPEN} and does not end with }}}}"
            ));
        };
        let name = name.trim();
        if name.is_empty() || !name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_') {
            return Err(format!("`{name}` cannot be the name of a placeholder"));
        }
        done.push_str(before);
        let quoted = serde_json::Value::String(value_of(name)).to_string();
        done.push_str(&quoted[1..quoted.len() - 1]);
        rest = tail;
    }
    done.push_str(rest);
    Ok(done)
}

#[cfg(test)]
mod tests {
    use super::replace;

    #[test]
    fn names_are_replaced_and_values_escaped() {
        let filled = replace(r#"{"id":"${{ID}}","name":"a ${{ NAME }}"}"#, |name| {
            format!("<\"{name}\">")
        })
        .unwrap();
        assert_eq!(filled, r#"{"id":"<\"ID\">","name":"a <\"NAME\">"}"#);
    }

    #[test]
    fn a_placeholder_that_is_none_is_an_error() {
        assert!(
            replace("${{ID", |_| String::new())
                .unwrap_err()
                .contains("does not end")
        );
        assert!(
            replace("${{a b}}", |_| String::new())
                .unwrap_err()
                .contains("`a b`")
        );
    }
}
