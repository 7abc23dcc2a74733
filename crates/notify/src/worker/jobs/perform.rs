//! From an effect to its job. One line each: what a job does is in the file of its name.

use super::lease::HeldLease;
use super::{addresses, chunks, claim, contents, finish, lease, reference_updates, reopen, signal, stop};
use crate::{
    env::Env,
    lane::Lane,
    persons::{OptOuts, TenantPersons},
    ports::{Lease, Moment, StoreError},
    store::{audience, keys, lease_note::LeaseNote},
    worker::state::{
        Now, StartedCall,
        effect::Effect,
        event::{Call, Event},
    },
};
use futures::future::BoxFuture;
use std::sync::Arc;
use tracing::Instrument as _;

/// Something under way.
pub(in crate::worker) type Job = BoxFuture<'static, Event>;

/// What every job of a worker has at hand. Cheap to clone.
#[derive(Clone)]
pub(in crate::worker) struct Context {
    pub(in crate::worker) env: Arc<Env>,
    pub(in crate::worker) lane: Lane,
    pub(in crate::worker) owner: Arc<str>,
    pub(in crate::worker) lease: Lease,
    /// When the lease was asked for.
    pub(in crate::worker) leased_at: Moment,
    /// The note as it was when the lane was taken.
    pub(in crate::worker) note: Arc<LeaseNote>,
}

impl Context {
    /// Of a lane that is held, with the seed of its run.
    pub(in crate::worker) fn new(env: &Arc<Env>, lane: &Lane, held: HeldLease) -> (Self, u64) {
        let context = Self {
            env: env.clone(),
            lane: lane.clone(),
            owner: held.owner,
            lease: held.lease,
            leased_at: held.asked,
            note: Arc::new(held.note),
        };
        (context, env.settings.seed.wrapping_add(held.number))
    }

    pub(in crate::worker) fn now(&self) -> Now {
        let clock = &self.env.ports.clock;
        Now {
            at: clock.now(),
            wall: clock.wall(),
        }
    }

    /// The job of an effect that is begun at `started`.
    pub(in crate::worker) fn perform(&self, effect: Effect, started: Moment) -> Job {
        let context = self.clone();
        match effect {
            Effect::RenewLease => Box::pin(async move {
                let result = context.env.ports.objects.renew_lease(&context.lease).await;
                Event::Renewed { started, result }
            }),
            Effect::ReadChangeSignal { known } => Box::pin(async move {
                let read = signal::read_if_changed(&context.env, &context.lane, known.as_ref()).await;
                Event::ChangeSignal(read)
            }),
            Effect::ListWorkItems => Box::pin(async move {
                let prefix = keys::work(&context.env.settings.bot, &context.lane);
                let entries = audience::entries(&*context.env.ports.objects, &prefix).await;
                let names = |entry: crate::ports::Entry| entry.name;
                Event::WorkItems(entries.map(|entries| entries.into_iter().map(names).collect()))
            }),
            Effect::ReadOptOuts => Box::pin(async move {
                let result = opt_outs(&context).await;
                Event::OptOuts { started, result }
            }),
            Effect::Claim { work_item } => Box::pin(async move {
                let result = claim::claim(&context, &work_item).await;
                Event::Claimed { work_item, result }
            }),
            Effect::Refresh { part, id } => Box::pin(async move {
                Event::Refreshed {
                    part,
                    result: claim::reload(&context, &id).await,
                }
            }),
            Effect::Compose { part, notification } => Box::pin(async move {
                let result = contents::compose(&context.env, &notification).await;
                Event::Composed { part, result }
            }),
            Effect::Make {
                part,
                chunk,
                message,
                recipients,
            } => Box::pin(async move {
                let clock = &*context.env.ports.clock;
                let (contents, unmade) = contents::make(clock, &*message, recipients).await;
                Event::Made {
                    part,
                    chunk,
                    contents,
                    unmade,
                }
            }),
            Effect::OpenChunk {
                part,
                notification,
                number,
                base,
            } => Box::pin(async move {
                let result = chunks::open(&context, &notification, number, base).await;
                Event::ChunkOpened {
                    part,
                    number,
                    result: Box::new(result),
                }
            }),
            Effect::Append { part, chunk, line } => Box::pin(async move {
                let end = super::append::append(&context.env.ports, &line).await;
                Event::Appended {
                    part,
                    chunk,
                    started,
                    end,
                }
            }),
            Effect::Retire { id, work_item } => Box::pin(async move {
                let left = stop::retire(&context, &id, &work_item).await;
                Event::Retired { work_item, left }
            }),
            Effect::EndPart {
                part,
                stored,
                work_item,
                marks,
                sums,
            } => Box::pin(async move {
                let span = finish::span(&stored.notification.id);
                let end = finish::end_part(&context, stored, &work_item, marks, &sums);
                let result = end.instrument(span).await;
                Event::PartEnded { part, result }
            }),
            Effect::UpdateReference {
                part,
                recipient,
                update,
            } => Box::pin(async move {
                let env = &context.env;
                reference_updates::apply(&env.ports, &env.settings, &recipient, &update).await;
                Event::ReferenceUpdated { part }
            }),
            Effect::ReadAddresses => {
                Box::pin(async move { Event::Addresses(addresses::read(&context).await) })
            }
            Effect::WriteNote { note, then } => Box::pin(async move {
                lease::note(&context, note, then).await;
                Event::Noted
            }),
        }
    }

    /// The job of a call to Teams that starts now.
    pub(in crate::worker) fn call(&self, call: StartedCall, started: Moment) -> Job {
        let env = self.env.clone();
        let StartedCall { slot, audience } = call;
        Box::pin(async move {
            let connector = &env.ports.connector;
            let answer = match slot.call {
                Call::Post => connector.post(&slot.recipient, &slot.content).await,
                Call::Update => connector.update(&slot.recipient, &slot.content).await,
                Call::Delete => connector.delete(&slot.recipient).await,
                Call::Open => {
                    let result = reopen::open(&env, &audience, &slot.recipient).await;
                    return Event::Opened {
                        slot,
                        started,
                        result,
                    };
                }
            };
            Event::Answered {
                slot,
                started,
                answer,
            }
        })
    }
}

/// Who of the lane's tenant wants no notifications.
async fn opt_outs(context: &Context) -> Result<OptOuts, StoreError> {
    let env = &context.env;
    let Some(tenant) = context.lane.tenant() else {
        return Ok(OptOuts::default());
    };
    let now = env.ports.clock.wall();
    let persons = TenantPersons::read(&*env.ports.objects, &env.settings.bot, tenant, now).await?;
    Ok(persons.opt_outs())
}
