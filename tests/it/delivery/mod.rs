//! Delivery under the Functions host: wake-ups through a real storage queue, the reconciling timer.

mod messages;
mod requests;
mod restart;
mod stage;
mod wake_ups;

use crate::support::{azurite::Azurite, room::Room};

/// A project whose wake-ups have a queue of their own, as many tests share the emulator.
fn room(queue: &str) -> Room {
    let room = Room::new();
    room.edit("deliveryQueue/function.json", |function| {
        function["bindings"][0]["queueName"] = queue.into();
    });
    room
}

/// Settings of a blob store.
fn blob(container: &str) -> Vec<(&'static str, String)> {
    vec![
        ("AzureWebJobsStorage", Azurite::shared().connection_string()),
        ("NOTIFICATION_CONTAINER", container.to_owned()),
    ]
}
