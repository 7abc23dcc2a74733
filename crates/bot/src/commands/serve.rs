//! `handler serve`: the local host without the sandbox, for a container or a VM.

use super::{
    CommandError,
    local::{self, ProjectFolder},
    stopping,
};
use crate::{bot::NotificationBot, cli::ServeArgs, delivery::Host, output, run::Program};
use local_host::Signals;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};

/// Runs until a signal stops it, or nobody reads its output any more.
pub(crate) async fn run(
    args: &ServeArgs,
    program: &Program,
    project: ProjectFolder,
) -> Result<(), CommandError> {
    let signals = Signals::caught_beside(output::reader_gone())?;
    let ProjectFolder { path: folder, source } = project;
    let options = local::options(&folder)?;
    let bot = NotificationBot::from_source(&source, &folder, Host::Local, program.stores()).await?;
    let Some(key) = bot.settings().local_key.clone() else {
        return Err(
            "NOTIFICATION_LOCAL_KEY: not set; callers of /api/notification must send it as x-functions-key. \
             Set it to a long random text (for instance: openssl rand -hex 32)"
                .into(),
        );
    };
    // Without a bot registration nothing is authenticated, so nothing outside this machine may reach it.
    let address: IpAddr = if bot.identity().is_local() {
        Ipv4Addr::LOCALHOST.into()
    } else {
        Ipv4Addr::UNSPECIFIED.into()
    };
    let listener = local_host::bind(
        SocketAddr::new(address, local::port(args.port, &options)),
        "--port",
    )
    .await?;
    let app = program.app(bot.clone());
    let host = local::host(app, &folder, &source, key.expose(), options.cors, &[])?;
    let base = format!("http://localhost:{}", listener.local_addr()?.port());
    for line in host.describe(&base).into_iter().chain(local::disabled(&host)) {
        super::say(&line);
    }
    let router = host.router();
    let running = host.start();
    let serving = local_host::serve_until(listener, router, signals.shutdown());
    stopping::closing_beside(&signals, serving, bot.close()).await;
    drop(running);
    Ok(())
}
