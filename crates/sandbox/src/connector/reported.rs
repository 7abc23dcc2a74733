//! The answers of switches, as public reports show them. Each names its report; what no report says is a guess.
//! The abbreviations are those of `switches::list`.

use serde_json::json;

use super::{Media, Reply, errors};
use crate::switches::SwitchedOn;
use crate::world::AccessDenial;

/// CC#311, TD#9390: for one person of many. The text is that of Teams' status table (TD PR 7175).
pub(crate) fn disabled_by_admin(_: &SwitchedOn) -> Reply {
    errors::access_denied(AccessDenial::Disallowed)
}

/// teams-sdk#1766: 401 for 22 seconds. TD#11153 shows the body.
pub(crate) fn tokens_refused(_: &SwitchedOn) -> Reply {
    errors::denied()
}

/// TD#14336: status 401 with the message of TD#7424. A guess: the code, which TD#14336 does not show.
pub(crate) fn pairwise_unauthorized(_: &SwitchedOn) -> Reply {
    errors::error(401, "BadArgument", "Failed to decrypt pairwise id")
}

/// BFS#352, TD#9425, sdk#6628: conversations that exist.
pub(crate) fn conversation_gone(_: &SwitchedOn) -> Reply {
    errors::conversation_not_found()
}

/// BFS#344, CC#744: where the bot is installed.
pub(crate) fn not_in_roster(_: &SwitchedOn) -> Reply {
    errors::access_denied(AccessDenial::NotInRoster)
}

/// BFS#349, TD#10741: Teams' own JSON, about nothing in particular.
pub(crate) fn service_error(on: &SwitchedOn) -> Reply {
    errors::error(status(on), "ServiceError", "Unknown")
}

/// BFS#349, TD#10741, bot-docs#1651: pages of what stands in front of Teams. A guess: their text.
pub(crate) fn gateway_page(on: &SwitchedOn) -> Reply {
    let status = status(on);
    let title = match status {
        307 => "307 Temporary Redirect",
        403 => "403 Forbidden",
        404 => "404 Not Found",
        407 => "407 Proxy Authentication Required",
        _ => "502 Bad Gateway",
    };
    let page = format!(
        "<html><head><title>{title}</title></head><body><center><h1>{title}</h1></center></body></html>"
    );
    Reply {
        location: (status == 307).then_some("https://sign-in.example/"),
        ..html(status, page)
    }
}

/// A guess, all of it: a network that lets nothing through before somebody signs in.
pub(crate) fn login_page(_: &SwitchedOn) -> Reply {
    let page = "<!DOCTYPE html><html><head><title>Sign in</title></head><body><form method=\"post\" action=\"/sign-in\">\
        <input name=\"user\"><input name=\"password\" type=\"password\"><button>Sign in</button></form></body></html>";
    html(200, page.to_owned())
}

/// BFS#339: code and message, without the `error` object around them.
pub(crate) fn wrong_geo(_: &SwitchedOn) -> Reply {
    let message = "Incoming request was redirected to the wrong geo! Current geo: AMER, Target geo: EMEA";
    Reply::json_text(
        400,
        json!({ "code": "BadArgument", "message": message }).to_string(),
    )
}

/// js#3280; sdk#6184 has the same without the body.
pub(crate) fn different_region(_: &SwitchedOn) -> Reply {
    errors::error(403, "BadArgument", "User is from different region")
}

/// TD PR 7175. A guess: the whole address, where Teams names a host.
pub(crate) fn invalid_host(on: &SwitchedOn) -> Reply {
    let message = format!(
        "Invalid bot api host. For GCC tenants, please call {}",
        on.new_address()
    );
    errors::error(403, "InvalidBotApiHost", &message)
}

/// The status that was chosen.
fn status(on: &SwitchedOn) -> u16 {
    on.choice("status").parse().unwrap_or(500)
}

fn html(status: u16, page: String) -> Reply {
    Reply {
        media: Media::Html,
        body: page.into(),
        ..Reply::empty(status)
    }
}
