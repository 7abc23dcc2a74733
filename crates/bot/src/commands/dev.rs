//! `handler dev`: the whole product on this machine, offline. The local host plays the Functions host, the sandbox
//! plays Teams; both on one port.

use super::{
    CommandError, dev_key,
    local::{self, ProjectFolder},
    renderer, stopping,
};
use crate::{
    bot::NotificationBot, cli::DevArgs, delivery::Host, http::Entrances, output, run::Program,
    settings::Secret,
};
use local_host::{Running, Shutdown, Signals};
use sandbox::{Renderer, Sandbox, SandboxConfig};
use std::{
    net::{Ipv4Addr, SocketAddr},
    path::{Path, PathBuf},
};

/// Folder for what `dev` keeps between runs, beside the references' own file.
const STATE: &str = ".notify";

/// The timer that shows what the bot does. Where the project says that it is disabled, that is meant for production.
const DEMONSTRATION: &str = "timerTrigger";

/// Runs until a signal stops it, or nobody reads its output any more.
pub(crate) async fn run(
    args: &DevArgs,
    program: &Program,
    project: ProjectFolder,
) -> Result<(), CommandError> {
    let signals = Signals::caught_beside(output::reader_gone())?;
    let ProjectFolder { path: folder, source } = project;
    let options = local::options(&folder)?;
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, local::port(args.port, &options)));
    let listener = local_host::bind(address, "--port").await?;
    let base = format!("http://localhost:{}", listener.local_addr()?.port());
    let bot = NotificationBot::from_source(&source, &folder, Host::Local, program.stores()).await?;
    let key = match bot.settings().local_key.clone() {
        Some(key) => key,
        None => dev_key::kept(&folder.join(STATE))?,
    };
    let app = program.app(bot.clone());
    let entrances = app.entrances();
    // With a registration the people are real, and a project without code for it has another timer by this name.
    let shown: &[String] = match bot.identity().is_local() && app.has_code(DEMONSTRATION) {
        true => &[DEMONSTRATION.to_owned()],
        false => &[],
    };
    let host = local::host(app, &folder, &source, key.expose(), options.cors, shown)?;
    // A bot with a registration talks to the real Teams; the sandbox has no place then.
    let teams = if bot.identity().is_local() {
        Some(teams_in_a_box(&folder, &base, &entrances)?)
    } else {
        None
    };
    let notification = format!("{base}{}", entrances.notification);
    say_hello(&notification, &key, &host.describe(&base));
    let router = match &teams {
        Some(teams) => teams.router().merge(host.router()),
        None => host.router(),
    };
    let running = host.start();
    let (stop, pages) = (signals.clone().first(), teams.clone());
    let shutdown = Shutdown::when(async move {
        stop.await;
        // Open pages would hold the end up.
        if let Some(pages) = pages {
            pages.close_streams();
        }
    });
    let shutdown = shutdown.force_when(signals.clone().second());
    let serving = Box::pin(async {
        let mut serving = Box::pin(local_host::serve_until(listener, router, shutdown));
        tokio::select! {
            _ = &mut serving => {}
            () = welcome(teams, &running, &base, folder.join(STATE)) => drop(serving.await),
        }
    });
    stopping::closing_beside(&signals, serving, bot.close()).await;
    drop(running);
    Ok(())
}

/// What is to be seen at the start: the bot is installed in the sandbox, and its timers fire.
async fn welcome(teams: Option<Sandbox>, running: &Running, base: &str, state: PathBuf) {
    let Some(teams) = teams else {
        super::say(&format!("Listening at {base}/"));
        return;
    };
    let announcement = teams.announce_installed().await;
    for failed in &announcement.failed {
        tracing::warn!(error = ?failed, "the sandbox's installation was not taken");
    }
    // The last word of the start: what follows is the log of what the bot does.
    super::say(&format!("Open {base}/ to see Teams in a box.\n"));
    local::fire_timers(running).await;
    tokio::spawn(fetch_renderer(state));
}

fn teams_in_a_box(folder: &Path, base: &str, entrances: &Entrances) -> Result<Sandbox, CommandError> {
    let state = folder.join(STATE);
    storage::private_files::create_folder(&state)
        .map_err(|error| format!("{}: can't be made: {error}", state.display()))?;
    let loopback = base.replace("localhost", "127.0.0.1");
    let config = SandboxConfig {
        bot_endpoint: format!("{loopback}{}", entrances.messages),
        service_url: format!("{loopback}/_connector/"),
        renderer: Renderer::File(renderer::script(&state)),
        renderer_hint: "It is fetched with npm at the first start: install Node.js, then start `dev` again."
            .to_owned(),
        state_file: Some(state.join("sandbox.json")),
        ..SandboxConfig::default()
    };
    Ok(Sandbox::new(config)?)
}

async fn fetch_renderer(state: PathBuf) {
    if let Err(reason) = renderer::fetch(&state).await {
        tracing::warn!(error = reason, "the page shows cards as text");
    }
}

fn say_hello(notification: &str, key: &Secret, functions: &[String]) {
    super::say(&format!("teams-notify {} is running.", env!("CARGO_PKG_VERSION")));
    super::say("\n  Functions:");
    for function in functions {
        super::say(&format!("    {function}"));
    }
    super::say(&format!(
        "\n  Send a notification:\n    curl -X POST {notification} -H 'x-functions-key: {}'\n    curl -X POST {notification} -H 'x-functions-key: {}' -d '{{\"data\": {{\"title\": \"Hello, Teams\"}}}}'\n",
        key.expose(),
        key.expose()
    ));
}
