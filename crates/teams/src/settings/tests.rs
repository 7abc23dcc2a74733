//! Settings as a person sets them, right and wrong.

use super::*;
use std::collections::HashMap;

const ID: &str = "0B07A111-1111-4111-8111-000000000001";
const TENANT: &str = "7E4A2222-2222-4222-8222-000000000002";

fn read(pairs: &[(&str, &str)]) -> Result<BotSettings, Vec<String>> {
    let map: HashMap<_, _> = pairs
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
        .collect();
    BotSettings::read(&|name| map.get(name).cloned())
        .map_err(|errors| errors.iter().map(ToString::to_string).collect())
}

fn problem(pairs: &[(&str, &str)]) -> String {
    read(pairs).unwrap_err().join("\n")
}

const MULTI: [(&str, &str); 4] = [
    ("BOT_ID", ID),
    ("BOT_PASSWORD", "s3cret"),
    ("BOT_ALLOWED_TENANTS", "*"),
    ("BOT_TYPE", "MultiTenant"),
];

fn multi(more: &[(&'static str, &'static str)]) -> Vec<(&'static str, &'static str)> {
    MULTI.iter().chain(more).copied().collect()
}

#[test]
fn nothing_set_is_local_development() {
    for settings in [
        &[][..],
        &[("BOT_ID", ""), ("BOT_PASSWORD", "")],
        &[("BOT_ID", "  ")],
    ] {
        let read = read(settings).unwrap();
        assert_eq!(read.kind, BotKind::Local);
        assert!(read.identity().is_local());
        assert_eq!(read.tenants, TenantAllowList::All);
        assert!(
            read.cloud
                .hosts
                .trust("http://localhost:56150/_connector")
                .is_ok()
        );
        assert!(
            read.cloud
                .hosts
                .trust("https://smba.trafficmanager.net/emea/")
                .is_err()
        );
    }
}

#[test]
fn local_development_refuses_to_run_where_a_service_hosts_it() {
    for name in [
        "WEBSITE_INSTANCE_ID",
        "CONTAINER_NAME",
        "WEBSITE_POD_NAME",
        "LEGION_SERVICE_HOST",
        "KUBERNETES_SERVICE_HOST",
    ] {
        let said = problem(&[(name, "x")]);
        assert!(said.starts_with("BOT_ID: ") && said.contains(name), "{said}");
        let hosted: Vec<_> = MULTI.iter().copied().chain([(name, "x")]).collect();
        assert!(read(&hosted).is_ok());
    }
}

#[test]
fn a_single_tenant_bot_admits_its_tenant() {
    let settings = read(&[
        ("BOT_ID", ID),
        ("BOT_TYPE", "singletenant"),
        ("BOT_TENANT_ID", TENANT),
        ("BOT_PASSWORD", "s3cret"),
    ])
    .unwrap();
    assert_eq!(settings.identity().bot.as_str(), ID.to_lowercase());
    assert_eq!(
        settings.home_tenant.as_ref().unwrap().as_str(),
        TENANT.to_lowercase()
    );
    assert!(settings.tenants.allow(&TenantId::from(TENANT)));
    assert!(!settings.tenants.allow(&TenantId::from("other")));
    assert!(settings.cloud.hosts.trust("http://localhost:1/").is_err());
}

#[test]
fn a_multi_tenant_bot_says_whom_it_admits() {
    let said = problem(&[MULTI[0], MULTI[1], MULTI[3]]);
    assert!(
        said.starts_with("BOT_ALLOWED_TENANTS: ") && said.contains('*'),
        "{said}"
    );
    let settings = read(&multi(&[("BOT_TENANT_ID", TENANT)])).unwrap();
    assert_eq!(
        (settings.tenants, settings.home_tenant),
        (TenantAllowList::All, None)
    );
    let listed = read(&[MULTI[0], MULTI[1], MULTI[3], ("BOT_ALLOWED_TENANTS", "T-1, t-2,")])
        .unwrap()
        .tenants;
    assert!(listed.allow(&"t-1".into()) && listed.allow(&"T-2".into()) && !listed.allow(&"_unknown".into()));
    assert!(
        problem(&[MULTI[0], MULTI[1], MULTI[3], ("BOT_ALLOWED_TENANTS", ",")])
            .starts_with("BOT_ALLOWED_TENANTS: ")
    );
    assert!(problem(&[MULTI[0], MULTI[1], MULTI[3], ("BOT_ALLOWED_TENANTS", "a,*")]).contains('*'));
}

/// It used to mean MultiTenant, which nobody can create any more.
#[test]
fn a_registered_bot_says_its_type() {
    for unsaid in [None, Some(""), Some("  ")] {
        let kind = unsaid.map(|text| ("BOT_TYPE", text));
        let settings: Vec<_> = MULTI[..3].iter().copied().chain(kind).collect();
        let said = problem(&settings);
        assert!(said.starts_with("BOT_TYPE: missing"), "{said}");
        for part in [
            "`SingleTenant`",
            "`UserAssignedMSI`",
            "`MultiTenant`",
            "31 July 2025",
        ] {
            assert!(said.contains(part), "{part} is missing in {said}");
        }
    }
    assert!(problem(&multi(&[("BOT_TYPE", "None")])).contains("`None` is not accepted"));
    // Without a registration there is nothing to be of a type.
    assert_eq!(read(&[]).unwrap().kind, BotKind::Local);
    assert_eq!(
        read(&[("BOT_TYPE", "SingleTenant")]).unwrap().kind,
        BotKind::Local
    );
}

#[test]
fn a_managed_identity_has_no_credentials() {
    let msi = [
        ("BOT_ID", ID),
        ("BOT_TYPE", "UserAssignedMSI"),
        ("BOT_TENANT_ID", TENANT),
    ];
    assert!(matches!(
        read(&msi).unwrap().kind,
        BotKind::UserAssignedMsi { .. }
    ));
    assert!(problem(&msi[..2]).starts_with("BOT_TENANT_ID: "));
    let both: Vec<_> = msi.into_iter().chain([("BOT_PASSWORD", "s3cret")]).collect();
    let said = problem(&both);
    assert!(
        said.starts_with("BOT_PASSWORD: ") && !said.contains("s3cret"),
        "{said}"
    );
}

#[test]
fn a_certificate_stands_instead_of_a_secret() {
    let pem = [
        MULTI[0],
        MULTI[2],
        ("BOT_CERTIFICATE_PATH", "bot.pem"),
        ("BOT_CERTIFICATE_PASSWORD", "pw"),
        MULTI[3],
    ];
    let BotKind::MultiTenant {
        credential: Credential::Certificate { path, password },
        ..
    } = read(&pem).unwrap().kind
    else {
        panic!("not a certificate")
    };
    assert_eq!(
        (path.to_str(), password.unwrap().expose()),
        (Some("bot.pem"), "pw")
    );
    assert!(problem(&multi(&[("BOT_CERTIFICATE_PATH", "x")])).starts_with("BOT_CERTIFICATE_PATH: "));
    assert!(problem(&[MULTI[0], MULTI[2], MULTI[3], pem[3]]).starts_with("BOT_CERTIFICATE_PASSWORD: "));
    assert!(problem(&[MULTI[0], MULTI[2], MULTI[3]]).starts_with("BOT_PASSWORD: missing"));
}

#[test]
fn bad_values_are_reported_all_at_once_with_what_is_accepted() {
    let said = problem(&[
        ("BOT_ID", "28:abc"),
        ("BOT_CLOUD", "mars"),
        ("BOT_ALLOW_EMULATOR", "yes"),
        ("BOT_TENANT_ID", "contoso.onmicrosoft.com"),
    ]);
    for part in [
        "BOT_ID: ",
        "`public`",
        "`true` or `false`",
        "GUID, not its domain",
    ] {
        assert!(said.contains(part), "{part} is missing in {said}");
    }
    assert!(problem(&multi(&[("BOT_TYPE", "Single")])).contains("`UserAssignedMSI`"));
}

#[test]
fn endpoints_are_for_a_custom_cloud_only() {
    let stray = problem(&multi(&[
        ("BOT_LOGIN_URL", "https://login.example"),
        ("BOT_CLOUD", "gcch"),
    ]));
    assert!(
        stray.starts_with("BOT_LOGIN_URL: is for BOT_CLOUD=custom only"),
        "{stray}"
    );
    let empty = problem(&multi(&[("BOT_CLOUD", "custom")]));
    for name in [
        "BOT_LOGIN_URL",
        "BOT_OPENID_METADATA_URL",
        "BOT_TOKEN_ISSUER",
        "BOT_SCOPE",
        "BOT_SERVICE_HOSTS",
    ] {
        assert!(empty.contains(&format!("{name}: missing")), "{empty}");
    }
    let custom = [
        ("BOT_CLOUD", "custom"),
        ("BOT_LOGIN_URL", "http://127.0.0.1:1/login/"),
        ("BOT_OPENID_METADATA_URL", "http://127.0.0.1:1/metadata"),
        ("BOT_TOKEN_ISSUER", "https://issuer.example"),
        ("BOT_SCOPE", "https://bots.example/.default"),
        ("BOT_SERVICE_HOSTS", "127.0.0.1:1,connector.example"),
    ];
    let cloud = read(&multi(&custom)).unwrap().cloud;
    assert_eq!(
        cloud.token_endpoint("t"),
        "http://127.0.0.1:1/login/t/oauth2/v2.0/token"
    );
    assert!(cloud.hosts.trust("http://127.0.0.1:1/x").is_ok());
    assert_eq!(
        cloud.emulator.metadata,
        "http://127.0.0.1:1/login/common/v2.0/.well-known/openid-configuration"
    );
    let plain = problem(&multi(&[
        custom[0],
        ("BOT_LOGIN_URL", "http://login.example"),
        ("BOT_SERVICE_HOSTS", "*.example"),
    ]));
    assert!(
        plain.contains("BOT_LOGIN_URL: `http://login.example`")
            && plain.contains("BOT_SERVICE_HOSTS: `*.example`")
    );
}

#[test]
fn secrets_are_not_printed() {
    let printed = format!("{:?}", read(&MULTI).unwrap());
    assert!(!printed.contains("s3cret"), "{printed}");
}

/// The one name of ours that a service link is a slip away from: it is missed by name where it is needed.
#[test]
fn a_link_in_place_of_the_service_hosts_is_distinguished_from_them() {
    let custom = multi(&[("BOT_CLOUD", "custom"), ("BOT_SERVICE_HOST", "10.0.0.1")]);
    let said = problem(&custom);
    let line = said
        .lines()
        .find(|line| line.starts_with("BOT_SERVICE_HOSTS: missing"));
    assert!(
        line.is_some_and(|line| line.contains("BOT_SERVICE_HOST is")),
        "{said}"
    );
}

#[test]
fn ids_in_braces_are_known() {
    let (id, tenant) = (format!("{{{ID}}}"), format!("{{{TENANT}}}"));
    let list = format!("{tenant},other");
    let read = read(&[
        ("BOT_ID", &id),
        ("BOT_TYPE", "SingleTenant"),
        ("BOT_PASSWORD", "{s3cret}"),
        ("BOT_TENANT_ID", &tenant),
        ("BOT_ALLOWED_TENANTS", &list),
    ])
    .unwrap();
    let lower = TenantId::from(TENANT.to_ascii_lowercase());
    assert_eq!(read.kind.app_id(), Some(ID.to_ascii_lowercase().as_str()));
    assert_eq!(read.home_tenant, Some(lower.clone()));
    assert_eq!(
        read.tenants,
        TenantAllowList::Listed(vec![lower, TenantId::from("other")])
    );
}

#[test]
fn an_app_id_is_a_guid() {
    for wrong in [
        "my-bot",
        "28:0b07a111-1111-4111-8111-000000000001",
        "${{BOT_ID}}",
        "{0b07a111-1111-4111-8111-000000000001",
        "{my-bot}",
        "0b07a1111111411181110000000000001",
        "0b07a111-1111-4111-8111-00000000000g",
        "0b07a111-1111-4111-8111-000000000001-",
    ] {
        let said = problem(&[
            ("BOT_ID", wrong),
            ("BOT_TYPE", "MultiTenant"),
            ("BOT_PASSWORD", "x"),
            ("BOT_ALLOWED_TENANTS", "*"),
        ]);
        assert!(
            said.starts_with("BOT_ID: ") && said.contains("GUID"),
            "{wrong}: {said}"
        );
    }
}
