//! `verify`: the sums proved from audience and ledgers, and held against what the status says.

use super::known;
use crate::{
    cli::NotificationArgs,
    commands::{CommandError, say},
};
use notify::{
    outcome::Outcome,
    report::Verification,
    service::NotificationService,
    status::{Planning, Status},
};
use serde_json::{Map, Value, json};

/// Counts, compares, tells. An error when anything doesn't add up.
pub(super) async fn run(service: &NotificationService, args: &NotificationArgs) -> Result<(), CommandError> {
    let id = known(&args.id)?;
    // The status on both sides of the count: what changed in between is not held against it.
    let before = service.status(&id).await?;
    let proof = service.verify(&id).await?;
    let after = service.status(&id).await?;
    let wrong = judge(&proof, &before, &after);
    if args.json {
        say(&json(&proof, &after, &wrong).to_string());
    } else {
        say(text(&proof, &after).trim_end());
    }
    if wrong.is_empty() {
        if !args.json {
            say("verified: every recipient is accounted for, once");
        }
        return Ok(());
    }
    Err(format!("not verified: {}", wrong.join("; ")).into())
}

/// What doesn't add up.
fn judge(proof: &Verification, before: &Status, after: &Status) -> Vec<String> {
    let mut wrong = Vec::new();
    let settled = proof.counted.counts.settled();
    if settled + proof.pending != proof.total {
        wrong.push(format!(
            "{} outcomes and {} pending are not {} recipients",
            settled, proof.pending, proof.total
        ));
    }
    let planned = before.planned == Planning::Complete;
    if planned && proof.total != after.total {
        wrong.push(format!(
            "the audience has {} recipients, the status says {}",
            proof.total, after.total
        ));
    }
    if after.notification.is_over() && proof.pending > 0 && before.notification.is_over() {
        wrong.push(format!(
            "it is finished, but {} recipients have no outcome",
            proof.pending
        ));
    }
    if before.counts == after.counts && planned && proof.counted.counts != after.counts {
        for outcome in Outcome::ALL {
            let (counted, reported) = (proof.counted.counts.of(outcome), after.counts.of(outcome));
            if counted != reported {
                wrong.push(format!(
                    "{}: {counted} counted, the status says {reported}",
                    outcome.as_str()
                ));
            }
        }
    }
    wrong
}

fn json(proof: &Verification, status: &Status, wrong: &[String]) -> Value {
    let counts: Map<String, Value> = Outcome::ALL
        .iter()
        .map(|outcome| {
            (
                outcome.as_str().to_owned(),
                proof.counted.counts.of(*outcome).into(),
            )
        })
        .chain([("pending".to_owned(), proof.pending.into())])
        .collect();
    json!({
        "id": status.notification.id,
        "verified": wrong.is_empty(),
        "total": proof.total,
        "counts": counts,
        "resent": proof.counted.resent,
        "problems": wrong,
    })
}

fn text(proof: &Verification, status: &Status) -> String {
    let mut text = format!("{:<12} {:>9} {:>9}\n", "", "counted", "status");
    let mut row = |name: &str, counted: u64, reported: u64| {
        text.push_str(&format!("{name:<12} {counted:>9} {reported:>9}\n"));
    };
    for outcome in Outcome::ALL {
        let (counted, reported) = (proof.counted.counts.of(outcome), status.counts.of(outcome));
        if counted + reported > 0 {
            row(outcome.as_str(), counted, reported);
        }
    }
    row("pending", proof.pending, status.pending);
    row("recipients", proof.total, status.total);
    row("resent", proof.counted.resent, status.resent);
    text
}
