//! The text of a message to the bot, without mentions of the bot.

use crate::{
    activity::{Activity, text},
    identity::Identity,
};

/// The text of a message without mentions of the bot, whitespace collapsed; empty when nothing is left.
///
/// Case is kept, so that arguments are unchanged; line breaks become single spaces.
pub fn command_text(activity: &Activity, me: &Identity) -> String {
    let mut message = activity.text().unwrap_or_default().to_owned();
    let recipient = activity.recipient();
    let recipient_id = recipient.and_then(|recipient| recipient.id());
    for entity in activity.entities() {
        let is_mention = text(entity, "type").is_some_and(|kind| kind.eq_ignore_ascii_case("mention"));
        let mentioned_id = entity
            .get("mentioned")
            .and_then(|mentioned| mentioned.get("id"))
            .and_then(|id| id.as_str());
        if let (true, Some(mentioned_id), Some(fragment)) = (is_mention, mentioned_id, text(entity, "text"))
            && me.is_me(mentioned_id, recipient_id)
        {
            message = message.replace(fragment, " ");
        }
    }
    // Some clients omit the entity.
    if let Some(name) = recipient.and_then(|recipient| recipient.name()) {
        message = message.replace(&format!("<at>{name}</at>"), " ");
    }
    message
        .replace("&nbsp;", " ")
        .split_whitespace()
        .collect::<Vec<_>>()
        .join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn message(text: &str, mentioned_id: &str) -> String {
        let activity = Activity::from_value(json!({
            "type": "message", "text": text, "recipient": {"id": "28:bot", "name": "Notifier"},
            "entities": [{"type": "mention", "text": "<at>Notifier EU</at>", "mentioned": {"id": mentioned_id}}]}))
        .unwrap();
        command_text(&activity, &Identity::new("bot", None))
    }

    #[test]
    fn the_bots_own_mention_goes_and_the_rest_stays() {
        assert_eq!(message("<at>Notifier EU</at> status\n", "28:bot"), "status");
        assert_eq!(
            message("<at>Notifier EU</at>&nbsp;Mute\r\n2 Hours\u{a0}", "28:BOT"),
            "Mute 2 Hours"
        );
        assert_eq!(
            message("hi <at>Notifier EU</at>", "29:someone"),
            "hi <at>Notifier EU</at>"
        );
        assert_eq!(message("<at>Notifier</at> help", "29:someone"), "help");
        assert_eq!(message("<at>Notifier EU</at>", "28:bot"), "");
    }

    #[test]
    fn a_submitted_card_has_no_text() {
        let activity = Activity::from_value(json!({"type": "message", "value": {"a": 1}})).unwrap();
        assert_eq!(command_text(&activity, &Identity::new("bot", None)), "");
    }
}
