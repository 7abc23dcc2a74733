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
        "NOTIFICATION_RATE: `0` is not accepted; give a whole number of requests per second from 1 to 1000000 (default 50)"
    );
    assert!(error(&[("NOTIFICATION_LEASE_SECONDS", "61")]).contains("from 15 to 60"));
    assert!(error(&[("NOTIFICATION_UNNAMED_LIMIT", "many")]).contains("from 0 upwards"));
    assert!(error(&[("NOTIFICATION_RETENTION_DAYS", "-1")]).contains("from 1 to 36500"));
    assert!(error(&[("NOTIFICATION_STORE", "table")]).contains("`blob` or `file`"));
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
fn the_local_key_is_never_printed() {
    let settings = Settings::read(&source(&[("NOTIFICATION_LOCAL_KEY", "hunter2")])).unwrap();
    assert!(!format!("{settings:?}").contains("hunter2"));
}
