//! The connector address that an error body names ("For GCC tenants, please call `https://…`"), if that may be sent to. A
//! response can't have a token sent anywhere else: what is not on the allow-list is not read.

use crate::cloud::ServiceHosts;
use notify::ids::ServiceUrl;
use serde_json::Value;

/// How much of a body is searched, bytes.
const MAX_SEARCHED_BYTES: usize = 16 * 1024;
/// Longest address that is taken: it is stored in the reference.
const LONGEST: usize = 256;

/// The first address in a body that is on the allow-list.
pub(super) fn find(body: &[u8], hosts: &ServiceHosts) -> Option<ServiceUrl> {
    let body = &body[..body.len().min(MAX_SEARCHED_BYTES)];
    match serde_json::from_slice(body) {
        Ok(json) => in_json(&json, hosts),
        Err(_) => in_text(&String::from_utf8_lossy(body), hosts),
    }
}

fn in_json(json: &Value, hosts: &ServiceHosts) -> Option<ServiceUrl> {
    match json {
        Value::String(text) => in_text(text, hosts),
        Value::Array(values) => values.iter().find_map(|value| in_json(value, hosts)),
        Value::Object(properties) => properties.values().find_map(|value| in_json(value, hosts)),
        Value::Null | Value::Bool(_) | Value::Number(_) => None,
    }
}

fn in_text(text: &str, hosts: &ServiceHosts) -> Option<ServiceUrl> {
    let is_between = |c: char| c.is_whitespace() || c.is_control() || "`\"'<>()[]{},;\\".contains(c);
    text.split(is_between).find_map(|word| address(word, hosts))
}

fn address(word: &str, hosts: &ServiceHosts) -> Option<ServiceUrl> {
    let word = word.trim_end_matches(['.', '!', '?', ':']);
    if word.len() > LONGEST {
        return None;
    }
    let written = match word.get(..4) {
        Some(scheme) if scheme.eq_ignore_ascii_case("http") => word.to_owned(),
        // A host alone.
        _ if word.contains('.') => format!("https://{word}"),
        _ => return None,
    };
    let trusted = hosts.trust(&written).ok()?;
    let url = trusted.url();
    let plain = url.query().is_none() && url.fragment().is_none();
    // What a call was made to ends where the connector's own paths begin.
    let base = match url.as_str().find("/v3/") {
        Some(end) => &url.as_str()[..=end],
        None => url.as_str(),
    };
    (plain && hosts.is_connector(&trusted)).then(|| ServiceUrl::from(base))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cloud::{AllowedHost, Cloud, CloudName};

    fn found(body: &str) -> Option<String> {
        find(body.as_bytes(), &Cloud::named(CloudName::Public).hosts).map(|url| url.as_str().to_owned())
    }

    const GCC: &str = "https://smba.infra.gcc.teams.microsoft.com/";

    #[test]
    fn an_address_is_found_however_it_is_written() {
        let message = |text: &str| serde_json::json!({"error": {"code": "x", "message": text}}).to_string();
        for text in [
            "Invalid bot api host. For GCC tenants, please call https://smba.infra.gcc.teams.microsoft.com.",
            "Invalid bot api host. For GCC tenants, please call `https://smba.infra.gcc.teams.microsoft.com`.",
            "call \"https://smba.infra.gcc.teams.microsoft.com\"!",
            "call smba.infra.gcc.teams.microsoft.com.",
            "not https://graph.microsoft.com/v1.0, but (https://smba.infra.gcc.teams.microsoft.com)",
        ] {
            assert_eq!(found(&message(text)).as_deref(), Some(GCC), "{text}");
            assert_eq!(found(text).as_deref(), Some(GCC), "{text}");
        }
        assert_eq!(
            found(&message("call https://smba.trafficmanager.net/de/")).as_deref(),
            Some("https://smba.trafficmanager.net/de/")
        );
        // A request that is repeated to us.
        assert_eq!(
            found(&message(
                "not https://smba.trafficmanager.net/de/v3/conversations/a:1/activities"
            ))
            .as_deref(),
            Some("https://smba.trafficmanager.net/de/")
        );
    }

    #[test]
    fn other_services_of_teams_are_no_connectors() {
        for text in [
            "see https://admin.teams.microsoft.com/policies",
            "see https://dev.teams.microsoft.com/apps",
            "see teams.microsoft.com",
        ] {
            assert_eq!(found(text), None, "{text}");
        }
    }

    #[test]
    fn nothing_off_the_allow_list_is_taken_from_a_body() {
        for text in [
            "call https://evil.example/teams",
            "call https://smba.infra.gcc.teams.microsoft.com.evil.example/",
            "call https://smba.infra.gcc.teams.microsoft.com@evil.example/",
            "call https://evil.trafficmanager.net/",
            "call http://smba.infra.gcc.teams.microsoft.com/",
            "call https://smba.infra.gcc.teams.microsoft.com:8443/",
            "call https://smba.infra.gov.teams.microsoft.us/teams",
            "call https://smba.trafficmanager.net/?next=https://evil.example",
            "call http://127.0.0.1:3978/",
            "Current geo: EMEA, Target geo: EUDB",
            "",
        ] {
            assert_eq!(found(text), None, "{text}");
        }
    }

    #[test]
    fn a_host_of_the_settings_is_taken() {
        let hosts = ServiceHosts::custom(vec![AllowedHost::parse("127.0.0.1:3978").unwrap()]);
        let named = find(b"call http://127.0.0.1:3978/gcc/.", &hosts).unwrap();
        assert_eq!(named.as_str(), "http://127.0.0.1:3978/gcc/");
    }
}
