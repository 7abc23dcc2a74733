//! What somebody meant who mistyped a name: of a property, a query parameter, a word of an enumeration.

/// The name that was probably meant, as the card language judges it too. Capitals don't count.
pub(super) fn closest(name: &str, known: &[&'static str]) -> Option<&'static str> {
    card::closest(name, known.iter().copied())
}

/// The words of an enumeration, quoted.
pub(super) fn one_of(words: &[&str]) -> String {
    let quoted: Vec<String> = words.iter().map(|word| format!("{word:?}")).collect();
    joined(&quoted, "or")
}

/// Things in a row.
pub(super) fn all_of(things: &[&str]) -> String {
    let things: Vec<String> = things.iter().map(|thing| (*thing).to_owned()).collect();
    joined(&things, "and")
}

fn joined(items: &[String], last: &str) -> String {
    match items.split_last() {
        Some((only, [])) => only.clone(),
        Some((end, rest)) => format!("{} {last} {end}", rest.join(", ")),
        None => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_slip_in_three_letters_is_a_slip() {
        let known = ["audience", "card", "text", "users"];
        assert_eq!(closest("audiance", &known), Some("audience"));
        assert_eq!(closest("AUDIENCE", &known), Some("audience"));
        assert_eq!(closest("user", &known), Some("users"));
        assert_eq!(closest("carrier", &known), None);
        assert_eq!(closest("mood", &known), None);
        assert_eq!(closest("", &known), None);
    }

    #[test]
    fn words_are_read_out() {
        assert_eq!(one_of(&["a"]), "\"a\"");
        assert_eq!(one_of(&["a", "b", "c"]), "\"a\", \"b\" or \"c\"");
    }
}
