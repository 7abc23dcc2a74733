//! Chats of Copilot: whatever happens in them, they become no target.

use super::*;

/// The marks of a Copilot chat, each alone, as public reports and the SDKs have them.
fn marks() -> Vec<Value> {
    vec![
        json!({"channelData": {"productContext": "COPILOT"}}),
        json!({"channelData": {"productContext": "Copilot"}}),
        json!({"entities": [{"type": "clientInfo"}, {"id": "COPILOT", "type": "ProductInfo"}]}),
        json!({"entities": [{"id": "copilot", "type": "productinfo"}]}),
        json!({"channelId": "msteams:COPILOT"}),
        json!({"channelId": "msteams:Copilot"}),
    ]
}

#[test]
fn nothing_that_happens_in_a_copilot_chat_is_kept() {
    for mark in marks() {
        for event in [
            json!({"type": "message", "text": "help"}),
            json!({"type": "installationUpdate", "action": "add"}),
            json!({"type": "installationUpdate", "action": "add-upgrade"}),
            json!({"type": "installationUpdate", "action": "upgrade"}),
            json!({"type": "conversationUpdate", "membersAdded": [{"id": BOT}]}),
            json!({"type": "conversationUpdate", "channelData": {"eventType": "teamRestored"}}),
            json!({"type": "conversationUpdate", "channelData": {"eventType": "teamUnarchived"}}),
        ] {
            for mut activity in [personal(event.clone()), team(event.clone())] {
                lay(&mut activity, mark.clone());
                assert_eq!(read(activity.clone()), Err(Ignored::Copilot), "{activity}");
            }
        }
    }
}

#[test]
fn a_removal_counts_in_a_copilot_chat_too() {
    for mark in marks() {
        for event in [
            json!({"type": "installationUpdate", "action": "remove"}),
            json!({"type": "conversationUpdate", "membersRemoved": [{"id": BOT}]}),
        ] {
            let mut activity = personal(event);
            lay(&mut activity, mark.clone());
            assert_eq!(
                read(activity.clone()).unwrap().event,
                Event::Removed,
                "{activity}"
            );
        }
    }
}

#[test]
fn other_products_and_words_are_no_copilot() {
    for other in [
        json!({"channelData": {"productContext": "TEAMS"}}),
        json!({"channelData": {"productContext": {"id": "COPILOT"}}}),
        json!({"entities": [{"id": "COPILOT", "type": "mention"}, {"id": "TEAMS", "type": "ProductInfo"}]}),
        json!({"channelId": "msteams:OTHER"}),
        json!({"text": "COPILOT"}),
    ] {
        let mut activity = personal(json!({"type": "message"}));
        lay(&mut activity, other);
        assert!(read(activity.clone()).is_ok(), "{activity}");
    }
}
