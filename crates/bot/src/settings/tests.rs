//! What a person sees who sets something wrong.

use super::*;

fn source(pairs: &[(&str, &str)]) -> Source {
    Source::of(pairs)
}

fn error(pairs: &[(&str, &str)]) -> String {
    Settings::read(&source(pairs)).unwrap_err().to_string()
}

#[test]
fn nothing_set_means_the_documented_defaults() {
    let settings = Settings::read(&source(&[])).unwrap();
    assert_eq!(settings.store, StoreKind::File);
    assert_eq!(settings.container, "notifications");
    assert_eq!(
        (settings.rate, settings.lease.as_secs(), settings.unnamed_limit),
        (50, 30, 1000)
    );
    assert_eq!(settings.retention.as_secs(), 90 * 86_400);
    assert_eq!(settings.local_key, None);
}

#[test]
fn a_storage_account_makes_blob_the_default_and_empty_values_count_as_unset() {
    let blob = |pairs| Settings::read(&source(pairs)).unwrap().store;
    assert_eq!(
        blob(&[("AzureWebJobsStorage", "UseDevelopmentStorage=true")]),
        StoreKind::Blob
    );
    assert_eq!(
        blob(&[("AzureWebJobsStorage__accountName", "acc")]),
        StoreKind::Blob
    );
    assert_eq!(
        blob(&[("AzureWebJobsStorage", ""), ("NOTIFICATION_STORE", "")]),
        StoreKind::File
    );
    assert_eq!(
        blob(&[("AzureWebJobsStorage", "x"), ("NOTIFICATION_STORE", "file")]),
        StoreKind::File
    );
}

#[test]
fn bad_values_name_the_setting_and_what_is_accepted() {
    assert_eq!(
        error(&[("NOTIFICATION_RATE", "0")]),
        "NOTIFICATION_RATE: \"0\" is not accepted; give a whole number of requests a second and tenant from 1 to 1000000 (default 50)"
    );
    assert!(error(&[("NOTIFICATION_LEASE_SECONDS", "61")]).contains("from 15 to 60"));
    assert!(error(&[("NOTIFICATION_UNNAMED_LIMIT", "many")]).contains("from 0 upwards"));
    assert!(error(&[("NOTIFICATION_RETENTION_DAYS", "-1")]).contains("from 1 to 36500"));
    assert!(error(&[("NOTIFICATION_STORE", "table")]).contains("\"blob\" or \"file\""));
    assert!(error(&[("NOTIFICATION_STORE", "blob")]).contains("AzureWebJobsStorage"));
    assert!(error(&[("NOTIFICATION_CONTAINER", "No_Good")]).contains("3 to 63"));
}

#[test]
fn the_file_store_is_refused_on_azure() {
    let message = error(&[("WEBSITE_INSTANCE_ID", "abc")]);
    assert!(
        message.contains("refused on Azure") && message.contains("WEBSITE_INSTANCE_ID"),
        "{message}"
    );
}

#[test]
fn a_misspelt_name_gets_a_suggestion() {
    let message = check_names(&source(&[("NOTIFICATION_RATES", "50")]))
        .unwrap_err()
        .to_string();
    assert_eq!(
        message,
        "NOTIFICATION_RATES: there is no setting by this name; did you mean NOTIFICATION_RATE?"
    );
    let message = check_names(&source(&[("NOTIFICATION_COLOUR_SCHEME", "red")]))
        .unwrap_err()
        .to_string();
    assert!(message.contains("known are NOTIFICATION_STORE"), "{message}");
    // As far from RATE as any word of four letters.
    for other in [
        "NOTIFICATION_FOO",
        "NOTIFICATION_MODE",
        "NOTIFICATION_KEY",
        "NOTIFICATION_STATE",
    ] {
        let message = check_names(&source(&[(other, "x")])).unwrap_err().to_string();
        assert!(!message.contains("did you mean"), "{message}");
    }
    let message = check_names(&source(&[("NOTIFICATION_UNAMED_LIMITS", "1")]))
        .unwrap_err()
        .to_string();
    assert!(
        message.contains("did you mean NOTIFICATION_UNNAMED_LIMIT?"),
        "{message}"
    );
    assert!(check_names(&source(&[("NOTIFICATION_RATE", "1"), ("OTHER", "x")])).is_ok());
}

#[test]
fn service_links_of_kubernetes_are_not_judged() {
    for name in [
        "NOTIFICATION_PORT",
        "NOTIFICATION_SERVICE_HOST",
        "NOTIFICATION_SERVICE_PORT",
        "NOTIFICATION_SERVICE_PORT_HTTP",
        "NOTIFICATION_PORT_80_TCP_ADDR",
        "NOTIFICATION_RATE_PORT",
        "NOTIFICATION_STORE_SERVICE_HOST",
    ] {
        let link = source(&[(name, "tcp://10.0.0.1:80")]);
        assert!(check_names(&link).is_ok(), "{name}");
    }
    // Names of our own that are near to them.
    for name in [
        "NOTIFICATION_REPORTS",
        "NOTIFICATION_SERVICE_HOSTS",
        "NOTIFICATION_RATES",
    ] {
        assert!(check_names(&source(&[(name, "x")])).is_err(), "{name}");
    }
}

#[test]
fn the_local_key_is_never_printed() {
    let settings = Settings::read(&source(&[("NOTIFICATION_LOCAL_KEY", "hunter2")])).unwrap();
    assert!(!format!("{settings:?}").contains("hunter2"));
}
