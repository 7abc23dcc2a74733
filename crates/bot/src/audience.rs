//! Whom a notification is for, as code says it. What HTTP bodies may say is checked in [`crate::api`].

use notify::{
    ids::{ConversationId, TeamId, TenantId},
    request::{self, SelectAll},
    target::Scope,
};

/// Whom a notification is for. What is named is united; [`only_scopes`](Self::only_scopes) and
/// [`only_tenants`](Self::only_tenants) narrow it. `Debug` prints how many are named, not whom.
///
/// ```
/// use teams_notify::{Audience, Scope};
///
/// let everybody = Audience::all();
/// let on_call = Audience::users(["0b07a111-2222-4333-8444-555566667777"]).and_teams(["19:ops@thread.tacv2"]);
/// let group_chats = Audience::all().only_scopes([Scope::GroupChat]);
/// ```
#[derive(Clone, PartialEq)]
pub struct Audience {
    selected: request::Audience,
    selection: Selection,
}

impl std::fmt::Debug for Audience {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.selected.fmt(f)
    }
}

/// How it was selected: names that turn out to be none must not mean everybody.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Selection {
    All,
    Named,
}

/// An audience that selects nobody.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the audience names nobody: name somebody, or take Audience::all()")]
pub struct EmptyAudience;

impl Audience {
    /// Every installation.
    #[must_use]
    pub fn all() -> Self {
        Self {
            selected: request::Audience {
                all: SelectAll::Requested,
                ..request::Audience::default()
            },
            selection: Selection::All,
        }
    }

    /// People, by Entra object id or by Teams' id (`29:…`).
    #[must_use]
    pub fn users(ids: impl IntoIterator<Item = impl Into<String>>) -> Self {
        Self::named().and_users(ids)
    }

    /// Teams, by the id of the team's conversation (`19:…`).
    #[must_use]
    pub fn teams(ids: impl IntoIterator<Item = impl Into<String>>) -> Self {
        Self::named().and_teams(ids)
    }

    /// Conversations, by id.
    #[must_use]
    pub fn conversations(ids: impl IntoIterator<Item = impl Into<String>>) -> Self {
        Self::named().and_conversations(ids)
    }

    fn named() -> Self {
        Self {
            selected: request::Audience::default(),
            selection: Selection::Named,
        }
    }

    /// These people too.
    #[must_use]
    pub fn and_users(mut self, ids: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.selected.users.extend(ids.into_iter().map(Into::into));
        self
    }

    /// These teams too.
    #[must_use]
    pub fn and_teams(mut self, ids: impl IntoIterator<Item = impl Into<String>>) -> Self {
        let ids = ids.into_iter().map(|id| TeamId::from(id.into()));
        self.selected.teams.extend(ids);
        self
    }

    /// These conversations too.
    #[must_use]
    pub fn and_conversations(mut self, ids: impl IntoIterator<Item = impl Into<String>>) -> Self {
        let ids = ids.into_iter().map(|id| ConversationId::from(id.into()));
        self.selected.conversations.extend(ids);
        self
    }

    /// Only these kinds of conversation.
    #[must_use]
    pub fn only_scopes(mut self, scopes: impl IntoIterator<Item = Scope>) -> Self {
        self.selected.scopes.extend(scopes);
        self
    }

    /// Only these tenants.
    #[must_use]
    pub fn only_tenants(mut self, tenants: impl IntoIterator<Item = impl Into<String>>) -> Self {
        // Ids of tenants are kept in lower case.
        let tenants = tenants
            .into_iter()
            .map(|tenant| TenantId::from(tenant.into().to_ascii_lowercase()));
        self.selected.tenants.extend(tenants);
        self
    }

    /// As the domain takes it.
    pub(crate) fn into_request(self) -> Result<request::Audience, EmptyAudience> {
        let selected = self.selected;
        let names = selected.users.len() + selected.teams.len() + selected.conversations.len();
        match self.selection {
            Selection::Named if names == 0 => Err(EmptyAudience),
            Selection::Named | Selection::All => Ok(selected),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_united_and_narrowed() {
        let audience = Audience::users(["29:a"])
            .and_teams(["19:t"])
            .only_tenants(["ABC"])
            .into_request()
            .unwrap();
        assert_eq!(audience.all, SelectAll::NotRequested);
        assert_eq!((audience.users.len(), audience.teams.len()), (1, 1));
        assert_eq!(audience.tenants, [TenantId::from("abc")]);
    }

    #[test]
    fn no_names_are_not_everybody() {
        let nobody: [&str; 0] = [];
        for audience in [
            Audience::users(nobody),
            Audience::teams(nobody).only_tenants(["t"]),
            Audience::conversations(nobody).only_scopes([Scope::Team]),
        ] {
            assert_eq!(audience.into_request(), Err(EmptyAudience));
        }
    }
}
