//! Proxies of outbound calls (Teams, login, storage). Each name counts in lower case too.

use crate::{Text, setting::settings};

settings! {
    /// Proxy of calls to `http://` addresses: `http://host:port`, `https://…` or `socks5://…`, with `user:password@` before
    /// the host where it asks for it.
    HTTP: Text = "HTTP_PROXY", Text { unset: "`ALL_PROXY`" };
    /// Proxy of calls to `https://` addresses.
    HTTPS: Text = "HTTPS_PROXY", Text { unset: "`ALL_PROXY`" };
    /// Proxy of either.
    ALL: Text = "ALL_PROXY", Text { unset: "none" };
    /// Hosts that are reached without one, a comma list. This machine is never behind one.
    NONE: Text = "NO_PROXY", Text::OPTIONAL;
}
