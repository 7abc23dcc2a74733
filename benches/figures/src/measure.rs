//! The measurements by name; each adds its rows to the table.

mod inbound;
mod kills;
mod listing;
mod memory;
mod notification;
mod outbound;
mod rate;
mod recovery;
mod start;

use crate::{Outcome, table::Table};

/// One of them.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Measure {
    Start,
    Inbound,
    Outbound,
    Memory,
    Rate,
    Listing,
    Kills,
    Recovery,
}

impl Measure {
    const ALL: [Self; 8] = [
        Self::Start,
        Self::Inbound,
        Self::Outbound,
        Self::Memory,
        Self::Rate,
        Self::Listing,
        Self::Kills,
        Self::Recovery,
    ];

    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Start => "start",
            Self::Inbound => "inbound",
            Self::Outbound => "outbound",
            Self::Memory => "memory",
            Self::Rate => "rate",
            Self::Listing => "listing",
            Self::Kills => "kills",
            Self::Recovery => "recovery",
        }
    }

    /// Those named, all if none is, in their usual order.
    pub(crate) fn chosen(names: &[String]) -> Outcome<Vec<Self>> {
        let known = Self::ALL.map(Self::name);
        if let Some(unknown) = names.iter().find(|name| !known.contains(&name.as_str())) {
            return Err(format!(
                "there is no measurement `{unknown}`; there are {}",
                known.join(", ")
            )
            .into());
        }
        let wanted = |measure: &Self| names.is_empty() || names.iter().any(|name| name == measure.name());
        Ok(Self::ALL.into_iter().filter(wanted).collect())
    }

    pub(crate) async fn run(self, table: &mut Table) -> Outcome<()> {
        match self {
            Self::Start => start::measure(table).await,
            Self::Inbound => inbound::measure(table).await,
            Self::Outbound => outbound::measure(table).await,
            Self::Memory => memory::measure(table).await,
            Self::Rate => rate::measure(table).await,
            Self::Listing => listing::measure(table).await,
            Self::Kills => kills::measure(table).await,
            Self::Recovery => recovery::measure(table).await,
        }
    }
}
