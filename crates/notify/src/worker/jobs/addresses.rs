//! Reads at which connector addresses a tenant's newest references are reached. A listing: only where Teams says that an
//! address is wrong and names no other, and once for each owner of a lane.

use super::Context;
use crate::{
    ids::ServiceUrl,
    ports::{Selection, StoreError},
    worker::state::NewestAddresses,
};
use std::collections::HashMap;

/// The newest addresses of the lane's tenant that may be sent to.
pub(super) async fn read(context: &Context) -> Result<NewestAddresses, StoreError> {
    let mut newest = NewestAddresses::default();
    let Some(tenant) = context.lane.tenant() else {
        return Ok(newest);
    };
    let ports = &context.env.ports;
    let selection = Selection {
        bot: context.env.settings.bot.clone(),
        tenant: Some(tenant.clone()),
    };
    // A tenant has one or a few.
    let mut trusted: HashMap<ServiceUrl, bool> = HashMap::new();
    let mut from = None;
    loop {
        let page = ports.references.list(&selection, from.as_ref()).await?;
        for listed in page.targets {
            let target = listed.target;
            let is_trusted = match trusted.get(&target.service_url) {
                Some(is_trusted) => *is_trusted,
                None => {
                    let is_trusted = ports.connector.trusts(&target.service_url);
                    trusted.insert(target.service_url.clone(), is_trusted);
                    is_trusted
                }
            };
            if is_trusted {
                newest.add(&target.service_url, target.event_at);
            }
        }
        from = page.next;
        if from.is_none() {
            return Ok(newest);
        }
    }
}
