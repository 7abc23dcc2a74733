//! Activities that report installations, as Teams sends them: one person each, distinguished by a number.

use serde_json::json;

use crate::{
    Outcome,
    entra::{BOT, Entra, TENANT},
    http,
};

/// Where these activities claim to come from.
pub(crate) const HOST: &str = "127.0.0.1:3979";

/// `count` requests to the bot endpoint, signed, each for another conversation.
pub(crate) fn requests(entra: &Entra, count: u32) -> Outcome<Vec<Vec<u8>>> {
    let service_url = format!("http://{HOST}/teams/");
    let authorization = entra.authorization(&service_url)?;
    let headers = [
        authorization.as_str(),
        "x-azure-functions-invocationid: 2f9d6c9e-1111-4111-8111-000000000002",
    ];
    let request = |n| http::request("POST", "/api/messages", &headers, &activity(&service_url, n));
    Ok((0..count).map(request).collect())
}

fn activity(service_url: &str, n: u32) -> String {
    json!({
        "type": "installationUpdate", "action": "add", "id": format!("f:1d0f7a52-0000-4000-8000-{n:012}"),
        "timestamp": "2026-01-05T09:00:00.123Z", "channelId": "msteams", "serviceUrl": service_url,
        "from": {
            "id": format!("29:1User{n:060}"), "aadObjectId": format!("5e3a3333-3333-4333-8333-{n:012}"), "name": "A. User",
        },
        "recipient": { "id": format!("28:{BOT}"), "name": "Notifier" },
        "conversation": {
            "conversationType": "personal", "tenantId": TENANT, "id": format!("a:1Personal{n:070}"),
        },
        "locale": "en-GB",
        "entities": [{ "type": "clientInfo", "locale": "en-GB", "country": "GB", "platform": "Windows" }],
        "channelData": {
            "tenant": { "id": TENANT }, "source": { "name": "message" },
            "settings": { "selectedChannel": { "id": format!("a:1Personal{n:070}") } },
        },
    })
    .to_string()
}
