//! Serialises outgoing activities. Cards are already JSON and are copied, never parsed: this runs once per recipient.

use crate::identity::Identity;
use notify::{
    content::{Alert, Body, Content},
    target::Scope,
};

/// The bot as sender, serialised.
pub(super) struct Sender(String);

impl Sender {
    pub(super) fn new(id: &str, name: Option<&str>) -> Self {
        let mut out = Vec::new();
        out.extend_from_slice(b"{\"id\":");
        push_json_string(&mut out, id);
        if let Some(name) = name {
            out.extend_from_slice(b",\"name\":");
            push_json_string(&mut out, name);
        }
        out.push(b'}');
        Self(String::from_utf8_lossy(&out).into_owned())
    }

    /// `28:{app id}`; without a registration a placeholder, because the field is required.
    pub(super) fn of(me: &Identity) -> Self {
        if me.is_local() {
            Self::new("28:bot", None)
        } else {
            Self::new(&me.bot.account(), None)
        }
    }

    pub(super) fn as_json(&self) -> &str {
        &self.0
    }
}

/// A person as recipient.
#[derive(Clone, Copy)]
pub(super) struct Addressee<'a> {
    pub(super) id: &'a str,
    pub(super) entra: Option<&'a str>,
}

/// Everything in an activity except the content.
pub(super) struct Envelope<'a> {
    pub(super) sender: &'a Sender,
    pub(super) to: Option<Addressee<'a>>,
    pub(super) conversation: &'a str,
    pub(super) tenant: Option<&'a str>,
    pub(super) scope: Scope,
    pub(super) locale: Option<&'a str>,
    pub(super) reply_to: Option<&'a str>,
    pub(super) edited_id: Option<&'a str>,
}

/// The activity as JSON. `from`, `conversation.id` and the tenant are always included: some tenants refuse activities
/// without them.
pub(super) fn activity(envelope: &Envelope<'_>, content: &Content) -> Vec<u8> {
    let visible = match &content.body {
        Body::Text(text) => text.len() + text.len() / 8,
        Body::Card(card) => card.len(),
    };
    let mut out = Vec::with_capacity(visible + content.summary.as_ref().map_or(0, |text| text.len()) + 768);
    out.extend_from_slice(b"{\"type\":\"message\",\"from\":");
    out.extend_from_slice(envelope.sender.as_json().as_bytes());
    if let Some(whom) = envelope.to {
        out.extend_from_slice(b",\"recipient\":{\"id\":");
        push_json_string(&mut out, whom.id);
        string_property(&mut out, b",\"aadObjectId\":", whom.entra);
        out.push(b'}');
    }
    out.extend_from_slice(b",\"conversation\":{\"id\":");
    push_json_string(&mut out, envelope.conversation);
    string_property(&mut out, b",\"tenantId\":", envelope.tenant);
    out.extend_from_slice(match envelope.scope {
        Scope::Personal => b",\"conversationType\":\"personal\"}",
        Scope::GroupChat => b",\"conversationType\":\"groupChat\",\"isGroup\":true}".as_slice(),
        Scope::Team => b",\"conversationType\":\"channel\",\"isGroup\":true}",
    });
    out.extend_from_slice(b",\"channelId\":\"msteams\"");
    string_property(&mut out, b",\"id\":", envelope.edited_id);
    string_property(&mut out, b",\"replyToId\":", envelope.reply_to);
    string_property(&mut out, b",\"locale\":", envelope.locale);
    string_property(&mut out, b",\"summary\":", content.summary.as_deref());
    match &content.body {
        Body::Text(text) => {
            out.extend_from_slice(b",\"textFormat\":\"markdown\",\"text\":");
            push_json_string(&mut out, text);
        }
        Body::Card(card) => {
            out.extend_from_slice(
                b",\"attachments\":[{\"contentType\":\"application/vnd.microsoft.card.adaptive\",\"content\":",
            );
            out.extend_from_slice(card.as_bytes());
            out.extend_from_slice(b"}]");
        }
    }
    out.extend_from_slice(b",\"channelData\":{");
    if let Some(tenant) = envelope.tenant {
        out.extend_from_slice(b"\"tenant\":{\"id\":");
        push_json_string(&mut out, tenant);
        out.push(b'}');
    }
    if content.alert == Alert::Toast {
        out.extend_from_slice(if envelope.tenant.is_some() { b"," } else { b"" });
        out.extend_from_slice(b"\"notification\":{\"alert\":true}");
    }
    out.extend_from_slice(b"}}");
    out
}

/// The request body that opens a 1:1 conversation.
pub(super) fn opening(sender: &Sender, member: &str, tenant: &str) -> Vec<u8> {
    let mut out = Vec::with_capacity(512);
    out.extend_from_slice(b"{\"isGroup\":false,\"bot\":");
    out.extend_from_slice(sender.as_json().as_bytes());
    out.extend_from_slice(b",\"members\":[{\"id\":");
    push_json_string(&mut out, member);
    out.extend_from_slice(b"}],\"tenantId\":");
    push_json_string(&mut out, tenant);
    out.extend_from_slice(b",\"channelData\":{\"tenant\":{\"id\":");
    push_json_string(&mut out, tenant);
    out.extend_from_slice(b"}}}");
    out
}

/// Size of UTF-8 text when encoded as UTF-16, bytes.
pub(super) fn utf16_bytes(text: &[u8]) -> usize {
    // One unit per character, two where UTF-8 needs four bytes.
    let units = text
        .iter()
        .map(|byte| usize::from(byte & 0xC0 != 0x80) + usize::from(*byte >= 0xF0));
    2 * units.sum::<usize>()
}

fn string_property(out: &mut Vec<u8>, name: &[u8], value: Option<&str>) {
    if let Some(value) = value {
        out.extend_from_slice(name);
        push_json_string(out, value);
    }
}

/// Appends a JSON string; runs without special characters are copied at once.
fn push_json_string(out: &mut Vec<u8>, text: &str) {
    const HEX: &[u8; 16] = b"0123456789abcdef";
    out.push(b'"');
    let bytes = text.as_bytes();
    let mut plain = 0;
    for (n, byte) in bytes.iter().enumerate() {
        if *byte >= 0x20 && *byte != b'"' && *byte != b'\\' {
            continue;
        }
        out.extend_from_slice(&bytes[plain..n]);
        plain = n + 1;
        match *byte {
            b'"' => out.extend_from_slice(b"\\\""),
            b'\\' => out.extend_from_slice(b"\\\\"),
            b'\n' => out.extend_from_slice(b"\\n"),
            b'\r' => out.extend_from_slice(b"\\r"),
            b'\t' => out.extend_from_slice(b"\\t"),
            control => {
                out.extend_from_slice(b"\\u00");
                out.extend([HEX[usize::from(control >> 4)], HEX[usize::from(control & 15)]]);
            }
        }
    }
    out.extend_from_slice(&bytes[plain..]);
    out.push(b'"');
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::{Value, json};

    fn envelope(sender: &Sender) -> Envelope<'_> {
        Envelope {
            sender,
            to: Some(Addressee {
                id: "29:1a\"B",
                entra: Some("5e3a"),
            }),
            conversation: "a:1",
            tenant: Some("7e4a"),
            scope: Scope::Personal,
            locale: Some("it-IT"),
            reply_to: None,
            edited_id: None,
        }
    }

    #[test]
    fn a_card_goes_out_whole_with_everything_that_teams_wants() {
        let card: Value = json!({"type": "AdaptiveCard", "version": "1.5", "body": [{"type": "TextBlock", "text": "35 °C \u{1F525}"}]});
        let content = Content {
            body: Body::Card(card.to_string().into()),
            summary: Some("Server room \"over\" 35 °C".into()),
            alert: Alert::Toast,
        };
        let sender = Sender::new("28:bot", None);
        let sent: Value = serde_json::from_slice(&activity(&envelope(&sender), &content)).unwrap();
        assert_eq!(
            sent,
            json!({
                "type": "message", "from": {"id": "28:bot"}, "recipient": {"id": "29:1a\"B", "aadObjectId": "5e3a"},
                "conversation": {"id": "a:1", "tenantId": "7e4a", "conversationType": "personal"},
                "channelId": "msteams", "locale": "it-IT", "summary": "Server room \"over\" 35 °C",
                "attachments": [{"contentType": "application/vnd.microsoft.card.adaptive", "content": card}],
                "channelData": {"tenant": {"id": "7e4a"}, "notification": {"alert": true}}
            })
        );
    }

    #[test]
    fn a_team_gets_text_without_a_recipient() {
        let content = Content {
            body: Body::Text("**hi**".into()),
            summary: None,
            alert: Alert::Quiet,
        };
        let sender = Sender::new("28:bot", Some("Notifier"));
        let envelope = Envelope {
            to: None,
            scope: Scope::Team,
            locale: None,
            edited_id: Some("17"),
            ..envelope(&sender)
        };
        let sent: Value = serde_json::from_slice(&activity(&envelope, &content)).unwrap();
        assert_eq!(
            sent,
            json!({
                "type": "message", "from": {"id": "28:bot", "name": "Notifier"}, "id": "17",
                "conversation": {"id": "a:1", "tenantId": "7e4a", "conversationType": "channel", "isGroup": true},
                "channelId": "msteams", "textFormat": "markdown", "text": "**hi**",
                "channelData": {"tenant": {"id": "7e4a"}}
            })
        );
    }

    #[test]
    fn an_alert_without_a_tenant_is_still_json() {
        let content = Content {
            body: Body::Text("x".into()),
            summary: None,
            alert: Alert::Toast,
        };
        let sender = Sender::new("b", None);
        let sent = activity(
            &Envelope {
                tenant: None,
                ..envelope(&sender)
            },
            &content,
        );
        let sent: Value = serde_json::from_slice(&sent).unwrap();
        assert_eq!(sent["channelData"], json!({"notification": {"alert": true}}));
    }

    #[test]
    fn opening_names_one_member_and_the_tenant() {
        let sent: Value =
            serde_json::from_slice(&opening(&Sender::new("28:bot", None), "29:x", "7e4a")).unwrap();
        assert_eq!(
            sent,
            json!({"isGroup": false, "bot": {"id": "28:bot"}, "members": [{"id": "29:x"}], "tenantId": "7e4a",
                "channelData": {"tenant": {"id": "7e4a"}}})
        );
    }

    proptest! {
        #[test]
        fn any_text_becomes_the_same_text_again(text in "\\PC*|[\\x00-\\x7f]*") {
            let mut out = Vec::new();
            push_json_string(&mut out, &text);
            let back: String = serde_json::from_slice(&out).unwrap();
            prop_assert_eq!(&back, &text);
            prop_assert_eq!(utf16_bytes(text.as_bytes()), 2 * text.encode_utf16().count());
        }
    }
}
