//! What a person sees who mistypes a name.

use super::*;

/// What is said of one name.
fn said(name: &str) -> Option<UnknownName> {
    unknown([name]).pop()
}

fn refused(name: &str) -> String {
    match said(name) {
        Some(UnknownName::Refused(text)) => text,
        other => panic!("{name}: {other:?}"),
    }
}

#[test]
fn a_misspelt_name_gets_a_suggestion() {
    for (name, meant) in [
        ("NOTIFICATION_RATES", "NOTIFICATION_RATE"),
        ("NOTIFICATION_UNAMED_LIMITS", "NOTIFICATION_UNNAMED_LIMIT"),
        ("BOT_IDD", "BOT_ID"),
        ("BOT_TENNAT_ID", "BOT_TENANT_ID"),
        ("BOT_TENANTID", "BOT_TENANT_ID"),
        ("Bot_Tenantid", "BOT_TENANT_ID"),
    ] {
        assert_eq!(
            refused(name),
            format!("{name}: there is no setting by this name; did you mean {meant}?")
        );
    }
}

#[test]
fn an_unknown_name_of_ours_is_refused_with_those_that_are_known() {
    assert!(
        refused("NOTIFICATION_COLOUR_SCHEME")
            .contains("known are NOTIFICATION_STORE, NOTIFICATION_CONTAINER")
    );
    // As far from RATE as any word of four letters.
    for name in [
        "NOTIFICATION_FOO",
        "NOTIFICATION_MODE",
        "NOTIFICATION_KEY",
        "NOTIFICATION_STATE",
    ] {
        assert!(!refused(name).contains("did you mean"), "{name}");
    }
}

#[test]
fn names_of_other_software_only_warn() {
    for name in [
        "BOT_DOMAIN",
        "BOT_ENDPOINT",
        "BOT_OBJECT_ID",
        "BOT_AZURE_APP_SERVICE_RESOURCE_ID",
        "BOT_NAME",
    ] {
        assert!(matches!(said(name), Some(UnknownName::Ignored(text)) if text.starts_with(name)));
    }
    assert_eq!(
        unknown([
            "PATH",
            "BOTTLE",
            "NOTIFICATIONS",
            "notification_id",
            "GRAPH_TENANT"
        ]),
        []
    );
}

#[test]
fn every_declared_name_is_known_in_any_case() {
    for setting in settings() {
        assert_eq!(said(setting.name()), None);
        assert_eq!(said(&setting.name().to_lowercase()), None);
        assert!(!is_service_link(setting.name()), "{}", setting.name());
    }
}

/// What Kubernetes sets in every pod for a service of its namespace.
#[test]
fn service_links_of_kubernetes_are_not_judged() {
    for service in [
        "BOT",
        "BOT_TYPE",
        "BOT_ID",
        "BOT_TENANT_ID",
        "NOTIFICATION",
        "NOTIFICATION_RATE",
        "NOTIFICATION_STORE",
    ] {
        for end in [
            "_PORT",
            "_SERVICE_HOST",
            "_SERVICE_PORT",
            "_SERVICE_PORT_HTTP",
            "_PORT_80_TCP",
            "_PORT_80_TCP_ADDR",
            "_PORT_80_TCP_PORT",
            "_PORT_80_TCP_PROTO",
        ] {
            assert_eq!(said(&format!("{service}{end}")), None, "{service}{end}");
        }
    }
    // Kubernetes writes capitals, and a slip in the middle of a name is none of its names.
    for name in ["Bot_Service_Host", "BOT_SERVICES_HOSTS", "BOT_SERVICE_HOSTSS"] {
        assert!(
            refused(name).ends_with("did you mean BOT_SERVICE_HOSTS?"),
            "{name}"
        );
    }
    for name in ["NOTIFICATION_REPORTS", "NOTIFICATION_SERVICE_HOSTS"] {
        refused(name);
    }
}
