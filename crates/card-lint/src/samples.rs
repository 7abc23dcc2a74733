//! Checks a template with several sample data: one finding a fault, with the data that show it.

use crate::{
    check::{self, Host, Sample},
    finding::{Finding, Level},
    rule::Rule,
};

/// Checks a template with each of the samples; without any, by itself.
///
/// A finding that only some of the samples show has their names. A field that only some of them lack is no finding
/// where a condition asks for it.
#[must_use]
pub fn check_with(template: &str, samples: &[Sample<'_>], hosts: &[Host]) -> Vec<Finding> {
    let (first, more) = match samples {
        [] => return check::check(template, None, hosts),
        [only] => return check::check(template, Some(*only), hosts),
        [first, more @ ..] => (first, more),
    };
    let mut merged = check::check(template, Some(*first), hosts);
    for finding in &mut merged {
        finding.samples.push(first.name.to_owned());
    }
    for sample in more {
        for mut finding in check::check(template, Some(*sample), hosts) {
            match merged.iter_mut().find(|one| is_same(one, &finding)) {
                Some(known) => known.samples.push(sample.name.to_owned()),
                None => {
                    finding.samples.push(sample.name.to_owned());
                    merged.push(finding);
                }
            }
        }
    }
    for finding in &mut merged {
        if finding.samples.len() == samples.len() {
            finding.samples.clear();
        }
    }
    merged.retain(|finding| finding.samples.is_empty() || !is_condition_on_a_field(finding));
    check::sort(&mut merged);
    merged
}

fn is_same(one: &Finding, other: &Finding) -> bool {
    one.pointer == other.pointer
        && one.rule == other.rule
        && one.level == other.level
        && one.message == other.message
        && one.suggestion == other.suggestion
}

fn is_condition_on_a_field(finding: &Finding) -> bool {
    finding.rule == Rule::Field && finding.level == Level::Warning
}
