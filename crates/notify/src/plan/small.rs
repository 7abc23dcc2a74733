//! A small audience, planned by the process that accepted it and without the lease of the plan: the work of a moment,
//! bounded to the names of one request. A planner that comes meanwhile is safe beside it: chunks are created if none is
//! there, and the first plan that is stored holds. Whoever calls this sends nothing by it unless all of it was its own.

use super::{
    Planner,
    chunks::Progress,
    named::{NamedTargets, parts},
};
use crate::{
    env::Env,
    ids::TenantId,
    notification::{Notification, Plan},
    ports::{Created, Etag, Moment, StoreError, WriteError, WriteIf},
    recipient::Recipient,
    request::{Audience, NotificationKind},
    store::audience::{Draft, Next, ROWS},
    store::keys,
    store::notifications::Known,
};
use futures::future::try_join_all;
use std::collections::BTreeMap;

/// What came of planning a small audience here.
#[derive(Debug)]
pub(crate) enum PlannedHere {
    /// Every chunk and the plan are this call's own. Nothing is announced, and the planning item stands.
    Own(SmallPlan),
    /// It is left to the planner that has the lease: it takes a listing, or somebody else planned, cancelled or changed
    /// it. What is stored, where nothing was written.
    Left(Option<Known>),
}

/// A plan that this process stored.
#[derive(Debug)]
pub(crate) struct SmallPlan {
    /// As it is stored, with its plan.
    pub(crate) notification: Notification,
    /// Its version.
    pub(crate) etag: Etag,
    /// Every tenant's part, in the order of the plan.
    pub(crate) parts: Vec<SmallPart>,
    /// Before it was read what its people want.
    pub(crate) begun: Moment,
}

/// One tenant's part: a single chunk.
#[derive(Debug)]
pub(crate) struct SmallPart {
    pub(crate) tenant: TenantId,
    /// The rows of chunk 0, as they are stored.
    pub(crate) rows: Vec<Recipient>,
}

/// Plans a small audience of a notification as it is stored. Neither announces it nor enters it anywhere, nor deletes the
/// planning item.
///
/// # Errors
/// When a store fails: what was written stays, and is found by the planner that comes.
pub(crate) async fn plan_small(
    env: &Env,
    notification: Notification,
    etag: Etag,
) -> Result<PlannedHere, StoreError> {
    let begun = env.ports.clock.now();
    let Some(audience) = plannable(&notification) else {
        return Ok(PlannedHere::Left(Some((notification, etag))));
    };
    let planner = Planner {
        ports: &env.ports,
        settings: &env.settings,
        notification: &notification,
    };
    let mut names = NamedTargets::of(audience);
    let tenants = tenants(env, &planner).await?;
    planner.look_up(&mut names, &tenants).await?;
    if !names.are_all_known() {
        // Only a listing says that nobody by that name is there; it may be a new tenant's.
        env.know_tenants(&[]);
        return Ok(PlannedHere::Left(Some((notification, etag))));
    }
    let now = env.ports.clock.wall();
    let parts = parts(names, audience, &env.settings.home_tenant(), now);
    if parts.is_empty() || parts.values().any(|rows| rows.len() > ROWS) {
        return Ok(PlannedHere::Left(Some((notification, etag))));
    }
    let chunks = parts
        .iter()
        .map(|(tenant, rows)| planner.only_chunk(tenant, rows));
    let mut plan = Plan::default();
    for ((tenant, _), (created, progress)) in parts.iter().zip(try_join_all(chunks).await?) {
        if created == Created::AlreadyThere {
            return Ok(PlannedHere::Left(None));
        }
        plan.add(tenant, &progress);
    }
    let planned = Notification {
        plan: Some(plan),
        ..notification
    };
    let written = env
        .ports
        .objects
        .write(
            &keys::notification(&planned.id),
            planned.to_bytes()?,
            &BTreeMap::new(),
            WriteIf::Version(etag),
        )
        .await;
    match written {
        Ok(etag) => Ok(PlannedHere::Own(SmallPlan {
            notification: planned,
            etag,
            parts: parts
                .into_iter()
                .map(|(tenant, rows)| SmallPart { tenant, rows })
                .collect(),
            begun,
        })),
        // Another planner's plan, a cancellation, or our own write whose reply was lost.
        Err(WriteError::Conflict) => Ok(PlannedHere::Left(None)),
        Err(WriteError::Store(error)) => Err(error),
    }
}

/// Tenants to look in. Those that were listed before will do: who is not found there is looked for by the planner.
async fn tenants(env: &Env, planner: &Planner<'_>) -> Result<Vec<TenantId>, StoreError> {
    let known = env.known_tenants();
    if !known.is_empty() {
        return Ok(known);
    }
    let tenants = planner.tenants(&Audience::default()).await?;
    env.know_tenants(&tenants);
    Ok(tenants)
}

/// The audience of a notification that can be planned here.
fn plannable(notification: &Notification) -> Option<&Audience> {
    let fresh = notification.plan.is_none()
        && notification.cancelled_at.is_none()
        && notification.stops.is_empty()
        && !notification.is_over();
    let audience = notification.audience.as_ref()?;
    (fresh && notification.kind == NotificationKind::Send && audience.is_small()).then_some(audience)
}

impl Planner<'_> {
    async fn only_chunk(
        &self,
        tenant: &TenantId,
        rows: &[Recipient],
    ) -> Result<(Created, Progress), StoreError> {
        let mut progress = Progress::default();
        let draft = Draft::of(0, rows)?;
        let created = self
            .write_chunk(tenant, &mut progress, draft, Next::NamesEnd)
            .await?;
        Ok((created, progress))
    }
}
