#![doc = include_str!("../README.md")]

pub mod bot;
mod choice;
#[cfg(test)]
mod documents;
mod error;
pub mod hosting;
pub mod log;
pub mod names;
pub mod notification;
mod number;
pub mod proxy;
mod secret;
mod setting;
pub mod storage;
#[cfg(test)]
mod tests;
mod text;
mod word;

pub use choice::{Choice, Flag};
pub use error::SettingError;
pub use number::Number;
pub use secret::Secret;
pub use setting::{Declaration, Setting};
pub use text::{Name, Password, Text};
pub use word::Word;

/// Reads a setting by name: from the environment, or from a file with the same names.
pub type Lookup<'a> = dyn Fn(&str) -> Option<String> + 'a;

/// The value of a variable that is not ours to declare, as the platform sets it: `None` where it is blank.
pub fn foreign(lookup: &Lookup<'_>, name: &str) -> Option<String> {
    let value = lookup(name)?.trim().to_owned();
    (!value.is_empty()).then_some(value)
}

/// Settings that belong together, in the order of the documentation.
pub struct Family {
    /// Heading of its table.
    pub title: &'static str,
    /// Its settings.
    pub settings: &'static [&'static dyn Declaration],
}

/// All settings.
pub static ALL: [Family; 5] = [
    Family {
        title: "The bot",
        settings: bot::SETTINGS,
    },
    Family {
        title: "The storage account",
        settings: storage::SETTINGS,
    },
    Family {
        title: "Notifications",
        settings: notification::SETTINGS,
    },
    Family {
        title: "The log",
        settings: log::SETTINGS,
    },
    Family {
        title: "Proxies of outbound calls",
        settings: proxy::SETTINGS,
    },
];

/// Every setting, whatever its family.
pub fn settings() -> impl Iterator<Item = &'static dyn Declaration> {
    ALL.iter().flat_map(|family| family.settings.iter().copied())
}
