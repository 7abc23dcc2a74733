//! What a person said to the bot, without the bot's name in it.

use crate::{
    activity::{Activity, text},
    identity::Identity,
};

/// The text of a message without mentions of the bot, blanks tidied; empty when nothing is left.
///
/// Case and line breaks between words are kept as single blanks, so that arguments survive.
pub fn command_text(activity: &Activity, me: &Identity) -> String {
    let mut said = activity.text().unwrap_or_default().to_owned();
    let recipient = activity.recipient();
    let recipient_id = recipient.and_then(|recipient| recipient.id());
    for entity in activity.entities() {
        let is_mention = text(entity, "type").is_some_and(|kind| kind.eq_ignore_ascii_case("mention"));
        let whom = entity
            .get("mentioned")
            .and_then(|mentioned| mentioned.get("id"))
            .and_then(|id| id.as_str());
        if let (true, Some(whom), Some(fragment)) = (is_mention, whom, text(entity, "text"))
            && me.is_me(whom, recipient_id)
        {
            said = said.replace(fragment, " ");
        }
    }
    // Some clients leave the entity out.
    if let Some(name) = recipient.and_then(|recipient| recipient.name()) {
        said = said.replace(&format!("<at>{name}</at>"), " ");
    }
    said.replace("&nbsp;", " ")
        .split_whitespace()
        .collect::<Vec<_>>()
        .join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn said(text: &str, whom: &str) -> String {
        let activity = Activity::from_value(json!({
            "type": "message", "text": text, "recipient": {"id": "28:bot", "name": "Notifier"},
            "entities": [{"type": "mention", "text": "<at>Notifier EU</at>", "mentioned": {"id": whom}}]}))
        .unwrap();
        command_text(&activity, &Identity::new("bot", None))
    }

    #[test]
    fn the_bots_own_mention_goes_and_the_rest_stays() {
        assert_eq!(said("<at>Notifier EU</at> status\n", "28:bot"), "status");
        assert_eq!(
            said("<at>Notifier EU</at>&nbsp;Mute\r\n2 Hours\u{a0}", "28:BOT"),
            "Mute 2 Hours"
        );
        assert_eq!(
            said("hi <at>Notifier EU</at>", "29:someone"),
            "hi <at>Notifier EU</at>"
        );
        assert_eq!(said("<at>Notifier</at> help", "29:someone"), "help");
        assert_eq!(said("<at>Notifier EU</at>", "28:bot"), "");
    }

    #[test]
    fn a_submitted_card_has_no_text() {
        let activity = Activity::from_value(json!({"type": "message", "value": {"a": 1}})).unwrap();
        assert_eq!(command_text(&activity, &Identity::new("bot", None)), "");
    }
}
