//! Enums whose values are words of a setting.

/// One of a few words. Made with the macro `words!`, so that the words and the enum are one list.
pub trait Word: Copy + 'static {
    /// All of them, in the order of the documentation.
    const WORDS: &'static [Self];

    /// The word, as the documentation writes it. Capitals don't count when it is read.
    fn as_str(self) -> &'static str;

    /// The value of a word.
    fn from_word(text: &str) -> Option<Self> {
        let same = |word: &&Self| word.as_str().eq_ignore_ascii_case(text);
        Self::WORDS.iter().find(same).copied()
    }
}

/// An enum with its words.
macro_rules! words {
    ($(#[$meta:meta])* $name:ident { $($(#[$about:meta])* $variant:ident = $word:literal,)+ }) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum $name { $($(#[$about])* $variant,)+ }

        impl $crate::Word for $name {
            const WORDS: &'static [Self] = &[$(Self::$variant,)+];

            fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word,)+ }
            }
        }
    };
}

pub(crate) use words;
