//! Names that the host accepts for functions, bindings and queues, as types that hold nothing else.

use std::fmt;

macro_rules! name_type {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(String);

        impl $name {
            /// The name as text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
                out.write_str(&self.0)
            }
        }

        impl AsRef<str> for $name {
            fn as_ref(&self) -> &str {
                &self.0
            }
        }
    };
}

name_type! {
    /// A function's name: its folder's name. A letter, then letters, digits, `_` or `-`; at most 128; not `host`.
    FunctionName
}
name_type! {
    /// A binding's name: a letter, then letters or digits, at most 128; or `$return`.
    BindingName
}
name_type! {
    /// A queue's name, in lower case: 3 to 63 letters, digits and single hyphens.
    QueueName
}

const LONGEST: usize = 128;

impl FunctionName {
    /// Checks a folder's name.
    ///
    /// # Errors
    /// What is wrong and what is accepted.
    pub fn new(name: &str) -> Result<Self, String> {
        let mut letters = name.chars();
        let fits = letters.next().is_some_and(|first| first.is_ascii_alphabetic())
            && letters.all(|letter| letter.is_ascii_alphanumeric() || letter == '_' || letter == '-')
            && name.len() <= LONGEST;
        if !fits {
            return Err(format!(
                "the folder name \"{name}\" is no function name; a letter, then letters, digits, _ or -, at most {LONGEST}"
            ));
        }
        if name.eq_ignore_ascii_case("host") {
            return Err("a function cannot be called \"host\"; rename the folder".to_owned());
        }
        Ok(Self(name.to_owned()))
    }
}

impl BindingName {
    /// Checks a binding's name.
    ///
    /// # Errors
    /// What is wrong and what is accepted.
    pub fn new(name: &str) -> Result<Self, String> {
        let mut letters = name.chars();
        let fits = letters.next().is_some_and(|first| first.is_ascii_alphabetic())
            && letters.all(|letter| letter.is_ascii_alphanumeric())
            && name.len() <= LONGEST;
        if fits || name == "$return" {
            return Ok(Self(name.to_owned()));
        }
        Err(format!(
            "\"{name}\" is no binding name; a letter, then letters or digits (no _ and no -), at most {LONGEST}, or $return"
        ))
    }

    /// Whether it is `$return`, whose value is the `ReturnValue` of the answer.
    #[must_use]
    pub fn is_return(&self) -> bool {
        self.0 == "$return"
    }
}

impl QueueName {
    /// Checks a queue's name; upper case is lowered, as the queue extension does.
    ///
    /// # Errors
    /// What is wrong and what is accepted.
    pub fn new(name: &str) -> Result<Self, String> {
        let lower = name.to_lowercase();
        let fits = (3..=63).contains(&lower.len())
            && lower
                .bytes()
                .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
            && !lower.starts_with('-')
            && !lower.ends_with('-')
            && !lower.contains("--");
        if fits {
            return Ok(Self(lower));
        }
        Err(format!(
            "\"{name}\" is no queue name; 3 to 63 letters, digits and single hyphens between them"
        ))
    }

    /// Where messages go that failed too often: `<name>-poison`.
    #[must_use]
    pub fn poison(&self) -> Self {
        Self(format!("{}-poison", self.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_follow_the_hosts_patterns() {
        for name in ["httpTrigger", "a", "A-1_b", &"a".repeat(128)] {
            assert!(FunctionName::new(name).is_ok(), "{name}");
        }
        for name in ["", "1a", "_a", "a.b", "a b", "Host", "ä", &"a".repeat(129)] {
            assert!(FunctionName::new(name).is_err(), "{name}");
        }
        for name in ["req", "$return", "R2"] {
            assert!(BindingName::new(name).is_ok(), "{name}");
        }
        for name in ["", "my_req", "my-req", "$other", "2a"] {
            assert!(BindingName::new(name).is_err(), "{name}");
        }
        assert_eq!(
            QueueName::new("Notify-Jobs").unwrap().poison().as_str(),
            "notify-jobs-poison"
        );
        for name in ["", "ab", "a--b", "-ab", "ab-", "a_b", &"a".repeat(64)] {
            assert!(QueueName::new(name).is_err(), "{name}");
        }
    }
}
