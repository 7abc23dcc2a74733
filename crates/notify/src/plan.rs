//! The planner: turns an audience into numbered recipients, chunk by chunk and tenant by tenant.
//!
//! Every chunk is created If-None-Match and ends with the place where the listing goes on, so that a second planner or
//! a restart continues where the first stopped. Memory: one chunk as text, one page of the
//! listing and the named targets, whatever the audience.

mod announce;
mod child;
mod listing;
mod named;
mod resolve;
mod wait;

pub(crate) use announce::{announce, keep_as_stopped};
pub(crate) use wait::ASK_AGAIN;
pub use wait::NextCheck;

use crate::{
    ending::{self, EndedBy},
    env::Env,
    ids::{NotificationId, TenantId},
    notification::{Notification, Plan, Stop, StopReason},
    ports::{Continuation, Etag, Ports, Selection, StoreError, WriteIf},
    request::Audience,
    settings::{AllowedTenants, Settings},
    store::keys,
    store::ledger::Sums,
    store::notifications::{self, Edit, LoadError},
};

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
    /// There is no such notification (yet); its planning item stays.
    Unknown,
    /// Another bot's, or a record of a version we don't know: left alone.
    Quarantined,
}

/// Plans a notification, or finishes what an earlier planner began. Harmless when repeated.
///
/// # Errors
/// When a store fails; the planning item stays and the reconciler sends the wake-up again.
pub(crate) async fn plan(env: &Env, id: &NotificationId) -> Result<Planned, StoreError> {
    let (ports, settings) = (&env.ports, &env.settings);
    let (notification, version) = match notifications::load(&*ports.objects, id).await {
        Ok(known) => known,
        Err(LoadError::Missing) => return Ok(Planned::Unknown),
        Err(LoadError::Record(error)) => {
            tracing::error!(%error, "a notification is quarantined");
            return Ok(Planned::Quarantined);
        }
        Err(LoadError::Store(error)) => return Err(error),
    };
    if notification.bot != settings.bot {
        tracing::warn!(bot_id = %notification.bot, "a notification of another bot is left alone");
        return Ok(Planned::Quarantined);
    }
    let planner = Planner {
        ports,
        settings,
        notification: &notification,
    };
    let notification = match &notification.plan {
        Some(_) => planner.planned_before(env, version).await?,
        None => match planner.parts().await? {
            Parts::All(plan) => planner.settle(env, plan, version).await?,
            Parts::TooMany => {
                planner.stop().await?;
                delete_work_item(ports, id).await?;
                return Ok(Planned::Stopped);
            }
            Parts::NotYet => return Ok(Planned::Waiting(planner.next_check())),
        },
    };
    announce(ports, settings, &notification).await?;
    delete_work_item(ports, id).await?;
    Ok(Planned::Ready)
}

async fn delete_work_item(ports: &Ports, id: &NotificationId) -> Result<(), StoreError> {
    match ports.objects.delete(&keys::planning(id), WriteIf::Any).await {
        Ok(()) | Err(crate::ports::WriteError::Conflict) => Ok(()),
        Err(crate::ports::WriteError::Store(error)) => Err(error),
    }
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
    async fn settle(&self, env: &Env, plan: Plan, version: Etag) -> Result<Notification, StoreError> {
        let known = (self.notification.clone(), version);
        if plan.total() == 0 {
            return end_without_recipients(env, known, &plan).await;
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
            .map(|(notification, _)| notification)
            .map_err(as_store_error)
    }

    /// The plan that is stored; where nobody is in it, the write that ended the notification may have been ours.
    async fn planned_before(&self, env: &Env, version: Etag) -> Result<Notification, StoreError> {
        match &self.notification.plan {
            Some(plan) if plan.total() == 0 && env.ends.has(&self.notification.id) => {
                end_without_recipients(env, (self.notification.clone(), version), plan).await
            }
            _ => Ok(self.notification.clone()),
        }
    }

    async fn stop(&self) -> Result<(), StoreError> {
        tracing::error!(
            reason = StopReason::NameAnAudience.public_message(),
            "a notification is stopped"
        );
        let at = self.ports.clock.wall();
        crate::store::timeline::enter(self.ports, self.notification).await?;
        keep_as_stopped(self.ports, &self.notification.id).await?;
        notifications::change(&*self.ports.objects, &self.notification.id, |notification| {
            if notification.plan.is_some() || !notification.stops.is_empty() {
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
}

/// Stores a plan without recipients, which is the notification's end.
async fn end_without_recipients(
    env: &Env,
    known: (Notification, Etag),
    plan: &Plan,
) -> Result<Notification, StoreError> {
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
