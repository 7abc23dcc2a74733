//! Settings for a host in this process, whose child must not inherit what describes this machine.

use functions_project::Settings;

/// A child inherits the environment; what of it would say something to the bot is emptied.
pub(crate) fn bare() -> Settings {
    let prefixes = [
        "BOT_",
        "NOTIFICATION_",
        "AzureWebJobs",
        "FUNCTIONS_",
        "WEBSITE_",
        "CONTAINER_NAME",
        "LEGION_",
        "KUBERNETES_",
    ];
    let is_one = |name: &String| prefixes.iter().any(|prefix| name.starts_with(prefix));
    let names = std::env::vars().map(|(name, _)| name).filter(is_one);
    names.fold(Settings::none(), |settings, name| settings.with(&name, ""))
}
