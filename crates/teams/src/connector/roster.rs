//! Members of a conversation, details and channels of a team: for planning audiences.

use super::{TeamsConnector, address};
use crate::answers::{Operation, local_answer};
use http::Method;
use notify::{
    ids::{ConversationId, EntraId, ServiceUrl, TeamId, TenantId, UserId},
    ports::{Answer, Verdict},
};
use serde::{Deserialize, de::DeserializeOwned};

/// Members per page; the service accepts 50 to 500.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PageSize(u16);

impl PageSize {
    /// The most members per request, so the fewest requests of the tenant's limit.
    pub const LARGEST: Self = Self(500);

    /// Clamps a requested size to what the service accepts.
    pub fn clamped(requested: u16) -> Self {
        Self(requested.clamp(50, 500))
    }

    /// As a number.
    pub fn get(self) -> u16 {
        self.0
    }
}

/// A member of a conversation. Holds a person's name: never to be logged.
#[derive(Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Member {
    /// `29:…`.
    pub id: UserId,
    /// Entra object id.
    #[serde(default)]
    pub aad_object_id: Option<EntraId>,
    #[serde(default)]
    object_id: Option<EntraId>,
    /// Display name.
    #[serde(default)]
    pub name: Option<String>,
    /// Home tenant of the person.
    #[serde(default)]
    pub tenant_id: Option<TenantId>,
    /// `user`, `guest` or `anonymous`.
    #[serde(default)]
    pub user_role: Option<String>,
}

impl Member {
    /// Entra object id; older payloads call it `objectId`.
    pub fn entra(&self) -> Option<&EntraId> {
        self.aad_object_id.as_ref().or(self.object_id.as_ref())
    }
}

impl std::fmt::Debug for Member {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Member({})", self.id)
    }
}

/// A page of a roster. `Debug` prints the members' ids only.
#[derive(Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct MembersPage {
    /// The members on this page.
    #[serde(default)]
    pub members: Vec<Member>,
    /// Token of the next page; none on the last. It expires: after a 400 the roster is read from the start.
    #[serde(default)]
    pub continuation_token: Option<String>,
}

impl std::fmt::Debug for MembersPage {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "MembersPage({:?})", self.members)
    }
}

/// Details of a team. `Debug` prints its id only.
#[derive(Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Team {
    /// Equal to the id of its General channel.
    pub id: TeamId,
    /// Its name.
    #[serde(default)]
    pub name: Option<String>,
    /// Its Entra group.
    #[serde(default)]
    pub aad_group_id: Option<String>,
    /// Number of channels.
    #[serde(default)]
    pub channel_count: Option<u32>,
    /// Number of members.
    #[serde(default)]
    pub member_count: Option<u32>,
}

impl std::fmt::Debug for Team {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Team({})", self.id)
    }
}

/// A channel of a team. `Debug` prints its id only.
#[derive(Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Channel {
    /// The channel's conversation.
    pub id: ConversationId,
    /// Its name; General has none.
    #[serde(default)]
    pub name: Option<String>,
    /// `standard`, `private` or `shared`.
    #[serde(default, rename = "type", alias = "channelType")]
    pub kind: Option<String>,
}

impl std::fmt::Debug for Channel {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Channel({})", self.id)
    }
}

#[derive(Deserialize)]
struct ChannelList {
    #[serde(default)]
    conversations: Vec<Channel>,
}

impl TeamsConnector {
    /// A page of a conversation's members; of a team's when the conversation is one of its standard channels.
    ///
    /// # Errors
    /// The answer of Teams, with its meaning.
    pub async fn members_page(
        &self,
        service_url: &ServiceUrl,
        conversation: &ConversationId,
        size: PageSize,
        continuation: Option<&str>,
    ) -> Result<MembersPage, Answer> {
        let path = address::members_page(conversation.as_str(), size.get(), continuation);
        let mut page: MembersPage = self.read(service_url, path).await?;
        page.continuation_token = page.continuation_token.filter(|token| !token.is_empty());
        Ok(page)
    }

    /// One member, by `29:…` id, Entra object id or user principal name.
    ///
    /// # Errors
    /// The answer of Teams; 404 when the person is not in the conversation.
    pub async fn member(
        &self,
        service_url: &ServiceUrl,
        conversation: &ConversationId,
        person: &str,
    ) -> Result<Member, Answer> {
        self.read(service_url, address::member(conversation.as_str(), person))
            .await
    }

    /// A team's name, group and counts.
    ///
    /// # Errors
    /// The answer of Teams, with its meaning.
    pub async fn team(&self, service_url: &ServiceUrl, team: &TeamId) -> Result<Team, Answer> {
        self.read(service_url, address::team(team.as_str())).await
    }

    /// A team's channels that the bot can see.
    ///
    /// # Errors
    /// The answer of Teams, with its meaning.
    pub async fn team_channels(
        &self,
        service_url: &ServiceUrl,
        team: &TeamId,
    ) -> Result<Vec<Channel>, Answer> {
        let channels: ChannelList = self.read(service_url, address::channels(team.as_str())).await?;
        Ok(channels.conversations)
    }

    async fn read<T: DeserializeOwned>(
        &self,
        service_url: &ServiceUrl,
        path: Result<String, address::BadId>,
    ) -> Result<T, Answer> {
        let base = self.base(service_url)?;
        let path = path.map_err(|_| local_answer(Verdict::Rejected, "bad-id"))?;
        let reply = self.call(&base, Method::GET, &path, None).await?;
        let answer = reply.classified(Operation::Read, &self.hosts);
        if !matches!(answer.verdict, Verdict::Delivered(_)) {
            return Err(answer);
        }
        let read = reply
            .body
            .json()
            .and_then(|json| serde_json::from_slice(json).ok());
        read.ok_or_else(|| Answer {
            verdict: Verdict::Failed,
            code: Some("unreadable-answer".into()),
            ..answer
        })
    }
}
