//! Two stores, one behaviour: the file and Blob Storage, seen through the binary.
//! What every backend must do in detail is the conformance suite of the crate `storage`.

mod blob;
mod file;
mod modes;
mod other_bot;
mod transfer;

use crate::support::{
    azurite::Azurite,
    handler::{Finished, run},
    room::Room,
};

/// Settings of a blob store in a container.
fn blob(container: &str) -> Vec<(&'static str, String)> {
    vec![
        ("AzureWebJobsStorage", Azurite::shared().connection_string()),
        ("NOTIFICATION_CONTAINER", container.to_owned()),
    ]
}

/// Runs `handler references …` with settings.
async fn references(room: &Room, arguments: &[&str], settings: &[(&'static str, String)]) -> Finished {
    let arguments: Vec<_> = ["references"].iter().chain(arguments).copied().collect();
    let settings: Vec<_> = settings
        .iter()
        .map(|(name, value)| (*name, value.as_str()))
        .collect();
    run(room, &arguments, &settings, "").await
}
