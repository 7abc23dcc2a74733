//! Number formats of the locales that the reference supports (all others use `en-US`). Only separators, grouping and
//! digits.

/// Separators, grouping and digits of a locale.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct NumberStyle {
    pub(crate) decimal: &'static str,
    group: &'static str,
    groups: Groups,
    zero: char,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Groups {
    Threes,
    /// Three digits, then groups of two.
    Indian,
}

const fn style_of(decimal: &'static str, group: &'static str) -> NumberStyle {
    NumberStyle {
        decimal,
        group,
        groups: Groups::Threes,
        zero: '0',
    }
}

const POINT: NumberStyle = style_of(".", ",");
const COMMA: NumberStyle = style_of(",", ".");
const SPACE: NumberStyle = style_of(",", "\u{a0}");
const SWISS: NumberStyle = style_of(",", "'");
const INDIAN: NumberStyle = NumberStyle {
    groups: Groups::Indian,
    ..POINT
};
const ARABIC: NumberStyle = NumberStyle {
    zero: '٠',
    ..style_of("٫", "٬")
};

/// The style of a locale, whose name must be exact.
pub(crate) fn style(locale: &str) -> &'static NumberStyle {
    match locale {
        "ar-DZ" | "ar-LY" | "ar-MA" | "ar-TN" | "ca-ES" | "de-DE" | "es-BO" | "es-ES" | "it-IT" | "mk-MK"
        | "nl-NL" | "pl-PL" | "pt-BR" => &COMMA,
        "cs-CZ" | "fi-FI" | "fr-CA" | "fr-FR" | "hu-HU" | "ru-RU" | "sv-SE" | "uk-UA" => &SPACE,
        "de-CH" => &SWISS,
        "en-IN" => &INDIAN,
        "ar-001" | "ar-AE" | "ar-BH" | "ar-DJ" | "ar-EG" | "ar-ER" | "ar-IL" | "ar-IQ" | "ar-JO"
        | "ar-KM" | "ar-KW" | "ar-LB" | "ar-MR" | "ar-OM" | "ar-PS" | "ar-QA" | "ar-SA" | "ar-SD"
        | "ar-SO" | "ar-SS" | "ar-SY" | "ar-TD" | "ar-YE" => &ARABIC,
        _ => &POINT,
    }
}

impl NumberStyle {
    /// ASCII digits with separators between the groups.
    pub(crate) fn group(&self, digits: &str) -> String {
        let mut out = String::with_capacity(digits.len() * 2);
        for (at, digit) in digits.chars().enumerate() {
            let left = digits.len() - at;
            let boundary = match self.groups {
                Groups::Threes => left.is_multiple_of(3),
                Groups::Indian => left == 3 || (left > 3 && left % 2 == 1),
            };
            if at > 0 && boundary {
                out.push_str(self.group);
            }
            out.push(digit);
        }
        out
    }

    /// The text with ASCII digits replaced by the locale's own.
    pub(crate) fn digits(&self, text: String) -> String {
        if self.zero == '0' {
            return text;
        }
        let own = |c: char| match c.to_digit(10) {
            Some(digit) => char::from_u32(u32::from(self.zero) + digit).unwrap_or(c),
            None => c,
        };
        text.chars().map(own).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn groups_follow_the_locale() {
        assert_eq!(style("en-US").group("1234567"), "1,234,567");
        assert_eq!(style("en-IN").group("12345678"), "1,23,45,678");
        assert_eq!(style("de-DE").group("123"), "123");
        assert_eq!(style("ar-EG").digits("12".to_owned()), "١٢");
    }
}
