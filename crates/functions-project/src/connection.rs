//! Which settings a binding's `connection` means.

use crate::settings::Settings;

const PREFIX: &str = "AzureWebJobs";
const CONNECTION_STRINGS: &str = "ConnectionStrings";

/// The setting, or group of settings, that a connection's name was resolved to.
#[derive(Clone, Debug)]
pub struct ConnectionSettings<'a> {
    settings: &'a Settings,
    name: String,
}

impl Settings {
    /// Finds the settings of a binding's `connection` where the host finds them: under the name with `AzureWebJobs`
    /// before it, then under the name itself, each time among the `ConnectionStrings` first (source:
    /// `GetWebJobsConnectionStringSection` of the WebJobs SDK). A group such as `X__accountName` counts as much as a
    /// connection string; empty values don't count.
    #[must_use]
    pub fn connection(&self, name: &str) -> Option<ConnectionSettings<'_>> {
        [format!("{PREFIX}{name}"), name.to_owned()]
            .into_iter()
            .flat_map(|name| [format!("{CONNECTION_STRINGS}__{name}"), name])
            .map(|name| ConnectionSettings { settings: self, name })
            .find(ConnectionSettings::exists)
    }
}

impl ConnectionSettings<'_> {
    /// The setting's name; those of a group begin with it and `__`.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The connection string.
    #[must_use]
    pub fn value(&self) -> Option<&str> {
        self.find("")
    }

    /// One setting of the group, such as `accountName`.
    #[must_use]
    pub fn part(&self, part: &str) -> Option<&str> {
        self.find(&format!("__{part}"))
    }

    fn find(&self, rest: &str) -> Option<&str> {
        let wanted = normal(&format!("{}{rest}", self.name));
        self.filled()
            .find(|(name, _)| normal(name) == wanted)
            .map(|(_, value)| value)
    }

    fn exists(&self) -> bool {
        let name = normal(&self.name);
        self.filled().any(|(other, _)| {
            normal(other)
                .strip_prefix(&name)
                .is_some_and(|rest| rest.is_empty() || rest.starts_with("__"))
        })
    }

    fn filled(&self) -> impl Iterator<Item = (&str, &str)> {
        self.settings.iter().filter(|(_, value)| !value.trim().is_empty())
    }
}

/// `:` and `__` are the same in .NET's configuration, and so is the case.
fn normal(name: &str) -> String {
    name.to_lowercase().replace(':', "__")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings(names: &[&str]) -> Settings {
        names.iter().fold(Settings::none(), |settings, name| {
            settings.with(name, format!("of {name}"))
        })
    }

    #[test]
    fn the_first_of_the_hosts_places_wins() {
        let mut names = vec![
            "ConnectionStrings:AzureWebJobsOrders",
            "AzureWebJobsOrders",
            "ConnectionStrings__Orders",
            "Orders",
        ];
        while let Some(first) = names.first() {
            let settings = settings(&names);
            let found = settings.connection("orders").unwrap();
            assert_eq!(found.value(), Some(format!("of {first}").as_str()));
            names.remove(0);
        }
        assert!(
            settings(&["Order", "OrdersX", "Orders_accountName"])
                .connection("Orders")
                .is_none()
        );
        assert!(settings(&[]).with("Orders", " ").connection("Orders").is_none());
    }

    #[test]
    fn a_group_of_settings_is_found_as_a_connection_string_is() {
        for (setting, section) in [
            ("AzureWebJobsOrders__accountName", "AzureWebJobsOrders"),
            ("AZUREWEBJOBSORDERS:ACCOUNTNAME", "AzureWebJobsOrders"),
            ("Orders__accountName", "Orders"),
            (
                "ConnectionStrings__Orders__accountName",
                "ConnectionStrings__Orders",
            ),
        ] {
            let settings = settings(&[setting]);
            let found = settings.connection("Orders").unwrap();
            assert_eq!((found.name(), found.value()), (section, None), "{setting}");
            assert_eq!(found.part("accountName"), Some(format!("of {setting}").as_str()));
            assert_eq!(found.part("credential"), None);
        }
        // A group under the prefixed name comes before a connection string under the plain one.
        let settings = settings(&["Orders", "AzureWebJobsOrders__queueServiceUri"]);
        let found = settings.connection("Orders").unwrap();
        assert_eq!(found.value(), None);
        assert!(found.part("queueServiceUri").is_some());
        // The default connection, by both of its names.
        let settings = Settings::none().with("AzureWebJobsStorage", "x");
        for name in ["Storage", "AzureWebJobsStorage"] {
            assert_eq!(settings.connection(name).unwrap().value(), Some("x"));
        }
    }
}
