//! Settings as people write them, and that no error or debug text holds a secret.

use super::*;

const KEY: &str = "c2VjcmV0LWtleQ==";

fn account(settings: &[(&str, &str)]) -> Result<Option<Account>, AccountError> {
    Account::from_settings(|name| {
        settings
            .iter()
            .find(|(known, _)| *known == name)
            .map(|(_, value)| (*value).to_owned())
    })
}

fn blob(settings: &[(&str, &str)]) -> String {
    let account = account(settings).unwrap().unwrap();
    account.blob_url("notifications").unwrap().to_string()
}

fn problem(settings: &[(&str, &str)]) -> String {
    account(settings).unwrap_err().to_string()
}

#[test]
fn nothing_set_means_no_account() {
    assert!(account(&[]).unwrap().is_none());
    assert!(account(&[("AzureWebJobsStorage", "  ")]).unwrap().is_none());
}

#[test]
fn a_connection_string_with_a_key() {
    let text = format!(
        "DefaultEndpointsProtocol=https;AccountName=acct1;AccountKey={KEY};EndpointSuffix=core.windows.net"
    );
    assert_eq!(
        blob(&[("AzureWebJobsStorage", &text)]),
        "https://acct1.blob.core.windows.net/notifications"
    );
}

#[test]
fn other_clouds_and_custom_endpoints() {
    let text = format!("AccountName=acct1;AccountKey={KEY};EndpointSuffix=core.chinacloudapi.cn;");
    assert_eq!(
        blob(&[("AzureWebJobsStorage", &text)]),
        "https://acct1.blob.core.chinacloudapi.cn/notifications"
    );
    let text = format!(
        "accountname=dev; accountkey={KEY}; blobendpoint=http://127.0.0.1:21000/dev/; QueueEndpoint=http://127.0.0.1:21001/dev"
    );
    assert_eq!(
        blob(&[("AzureWebJobsStorage", &text)]),
        "http://127.0.0.1:21000/dev/notifications"
    );
}

#[test]
fn the_emulator() {
    assert_eq!(
        blob(&[("AzureWebJobsStorage", "UseDevelopmentStorage=true")]),
        "http://127.0.0.1:10000/devstoreaccount1/notifications"
    );
    assert_eq!(
        blob(&[(
            "AzureWebJobsStorage",
            "UseDevelopmentStorage=true;DevelopmentStorageProxyUri=http://azurite"
        )]),
        "http://azurite:10000/devstoreaccount1/notifications"
    );
}

#[test]
fn the_emulator_behind_a_name_of_its_own() {
    for (uri, expected) in [
        (
            "http://azurite:10000",
            "http://azurite:10000/devstoreaccount1/notifications",
        ),
        (
            "https://azurite:10000/",
            "https://azurite:10000/devstoreaccount1/notifications",
        ),
        (
            "HTTP://[::1]",
            "http://[::1]:10000/devstoreaccount1/notifications",
        ),
    ] {
        let text = format!("UseDevelopmentStorage=true;DevelopmentStorageProxyUri={uri}");
        assert_eq!(blob(&[("AzureWebJobsStorage", &text)]), expected);
    }
    for wrong in ["azurite", "ftp://azurite", "http://"] {
        let text = format!("UseDevelopmentStorage=true;DevelopmentStorageProxyUri={wrong}");
        let said = problem(&[("AzureWebJobsStorage", &text)]);
        assert!(said.contains("DevelopmentStorageProxyUri"), "{wrong}: {said}");
    }
}

#[test]
fn a_protocol_in_any_case_and_a_suffix_that_is_a_host_name() {
    let text = |more: &str| format!("AccountName=acct1;AccountKey={KEY};{more}");
    assert_eq!(
        blob(&[("AzureWebJobsStorage", &text("DefaultEndpointsProtocol=HTTPS"))]),
        "https://acct1.blob.core.windows.net/notifications"
    );
    for wrong in [
        "core.windows.net/x",
        "core windows.net",
        "user@evil.test",
        "core.windows.net:443",
        ".core.windows.net",
        "core..net",
        "core.windows.net?a",
        "localhost",
        "-a.test",
    ] {
        let said = problem(&[("AzureWebJobsStorage", &text(&format!("EndpointSuffix={wrong}")))]);
        assert!(said.contains("EndpointSuffix"), "{wrong}: {said}");
    }
}

#[test]
fn a_shared_access_signature_stays_in_the_url() {
    let text =
        "BlobEndpoint=https://acct1.blob.core.windows.net/;SharedAccessSignature=?sv=2024-01-01&sig=a%2Bb%3D";
    assert_eq!(
        blob(&[("AzureWebJobsStorage", text)]),
        "https://acct1.blob.core.windows.net/notifications?sv=2024-01-01&sig=a%2Bb%3D"
    );
}

#[test]
fn an_identity_by_account_name_or_addresses() {
    assert_eq!(
        blob(&[
            ("AzureWebJobsStorage__accountName", "acct1"),
            ("AzureWebJobsStorage__credential", "managedidentity"),
        ]),
        "https://acct1.blob.core.windows.net/notifications"
    );
    assert_eq!(
        blob(&[
            (
                "AzureWebJobsStorage__blobServiceUri",
                "https://acct1.blob.core.usgovcloudapi.net"
            ),
            ("AzureWebJobsStorage__credential", "ManagedIdentity"),
            (
                "AzureWebJobsStorage__clientId",
                "0b07a111-1111-4111-8111-000000000001"
            ),
        ]),
        "https://acct1.blob.core.usgovcloudapi.net/notifications"
    );
}

#[test]
fn wrong_settings_are_named_with_what_is_accepted() {
    for (settings, setting, advice) in [
        (
            vec![("AzureWebJobsStorage", "hello")],
            "AzureWebJobsStorage:",
            "no `=`",
        ),
        (
            vec![("AzureWebJobsStorage", "AccountName=acct1")],
            "AzureWebJobsStorage:",
            "neither AccountKey",
        ),
        (
            vec![("AzureWebJobsStorage", "AccountName=acct1;AccountKey=%%%")],
            "AzureWebJobsStorage:",
            "not base64",
        ),
        (
            vec![("AzureWebJobsStorage", "AccountKey=c2VjcmV0")],
            "AzureWebJobsStorage:",
            "AccountName is missing",
        ),
        (
            vec![("AzureWebJobsStorage", "UseDevelopmentStorage=yes")],
            "AzureWebJobsStorage:",
            "only be `true`",
        ),
        (
            vec![("AzureWebJobsStorage__accountName", "No_Name")],
            "__accountName",
            "lower-case",
        ),
        (
            vec![
                ("AzureWebJobsStorage__accountName", "acct1"),
                ("AzureWebJobsStorage__credential", "key"),
            ],
            "__credential",
            "managedidentity",
        ),
        (
            vec![("AzureWebJobsStorage__credential", "managedidentity")],
            "__accountName",
            "missing",
        ),
        (
            vec![("AzureWebJobsStorage__blobServiceUri", "http://x.test")],
            "__blobServiceUri",
            "https",
        ),
        (
            vec![("AzureWebJobsStorage__blobServiceUri", "acct1")],
            "__blobServiceUri",
            "not a URL",
        ),
    ] {
        let text = problem(&settings);
        assert!(
            text.contains(setting) && text.contains(advice) && text.contains("accepted:"),
            "{text}"
        );
    }
}

#[test]
fn secrets_are_in_no_text() {
    let good = format!("AccountName=acct1;AccountKey={KEY}");
    let shown = format!("{:?}", account(&[("AzureWebJobsStorage", &good)]));
    assert!(!shown.contains(KEY), "{shown}");
    let sas = "BlobEndpoint=https://acct1.test;SharedAccessSignature=sv=1&sig=topsecret";
    let shown = format!("{:?}", account(&[("AzureWebJobsStorage", sas)]));
    assert!(!shown.contains("topsecret"), "{shown}");
    for text in [
        "AccountName=acct1;AccountKey=topsecret!",
        "topsecret",
        "SharedAccessSignature=topsecret",
    ] {
        let shown = format!("{:?}", account(&[("AzureWebJobsStorage", text)]));
        assert!(!shown.contains("topsecret"), "{shown}");
    }
}
