//! `handler references list`: each stored installation on a line, with what is known of its person. Ids only.

use crate::{
    cli::ListArgs,
    commands::{CommandError, word},
    output::Output,
    stores::Stores,
};
use notify::{
    ids::{BotId, TenantId},
    persons::{ChatStatus, TenantPersons},
    ports::Selection,
    target::{DeliveryStatus, Doubt, Target},
};
use serde::Serialize;
use std::{
    collections::HashMap,
    io::{BufWriter, Write},
};

/// Prints them.
pub(super) async fn list(stores: &Stores, bot: BotId, args: &ListArgs) -> Result<(), CommandError> {
    let selection = Selection { bot, tenant: None };
    let mut out = BufWriter::new(Output);
    let mut persons: HashMap<TenantId, TenantPersons> = HashMap::new();
    let (mut from, mut count) = (None, 0_u64);
    loop {
        let page = stores.references.list(&selection, from.as_ref()).await?;
        for listed in page.targets {
            let tenant = &listed.target.key.tenant;
            if !persons.contains_key(tenant) {
                let now = jiff::Timestamp::now();
                let read = TenantPersons::read(&*stores.objects, &selection.bot, tenant, now).await?;
                persons.insert(tenant.clone(), read);
            }
            let Some(persons) = persons.get(tenant) else {
                continue;
            };
            let installation = Installation::of(listed.target, persons);
            let wanted = (!args.doubtful || installation.target.doubt.is_some())
                && (!args.unreachable || installation.unreachable.is_some());
            if !wanted {
                continue;
            }
            count += 1;
            if args.json {
                serde_json::to_writer(&mut out, &installation)?;
                out.write_all(b"\n")?;
            } else {
                writeln!(out, "{}", installation.line())?;
            }
        }
        out.flush()?;
        from = page.next;
        if from.is_none() {
            break;
        }
    }
    if !args.json {
        writeln!(out, "{count} installations")?;
        out.flush()?;
    }
    Ok(())
}

/// A stored installation, with what is known of its person. Ids only: what an operator pipes into a log or a ticket.
#[derive(Serialize)]
struct Installation {
    #[serde(flatten)]
    target: Target,
    /// Why a notification to everybody doesn't go there, if it doesn't.
    #[serde(skip_serializing_if = "Option::is_none")]
    unreachable: Option<String>,
}

impl Installation {
    fn of(target: Target, persons: &TenantPersons) -> Self {
        let status = persons.status(&target);
        let delivery_status = match status {
            ChatStatus::OptedOut => DeliveryStatus::OptedOut,
            ChatStatus::Blocked => DeliveryStatus::Blocked,
            _ if target.delivery_status == DeliveryStatus::Suspended => DeliveryStatus::Suspended,
            _ => DeliveryStatus::Active,
        };
        let gone = match status {
            ChatStatus::Removed => Some("removed"),
            _ if !persons.is_written_to(&target) => Some("otherChat"),
            _ => None,
        };
        let silent = (delivery_status != DeliveryStatus::Active).then(|| word(&delivery_status));
        Self {
            unreachable: gone.map(str::to_owned).or(silent),
            target: Target {
                name: None,
                delivery_status,
                ..target
            },
        }
    }

    fn line(&self) -> String {
        let target = &self.target;
        let user = target
            .entra
            .as_ref()
            .map(ToString::to_string)
            .or_else(|| target.user.as_ref().map(ToString::to_string));
        format!(
            "{:<9} {:<9} {} {}{}{}",
            word(&target.scope),
            self.unreachable.as_deref().unwrap_or("active"),
            target.key.tenant,
            target.conversation(),
            user.map(|user| format!(" user {user}")).unwrap_or_default(),
            target.doubt.map(doubt).unwrap_or_default()
        )
    }
}

/// Since when Teams says that somebody is not there.
fn doubt(doubt: Doubt) -> String {
    let Doubt { since, last, days } = doubt;
    format!(" doubtful since {since}, last {last}, on {days} days")
}
