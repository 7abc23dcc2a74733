//! The HTTP API as its description has it: routes, parameters, errors, lists, health.

mod described;
mod description;
mod edges;
mod health;
mod list;
mod warnings;

use crate::support::{
    activities::Teams,
    connector::Connector,
    handler::{Handler, serve},
    room::Room,
};

/// `handler serve` with its key, and people who have installed the bot.
async fn served(people: u32) -> (Handler, Connector) {
    let connector = Connector::start().await;
    let teams = Teams::at(&connector.service_url());
    let handler = serve(Room::new()).start().await;
    for n in 1..=people {
        handler.receives(&teams.personal_install(n, 0)).await.expect(200);
    }
    (handler, connector)
}
