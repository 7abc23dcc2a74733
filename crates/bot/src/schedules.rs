//! When the timers are due, as their `function.json` say: which occurrence a tick stands for where the host keeps no
//! record of it. The host keeps none for schedules below a minute, and two instances may fire one tick, each by a clock
//! of its own.

use functions_project::{Project, Trigger, ncrontab::Schedule};
use jiff::{SignedDuration, Timestamp};
use std::{
    collections::BTreeSet,
    sync::{Mutex, PoisonError},
};

/// How much before its occurrence a timer may fire, by the clock of the instance that fires it.
pub(crate) const EARLY: SignedDuration = SignedDuration::from_secs(1);

/// How late a tick of the schedule may come. In the envelope a run by hand looks the same: what is later is taken for
/// one, and keeps its own time, so that whoever asks for two runs gets two. Instances that fire one tick are a second or
/// two apart; a loaded host takes a few more to call us.
const LATE: SignedDuration = SignedDuration::from_secs(10);

/// The schedules of the timer functions.
pub(crate) struct Schedules {
    timers: Vec<(String, Schedule)>,
    /// Why some are missing.
    problems: Vec<String>,
    /// Functions without a schedule of which the log has warned.
    warned: Mutex<BTreeSet<String>>,
}

impl Schedules {
    /// Takes the schedules from the files. What couldn't be read is logged when it is missed.
    pub(crate) fn of(project: &Project) -> Self {
        let timers = project.functions().iter();
        let timers = timers.filter_map(|function| match &function.trigger {
            Trigger::Timer(timer) => Some((function.name.as_str().to_owned(), timer.schedule.clone())),
            _ => None,
        });
        let timers = timers.collect();
        let problems = project.problems().iter().map(ToString::to_string).collect();
        Self {
            timers,
            problems,
            warned: Mutex::default(),
        }
    }

    /// The occurrence that a function's tick at `host_time` stands for.
    pub(crate) fn occurrence(&self, function: &str, host_time: Timestamp) -> Timestamp {
        let known = self
            .timers
            .iter()
            .find(|(name, _)| name.eq_ignore_ascii_case(function));
        if let Some((_, schedule)) = known {
            return nearest(schedule, host_time).unwrap_or(host_time);
        }
        let mut warned = self.warned.lock().unwrap_or_else(PoisonError::into_inner);
        if warned.insert(function.to_owned()) {
            tracing::warn!(
                function,
                error = self.problems.join("; "),
                "the timer's schedule can't be read from its function.json: a tick stands for the host's time, and two instances that fire one tick send twice"
            );
        }
        host_time
    }
}

/// The occurrence nearest to a time, if it is one that may have been fired then.
fn nearest(schedule: &Schedule, time: Timestamp) -> Option<Timestamp> {
    // An interval is counted from its last run: instances have no occurrences in common.
    if schedule.is_interval() {
        return None;
    }
    let before = latest(schedule, time);
    let coming = schedule.next_after(time).filter(|coming| {
        let ahead = coming.duration_since(time);
        ahead <= EARLY && before.is_none_or(|before| ahead < time.duration_since(before))
    });
    coming.or(before)
}

/// The latest occurrence at or before a time, not more than [`LATE`].
fn latest(schedule: &Schedule, time: Timestamp) -> Option<Timestamp> {
    let just_before = SignedDuration::from_nanos(1);
    let mut from = time.checked_sub(LATE + just_before).ok()?;
    let mut latest = None;
    // Occurrences are whole seconds: a handful at most.
    while let Some(next) = schedule.next_after(from).filter(|next| *next <= time) {
        latest = Some(next);
        from = next;
    }
    latest
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{delivery::Host, project, settings::Source};
    use std::fs;

    fn at(time: &str) -> Timestamp {
        format!("2026-11-22T{time}Z").parse().unwrap()
    }

    #[test]
    fn a_tick_stands_for_the_occurrence_that_it_belongs_to() {
        const HALF_MINUTE: &str = "*/30 * * * * *";
        for (schedule, host, wanted) in [
            (HALF_MINUTE, "07:00:00", "07:00:00"),
            (HALF_MINUTE, "07:00:00.0451234", "07:00:00"),
            (HALF_MINUTE, "07:00:03", "07:00:00"),
            (HALF_MINUTE, "07:00:10", "07:00:00"),
            // Early, by a second at most.
            (HALF_MINUTE, "07:00:29.3", "07:00:30"),
            (HALF_MINUTE, "07:00:29", "07:00:30"),
            // By hand.
            (HALF_MINUTE, "07:00:10.001", "07:00:10.001"),
            (HALF_MINUTE, "07:00:17", "07:00:17"),
            (HALF_MINUTE, "07:00:28.999", "07:00:28.999"),
            // Dense schedules: the latest, or the coming one where that is nearer.
            ("* * * * * *", "07:00:00.3", "07:00:00"),
            ("* * * * * *", "07:00:00.5", "07:00:00"),
            ("* * * * * *", "07:00:00.6", "07:00:01"),
            ("*/2 * * * * *", "07:00:01", "07:00:00"),
            ("*/2 * * * * *", "07:00:01.1", "07:00:02"),
            ("*/5 * * * * *", "07:00:03", "07:00:00"),
            ("*/5 * * * * *", "07:00:03.9", "07:00:00"),
            ("*/5 * * * * *", "07:00:04.2", "07:00:05"),
            ("*/10 * * * * *", "07:00:08.9", "07:00:00"),
            ("*/10 * * * * *", "07:00:10", "07:00:10"),
            // Uneven ones, and five fields.
            ("0,3 * * * * *", "07:00:02.9", "07:00:03"),
            ("0,3 * * * * *", "07:00:09", "07:00:03"),
            ("0 * * * *", "07:00:00.7", "07:00:00"),
            ("0 * * * *", "07:00:40", "07:00:40"),
            // Intervals have no occurrences.
            ("00:00:30", "07:00:00.3", "07:00:00.3"),
            // Nor has what never comes.
            ("0 0 0 31 2 *", "07:00:00.3", "07:00:00.3"),
        ] {
            let schedule = Schedule::parse(schedule).unwrap();
            let seen = nearest(&schedule, at(host)).unwrap_or_else(|| at(host));
            assert_eq!(seen, at(wanted), "{schedule} at {host}");
        }
    }

    #[test]
    fn schedules_come_from_the_files_and_their_settings() {
        let folder = tempfile::tempdir().unwrap();
        let write = |path: &str, text: &str| {
            let path = folder.path().join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        };
        let timer = |schedule: &str, more: &str| {
            format!(
                r#"{{"bindings":[{{"type":"timerTrigger","direction":"in","name":"t","schedule":"{schedule}"}}]{more}}}"#
            )
        };
        write(
            "host.json",
            r#"{"version":"2.0","customHandler":{"description":{"defaultExecutablePath":"handler"}}}"#,
        );
        write(
            "off/function.json",
            &timer("*/30 * * * * *", r#","disabled":true"#),
        );
        write("named/function.json", &timer("%TICKS%", ""));
        write("wrong/function.json", &timer("%UNKNOWN%", ""));
        let source = Source::of(&[("TICKS", "*/20 * * * * *")]);
        let read = || {
            let project = project::read(Host::Functions, &source, folder.path()).unwrap();
            Schedules::of(&project)
        };
        let schedules = read();
        let occurrence = |function: &str| schedules.occurrence(function, at("07:00:21"));
        assert_eq!(occurrence("off"), at("07:00:21"));
        assert_eq!(occurrence("NAMED"), at("07:00:20"));
        assert_eq!(occurrence("wrong"), at("07:00:21"));
        assert_eq!(occurrence("missing"), at("07:00:21"));
        assert_eq!(schedules.occurrence("off", at("07:00:31")), at("07:00:30"));
        assert!(
            schedules.problems[0].contains("UNKNOWN"),
            "{:?}",
            schedules.problems
        );
        fs::remove_file(folder.path().join("host.json")).unwrap();
        let without = read();
        assert_eq!(without.occurrence("off", at("07:00:31")), at("07:00:30"));
    }
}
