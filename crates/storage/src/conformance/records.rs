//! Records to test with: names and ids are made up.

use jiff::Timestamp;
use notify::{
    reference::ConversationReference,
    target::{
        ChannelKind, ChannelState, DeliveryStatus, Installation, ReferenceRecord, Scope, Target, TargetKey,
        Tombstone,
    },
};
use serde_json::json;

/// A key of a made-up bot.
pub fn key(bot: &str, tenant: &str, root: &str) -> TargetKey {
    TargetKey {
        bot: bot.into(),
        tenant: tenant.into(),
        root: root.into(),
    }
}

/// An installation in a personal chat, with a reference as Teams would give it, unknown properties included.
pub fn installation(key: &TargetKey, at: Timestamp) -> Installation {
    let reference = json!({
        "activityId": "f:1d0f7a52",
        "user": {"id": "29:1a", "aadObjectId": "5e3a3333-3333-4333-8333-000000000003", "name": "Ü. \"Ser\""},
        "bot": {"id": format!("28:{}", key.bot), "name": "Notifier"},
        "conversation": {"conversationType": "personal", "tenantId": key.tenant, "id": key.root},
        "channelId": "msteams",
        "locale": "de-AT",
        "serviceUrl": "https://smba.trafficmanager.net/emea/",
        "unknown": {"of": ["a", "later", "version", 1.5, null]}
    });
    Installation {
        target: Target {
            key: key.clone(),
            scope: Scope::Personal,
            service_url: "https://smba.trafficmanager.net/emea/".into(),
            user: Some("29:1a".into()),
            entra: Some("5e3a3333-3333-4333-8333-000000000003".into()),
            name: None,
            team: None,
            preferred_channel: Some("19:chan@thread.tacv2".into()),
            preferred_channel_state: ChannelState::Present,
            preferred_channel_kind: Some(ChannelKind::Standard),
            preferred_channel_absent_at: Some(at),
            locale: Some("de-AT".to_owned()),
            time_zone: Some("Europe/Vienna".to_owned()),
            delivery_status: DeliveryStatus::Active,
            doubt: None,
            event_at: at,
        },
        reference: ConversationReference::new(reference.as_object().cloned().unwrap_or_default()),
    }
}

/// A removal of the same.
pub fn removal(key: &TargetKey, at: Timestamp) -> ReferenceRecord {
    ReferenceRecord::Removed(Tombstone {
        key: key.clone(),
        event_at: at,
        recorded_at: at,
    })
}
