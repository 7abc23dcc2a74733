//! The specification of a world: the bot, tenants, people, chats and teams.

use std::ops::Range;

/// Whether the bot is installed at the start.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Presence {
    /// The bot is installed.
    #[default]
    Installed,
    /// The bot is not installed.
    Absent,
}

/// A whole world.
#[derive(Debug, Clone)]
pub struct WorldSpec {
    /// The bot's app (client) id, a GUID. Pairwise ids depend on it.
    pub bot_app_id: String,
    /// The bot's name as chats show it.
    pub bot_name: String,
    /// At least one tenant.
    pub tenants: Vec<TenantSpec>,
}

/// One organisation.
#[derive(Debug, Clone)]
pub struct TenantSpec {
    /// Tenant id (GUID); derived from the name when `None`.
    pub id: Option<String>,
    /// Shown on the page.
    pub name: String,
    /// Mail domain of its people.
    pub domain: String,
    /// Number of people. They cost no memory until they are used.
    pub people: u32,
    /// Number of people, from the first, who have the bot in their personal scope.
    pub personal: u32,
    /// Group chats.
    pub groups: Vec<GroupSpec>,
    /// Teams.
    pub teams: Vec<TeamSpec>,
}

/// A group chat.
#[derive(Debug, Clone)]
pub struct GroupSpec {
    /// Its topic.
    pub name: String,
    /// Numbers of the people in it.
    pub members: Range<u32>,
    /// Is the bot in it?
    pub presence: Presence,
}

/// A team.
#[derive(Debug, Clone)]
pub struct TeamSpec {
    /// Its name.
    pub name: String,
    /// Numbers of the people in it.
    pub members: Range<u32>,
    /// Channels besides General.
    pub channels: Vec<String>,
    /// Is the bot in it?
    pub presence: Presence,
}

/// App id of the bot in the default world.
pub const DEFAULT_BOT_APP_ID: &str = "b07b07b0-7b07-4b07-8b07-b07b07b07b07";

impl Default for WorldSpec {
    /// A person with a personal chat, a group chat, and a team with two channels; the bot is in all of them.
    fn default() -> Self {
        Self {
            bot_app_id: DEFAULT_BOT_APP_ID.to_owned(),
            bot_name: "Notifier".to_owned(),
            tenants: vec![TenantSpec {
                groups: vec![GroupSpec::named("On-call", 0..4)],
                teams: vec![TeamSpec::named("Operations", 0..6).with_channel("Alerts")],
                ..TenantSpec::of_people("Contoso", 6, 1)
            }],
        }
    }
}

impl WorldSpec {
    /// One tenant of `people` persons who all have the bot in their personal scope.
    #[must_use]
    pub fn of_people(people: u32) -> Self {
        Self {
            tenants: vec![TenantSpec::of_people("Contoso", people, people)],
            ..Self::default()
        }
    }

    /// Adds a tenant.
    #[must_use]
    pub fn with_tenant(mut self, tenant: TenantSpec) -> Self {
        self.tenants.push(tenant);
        self
    }

    /// Sets the bot's app id and name.
    #[must_use]
    pub fn with_bot(mut self, app_id: impl Into<String>, name: impl Into<String>) -> Self {
        self.bot_app_id = app_id.into();
        self.bot_name = name.into();
        self
    }
}

impl TenantSpec {
    /// A tenant without chats and teams, where the first `personal` of `people` have the bot.
    #[must_use]
    pub fn of_people(name: impl Into<String>, people: u32, personal: u32) -> Self {
        let name = name.into();
        let domain = format!("{}.example", name.to_lowercase().replace(' ', "-"));
        Self {
            id: None,
            name,
            domain,
            people,
            personal,
            groups: Vec::new(),
            teams: Vec::new(),
        }
    }

    /// Sets the tenant's id.
    #[must_use]
    pub fn with_id(mut self, id: impl Into<String>) -> Self {
        self.id = Some(id.into());
        self
    }

    /// Adds `count` teams, each with all people, and `channels` channels besides General.
    #[must_use]
    pub fn with_teams(mut self, count: u32, channels: u32) -> Self {
        let members = 0..self.people;
        self.teams.extend((1..=count).map(|n| {
            (1..=channels).fold(
                TeamSpec::named(format!("Team {n}"), members.clone()),
                |team, channel| team.with_channel(format!("Channel {channel}")),
            )
        }));
        self
    }
}

impl GroupSpec {
    /// A group chat that has the bot.
    #[must_use]
    pub fn named(name: impl Into<String>, members: Range<u32>) -> Self {
        Self {
            name: name.into(),
            members,
            presence: Presence::Installed,
        }
    }
}

impl TeamSpec {
    /// A team with only its General channel, which has the bot.
    #[must_use]
    pub fn named(name: impl Into<String>, members: Range<u32>) -> Self {
        Self {
            name: name.into(),
            members,
            channels: Vec::new(),
            presence: Presence::Installed,
        }
    }

    /// Adds a channel.
    #[must_use]
    pub fn with_channel(mut self, name: impl Into<String>) -> Self {
        self.channels.push(name.into());
        self
    }
}
