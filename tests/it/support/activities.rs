//! Activities as Teams sends them: one person or group or team each, distinguished by a number.

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

/// The bot's app id.
pub(crate) const BOT: &str = "0b07a111-1111-4111-8111-000000000001";
/// Another bot's.
pub(crate) const OTHER_BOT: &str = "0b07a111-1111-4111-8111-000000000009";
/// The bot's client secret.
pub(crate) const SECRET: &str = "planted~client~secret";
/// The home tenant.
pub(crate) const TENANT: &str = "7e4a2222-2222-4222-8222-000000000002";
/// A tenant that is not allowed unless a test says so.
pub(crate) const OTHER_TENANT: &str = "7e4a2222-2222-4222-8222-00000000000f";
/// The team, which is also its General channel.
pub(crate) const TEAM: &str = "19:teamroot0001@thread.tacv2";
/// Another channel of the team.
pub(crate) const CHANNEL: &str = "19:chan0002@thread.tacv2";
/// A name that must never be logged.
pub(crate) const NAME: &str = "Planted Personname";

/// Conversation of the `n`th person.
pub(crate) fn personal(n: u32) -> String {
    format!("a:1Personal{n:04}")
}

/// Teams id of the `n`th person.
pub(crate) fn user(n: u32) -> String {
    format!("29:1User{n:04}")
}

/// Entra id of the `n`th person.
pub(crate) fn entra(n: u32) -> String {
    format!("5e3a3333-3333-4333-8333-00000000{n:04}")
}

/// Conversation of the `n`th group chat.
pub(crate) fn group(n: u32) -> String {
    format!("19:group{n:04}@thread.v2")
}

/// A time, `seconds` after nine o'clock of a day in January.
pub(crate) fn time(seconds: i64) -> String {
    let nine: Timestamp = "2026-01-05T09:00:00.123Z".parse().unwrap();
    (nine + SignedDuration::from_secs(seconds)).to_string()
}

/// Where activities come from, and when.
#[derive(Clone)]
pub(crate) struct Teams {
    service_url: String,
    tenant: &'static str,
}

impl Teams {
    /// Activities whose answers go to `service_url`.
    pub(crate) fn at(service_url: &str) -> Self {
        Self {
            service_url: service_url.to_owned(),
            tenant: TENANT,
        }
    }

    /// The same in another tenant.
    pub(crate) fn in_tenant(&self, tenant: &'static str) -> Self {
        Self {
            tenant,
            ..self.clone()
        }
    }

    fn base(&self, kind: &str, at: i64, conversation: Value) -> Value {
        let mut conversation = conversation;
        conversation["tenantId"] = self.tenant.into();
        json!({
            "type": kind, "id": format!("f:1d0f7a52-0000-4000-8000-{:012}", 500_000 + at), "timestamp": time(at),
            "channelId": "msteams", "serviceUrl": self.service_url,
            "from": { "id": user(1), "aadObjectId": entra(1) },
            "recipient": { "id": format!("28:{BOT}"), "name": "Notifier" },
            "conversation": conversation,
            "channelData": { "tenant": { "id": self.tenant } },
        })
    }

    fn person(&self, kind: &str, n: u32, at: i64) -> Value {
        let mut activity = self.base(
            kind,
            at,
            json!({ "conversationType": "personal", "id": personal(n) }),
        );
        activity["from"] = json!({ "id": user(n), "aadObjectId": entra(n), "name": NAME });
        activity["locale"] = "it-IT".into();
        activity["entities"] =
            json!([{ "type": "clientInfo", "locale": "it-IT", "country": "IT", "platform": "Windows" }]);
        activity
    }

    fn in_group(&self, kind: &str, n: u32, at: i64) -> Value {
        self.base(
            kind,
            at,
            json!({ "isGroup": true, "conversationType": "groupChat", "id": group(n) }),
        )
    }

    fn in_team(&self, kind: &str, at: i64, conversation: &str) -> Value {
        let place = json!({ "isGroup": true, "conversationType": "channel", "id": conversation });
        let mut activity = self.base(kind, at, place);
        activity["channelData"]["team"] =
            json!({ "id": TEAM, "name": "Ops", "aadGroupId": "9a0b4444-4444-4444-8444-000000000004" });
        activity
    }

    /// `installationUpdate` in a personal chat; `action` as Teams spells it.
    pub(crate) fn personal_update(&self, n: u32, action: &str, at: i64) -> Value {
        let mut activity = self.person("installationUpdate", n, at);
        activity["action"] = action.into();
        activity["channelData"]["source"] = json!({ "name": "message" });
        activity
    }

    /// The bot is installed for a person.
    pub(crate) fn personal_install(&self, n: u32, at: i64) -> Value {
        self.personal_update(n, "add", at)
    }

    /// Members come or go in a personal chat: the bot among them.
    pub(crate) fn personal_members(&self, n: u32, member: &str, at: i64) -> Value {
        let mut activity = self.person("conversationUpdate", n, at);
        activity[member] = json!([{ "id": user(n), "aadObjectId": entra(n) }, { "id": format!("28:{BOT}") }]);
        activity
    }

    /// A person writes to the bot.
    pub(crate) fn personal_message(&self, n: u32, text: &str, at: i64) -> Value {
        let mut activity = self.person("message", n, at);
        activity["id"] = "1767603601123".into();
        activity["text"] = text.into();
        activity["textFormat"] = "plain".into();
        activity
    }

    /// `installationUpdate` in a group chat.
    pub(crate) fn group_update(&self, n: u32, action: &str, at: i64) -> Value {
        let mut activity = self.in_group("installationUpdate", n, at);
        activity["action"] = action.into();
        activity
    }

    /// Members come or go in a group chat.
    pub(crate) fn group_members(&self, n: u32, member: &str, id: &str, at: i64) -> Value {
        let mut activity = self.in_group("conversationUpdate", n, at);
        activity[member] = json!([{ "id": id }]);
        activity
    }

    /// Somebody mentions the bot in a group chat.
    pub(crate) fn group_message(&self, n: u32, text: &str, at: i64) -> Value {
        let mut activity = self.in_group("message", n, at);
        activity["text"] = format!("<at>Notifier</at> {text}").into();
        activity
    }

    /// `installationUpdate` for the team; `conversation` is the channel that was picked, or the team.
    pub(crate) fn team_update(&self, action: &str, conversation: &str, at: i64) -> Value {
        let mut activity = self.in_team("installationUpdate", at, conversation);
        activity["action"] = action.into();
        activity["channelData"]["settings"] = json!({ "selectedChannel": { "id": conversation } });
        activity["channelData"]["channel"] = json!({ "id": conversation });
        activity
    }

    /// Members come or go in the team.
    pub(crate) fn team_members(&self, member: &str, id: &str, at: i64) -> Value {
        let event = if member == "membersAdded" {
            "teamMemberAdded"
        } else {
            "teamMemberRemoved"
        };
        let mut activity = self.team_event(event, at);
        activity[member] = json!([{ "id": id }]);
        activity
    }

    /// Something happens to the team: `teamDeleted` and so on.
    pub(crate) fn team_event(&self, event: &str, at: i64) -> Value {
        let mut activity = self.in_team("conversationUpdate", at, TEAM);
        activity["channelData"]["eventType"] = event.into();
        activity
    }

    /// Somebody mentions the bot in a channel of the team.
    pub(crate) fn channel_message(&self, channel: &str, text: &str, at: i64) -> Value {
        let thread = format!("{channel};messageid=1767603700456");
        let mut activity = self.in_team("message", at, &thread);
        activity["id"] = "1767603700456".into();
        activity["text"] = format!("<at>Notifier</at> {text}\n").into();
        activity["channelData"]["channel"] = json!({ "id": channel });
        activity["channelData"]["teamsChannelId"] = channel.into();
        activity["channelData"]["teamsTeamId"] = TEAM.into();
        activity
    }
}

/// The bot among members.
pub(crate) fn bot_member() -> String {
    format!("28:{BOT}")
}
