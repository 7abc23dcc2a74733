//! The rules, by their stable names.

/// Which rule a finding breaks; its name is stable.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Rule {
    /// The file can't be read.
    File,
    /// The text is not JSON.
    Json,
    /// A string with `${` is not an expression.
    Expression,
    /// A function that doesn't exist.
    Function,
    /// The data lack a field.
    Field,
    /// The template can't be filled with the data.
    Fill,
    /// A condition that is neither true nor false.
    Condition,
    /// A placeholder of another template language.
    Placeholder,
    /// A `{{DATE(…)}}` or `{{TIME(…)}}` that Teams can't read.
    Moment,
    /// Data that the card does not read.
    Unread,
    /// An element or action of an unknown type, or one that is not allowed there.
    Type,
    /// A required property is missing.
    Required,
    /// A property has a value of the wrong type, or one that isn't among the allowed ones.
    Value,
    /// A property that the schema doesn't know.
    Property,
    /// Newer than the version that Teams renders, or than the card's version.
    Version,
    /// The message is larger than Teams accepts, or nearly.
    Size,
    /// An image without an alternative text.
    AltText,
    /// A duplicate id, or a reference to an unknown id.
    Id,
    /// A mention that doesn't fit its entity.
    Mention,
    /// Something that Teams does not support for bots.
    Teams,
}

impl Rule {
    /// All rules, in the order of checking.
    pub const ALL: [Self; 20] = [
        Self::File,
        Self::Json,
        Self::Expression,
        Self::Function,
        Self::Field,
        Self::Fill,
        Self::Condition,
        Self::Placeholder,
        Self::Moment,
        Self::Unread,
        Self::Type,
        Self::Required,
        Self::Value,
        Self::Property,
        Self::Version,
        Self::Size,
        Self::AltText,
        Self::Id,
        Self::Mention,
        Self::Teams,
    ];

    /// The rule's name, as `--json` and `--allow` have it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::File => "file",
            Self::Json => "json",
            Self::Expression => "expression",
            Self::Function => "unknown-function",
            Self::Field => "missing-field",
            Self::Fill => "fill",
            Self::Condition => "condition",
            Self::Placeholder => "placeholder",
            Self::Moment => "date-time",
            Self::Unread => "unread-data",
            Self::Type => "unknown-type",
            Self::Required => "required-property",
            Self::Value => "property-value",
            Self::Property => "unknown-property",
            Self::Version => "version",
            Self::Size => "size",
            Self::AltText => "alt-text",
            Self::Id => "id",
            Self::Mention => "mention",
            Self::Teams => "teams",
        }
    }

    /// What the rule finds, in a sentence.
    #[must_use]
    pub fn summary(self) -> &'static str {
        match self {
            Self::File => "The file can't be read.",
            Self::Json => "The text is not JSON.",
            Self::Expression => "A string with `${` is not an expression.",
            Self::Function => "A function that doesn't exist.",
            Self::Field => "The data lack a field.",
            Self::Fill => "The template can't be filled with the data.",
            Self::Condition => "A condition that is neither true nor false.",
            Self::Placeholder => "A placeholder of another template language.",
            Self::Moment => "A `{{DATE(…)}}` or `{{TIME(…)}}` that Teams can't read.",
            Self::Unread => "Data that the card does not read.",
            Self::Type => "An element or action of an unknown type, or one that is not allowed there.",
            Self::Required => "A required property is missing.",
            Self::Value => {
                "A property has a value of the wrong type, or one that isn't among the allowed ones."
            }
            Self::Property => "A property that the schema doesn't know.",
            Self::Version => "Newer than the version that Teams renders, or than the card's version.",
            Self::Size => "The message is larger than Teams accepts, or nearly.",
            Self::AltText => "An image without an alternative text.",
            Self::Id => "A duplicate id, or a reference to an unknown id.",
            Self::Mention => "A mention that doesn't fit its entity.",
            Self::Teams => "Something that Teams does not support for bots.",
        }
    }

    /// The rule with a name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|rule| rule.as_str() == name)
    }
}
