//! Lanes: a queue of work with one owner at a time and one limit of its own. Every service that is called has its lanes,
//! as each has its own limits.

use crate::{ids::TenantId, store::keys};
use serde::{Deserialize, Serialize};
use std::num::NonZeroU32;

/// A lane.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "Form", into = "Form")]
pub enum Lane {
    /// Messages to a tenant, by Teams' connector.
    Connector(TenantId),
    /// Installations and activity feeds of a tenant, by Microsoft Graph.
    Graph(TenantId),
    /// Workflows, by the addresses that they were given.
    Webhooks,
}

/// Writes a second and tenant that Graph takes of an app for installations.
const GRAPH_RATE: NonZeroU32 = NonZeroU32::new(30).unwrap();

/// What follows the tenant in a name. `~` is escaped in a tenant's own name.
const GRAPH: &str = "~graph";
const WEBHOOKS: &str = "~webhooks";

impl Lane {
    /// Whose lane it is; one of no tenant is the bot's.
    pub fn tenant(&self) -> Option<&TenantId> {
        match self {
            Self::Connector(tenant) | Self::Graph(tenant) => Some(tenant),
            Self::Webhooks => None,
        }
    }

    /// Requests a second, where the connector's are set to `connector`.
    pub(crate) fn rate(&self, connector: NonZeroU32) -> NonZeroU32 {
        match self {
            Self::Connector(_) => connector,
            Self::Graph(_) => GRAPH_RATE.min(connector),
            // One a second and address, which is the addresses' own limit.
            Self::Webhooks => connector,
        }
    }

    /// The segment of stored names that stands for it. Earlier versions know the connector's.
    pub(crate) fn segment(&self) -> String {
        let escape = |tenant: &TenantId| keys::escape(tenant.as_str());
        match self {
            Self::Connector(tenant) => escape(tenant),
            Self::Graph(tenant) => escape(tenant) + GRAPH,
            Self::Webhooks => WEBHOOKS.to_owned(),
        }
    }

    /// The lane of a segment; `None` for one of a service that this version doesn't know.
    pub(crate) fn of_segment(segment: &str) -> Option<Self> {
        let tenant = |segment| TenantId::from(keys::unescape(segment));
        match segment.find('~').map(|at| segment.split_at(at)) {
            None => Some(Self::Connector(tenant(segment))),
            Some(("", WEBHOOKS)) => Some(Self::Webhooks),
            Some((before, GRAPH)) if !before.is_empty() => Some(Self::Graph(tenant(before))),
            Some(_) => None,
        }
    }
}

/// In a wake-up: earlier versions read the tenant of the connector's lane, and know no other service.
#[derive(Serialize, Deserialize)]
struct Form {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    tenant: Option<TenantId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    service: Option<String>,
}

impl From<Lane> for Form {
    fn from(lane: Lane) -> Self {
        let service = match &lane {
            Lane::Connector(_) => None,
            Lane::Graph(_) => Some("graph".to_owned()),
            Lane::Webhooks => Some("webhooks".to_owned()),
        };
        Self {
            tenant: lane.tenant().cloned(),
            service,
        }
    }
}

impl TryFrom<Form> for Lane {
    type Error = &'static str;

    fn try_from(form: Form) -> Result<Self, Self::Error> {
        match (form.tenant, form.service.as_deref()) {
            (Some(tenant), None) => Ok(Self::Connector(tenant)),
            (Some(tenant), Some("graph")) => Ok(Self::Graph(tenant)),
            (None, Some("webhooks")) => Ok(Self::Webhooks),
            _ => Err("a lane of a service that this version doesn't know"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn segments_are_those_of_earlier_versions_and_none_is_another_lane_s() {
        let tenant = |text: &str| TenantId::from(text);
        for (lane, segment) in [
            (Lane::Connector(tenant("7e4a-2")), "7e4a-2"),
            (Lane::Connector(tenant("a~graph")), "a%7Egraph"),
            (Lane::Connector(tenant("")), ""),
            (Lane::Graph(tenant("a/b")), "a%2Fb~graph"),
            (Lane::Webhooks, "~webhooks"),
        ] {
            assert_eq!(lane.segment(), segment);
            assert_eq!(Lane::of_segment(segment), Some(lane));
        }
        for unknown in ["~", "~graph", "a~webhooks", "a~sms"] {
            assert_eq!(Lane::of_segment(unknown), None, "{unknown}");
        }
    }

    #[test]
    fn a_wake_up_names_its_lane() {
        for (lane, text) in [
            (Lane::Connector("t".into()), r#"{"tenant":"t"}"#),
            (Lane::Graph("t".into()), r#"{"tenant":"t","service":"graph"}"#),
            (Lane::Webhooks, r#"{"service":"webhooks"}"#),
        ] {
            assert_eq!(serde_json::to_string(&lane).unwrap(), text);
            assert_eq!(serde_json::from_str::<Lane>(text).unwrap(), lane);
        }
        assert!(serde_json::from_str::<Lane>(r#"{"tenant":"t","service":"sms"}"#).is_err());
        assert!(serde_json::from_str::<Lane>("{}").is_err());
    }
}
