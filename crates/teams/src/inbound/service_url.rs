//! Whether two service URLs are the same address.

use url::Url;

/// Ignores the case of scheme and host, the scheme's default port and a trailing slash.
pub(super) fn same_address(claimed: &str, sent: &str) -> bool {
    let (Ok(claimed), Ok(sent)) = (Url::parse(claimed.trim()), Url::parse(sent.trim())) else {
        return false;
    };
    let parts = |url: &Url| {
        (
            url.scheme().to_owned(),
            url.username().to_owned(),
            url.host_str().map(str::to_owned),
            url.port_or_known_default(),
            url.path().trim_end_matches('/').to_owned(),
            url.query().map(str::to_owned),
        )
    };
    parts(&claimed) == parts(&sent)
}

#[cfg(test)]
mod tests {
    use super::same_address;

    #[test]
    fn a_slash_and_the_hosts_case_make_no_difference_the_rest_does() {
        let claimed = "https://smba.trafficmanager.net/emea/";
        for sent in [
            "https://smba.trafficmanager.net/emea",
            "HTTPS://SMBA.trafficmanager.net:443/emea/",
        ] {
            assert!(same_address(claimed, sent), "{sent}");
        }
        for sent in [
            "https://smba.trafficmanager.net/amer/",
            "https://smba.trafficmanager.net/EMEA/",
            "http://smba.trafficmanager.net/emea/",
            "https://evil.example/emea/",
            "https://x@smba.trafficmanager.net/emea/",
            "",
        ] {
            assert!(!same_address(claimed, sent), "{sent}");
        }
    }
}
