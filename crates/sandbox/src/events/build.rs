//! Builds each kind of activity, in the shapes of recorded activities of Teams.

use serde_json::{Value, json};

use super::context::overlay;
use super::{EventContext, Mention};

impl EventContext {
    /// Install and uninstall: Teams sends two activities. Only the `installationUpdate` of an install carries
    /// the selected channel as its conversation; everything else the team.
    pub(crate) fn installation(&mut self, action: &str) -> Vec<Value> {
        let adding = action == "add";
        let place = if adding {
            self.conversation_id.clone()
        } else {
            self.root_id()
        };
        let mut data =
            json!({ "source": { "name": "message" }, "settings": { "selectedChannel": { "id": place } } });
        if let Some(team) = self.full_team() {
            overlay(&mut data, json!({ "team": team, "channel": { "id": place } }));
        }
        let mut fields = json!({
            "action": action,
            "locale": self.person.locale,
            "entities": [{ "type": "clientInfo", "locale": self.person.locale, "country": self.person.country,
                           "platform": "Web" }],
            "channelData": data,
        });
        if let Some(name) = &self.group_name {
            overlay(&mut fields, json!({ "conversation": { "name": name } }));
        }
        let update = self.activity("installationUpdate", &place, &self.account_without_name(), fields);
        if action.ends_with("-upgrade") {
            return vec![update];
        }
        let bot = json!({ "id": self.bot_id });
        let members = match self.scope {
            "personal" => json!([self.account_without_name(), bot]),
            _ => json!([bot]),
        };
        let members = if adding {
            members
        } else {
            json!([{ "id": self.bot_id }])
        };
        vec![update, self.members(adding, &members)]
    }

    /// Members (people or the bot) are added or removed.
    pub(crate) fn members(&mut self, adding: bool, members: &Value) -> Value {
        let mut fields = if adding {
            json!({ "membersAdded": members })
        } else {
            json!({ "membersRemoved": members })
        };
        if let Some(team) = self.full_team() {
            let event = if adding {
                "teamMemberAdded"
            } else {
                "teamMemberRemoved"
            };
            overlay(
                &mut fields,
                json!({ "channelData": { "team": team, "eventType": event } }),
            );
        }
        let root = self.root_id();
        self.activity("conversationUpdate", &root, &self.account_without_name(), fields)
    }

    /// A team is renamed, deleted, restored, …
    pub(crate) fn team_event(&mut self, event: &str) -> Value {
        let team = self.full_team().unwrap_or_default();
        let root = self.root_id();
        let fields = json!({ "channelData": { "eventType": event, "team": team } });
        self.activity("conversationUpdate", &root, &self.account_without_name(), fields)
    }

    /// A channel is created, renamed, deleted or restored.
    pub(crate) fn channel_event(&mut self, event: &str) -> Value {
        let name = self.team.as_ref().and_then(|team| team.channel_name.clone());
        let root = self.root_id();
        let fields = json!({ "channelData": {
            "eventType": event,
            "team": { "id": root },
            "channel": { "id": self.conversation_id, "name": name },
        } });
        self.activity("conversationUpdate", &root, &self.account_without_name(), fields)
    }

    /// Conversation id of a reply chain: the chat itself outside channels.
    pub(crate) fn thread_id(&self, root: &str) -> String {
        match &self.team {
            Some(_) => format!("{};messageid={root}", self.conversation_id),
            None => self.conversation_id.clone(),
        }
    }

    /// `channelData` of activities of people in channels, with the deprecated properties.
    fn channel_data(&self) -> Value {
        match &self.team {
            Some(team) => json!({
                "teamsChannelId": self.conversation_id,
                "teamsTeamId": team.id,
                "channel": { "id": self.conversation_id },
                "team": { "id": team.id },
            }),
            None => json!({}),
        }
    }

    /// A person writes.
    pub(crate) fn message(&mut self, id: &str, root: &str, text: &str, mention: Mention) -> Value {
        let mentions = mention == Mention::With;
        let at = format!("<at>{}</at>", self.bot_name);
        let html = escape(text);
        let mut fields = self.client_fields();
        let (text, html) = if mentions {
            let entity = json!({ "type": "mention", "text": at,
                                 "mentioned": { "id": self.bot_id, "name": self.bot_name } });
            overlay(&mut fields, json!({ "entities": [entity, self.client_info()] }));
            let span = r#"<span itemscope itemtype="http://schema.skype.com/Mention" itemid="0">"#;
            (
                format!("{at} {text}"),
                format!("<div>{span}{}</span> {html}</div>", escape(&self.bot_name)),
            )
        } else {
            (text.to_owned(), format!("<p>{html}</p>"))
        };
        overlay(
            &mut fields,
            json!({
                "id": id,
                "text": text,
                "textFormat": "plain",
                "attachments": [{ "contentType": "text/html", "content": html }],
                "channelData": self.channel_data(),
            }),
        );
        let conversation = self.thread_id(root);
        self.activity("message", &conversation, &self.account(), fields)
    }

    /// A person edits or deletes a message of theirs.
    pub(crate) fn message_change(
        &mut self,
        kind: &str,
        event: &str,
        id: &str,
        root: &str,
        text: Option<&str>,
    ) -> Value {
        let mut fields = self.client_fields();
        overlay(
            &mut fields,
            json!({ "id": id, "channelData": self.channel_data() }),
        );
        overlay(&mut fields, json!({ "channelData": { "eventType": event } }));
        if let Some(text) = text {
            overlay(&mut fields, json!({ "text": text, "textFormat": "plain" }));
        }
        let conversation = self.thread_id(root);
        self.activity(kind, &conversation, &self.account(), fields)
    }

    /// A person reacts to a message of the bot.
    pub(crate) fn reaction(&mut self, list: &str, message: &str, root: &str, reaction: &str) -> Value {
        let mut fields = json!({
            "replyToId": message,
            "channelData": { "legacy": { "replyToId": format!("1:{message}") } },
        });
        fields[list] = json!([{ "type": reaction }]);
        let conversation = self.thread_id(root);
        self.activity("messageReaction", &conversation, &self.account(), fields)
    }

    /// `Action.Submit`: a message with `value`; `msteams` data of type imBack or messageBack become its text.
    pub(crate) fn submit(&mut self, id: &str, card: &str, root: &str, data: &Value) -> Value {
        let mut fields = self.client_fields();
        overlay(
            &mut fields,
            json!({
                "id": id,
                "replyToId": card,
                "channelData": { "source": { "name": "message" } },
            }),
        );
        overlay(&mut fields, json!({ "channelData": self.channel_data() }));
        let teams = &data["msteams"];
        match teams["type"].as_str() {
            Some("imBack") => overlay(
                &mut fields,
                json!({ "text": teams["value"], "textFormat": "plain" }),
            ),
            Some("messageBack") => {
                overlay(
                    &mut fields,
                    json!({ "text": teams["text"], "value": teams["value"] }),
                );
            }
            _ => overlay(&mut fields, json!({ "value": data })),
        }
        let conversation = self.thread_id(root);
        self.activity("message", &conversation, &self.account(), fields)
    }

    /// `Action.Execute`: an invoke.
    pub(crate) fn execute(&mut self, card: &str, root: &str, action: &Value) -> Value {
        let mut whole = json!({ "type": "Action.Execute" });
        overlay(
            &mut whole,
            if action.is_object() {
                action.clone()
            } else {
                json!({})
            },
        );
        whole["type"] = "Action.Execute".into();
        let mut fields = self.client_fields();
        overlay(
            &mut fields,
            json!({
                "name": "adaptiveCard/action",
                "replyToId": card,
                "value": { "action": whole, "trigger": "manual" },
                "channelData": { "source": { "name": "message" } },
            }),
        );
        overlay(&mut fields, json!({ "channelData": self.channel_data() }));
        let conversation = self.thread_id(root);
        self.activity("invoke", &conversation, &self.account(), fields)
    }
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
}
