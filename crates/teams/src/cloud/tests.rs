//! Who gets a token and who doesn't.

use super::*;

fn trust(name: CloudName, address: &str) -> Result<TokenUse, Untrusted> {
    Cloud::named(name).hosts.trust(address).map(|url| url.token_use())
}

#[test]
fn a_public_bot_trusts_the_public_connectors() {
    for address in [
        "https://smba.trafficmanager.net/emea/",
        "https://SMBA.trafficmanager.net/teams",
        "https://smba.infra.gcc.teams.microsoft.com/teams",
        "https://europe.webchat.botframework.com/",
        "https://smba.trafficmanager.net:443/emea/",
    ] {
        assert_eq!(
            trust(CloudName::Public, address),
            Ok(TokenUse::Attach),
            "{address}"
        );
        assert_eq!(trust(CloudName::Gcc, address), Ok(TokenUse::Attach), "{address}");
    }
}

#[test]
fn look_alikes_and_other_clouds_get_nothing() {
    for (address, why) in [
        ("https://evil.trafficmanager.net/emea/", Untrusted::Host),
        ("https://smba.trafficmanager.net.evil.example/", Untrusted::Host),
        ("https://evilbotframework.com/", Untrusted::Host),
        (
            "https://smba.trafficmanager.net@evil.example/",
            Untrusted::UserInfo,
        ),
        ("https://user:pw@smba.trafficmanager.net/", Untrusted::UserInfo),
        ("http://smba.trafficmanager.net/emea/", Untrusted::Scheme),
        ("https://smba.trafficmanager.net:8443/emea/", Untrusted::Port),
        ("https://smba.infra.gov.teams.microsoft.us/teams", Untrusted::Host),
        ("http://localhost:3978/", Untrusted::Host),
        ("https://127.0.0.1/", Untrusted::Host),
        ("https://169.254.169.254/", Untrusted::Host),
        ("ftp://smba.trafficmanager.net/", Untrusted::Unreadable),
        ("smba.trafficmanager.net/emea", Untrusted::Unreadable),
        ("", Untrusted::Unreadable),
    ] {
        assert_eq!(trust(CloudName::Public, address), Err(why), "{address}");
    }
    assert_eq!(
        trust(CloudName::Gcch, "https://smba.trafficmanager.net/emea/"),
        Err(Untrusted::Host)
    );
    assert_eq!(
        trust(CloudName::China, "https://smba.infra.gov.teams.microsoft.us/"),
        Err(Untrusted::Host)
    );
    assert!(trust(CloudName::Dod, "https://smba.infra.dod.teams.microsoft.us/teams").is_ok());
    assert!(trust(CloudName::China, "https://smba.botframework.azure.cn/").is_ok());
}

#[test]
fn local_development_reaches_this_machine_only_and_without_a_token() {
    let local = ServiceHosts::local();
    for address in [
        "http://localhost:56150/_connector",
        "http://127.0.0.1:1/",
        "http://[::1]:80/",
        "https://localhost/",
    ] {
        assert_eq!(
            local.trust(address).unwrap().token_use(),
            TokenUse::Omit,
            "{address}"
        );
    }
    for address in [
        "https://smba.trafficmanager.net/emea/",
        "http://localhost.evil.example/",
        "http://10.0.0.1/",
    ] {
        assert!(local.trust(address).is_err(), "{address}");
    }
}

#[test]
fn a_custom_list_is_host_and_port() {
    let allowed = |list: &str| {
        ServiceHosts::custom(
            list.split(',')
                .map(|host| AllowedHost::parse(host).unwrap())
                .collect(),
        )
    };
    let hosts = allowed("connector.example:8443,127.0.0.1:9000,plain.example");
    assert_eq!(
        hosts.trust("http://127.0.0.1:9000/x").unwrap().token_use(),
        TokenUse::Attach
    );
    assert!(hosts.trust("https://connector.example:8443/").is_ok());
    assert!(hosts.trust("https://plain.example/").is_ok());
    for address in [
        "https://connector.example/",
        "http://connector.example:8443/",
        "http://127.0.0.1:9001/",
        "https://plain.example:444/",
        "https://smba.trafficmanager.net/emea/",
    ] {
        assert!(hosts.trust(address).is_err(), "{address}");
    }
    for bad in [
        "*.example.com",
        "https://x.example",
        "a b",
        "",
        "x.example/path",
        "u@x.example",
        "x:99999",
    ] {
        assert_eq!(AllowedHost::parse(bad), None, "{bad}");
    }
}

#[test]
fn endpoints_follow_the_cloud() {
    let china = Cloud::named(CloudName::China);
    assert_eq!(
        china.token_endpoint(&china.shared_authority),
        "https://login.partner.microsoftonline.cn/microsoftservices.partner.onmschina.cn/oauth2/v2.0/token"
    );
    assert_eq!(
        Cloud::named(CloudName::Public).resource(),
        "https://api.botframework.com"
    );
    assert_eq!(Cloud::named(CloudName::Dod).issuer, "https://api.botframework.us");
}
