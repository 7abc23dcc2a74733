//! Signed buttons: what the bot adds to the data of each `Action.Execute` of its cards, so that an action can be put
//! down to a notification. The signature is over the notification only: a card stays the same for all recipients.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use hmac::{Hmac, Mac};
use notify::{
    content::ActionFacts,
    ids::{BotId, NotificationId},
    ports::{ObjectStore, StoreError},
    store::signing_key::{LENGTH, SigningKey, signing_key},
};
use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};
use std::sync::Arc;
use tokio::sync::OnceCell;

const NOTIFICATION: &str = "notification";
const VERSION: &str = "version";
const MAC: &str = "mac";

/// The action type that carries data back to the bot.
const EXECUTE: &str = "Action.Execute";

/// The bot's key, read when it is first needed.
#[derive(Clone)]
pub(crate) struct LazySigningKey {
    objects: Arc<dyn ObjectStore>,
    bot: BotId,
    key: Arc<OnceCell<SigningKey>>,
}

impl LazySigningKey {
    pub(crate) fn new(objects: Arc<dyn ObjectStore>, bot: BotId) -> Self {
        Self {
            objects,
            bot,
            key: Arc::default(),
        }
    }

    pub(crate) async fn key(&self) -> Result<&SigningKey, StoreError> {
        self.key
            .get_or_try_init(|| signing_key(&*self.objects, &self.bot, fresh()))
            .await
    }
}

fn fresh() -> SigningKey {
    let mut hash = Sha256::new();
    for _ in 0..4 {
        // Each has 122 bits of the operating system's randomness.
        hash.update(uuid::Uuid::new_v4().as_bytes());
    }
    let mut key = [0; LENGTH];
    key.copy_from_slice(&hash.finalize());
    SigningKey(key)
}

fn mac(key: &SigningKey, notification: &str, version: u32) -> Option<Hmac<Sha256>> {
    let mut mac = Hmac::<Sha256>::new_from_slice(&key.0).ok()?;
    mac.update(format!("action\0{notification}\0{version}").as_bytes());
    Some(mac)
}

/// Whether a template, or the data that fill it, can have buttons to sign.
pub(crate) fn has_actions(value: &Value) -> bool {
    match value {
        Value::String(text) => text == EXECUTE,
        Value::Array(items) => items.iter().any(has_actions),
        Value::Object(properties) => properties.values().any(has_actions),
        _ => false,
    }
}

/// A template whose buttons say which notification they came with. Data of an author that use one of the three names
/// for something else are left alone; such a button is put down to no notification.
pub(crate) fn sign(template: &Value, key: &SigningKey, facts: &ActionFacts) -> Value {
    let notification = facts.notification.as_str();
    let signature = mac(key, notification, facts.version)
        .map(|mac| URL_SAFE_NO_PAD.encode(mac.finalize().into_bytes()))
        .unwrap_or_default();
    let added = [
        (NOTIFICATION, json!(notification)),
        (VERSION, json!(facts.version)),
        (MAC, json!(signature)),
    ];
    let mut signed = template.clone();
    add(&mut signed, &added);
    signed
}

fn add(value: &mut Value, added: &[(&str, Value); 3]) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(|item| add(item, added)),
        Value::Object(properties) => {
            properties.values_mut().for_each(|property| add(property, added));
            if properties.get("type").and_then(Value::as_str) != Some(EXECUTE) {
                return;
            }
            let data = properties.entry("data").or_insert_with(|| json!({}));
            if let Value::Object(data) = data
                && !added.iter().any(|(name, _)| data.contains_key(*name))
            {
                data.extend(
                    added
                        .iter()
                        .map(|(name, value)| ((*name).to_owned(), value.clone())),
                );
            }
        }
        _ => {}
    }
}

/// Takes the signature out of a pressed button's data. `None` where there is none, or it is not this bot's.
pub(crate) async fn take(keeper: &LazySigningKey, data: &mut Map<String, Value>) -> Option<NotificationId> {
    let notification = data.get(NOTIFICATION)?.as_str()?.to_owned();
    let version = u32::try_from(data.get(VERSION)?.as_u64()?).ok()?;
    let signature = URL_SAFE_NO_PAD.decode(data.get(MAC)?.as_str()?).ok()?;
    let key = match keeper.key().await {
        Ok(key) => key,
        Err(error) => {
            tracing::warn!(%error, "a button's signature can't be checked: the action is put down to no notification");
            return None;
        }
    };
    mac(key, &notification, version)?.verify_slice(&signature).ok()?;
    for name in [NOTIFICATION, VERSION, MAC] {
        data.remove(name);
    }
    Some(notification.into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use notify::clock::SystemClock;
    use storage::memory::MemoryObjects;

    fn keeper() -> LazySigningKey {
        let objects = MemoryObjects::new(Arc::new(SystemClock::new()));
        LazySigningKey::new(Arc::new(objects), BotId::from("b"))
    }

    fn facts() -> ActionFacts {
        ActionFacts {
            notification: NotificationId::from("n-1"),
            version: 1,
        }
    }

    fn card() -> Value {
        json!({"type": "AdaptiveCard", "actions": [
            {"type": "Action.Execute", "verb": "ack", "data": {"id": 7}},
            {"type": "Action.Execute", "verb": "more"},
            {"type": "Action.OpenUrl", "url": "https://example.com"},
        ], "body": [{"type": "ActionSet", "actions": [
            {"type": "Action.Execute", "verb": "taken", "data": {"version": "mine"}}]}]})
    }

    #[tokio::test]
    async fn a_signed_button_names_its_notification_and_a_forged_one_does_not() {
        let keeper = keeper();
        let signed = sign(&card(), keeper.key().await.unwrap(), &facts());
        for action in [0, 1] {
            let mut data = signed["actions"][action]["data"].as_object().unwrap().clone();
            assert_eq!(take(&keeper, &mut data).await, Some(NotificationId::from("n-1")));
            assert!(!data.contains_key("mac"), "{data:?}");
        }
        assert_eq!(signed["actions"][2], card()["actions"][2]);
        assert_eq!(
            signed["body"],
            card()["body"],
            "an author's own names are left alone"
        );
        let genuine = signed["actions"][0]["data"].as_object().unwrap();
        for (name, value) in [
            ("notification", json!("n-2")),
            ("version", json!(2)),
            ("mac", json!("AAAA")),
            ("mac", json!(7)),
            ("mac", json!("")),
        ] {
            let mut forged = genuine.clone();
            forged.insert(name.to_owned(), value);
            assert_eq!(take(&keeper, &mut forged).await, None, "{name}");
        }
    }

    #[tokio::test]
    async fn the_key_is_made_once_for_all_processes() {
        let objects: Arc<dyn ObjectStore> = Arc::new(MemoryObjects::new(Arc::new(SystemClock::new())));
        let one = LazySigningKey::new(Arc::clone(&objects), BotId::from("b"));
        let two = LazySigningKey::new(objects, BotId::from("b"));
        assert_eq!(one.key().await.unwrap(), two.key().await.unwrap());
    }
}
