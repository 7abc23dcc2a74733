//! The one list of switches. The control API lists it and the page draws it; nothing else knows what there is.

use serde::Serialize;

use super::SwitchedOn;
use super::parameter::{AFTER_INSTALL, CHANNEL_ID, PERCENT, Parameter, requests, seconds, status};
use super::scope::ScopeKind;
use crate::connector::{Reply, reported};

/// A kind of trouble that Teams was seen in, and that can be switched on.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Switch {
    /// Its name in the control API.
    pub name: &'static str,
    /// For people, short.
    pub title: &'static str,
    /// What happens while it is on.
    pub what: &'static str,
    /// The public reports that it is written from. CC is OfficeDev/microsoft-teams-apps-company-communicator, BFS
    /// microsoft/BotFramework-Services, TD MicrosoftDocs/msteams-docs, js microsoft/botbuilder-js, dotnet
    /// microsoft/botbuilder-dotnet, sdk microsoft/botframework-sdk, ATK OfficeDev/microsoft-365-agents-toolkit.
    pub reports: &'static [&'static str],
    /// What of it no report says.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub guess: Option<&'static str>,
    /// Whom it can be switched on for.
    pub scopes: &'static [ScopeKind],
    /// What can be set.
    pub parameters: &'static [Parameter],
    #[serde(skip)]
    pub(crate) plays: Plays,
}

/// An answer to a request.
pub(crate) type AnswerOf = fn(&SwitchedOn) -> Reply;

/// What the sandbox does while a switch is on.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Plays {
    /// Something before Teams' service answers; the limits don't see the request.
    InFront(AnswerOf),
    /// Teams' service answers so.
    Service(AnswerOf),
    /// Teams' service answers so for some seconds after each install.
    AfterInstall(AnswerOf),
    /// Teams answers so at every address but the new one, which new activities carry.
    Moved(AnswerOf),
    /// What people do in their chat carries the chat's second id.
    SecondChatId,
    /// People write from Copilot; only answers to them are accepted there.
    CopilotChat(AnswerOf),
    /// Activities don't reach the bot.
    BotAway,
}

const ALL: &[ScopeKind] = &[
    ScopeKind::Everybody,
    ScopeKind::Tenant,
    ScopeKind::Team,
    ScopeKind::Conversation,
    ScopeKind::Person,
];
const PEOPLE: &[ScopeKind] = &[ScopeKind::Everybody, ScopeKind::Tenant, ScopeKind::Person];

/// Every switch, in the order of the page.
pub(crate) static SWITCHES: [Switch; 16] = [
    Switch {
        name: "disabledByAdmin",
        title: "App not allowed by a policy",
        what: "403 BotDisabledByAdmin: an app policy forbids the bot, for some people or for a tenant",
        reports: &["CC#311", "CC#203", "CC#1295", "TD#9390", "TD PR 7175"],
        guess: Some("Creating a conversation is refused too; TD#7954 saw it succeed"),
        scopes: ALL,
        parameters: &[seconds(0), requests(0), PERCENT],
        plays: Plays::Service(reported::disabled_by_admin),
    },
    Switch {
        name: "tokensRefused",
        title: "Tokens refused",
        what: "401: valid tokens are refused, for everybody, for one tenant or for one conversation",
        reports: &[
            "teams-sdk#1766",
            "bot-docs#1548",
            "dotnet#1246",
            "Microsoft-Teams-Samples#1762",
        ],
        guess: None,
        scopes: ALL,
        parameters: &[seconds(22), requests(0)],
        plays: Plays::InFront(reported::tokens_refused),
    },
    Switch {
        name: "pairwiseUnauthorized",
        title: "Ids of another bot, as 401",
        what: "401 \"Failed to decrypt pairwise id\": it looks like wrong credentials, and is about the ids",
        reports: &["TD#14336", "TD#7424"],
        guess: Some("The code BadArgument: the report with status 401 does not show the code"),
        scopes: ALL,
        parameters: &[seconds(0), requests(0)],
        plays: Plays::Service(reported::pairwise_unauthorized),
    },
    Switch {
        name: "conversationsGone",
        title: "Incident: conversations gone",
        what: "404 ConversationNotFound for every conversation, for a minute or for a day (86400 seconds)",
        reports: &[
            "BFS#352",
            "js#4479",
            "ATK#8759",
            "ATK#10059",
            "TD#9425",
            "sdk#6628",
        ],
        guess: None,
        scopes: ALL,
        parameters: &[seconds(60), requests(0), PERCENT],
        plays: Plays::Service(reported::conversation_gone),
    },
    Switch {
        name: "strayNotFound",
        title: "One spurious 404",
        what: "404 ConversationNotFound once; the conversation is there as before",
        reports: &["sdk#6628", "js#2722", "msgraph-sdk-dotnet#1366"],
        guess: None,
        scopes: ALL,
        parameters: &[seconds(0), requests(1)],
        plays: Plays::Service(reported::conversation_gone),
    },
    Switch {
        name: "strayForbidden",
        title: "One spurious 403",
        what: "403 BotNotInConversationRoster once; the bot is installed as before",
        reports: &["BFS#344", "CC#744", "js#2722"],
        guess: None,
        scopes: ALL,
        parameters: &[seconds(0), requests(1)],
        plays: Plays::Service(reported::not_in_roster),
    },
    Switch {
        name: "rosterLag",
        title: "Not in the roster yet",
        what: "403 BotNotInConversationRoster for some seconds after each install that happens while this is on",
        reports: &["CC#744"],
        guess: Some("How many seconds"),
        scopes: ALL,
        parameters: &[AFTER_INSTALL, seconds(0)],
        plays: Plays::AfterInstall(reported::not_in_roster),
    },
    Switch {
        name: "serviceError",
        title: "Incident: ServiceError",
        what: "Teams' own JSON with the code ServiceError, which says nothing about the conversation",
        reports: &["BFS#349", "TD#10741", "TD#6139"],
        guess: None,
        scopes: ALL,
        parameters: &[status(&["404", "403", "500"], "404"), seconds(60), requests(0)],
        plays: Plays::Service(reported::service_error),
    },
    Switch {
        name: "gatewayPage",
        title: "A gateway's page",
        what: "An HTML page of a gateway or proxy in front of Teams",
        reports: &["BFS#349", "TD#10741", "bot-docs#1651", "bot-docs#1464"],
        guess: Some("The page's text"),
        scopes: ALL,
        parameters: &[
            status(&["404", "502", "307", "403", "407"], "404"),
            seconds(60),
            requests(0),
        ],
        plays: Plays::InFront(reported::gateway_page),
    },
    Switch {
        name: "loginPage",
        title: "A login page with 200",
        what: "200 with the HTML of a sign-in page, as some proxies answer: nothing was sent",
        reports: &[],
        guess: Some("All of it: such networks are known, and no report shows one between a bot and Teams"),
        scopes: ALL,
        parameters: &[seconds(60), requests(0)],
        plays: Plays::InFront(reported::login_page),
    },
    Switch {
        name: "wrongGeo",
        title: "Moved to another geo",
        what: "400 without the usual error object at every address but the new one, which is not named; activities carry it",
        reports: &["BFS#339"],
        guess: None,
        scopes: ALL,
        parameters: &[seconds(0), requests(0)],
        plays: Plays::Moved(reported::wrong_geo),
    },
    Switch {
        name: "differentRegion",
        title: "User in another region",
        what: "403 \"User is from different region\" at every address but the new one, which is not named; activities carry it",
        reports: &["js#3280", "sdk#6184"],
        guess: None,
        scopes: ALL,
        parameters: &[seconds(0), requests(0)],
        plays: Plays::Moved(reported::different_region),
    },
    Switch {
        name: "invalidHost",
        title: "Tenant on another host",
        what: "403 InvalidBotApiHost, which names the new address, at every other address; activities carry it",
        reports: &["TD PR 7175"],
        guess: Some("Teams names the host alone; the sandbox has one host and names the whole address"),
        scopes: ALL,
        parameters: &[seconds(0), requests(0)],
        plays: Plays::Moved(reported::invalid_host),
    },
    Switch {
        name: "secondChatId",
        title: "A second id for a person's chat",
        what: "What a person does in their chat comes from 19:…@unq.gbl.spaces instead of a:…; both take messages, and \
               installs and uninstalls tell of a:… only",
        reports: &["learn Q&A 5727907", "graph-docs#10308", "BFS#344"],
        guess: Some("Which of the two an uninstall tells of"),
        scopes: PEOPLE,
        parameters: &[seconds(0)],
        plays: Plays::SecondChatId,
    },
    Switch {
        name: "copilotChat",
        title: "People write from Copilot",
        what: "What a person does comes from 19:…@unq.gbl.spaces with productContext COPILOT; there a post that answers no \
               activity gets 403 BotDisabledByAdmin",
        reports: &["teams.py PR 180", "Agents-for-js#897"],
        guess: Some("The chat's id (the example of teams.py is a group chat), and that answers are accepted"),
        scopes: PEOPLE,
        parameters: &[CHANNEL_ID, seconds(0)],
        plays: Plays::CopilotChat(reported::disabled_by_admin),
    },
    Switch {
        name: "botAway",
        title: "The bot is away",
        what: "Activities don't reach the bot and are not sent later: an app installed meanwhile works, and only a later \
               activity shows it",
        reports: &[],
        guess: Some("All of it: that Teams gives up and never sends them again"),
        scopes: ALL,
        parameters: &[seconds(0)],
        plays: Plays::BotAway,
    },
];
