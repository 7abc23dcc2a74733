//! URLs of the connector's operations, relative to a service URL.

use super::escape::push;
use crate::cloud::{TokenUse, TrustedUrl};
use bytes::Bytes;
use http::uri::{Authority, Parts, PathAndQuery, Scheme, Uri};

/// A trusted service URL, ready to have paths appended.
#[derive(Debug)]
pub(super) struct BaseUrl {
    /// Parsed once; a call adds only its path.
    scheme: Scheme,
    authority: Authority,
    /// Path of the service URL, without a trailing slash.
    path: String,
    token_use: TokenUse,
}

/// An id that would change the meaning of the path.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct BadId;

impl BaseUrl {
    /// `None` if the URL can't be used for HTTP requests.
    pub(super) fn of(trusted: &TrustedUrl) -> Option<Self> {
        let url = trusted.url();
        Some(Self {
            scheme: url.scheme().parse().ok()?,
            authority: url.authority().parse().ok()?,
            path: url.path().trim_end_matches('/').to_owned(),
            token_use: trusted.token_use(),
        })
    }

    pub(super) fn token_use(&self) -> TokenUse {
        self.token_use
    }

    /// The URL of a path, which may have a query; it is appended to the service URL's own path.
    pub(super) fn at(&self, path: &str) -> Result<Uri, BadId> {
        let mut whole = String::with_capacity(self.path.len() + path.len());
        whole.push_str(&self.path);
        whole.push_str(path);
        let mut parts = Parts::default();
        parts.scheme = Some(self.scheme.clone());
        parts.authority = Some(self.authority.clone());
        parts.path_and_query = Some(PathAndQuery::from_maybe_shared(Bytes::from(whole)).map_err(|_| BadId)?);
        Uri::from_parts(parts).map_err(|_| BadId)
    }
}

/// `/v3/conversations`.
pub(super) const CONVERSATIONS: &str = "/v3/conversations";

/// The messages of a conversation.
pub(super) fn activities(conversation: &str) -> Result<String, BadId> {
    path(CONVERSATIONS, conversation, "/activities")
}

/// One message.
pub(super) fn activity(conversation: &str, activity: &str) -> Result<String, BadId> {
    path(&activities(conversation)?, activity, "")
}

/// A page of a roster.
pub(super) fn members_page(
    conversation: &str,
    size: u16,
    continuation: Option<&str>,
) -> Result<String, BadId> {
    let mut path = path(CONVERSATIONS, conversation, "/pagedmembers?pageSize=")?;
    path.push_str(&size.to_string());
    if let Some(token) = continuation {
        path.push_str("&continuationToken=");
        push(&mut path, token);
    }
    Ok(path)
}

/// One member of a roster.
pub(super) fn member(conversation: &str, member: &str) -> Result<String, BadId> {
    let members = path(CONVERSATIONS, conversation, "/members")?;
    path(&members, member, "")
}

/// A team.
pub(super) fn team(team: &str) -> Result<String, BadId> {
    path("/v3/teams", team, "")
}

/// The channels of a team.
pub(super) fn channels(team: &str) -> Result<String, BadId> {
    path("/v3/teams", team, "/conversations")
}

fn path(before: &str, id: &str, after: &str) -> Result<String, BadId> {
    // Dots are not percent-encoded, and `..` would leave the parent path.
    if id.is_empty() || id == "." || id == ".." {
        return Err(BadId);
    }
    let mut path = String::with_capacity(before.len() + id.len() + after.len() + 24);
    path.push_str(before);
    path.push('/');
    push(&mut path, id);
    path.push_str(after);
    Ok(path)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cloud::{Cloud, CloudName};

    fn at(service_url: &str, path: &str) -> String {
        let trusted = Cloud::named(CloudName::Public).hosts.trust(service_url).unwrap();
        let whole = BaseUrl::of(&trusted).unwrap().at(path).unwrap().to_string();
        // As a parser would read it: nothing may change on the way.
        assert_eq!(url::Url::parse(&whole).unwrap().as_str(), whole);
        whole
    }

    #[test]
    fn paths_are_appended_to_the_bases_own() {
        assert_eq!(
            at(
                "https://smba.trafficmanager.net/emea/",
                &activities("a:1PersonalConvOpaque").unwrap()
            ),
            "https://smba.trafficmanager.net/emea/v3/conversations/a%3A1PersonalConvOpaque/activities"
        );
        assert_eq!(
            at(
                "https://smba.trafficmanager.net/teams",
                &activities("19:chan0002@thread.tacv2;messageid=1767603700456").unwrap()
            ),
            "https://smba.trafficmanager.net/teams/v3/conversations/19%3Achan0002%40thread.tacv2%3Bmessageid%3D1767603700456/activities"
        );
        assert_eq!(
            at(
                "https://smba.trafficmanager.net/emea/?a=b#c",
                &members_page("c", 200, Some("A+b/=&x")).unwrap()
            ),
            "https://smba.trafficmanager.net/emea/v3/conversations/c/pagedmembers?pageSize=200&continuationToken=A%2Bb%2F%3D%26x"
        );
        assert_eq!(
            at("https://smba.trafficmanager.net/emea/0a1b-guid/", CONVERSATIONS),
            "https://smba.trafficmanager.net/emea/0a1b-guid/v3/conversations"
        );
    }

    #[test]
    fn members_and_tokens_are_encoded() {
        assert_eq!(
            member("c", "29:1aB-c_D").unwrap(),
            "/v3/conversations/c/members/29%3A1aB-c_D"
        );
        assert_eq!(
            members_page("c", 200, Some("A+b/=&x")).unwrap(),
            "/v3/conversations/c/pagedmembers?pageSize=200&continuationToken=A%2Bb%2F%3D%26x"
        );
        assert_eq!(
            members_page("c", 50, None).unwrap(),
            "/v3/conversations/c/pagedmembers?pageSize=50"
        );
        assert_eq!(
            activity("a:1", "17676").unwrap(),
            "/v3/conversations/a%3A1/activities/17676"
        );
        assert_eq!(
            channels("19:t@thread.tacv2").unwrap(),
            "/v3/teams/19%3At%40thread.tacv2/conversations"
        );
    }

    #[test]
    fn an_id_cannot_climb_out_of_its_place() {
        for id in ["", ".", ".."] {
            assert_eq!(activities(id), Err(BadId), "{id}");
            assert_eq!(activity("a:1", id), Err(BadId), "{id}");
        }
        let climbing = at(
            "https://smba.trafficmanager.net/emea/",
            &activities("../../x?y#z").unwrap(),
        );
        assert_eq!(
            climbing,
            "https://smba.trafficmanager.net/emea/v3/conversations/..%2F..%2Fx%3Fy%23z/activities"
        );
    }
}
