//! Seeded schedules: processes are killed and frozen, cut off from their stores, their replies and wake-ups get lost, their
//! clocks jump, Teams throttles, fails and refuses the credentials, so that an operator has to resume what stopped, and
//! says of single people or of everybody that they are not there; and after every seed the guarantees hold, one of them
//! that nobody's reference is gone: no event said so.
//!
//! `SIM_SEED=17 cargo test -p simulator schedules` replays one seed; `SIM_SEEDS=20000` tries more of them.

mod promises;

use crate::{
    plans::{Act, Plan},
    stage::on_all_processors,
};
use futures::TryStreamExt;
use notify::{
    accept::{AcceptError, Accepted},
    ids::NotificationId,
    outcome::{Counts, Outcome},
    persons::{Person, Preference},
    ports::{Moment, Ports},
    request::OnUncertain,
    service::{NotificationService, ServiceError},
    status::Status,
};
use simulator::{
    fuse::Fuse,
    queue::StorageQueue,
    tally::Tally,
    teams::original,
    time,
    wire::Wire,
    world::{Launch, Process, WakeUpsTo, World, bot},
};
use std::{
    collections::{BTreeMap, BTreeSet},
    convert::identity,
    sync::{
        Arc, Mutex,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

/// Virtual time after which what has not ended never will.
const LONGEST_RUN: Duration = Duration::from_secs(3 * 3600);
/// Between two polls.
const LOOK: Duration = Duration::from_millis(500);
/// Seeds that a plain test run tries.
const SEEDS: u64 = 2_000;
/// 429s of Teams' limiter that anything may have, besides one in 50: latency is not known yet at the start, and owners that
/// die leave requests on their way.
const FEW_THROTTLED: u64 = 4;
/// Longest wait between polls of the queue.
const LONGEST_POLL: Duration = Duration::from_secs(5);

/// The answers that clients got, by notification.
type ClientAnswers = Arc<Mutex<BTreeMap<usize, Result<Accepted, AcceptError>>>>;

/// What an operator asked for.
struct Asked {
    index: usize,
    what: What,
    asked: Moment,
    answered: Answered,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum What {
    Pause,
    Resume,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Answered {
    /// Nobody knows whether it was done.
    NotYet,
    /// It was done by then.
    Done(Moment),
    /// There was nothing to do.
    Refused,
}

struct Player {
    plan: Plan,
    world: World,
    observer: NotificationService,
    queue: Arc<StorageQueue>,
    processes: Vec<Option<Process>>,
    launched: u64,
    answers: ClientAnswers,
    /// When it was confirmed to a person that they get no more.
    opted_out: Arc<Mutex<BTreeMap<usize, Moment>>>,
    /// What operators asked for pauses and resumptions.
    operator: Arc<Mutex<Vec<Asked>>>,
    seen: BTreeMap<usize, Counts>,
    ports: fn(Ports) -> Ports,
}

/// Plays a seed; what was broken, if anything was.
pub(crate) fn play(seed: u64, ports: fn(Ports) -> Ports) -> Result<(), String> {
    time::run(|clock| Player::new(seed, clock, ports).play()).map_err(|error| error.to_string())?
}

impl Player {
    fn new(seed: u64, clock: Arc<time::VirtualClock>, ports: fn(Ports) -> Ports) -> Self {
        let plan = Plan::of(seed);
        let mut world = World::on(clock.clone(), seed, plan.latency, |teams| {
            let teams = teams.faulty(plan.faults).stormy(plan.storms.clone());
            match plan.limiter {
                Some(model) => teams.limited_as(plan.rate(), model),
                None => teams,
            }
        });
        plan.furnish(&mut world);
        let tally: Arc<Tally> = Arc::default();
        let processes = (0..plan.instances).map(|_| None).collect();
        Self {
            observer: world.observer(),
            queue: Arc::new(StorageQueue::new(clock, tally)),
            world,
            plan,
            processes,
            launched: 0,
            answers: ClientAnswers::default(),
            opted_out: Arc::default(),
            operator: Arc::default(),
            seen: BTreeMap::new(),
            ports,
        }
    }

    fn launch(&mut self, instance: usize) {
        self.launched += 1;
        let number = self.launched;
        let trouble = self.plan.trouble(number);
        let wire_seed = self.plan.seed.wrapping_mul(1_000).wrapping_add(number);
        let wire = Wire::new(self.world.clock.clone(), trouble, wire_seed, Arc::default());
        let fuse = Fuse::new(self.plan.burns_at(number));
        let wake_ups = match self.plan.in_process_wake_ups {
            true => WakeUpsTo::Itself,
            false => WakeUpsTo::Queue {
                queue: self.queue.clone(),
                longest_poll: LONGEST_POLL,
            },
        };
        let process = self.world.launch(Launch {
            fuse,
            wire: Some(Arc::new(wire)),
            wake_ups,
            wake_up_trouble: self.plan.wake_up_trouble(self.world.now()),
            ports: self.ports,
        });
        process.clock.set_off_by(self.plan.skew(number));
        self.processes[instance] = Some(process);
    }

    async fn play(mut self) -> Result<(), String> {
        for instance in 0..self.processes.len() {
            self.launch(instance);
        }
        let mut acts: std::collections::VecDeque<(Duration, Act)> = self.plan.acts.clone().into();
        let mut returns: Vec<(Duration, usize)> = Vec::new();
        loop {
            let now = self.world.now();
            while acts.front().is_some_and(|(at, _)| *at <= now) {
                if let Some((_, act)) = acts.pop_front() {
                    self.act(&act);
                }
            }
            for instance in 0..self.processes.len() {
                let burnt = self.processes[instance]
                    .as_ref()
                    .is_some_and(|process| process.fuse.is_burnt());
                if burnt && let Some(dead) = self.processes[instance].take() {
                    dead.kill();
                    returns.push((now + self.plan.absence, instance));
                }
            }
            let due: Vec<usize> = returns
                .extract_if(.., |(at, _)| *at <= now)
                .map(|(_, instance)| instance)
                .collect();
            due.into_iter().for_each(|instance| self.launch(instance));
            let over = self.look().await?;
            if over && acts.is_empty() && returns.is_empty() && now >= self.plan.calm_at {
                break;
            }
            if now > LONGEST_RUN {
                return Err(format!(
                    "not at its end after {LONGEST_RUN:?}: {}",
                    self.unfinished().await
                ));
            }
            let next = acts
                .front()
                .map_or(LOOK, |(at, _)| at.saturating_sub(now).min(LOOK));
            self.world.pass(next.max(Duration::from_millis(1))).await;
        }
        self.judge().await
    }

    fn act(&mut self, act: &Act) {
        let alive = |process: &&Option<Process>| {
            process
                .as_ref()
                .is_some_and(|process| !process.fuse.is_burnt() && !process.freezer.is_frozen())
        };
        match act {
            Act::Ask(index) => {
                let sending = self.plan.sendings[*index].clone();
                // Who asks again may well come to another instance.
                let again = self.answers.lock().unwrap().contains_key(index);
                let mut processes: Vec<_> = self.processes.iter().filter(alive).collect();
                if again {
                    processes.reverse();
                }
                let Some(Some(process)) = processes.first() else {
                    return;
                };
                let (service, fuse) = (process.service.clone(), process.fuse.clone());
                let (answers, index) = (self.answers.clone(), *index);
                tokio::spawn(async move {
                    let answer = tokio::select! {
                        biased;
                        () = fuse.burnt() => return,
                        answer = sending.ask(&service) => answer,
                    };
                    let mut answers = answers.lock().unwrap();
                    // An acceptance is not replaced by a later answer.
                    if !matches!(answers.get(&index), Some(Ok(_))) {
                        answers.insert(index, answer);
                    }
                });
            }
            Act::Cancel(index) => {
                let id = self.plan.sendings[*index].id();
                if let Some(Some(process)) = self.processes.iter().find(alive) {
                    let (service, fuse) = (process.service.clone(), process.fuse.clone());
                    tokio::spawn(async move {
                        tokio::select! {
                            biased;
                            () = fuse.burnt() => {}
                            _ = service.cancel(&id) => {}
                        }
                    });
                }
            }
            Act::Pause(index) | Act::Resume(index) => {
                let what = match act {
                    Act::Pause(_) => What::Pause,
                    _ => What::Resume,
                };
                let id = self.plan.sendings[*index].id();
                if let Some(Some(process)) = self.processes.iter().find(alive) {
                    let (service, fuse) = (process.service.clone(), process.fuse.clone());
                    let (clock, operator) = (self.world.clock.clone(), self.operator.clone());
                    let number = {
                        let mut operator = operator.lock().unwrap();
                        operator.push(Asked {
                            index: *index,
                            what,
                            asked: clock.now(),
                            answered: Answered::NotYet,
                        });
                        operator.len() - 1
                    };
                    tokio::spawn(async move {
                        let answer = async {
                            match what {
                                What::Pause => service.pause(&id).await,
                                What::Resume => service.resume(&id).await,
                            }
                        };
                        let answer = tokio::select! {
                            biased;
                            () = fuse.burnt() => return,
                            answer = answer => answer,
                        };
                        operator.lock().unwrap()[number].answered = match answer {
                            Ok(_) => Answered::Done(clock.now()),
                            Err(ServiceError::State(_) | ServiceError::Unknown(_)) => Answered::Refused,
                            Err(_) => Answered::NotYet,
                        };
                    });
                }
            }
            Act::OptOut(n) => {
                let n = *n;
                let (user, entra) = (format!("29:{n}").into(), format!("e-{n}").into());
                let tenant = self.plan.tenant_of(n);
                let person = Person::by_ids(&bot(), &tenant, Some(&user), Some(&entra));
                if let (Some(Some(process)), Some(person)) = (self.processes.iter().find(alive), person) {
                    let (service, fuse) = (process.service.clone(), process.fuse.clone());
                    let (clock, opted_out) = (self.world.clock.clone(), self.opted_out.clone());
                    tokio::spawn(async move {
                        let (preference, at) = (Preference::OptedOut, clock.wall());
                        let stored = tokio::select! {
                            biased;
                            () = fuse.burnt() => return,
                            stored = service.set_preference(&person, None, preference, at) => stored,
                        };
                        if stored.is_ok() {
                            opted_out.lock().unwrap().entry(n).or_insert(clock.now());
                        }
                    });
                }
            }
            Act::Kill(instance) => {
                if let Some(Some(process)) = self.processes.get(*instance) {
                    process.fuse.burn();
                }
            }
            Act::Freeze(instance) => {
                if let Some(Some(process)) = self.processes.get(*instance) {
                    process.freezer.freeze();
                }
            }
            Act::Thaw(instance) => {
                if let Some(Some(process)) = self.processes.get(*instance) {
                    process.freezer.thaw();
                }
            }
            Act::ClockJump(instance, by) => {
                if let Some(Some(process)) = self.processes.get(*instance) {
                    process.clock.set_off_by(*by);
                }
            }
        }
    }

    /// Looks at everything: whether all that exists is over.
    async fn look(&mut self) -> Result<bool, String> {
        let mut over = true;
        for index in 0..self.plan.sendings.len() {
            let id = self.plan.sendings[index].id();
            let status = match self.observer.status(&id).await {
                Ok(status) => status,
                Err(ServiceError::Unknown(_)) => {
                    if matches!(self.answers.lock().unwrap().get(&index), Some(Ok(_))) {
                        return Err(format!("{id} was accepted and is lost"));
                    }
                    continue;
                }
                Err(error) => return Err(format!("{id}: {error}")),
            };
            let before = self.seen.insert(index, status.counts).unwrap_or_default();
            check_look(&id, &before, &status)?;
            over &= status.notification.finished_at.is_some();
            self.judge_waits(&status)?;
            let stands_still = !status.waiting.is_empty() || status.notification.is_paused();
            if stands_still && self.world.now() >= self.plan.calm_at {
                self.act(&Act::Resume(index));
            }
        }
        Ok(over)
    }

    async fn unfinished(&self) -> String {
        let mut words = Vec::new();
        for sending in &self.plan.sendings {
            if let Ok(status) = self.observer.status(&sending.id()).await
                && status.notification.finished_at.is_none()
            {
                words.push(format!(
                    "{:?} {:?} of {}, {:?}",
                    sending.text, status.state, status.total, status.counts
                ));
            }
        }
        words.join("; ")
    }

    async fn judge(&self) -> Result<(), String> {
        let most = self.world.teams.most_in_a_second();
        let rate = self.world.settings.rate.get() as usize;
        if most > rate {
            return Err(format!("{most} posts in a second where {rate} are allowed"));
        }
        let (throttled, calls) = (
            self.world.teams.throttled(),
            self.world.teams.calls().len() as u64,
        );
        if throttled > FEW_THROTTLED + calls / 50 {
            return Err(format!("{throttled} answers 429 of {calls}"));
        }
        for sending in &self.plan.sendings {
            let id = sending.id();
            let status = match self.observer.status(&id).await {
                Ok(status) => status,
                Err(ServiceError::Unknown(_)) => continue,
                Err(error) => return Err(format!("{id}: {error}")),
            };
            self.judge_one(&sending.text, sending.on_uncertain, sending.people.len(), &status)
                .await?;
        }
        self.judge_probes()?;
        self.judge_opt_outs()?;
        self.judge_pauses()?;
        self.judge_references()
    }

    /// Nothing of what is paused is posted more than 5 s after that was confirmed, until somebody asks to resume it.
    fn judge_pauses(&self) -> Result<(), String> {
        if self.plan.freezes() {
            return Ok(());
        }
        let operator = self.operator.lock().unwrap();
        let pauses = operator.iter().filter(|asked| asked.what == What::Pause);
        for pause in pauses {
            let Answered::Done(confirmed) = pause.answered else {
                continue;
            };
            // A resumption that was asked for earlier and whose end nobody knows may come later.
            let resumes = operator.iter().filter(|asked| {
                let over = match asked.answered {
                    Answered::NotYet => false,
                    Answered::Refused => true,
                    Answered::Done(at) => at <= pause.asked,
                };
                asked.what == What::Resume && asked.index == pause.index && !over
            });
            let resumed = resumes.map(|resume| resume.asked).min();
            let text = self.plan.sendings[pause.index].text.as_str();
            for call in self.world.teams.calls() {
                let of_it = call.text.as_deref() == Some(text);
                let late = call.began.since(confirmed) > Duration::from_secs(5);
                if of_it && late && resumed.is_none_or(|resumed| call.began < resumed) {
                    return Err(format!(
                        "{text} was posted {:?} after the pause was confirmed",
                        call.began.since(confirmed)
                    ));
                }
            }
        }
        Ok(())
    }

    async fn judge_one(
        &self,
        text: &str,
        on_uncertain: OnUncertain,
        people: usize,
        status: &Status,
    ) -> Result<(), String> {
        let id = &status.notification.id;
        let teams = &self.world.teams;
        let proof = self
            .observer
            .verify(id)
            .await
            .map_err(|error| error.to_string())?;
        let proved = (
            proof.total,
            proof.pending,
            proof.counted.counts,
            proof.counted.resent,
        );
        if proved != (status.total, 0, status.counts, status.resent) {
            return Err(format!(
                "{text}: the ledgers prove {proved:?}, the status says {status:?}"
            ));
        }
        let repeated = teams.repeated_text(text);
        if repeated > 0 && on_uncertain == OnUncertain::Report {
            return Err(format!("{text}: {repeated} accepted twice under `report`"));
        }
        if repeated > status.resent {
            return Err(format!(
                "{text}: {repeated} accepted twice, resent {}",
                status.resent
            ));
        }
        let rows = self
            .observer
            .report(id)
            .await
            .map_err(|error| error.to_string())?;
        let rows: Vec<_> = rows.try_collect().await.map_err(|error| error.to_string())?;
        // A process may die in the midst of storing a chat's new id: then a person has two rows, for one message.
        let reached: BTreeSet<_> = rows.iter().map(|row| original(&row.conversation_id)).collect();
        if status.notification.cancelled_at.is_none() && reached.len() != people {
            return Err(format!("{text}: {} people of {people}", reached.len()));
        }
        for row in rows {
            let had_another_row = row.code.as_deref() == Some("moved");
            let accepted = teams.accepted_text(text, &row.conversation_id);
            let wrong = match row.outcome {
                _ if had_another_row => false,
                "delivered" => accepted == 0,
                "cancelled" | "skipped" | "rejected" => accepted > 0,
                _ => false,
            };
            if wrong {
                let (to, outcome) = (&row.conversation_id, row.outcome);
                return Err(format!(
                    "{text}: {to} is {outcome} and was accepted {accepted} times"
                ));
            }
        }
        Ok(())
    }
}

/// At every look the counts sum to the total, and none ever goes down.
fn check_look(id: &NotificationId, before: &Counts, status: &Status) -> Result<(), String> {
    let counts = &status.counts;
    if counts.settled() + status.pending != status.total {
        return Err(format!(
            "{id}: {counts:?} and {} pending are not {}",
            status.pending, status.total
        ));
    }
    for outcome in Outcome::ALL {
        if counts.of(outcome) < before.of(outcome) {
            return Err(format!("{id}: a count went down, {before:?} to {counts:?}"));
        }
    }
    Ok(())
}

/// Tries seeds on all processors until one breaks something whose description has these words: (seed, what), the lowest
/// that was found.
pub(crate) fn first_broken(seeds: u64, ports: fn(Ports) -> Ports, words: &str) -> Option<(u64, String)> {
    let found: Mutex<Option<(u64, String)>> = Mutex::new(None);
    let lowest = AtomicU64::new(u64::MAX);
    on_all_processors(usize::try_from(seeds).unwrap(), |seed| {
        let seed = seed as u64;
        if seed > lowest.load(Ordering::Relaxed) {
            return;
        }
        if let Err(what) = play(seed, ports)
            && what.contains(words)
        {
            let mut found = found.lock().unwrap();
            if found.as_ref().is_none_or(|(known, _)| seed < *known) {
                lowest.fetch_min(seed, Ordering::Relaxed);
                *found = Some((seed, what));
            }
        }
    });
    found.into_inner().unwrap()
}

fn number(name: &str) -> Option<u64> {
    std::env::var(name).ok()?.parse().ok()
}

#[test]
fn every_promise_holds_after_every_seed() {
    if let Some(seed) = number("SIM_SEED") {
        println!("{:#?}", Plan::of(seed));
        let log = tracing_subscriber::fmt().without_time().with_ansi(false);
        log.with_test_writer().init();
        play(seed, identity).unwrap();
        return;
    }
    let seeds = number("SIM_SEEDS").unwrap_or(SEEDS);
    let real = std::time::Instant::now();
    if let Some((seed, what)) = first_broken(seeds, identity, "") {
        panic!("seed {seed}: {what}\nreplay it with SIM_SEED={seed} cargo test -p simulator every_promise");
    }
    println!("{seeds} seeds in {:.1} s", real.elapsed().as_secs_f64());
}
