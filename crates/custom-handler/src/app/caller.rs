//! Who asks: the host itself, with an envelope, or a client whose request the host passes on. Both come by the same
//! port, and with an empty route prefix and a catch-all route a client's path can be a function's name
//! (azure-functions-host issue 6251): what else the host writes into a request tells them apart.

use axum::extract::Request;
use http::{HeaderMap, Method, header};

/// The port that requests come by, as an extension of each.
#[derive(Clone, Copy)]
pub(crate) struct ListeningPort(pub(crate) u16);

/// Headers of a client's request: of the proxying host, or of what stands before a host on Azure.
const PUBLIC: [&str; 4] = [
    "x-forwarded-host",
    "x-forwarded-for",
    "x-ms-invocation-id",
    "x-arr-ssl",
];

/// How the host names itself (`User-Agent`).
const HOST_AGENT: &str = "Azure-Functions-Host/";

/// Who a request is from.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Caller<'a> {
    /// The host: its `POST /<function>`.
    Host(&'a str),
    /// A client, by a path that would be the host's but for this mark.
    Client(&'a str, Mark),
    /// Somebody with another method or path.
    Other,
}

/// What shows that a request is not the host's own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Mark {
    /// It has a header that is written into a client's request.
    PublicHeader(&'static str),
    /// Its `Host` is not this process.
    HostName,
    /// The host completed a client's `User-Agent`.
    Agent,
    /// It has a query; an envelope has none.
    Query,
}

impl std::fmt::Display for Mark {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::PublicHeader(name) => write!(f, "header {name}"),
            Self::HostName => f.write_str("another Host than this process"),
            Self::Agent => f.write_str("User-Agent of a client"),
            Self::Query => f.write_str("a query"),
        }
    }
}

impl<'a> Caller<'a> {
    /// Judges a request by what the host writes into one.
    pub(crate) fn of(request: &'a Request) -> Self {
        let name = request.uri().path().strip_prefix('/').unwrap_or_default();
        if name.is_empty() || name.contains('/') || request.method() != Method::POST {
            return Self::Other;
        }
        match mark(request) {
            Some(mark) => Self::Client(name, mark),
            None => Self::Host(name),
        }
    }
}

fn mark(request: &Request) -> Option<Mark> {
    let headers = request.headers();
    let port = request.extensions().get::<ListeningPort>().map(|port| port.0);
    if let Some(name) = PUBLIC.into_iter().find(|name| headers.contains_key(*name)) {
        Some(Mark::PublicHeader(name))
    } else if !names_this_process(headers, port) {
        Some(Mark::HostName)
    } else if is_forwarded_agent(headers) {
        Some(Mark::Agent)
    } else {
        request.uri().query().map(|_| Mark::Query)
    }
}

/// The host connects to 127.0.0.1 and a port that it picks, and says so in `Host`; a forwarded request keeps the public
/// name. A client that writes another name into it has to know, or to find, the port.
fn names_this_process(headers: &HeaderMap, port: Option<u16>) -> bool {
    let Some(host) = headers.get(header::HOST) else {
        return true;
    };
    let host = host.to_str().unwrap_or_default();
    let (name, stated) = host.split_once(':').unwrap_or((host, "80"));
    let here = name == "127.0.0.1" || name.eq_ignore_ascii_case("localhost");
    here && port.is_none_or(|port| stated == port.to_string())
}

/// The forwarding host adds its name behind the client's, or after nothing; an envelope has it alone. A name without the
/// host's is that of a local process, which the port is open to.
fn is_forwarded_agent(headers: &HeaderMap) -> bool {
    let agents = headers.get_all(header::USER_AGENT).iter();
    let agents: Vec<_> = agents.map(|agent| agent.to_str().unwrap_or_default()).collect();
    let agent = agents.join(" ");
    match agent.matches(HOST_AGENT).count() {
        0 => false,
        1 => !agent.starts_with(HOST_AGENT) || agent.trim().contains(' '),
        _ => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::body::Body;

    const AGENT: &str = "Azure-Functions-Host/4.1037.0.0";

    fn is_envelope(headers: &[(&str, &str)]) -> bool {
        let mut request = Request::post("/nightly").extension(ListeningPort(41_234));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let request = request.body(Body::empty()).unwrap();
        Caller::of(&request) == Caller::Host("nightly")
    }

    #[test]
    fn a_clients_request_differs_from_the_hosts_own() {
        let own = ("host", "127.0.0.1:41234");
        assert!(is_envelope(&[own, ("user-agent", AGENT)]));
        assert!(is_envelope(&[own]));
        for host in [
            "bot.example.com",
            "127.0.0.1",
            "127.0.0.1:41235",
            "127.0.0.1.example.com:41234",
            "",
        ] {
            assert!(!is_envelope(&[("host", host), ("user-agent", AGENT)]), "{host}");
        }
        for agent in [
            format!("curl/8.0 {AGENT}"),
            format!("{AGENT} {AGENT}"),
            format!("{AGENT} curl/8.0"),
        ] {
            assert!(!is_envelope(&[own, ("user-agent", &agent)]), "{agent}");
        }
        assert!(!is_envelope(&[
            own,
            ("user-agent", "curl/8.0"),
            ("user-agent", AGENT)
        ]));
        // A developer at the handler's own port.
        assert!(is_envelope(&[own, ("user-agent", "curl/8.0")]));
        for name in PUBLIC {
            assert!(!is_envelope(&[own, ("user-agent", AGENT), (name, "x")]), "{name}");
        }
    }

    #[test]
    fn an_envelope_has_no_query() {
        let post = |uri: &str| Request::post(uri).body(Body::empty()).unwrap();
        assert_eq!(
            Caller::of(&post("/nightly?code=x")),
            Caller::Client("nightly", Mark::Query)
        );
        assert_eq!(Caller::of(&post("/nightly/deep")), Caller::Other);
        assert_eq!(Caller::of(&post("/")), Caller::Other);
    }
}
