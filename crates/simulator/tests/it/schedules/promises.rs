//! What holds after every seed for people, references and tenants that wait, whatever was sent. What holds for each
//! notification is judged in the file above.

use super::Player;
use notify::{evidence::Cause, ids::UserId, ports::Verdict, status::Status};
use simulator::teams::{Call, original};
use std::{collections::BTreeSet, time::Duration};

impl Player {
    /// Nobody is posted to more than 5 s after it was confirmed that they get no more. A process that is stopped between
    /// its decision and its post can't keep that.
    pub(super) fn judge_opt_outs(&self) -> Result<(), String> {
        if self.plan.freezes() {
            return Ok(());
        }
        let opted_out = self.opted_out.lock().unwrap();
        for call in self.world.teams.calls() {
            let chat = original(&call.conversation);
            let person = opted_out.iter().find(|(n, _)| {
                chat.as_str() == format!("a:{n}") || chat.as_str() == format!("19:{n}_bot@unq.gbl.spaces")
            });
            if let Some((_, confirmed)) = person
                && call.began.since(*confirmed) > Duration::from_secs(5)
            {
                return Err(format!(
                    "{chat} was posted to {:?} after the opt-out was confirmed",
                    call.began.since(*confirmed)
                ));
            }
        }
        Ok(())
    }

    /// Only a tenant that Teams refused something waits.
    pub(super) fn judge_waits(&self, status: &Status) -> Result<(), String> {
        for wait in &status.waiting {
            // Random faults are never refusals.
            let refused = matches!(wait.waiting.cause, Cause::Credentials | Cause::NotAllowed);
            if self.plan.faults > 0.0 && !refused {
                continue;
            }
            let mut storms = self.plan.storms.iter();
            if !storms.any(|storm| storm.tenant.as_ref().is_none_or(|tenant| *tenant == wait.tenant)) {
                return Err(format!(
                    "{} waits for what another tenant was answered",
                    wait.tenant
                ));
            }
        }
        Ok(())
    }

    /// A tenant that waits is probed at another conversation each time. A probe is a call by itself; where few are left
    /// to be asked nothing is said.
    pub(super) fn judge_probes(&self) -> Result<(), String> {
        const APART: Duration = Duration::from_secs(12);
        if self.plan.faults > 0.0 || self.plan.sendings.iter().any(|sending| sending.people.len() < 20) {
            return Ok(());
        }
        let calls = self.world.teams.calls();
        for storm in self
            .plan
            .storms
            .iter()
            .filter(|storm| storm.verdict == Verdict::Unauthorized)
        {
            let tenants: BTreeSet<_> = calls.iter().map(|call| &call.tenant).collect();
            for tenant in tenants {
                let in_storm = |call: &&Call| {
                    call.tenant == *tenant && (storm.from..storm.to).contains(&call.began.since_origin())
                };
                let of_tenant: Vec<&Call> = calls.iter().filter(in_storm).collect();
                for three in of_tenant.windows(3) {
                    let [before, first, second] = three else { continue };
                    let alone =
                        first.began.since(before.began) >= APART && second.began.since(first.began) >= APART;
                    if alone && first.conversation == second.conversation {
                        return Err(format!("{} was probed twice in a row", first.conversation));
                    }
                }
            }
        }
        Ok(())
    }

    /// No event removed anybody: each person has a reference still, whatever was answered.
    pub(super) fn judge_references(&self) -> Result<(), String> {
        let installed = self.world.references.installed();
        let known: BTreeSet<_> = installed
            .iter()
            .filter_map(|target| target.user.as_ref())
            .collect();
        let lost: Vec<_> = (0..self.plan.people())
            .map(|n| UserId::from(format!("29:{n}")))
            .filter(|user| !known.contains(user))
            .collect();
        match lost.is_empty() {
            true => Ok(()),
            false => Err(format!("references disappeared without an event: {lost:?}")),
        }
    }
}
