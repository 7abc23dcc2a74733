//! Settings: each bad value stops the start and says which one, and what is accepted.

use crate::support::{
    activities::{BOT, TENANT},
    entra::Entra,
    handler::{custom, serve},
    room::Room,
};

async fn refused(settings: &[(&str, &str)], words: &[&str]) {
    let finished = custom(Room::new()).settings(settings.iter().copied()).end().await;
    finished.complains(words);
}

/// A good single-tenant bot, with one setting changed.
async fn registered(name: &str, value: &str, words: &[&str]) {
    let mut settings = vec![
        ("BOT_ID", BOT),
        ("BOT_TYPE", "SingleTenant"),
        ("BOT_PASSWORD", "secret"),
        ("BOT_TENANT_ID", TENANT),
    ];
    settings.retain(|(other, _)| *other != name);
    settings.push((name, value));
    refused(&settings, words).await;
}

#[tokio::test]
async fn numbers_and_words_of_the_notification_settings() {
    let cases: [(&str, &str, &[&str]); 10] = [
        ("NOTIFICATION_RATE", "0", &["1"]),
        ("NOTIFICATION_RATE", "fast", &["number"]),
        ("NOTIFICATION_LEASE_SECONDS", "14", &["15", "60"]),
        ("NOTIFICATION_LEASE_SECONDS", "61", &["15", "60"]),
        ("NOTIFICATION_UNNAMED_LIMIT", "-1", &["number"]),
        ("NOTIFICATION_RETENTION_DAYS", "never", &["number"]),
        ("NOTIFICATION_STORE", "tape", &["blob", "file"]),
        ("NOTIFICATION_STORE", "blob", &["AzureWebJobsStorage"]),
        ("NOTIFICATION_CONTAINER", "Not_A_Container", &["a-z"]),
        ("AzureWebJobsStorage", "not a connection string", &[]),
    ];
    for (name, value, words) in cases {
        let words: Vec<_> = std::iter::once(name).chain(words.iter().copied()).collect();
        refused(&[(name, value)], &words).await;
    }
}

#[tokio::test]
async fn misspelt_names_get_a_suggestion() {
    refused(
        &[("NOTIFICATION_RATES", "50")],
        &["NOTIFICATION_RATES", "NOTIFICATION_RATE"],
    )
    .await;
    refused(&[("NOTIFICATION_COLOUR", "red")], &["NOTIFICATION_COLOUR"]).await;
    refused(&[("BOT_PASSWROD", "x")], &["BOT_PASSWROD", "BOT_PASSWORD"]).await;
}

#[tokio::test]
async fn names_of_teamsfx_projects_are_no_mistake() {
    let settings = [
        ("BOT_DOMAIN", "x.example.com"),
        ("BOT_ENDPOINT", "https://x.example.com"),
    ];
    let handler = custom(Room::new()).settings(settings).start().await;
    handler.sends(&serde_json::json!({ "text": "hello" })).await;
}

/// What Kubernetes sets in a pod for the services of its namespace.
fn service_links(service: &str) -> Vec<(String, String)> {
    let address = "10.0.0.1";
    [
        ("PORT", format!("tcp://{address}:80")),
        ("SERVICE_HOST", address.to_owned()),
        ("SERVICE_PORT", "80".to_owned()),
        ("SERVICE_PORT_HTTP", "80".to_owned()),
        ("PORT_80_TCP", format!("tcp://{address}:80")),
        ("PORT_80_TCP_ADDR", address.to_owned()),
        ("PORT_80_TCP_PORT", "80".to_owned()),
        ("PORT_80_TCP_PROTO", "tcp".to_owned()),
    ]
    .map(|(end, value)| (format!("{service}_{end}"), value))
    .to_vec()
}

#[tokio::test]
async fn service_links_of_kubernetes_are_no_mistake_and_no_warning() {
    let links = [
        "NOTIFICATION",
        "NOTIFICATION_RATE",
        "NOTIFICATION_STORE",
        "BOT",
        "BOT_ID",
        "BOT_TYPE",
    ]
    .map(service_links)
    .concat();
    let handler = custom(Room::new()).settings(links).start().await;
    handler.sends(&serde_json::json!({ "text": "hello" })).await;
    let warnings: Vec<_> = handler
        .output
        .events()
        .into_iter()
        .filter(|event| event.to_string().contains("setting"))
        .collect();
    assert!(warnings.is_empty(), "{warnings:?}");
    // A real slip is still found among them.
    let mut settings = service_links("NOTIFICATION");
    settings.push(("NOTIFICATION_RATES".to_owned(), "50".to_owned()));
    let finished = custom(Room::new()).settings(settings).end().await;
    finished.complains(&["NOTIFICATION_RATES", "NOTIFICATION_RATE?"]);
    assert!(!finished.text().contains("NOTIFICATION_PORT"), "{finished:#?}");
}

#[tokio::test]
async fn a_registered_bot_names_its_type() {
    let accepted = [
        "BOT_TYPE: missing",
        "MultiTenant",
        "SingleTenant",
        "UserAssignedMSI",
        "31 July 2025",
    ];
    registered("BOT_TYPE", "", &accepted).await;
}

#[tokio::test]
async fn the_bot_s_settings() {
    registered(
        "BOT_TYPE",
        "Triple",
        &["BOT_TYPE", "MultiTenant", "SingleTenant", "UserAssignedMSI"],
    )
    .await;
    registered("BOT_ID", "my-bot", &["BOT_ID", "GUID"]).await;
    registered("BOT_TENANT_ID", "", &["BOT_TENANT_ID"]).await;
    registered("BOT_PASSWORD", "", &["BOT_PASSWORD"]).await;
    registered(
        "BOT_CLOUD",
        "cirrus",
        &["BOT_CLOUD", "public", "gcch", "china", "custom"],
    )
    .await;
    registered("BOT_ALLOW_EMULATOR", "perhaps", &["BOT_ALLOW_EMULATOR", "true"]).await;
    registered("BOT_TYPE", "MultiTenant", &["BOT_ALLOWED_TENANTS"]).await;
    registered("BOT_TYPE", "UserAssignedMSI", &["BOT_PASSWORD"]).await;
    registered("BOT_CERTIFICATE_PATH", "nowhere.pem", &["BOT_CERTIFICATE_PATH"]).await;
}

#[tokio::test]
async fn endpoints_belong_to_the_custom_cloud_and_are_all_needed_there() {
    registered(
        "BOT_LOGIN_URL",
        "https://login.example.com",
        &["BOT_LOGIN_URL", "custom"],
    )
    .await;
    let entra = Entra::start().await;
    for (name, bad) in [
        ("BOT_LOGIN_URL", "http://login.example.com"),
        ("BOT_OPENID_METADATA_URL", "not an address"),
        ("BOT_SERVICE_HOSTS", "https://with.scheme.example.com/"),
        ("BOT_SERVICE_HOSTS", "*.trafficmanager.net"),
        ("BOT_TOKEN_ISSUER", ""),
        ("BOT_SCOPE", ""),
    ] {
        let settings = entra
            .settings("127.0.0.1:1")
            .into_iter()
            .filter(|(other, _)| *other != name);
        let finished = custom(Room::new()).settings(settings).set(name, bad).end().await;
        finished.complains(&[name]);
    }
}

/// Without a registration nothing is checked, so it must not run where others can reach it.
#[tokio::test]
async fn an_empty_bot_id_is_refused_where_a_service_hosts_it() {
    for sign in [
        "WEBSITE_INSTANCE_ID",
        "CONTAINER_NAME",
        "WEBSITE_POD_NAME",
        "LEGION_SERVICE_HOST",
        "KUBERNETES_SERVICE_HOST",
    ] {
        let storage = ("AzureWebJobsStorage", "UseDevelopmentStorage=true");
        refused(&[storage, (sign, "x")], &["BOT_ID", sign]).await;
    }
}

#[tokio::test]
async fn the_file_store_is_refused_on_azure() {
    registered("WEBSITE_INSTANCE_ID", "x", &["NOTIFICATION_STORE", "blob"]).await;
}

#[tokio::test]
async fn serve_needs_a_key() {
    let finished = serve(Room::new()).set("NOTIFICATION_LOCAL_KEY", "").end().await;
    finished.complains(&["NOTIFICATION_LOCAL_KEY"]);
}

#[tokio::test]
async fn secrets_are_not_printed_with_the_complaint() {
    let finished = custom(Room::new())
        .set("BOT_ID", BOT)
        .set("BOT_TYPE", "Triple")
        .set("BOT_PASSWORD", "planted-secret")
        .set("AzureWebJobsStorage", "AccountKey=planted-account-key;nonsense")
        .end()
        .await;
    finished.complains(&["BOT_TYPE"]);
    assert!(!finished.text().contains("planted"), "{finished:#?}");
}

#[tokio::test]
async fn local_settings_json_is_read_beneath_the_environment() {
    let room = Room::new();
    room.write(
        "local.settings.json",
        r#"{ "IsEncrypted": false, "Values": { "NOTIFICATION_RATE": "none" } }"#,
    );
    serve(room).end().await.complains(&["NOTIFICATION_RATE"]);
    let room = Room::new();
    room.write("local.settings.json", "{\n  \"Values\": {\n    oops\n");
    serve(room)
        .end()
        .await
        .complains(&["local.settings.json", "line 3"]);
    let room = Room::new();
    room.write(
        "local.settings.json",
        r#"{ "Values": { "NOTIFICATION_RATE": "none" } }"#,
    );
    serve(room).set("NOTIFICATION_RATE", "5").start().await;
}
