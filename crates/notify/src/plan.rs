//! The planner: turns an audience into numbered recipients, chunk by chunk and tenant by tenant.
//!
//! Every chunk is created If-None-Match and ends with the place where the listing goes on, so that a second planner or
//! a restart continues where the first stopped. Memory: one chunk as text, one page of the listing, the named targets, and
//! 16 bytes for each id of whoever is planned by a listing, since a person may have several chats.

mod announce;
mod channels;
mod child;
mod child_rows;
mod chunks;
mod listing;
mod named;
mod ownership;
mod people;
mod resolve;
mod rows;
#[cfg(test)]
pub(crate) mod sample;
mod small;
mod wait;

pub(crate) use announce::{announce, keep_as_stopped, ring, ring_all};
pub(crate) use ownership::delete_planning_item;
pub(crate) use small::{PlannedHere, SmallPlan, plan_small};
pub(crate) use wait::ASK_AGAIN;
pub use wait::NextCheck;

use crate::{
    ending::{self, EndedBy},
    env::Env,
    ids::{NotificationId, TenantId},
    notification::{Notification, Plan, Stop, StopReason},
    ports::{Continuation, Etag, Ports, Selection, StoreError},
    request::Audience,
    settings::{AllowedTenants, Settings},
    store::ledger::Sums,
    store::notifications::{self, Edit, Known, LoadError},
};
use ownership::{Claim, Ended};

/// What a planner came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Planned {
    /// All recipients are known and the lanes have their work.
    Ready,
    /// It stopped: more installations than the unnamed limit.
    Stopped,
    /// It edits or recalls messages some of which are still under way: its planning item stays.
    Waiting(NextCheck),
    /// Nothing waits to be planned: it was done before.
    NothingToPlan,
    /// Another planner has its lease: it does what is asked, or is replaced when its lease has ended.
    Busy,
    /// The lease was lost on the way: another planner goes on.
    Lost,
    /// There is no such notification (yet); its planning item stays.
    Unknown,
    /// Another bot's, or a record of a version we don't know: left alone.
    Quarantined,
}

/// Plans a notification, or finishes what an earlier planner began, under the lease of its planning item. Harmless when
/// repeated, and one request where nothing waits to be planned. `known` is the notification where the caller has it.
/// Returns with the result what is stored of a notification that goes on.
///
/// # Errors
/// When a store fails; the planning item stays and the reconciler sends the wake-up again.
pub(crate) async fn plan(
    env: &Env,
    id: &NotificationId,
    known: Option<Known>,
) -> Result<(Planned, Option<Known>), StoreError> {
    let owned = match ownership::claim(env, id).await? {
        Claim::Ours(owned) => owned,
        Claim::Others => return Ok((Planned::Busy, None)),
        Claim::Nothing => return Ok((Planned::NothingToPlan, None)),
    };
    let ports = &env.ports;
    match owned.during(ports, Box::pin(work(env, id, known))).await {
        None => {
            tracing::warn!("a planner lost its lease: the next one goes on");
            Ok((Planned::Lost, None))
        }
        Some(Ok(Work::Ready(stored))) => {
            owned.finish(ports).await?;
            Ok((Planned::Ready, stored))
        }
        Some(Ok(Work::TooMany(known))) => {
            crate::store::timeline::enter(ports, &known.0).await?;
            keep_as_stopped(env, id).await?;
            // Before the stop: who resumes it then finds no lease in the way. Without a stop it goes on by the entry
            // below `stopped/`.
            if owned.finish(ports).await? == Ended::Lost {
                return Ok((Planned::Lost, None));
            }
            stop(ports, known).await?;
            Ok((Planned::Stopped, None))
        }
        Some(Ok(Work::Left(planned))) => {
            owned.release(ports).await;
            Ok((planned, None))
        }
        Some(Err(error)) => {
            owned.release(ports).await;
            Err(error)
        }
    }
}

/// What a planner did under its lease.
enum Work {
    /// The plan is stored and announced.
    Ready(Option<Known>),
    /// The unnamed limit forbids it.
    TooMany(Known),
    /// The planning item stays.
    Left(Planned),
}

async fn work(env: &Env, id: &NotificationId, known: Option<Known>) -> Result<Work, StoreError> {
    let (ports, settings) = (&env.ports, &env.settings);
    let loaded = match known {
        Some(known) => Ok(known),
        None => notifications::load(&*ports.objects, id).await,
    };
    let (notification, version) = match loaded {
        Ok(known) => known,
        Err(LoadError::Missing) => return Ok(Work::Left(Planned::Unknown)),
        Err(LoadError::Record(error)) => {
            tracing::error!(%error, "a notification is quarantined");
            return Ok(Work::Left(Planned::Quarantined));
        }
        Err(LoadError::Store(error)) => return Err(error),
    };
    if notification.bot != settings.bot {
        tracing::warn!(bot_id = %notification.bot, "a notification of another bot is left alone");
        return Ok(Work::Left(Planned::Quarantined));
    }
    let planner = Planner {
        ports,
        settings,
        notification: &notification,
    };
    let stored = match &notification.plan {
        Some(_) => planner.planned_before(env, version).await?,
        None => match planner.parts().await? {
            Parts::All(plan) => planner.settle(env, plan, version).await?,
            Parts::TooMany => return Ok(Work::TooMany((notification, version))),
            Parts::NotYet => return Ok(Work::Left(Planned::Waiting(planner.next_check()))),
        },
    };
    match stored {
        Stored::GoesOn(known) => {
            announce(ports, settings, &known.0).await?;
            Ok(Work::Ready(Some(known)))
        }
        Stored::Ended(notification) => {
            announce(ports, settings, &notification).await?;
            Ok(Work::Ready(None))
        }
    }
}

/// A plan that is stored.
enum Stored {
    /// It has recipients.
    GoesOn(Known),
    /// It has none, which is the notification's end.
    Ended(Notification),
}

async fn stop(ports: &Ports, known: Known) -> Result<(), StoreError> {
    tracing::error!(
        reason = StopReason::NameAnAudience.public_message(),
        "a notification is stopped"
    );
    let at = ports.clock.wall();
    let id = known.0.id.clone();
    notifications::change_known(&*ports.objects, &id, known, |notification| {
        if notification.plan.is_some() || !notification.is_only_paused() {
            return Edit::LeaveAsIs;
        }
        notification.stops.push(Stop {
            tenant: None,
            reason: StopReason::NameAnAudience,
            at,
        });
        Edit::Write
    })
    .await
    .map(|_| ())
    .map_err(as_store_error)
}

/// One planner at work on one notification.
pub(crate) struct Planner<'a> {
    pub(crate) ports: &'a Ports,
    pub(crate) settings: &'a Settings,
    pub(crate) notification: &'a Notification,
}

/// What a planner found.
enum Parts {
    All(Plan),
    /// The unnamed limit forbids it.
    TooMany,
    /// The parent's messages are still under way.
    NotYet,
}

impl Planner<'_> {
    /// Writes the chunks.
    async fn parts(&self) -> Result<Parts, StoreError> {
        if self.notification.cancelled_at.is_some() {
            return self.so_far().await.map(Parts::All);
        }
        if let Some(parent) = self.notification.kind.parent() {
            let plan = self.of_parent(parent).await?;
            return Ok(plan.map_or(Parts::NotYet, Parts::All));
        }
        let Some(audience) = &self.notification.audience else {
            if self.exceeds_unnamed_limit().await? {
                return Ok(Parts::TooMany);
            }
            return self.listed(&Audience::default()).await.map(Parts::All);
        };
        if audience.is_listing() {
            self.listed(audience).await.map(Parts::All)
        } else {
            self.named(audience).await.map(Parts::All)
        }
    }

    /// What earlier planners wrote of a notification that is now cancelled.
    async fn so_far(&self) -> Result<Plan, StoreError> {
        let mut plan = Plan::default();
        let mut tenants = self.tenants(&Audience::default()).await?;
        let home = self.settings.home_tenant();
        if !tenants.contains(&home) {
            tenants.push(home);
        }
        for tenant in tenants {
            let progress = self.progress(&tenant).await?;
            plan.add(&tenant, &progress);
        }
        Ok(plan)
    }

    /// Tenants in question, in their order; `_unknown` never receives.
    pub(crate) async fn tenants(&self, audience: &Audience) -> Result<Vec<TenantId>, StoreError> {
        let mut tenants: Vec<TenantId> = match &self.settings.tenants {
            AllowedTenants::Only(tenants) => tenants.iter().cloned().collect(),
            AllowedTenants::Any => self.ports.references.tenants(&self.settings.bot).await?,
        };
        tenants.retain(|tenant| {
            tenant.as_str() != crate::target::TargetKey::UNKNOWN_TENANT
                && (audience.tenants.is_empty() || audience.tenants.contains(tenant))
        });
        Ok(tenants)
    }

    pub(crate) fn selection(&self, tenant: &TenantId) -> Selection {
        Selection {
            bot: self.settings.bot.clone(),
            tenant: Some(tenant.clone()),
        }
    }

    async fn exceeds_unnamed_limit(&self) -> Result<bool, StoreError> {
        let mut count: u64 = 0;
        for tenant in self.tenants(&Audience::default()).await? {
            let selection = self.selection(&tenant);
            let mut from: Option<Continuation> = None;
            loop {
                let page = self.ports.references.list(&selection, from.as_ref()).await?;
                count += page.targets.len() as u64;
                if count > self.settings.unnamed_limit {
                    return Ok(true);
                }
                from = page.next;
                if from.is_none() {
                    break;
                }
            }
        }
        Ok(false)
    }

    /// Whether it was cancelled while it was planned: what is planned so far is then all.
    pub(crate) async fn is_cancelled(&self) -> Result<bool, StoreError> {
        match notifications::load(&*self.ports.objects, &self.notification.id).await {
            Ok((now, _)) => Ok(now.cancelled_at.is_some()),
            Err(LoadError::Missing) => Ok(true),
            Err(LoadError::Record(error)) => Err(error.into()),
            Err(LoadError::Store(error)) => Err(error),
        }
    }

    /// Stores the plan; the first planner's holds.
    async fn settle(&self, env: &Env, plan: Plan, version: Etag) -> Result<Stored, StoreError> {
        let known = (self.notification.clone(), version);
        if plan.total() == 0 {
            return end_without_recipients(env, known, &plan).await.map(Stored::Ended);
        }
        let change = |notification: &mut Notification| {
            if notification.plan.is_some() {
                return Edit::LeaveAsIs;
            }
            notification.plan = Some(plan.clone());
            Edit::Write
        };
        notifications::change_known(&*self.ports.objects, &self.notification.id, known, change)
            .await
            .map(Stored::GoesOn)
            .map_err(as_store_error)
    }

    /// The plan that is stored; where nobody is in it, the write that ended the notification may have been ours.
    async fn planned_before(&self, env: &Env, version: Etag) -> Result<Stored, StoreError> {
        let known = (self.notification.clone(), version);
        match &self.notification.plan {
            Some(plan) if plan.total() == 0 && env.ends.has(&self.notification.id) => {
                end_without_recipients(env, known, plan).await.map(Stored::Ended)
            }
            _ => Ok(Stored::GoesOn(known)),
        }
    }
}

/// Stores a plan without recipients, which is the notification's end.
async fn end_without_recipients(env: &Env, known: Known, plan: &Plan) -> Result<Notification, StoreError> {
    let (notification, ended_by) = ending::write(env, known, |notification, at| {
        if notification.plan.is_some() {
            return Edit::LeaveAsIs;
        }
        notification.plan = Some(plan.clone());
        notification.finished_at = Some(at);
        Edit::Write
    })
    .await
    .map_err(as_store_error)?;
    if ended_by == EndedBy::This {
        ending::log(&notification, &Sums::default());
    }
    Ok(notification)
}

pub(crate) fn as_store_error(error: LoadError) -> StoreError {
    match error {
        LoadError::Store(error) => error,
        LoadError::Record(error) => error.into(),
        LoadError::Missing => StoreError::Damaged("the notification is gone".to_owned()),
    }
}
