//! What a seed means: who is installed, what is sent, and everything that goes wrong.

use notify::{
    accept::{AcceptError, Accepted},
    identity::NotificationSource,
    ids::{NotificationId, TenantId},
    ports::Verdict,
    request::{OnUncertain, Priority, Request},
    service::NotificationService,
    settings::AllowedTenants,
    worker::Slice,
};
use simulator::{
    fuse::When,
    seed::Seed,
    teams::{Latency, LimiterModel, Storm},
    time::beginning,
    wake_ups::WakeUpTrouble,
    wire::Trouble,
    world::{World, bot, tenant, to_all, to_people},
};
use std::{collections::BTreeSet, num::NonZeroU32, time::Duration};

/// Something that happens at a time.
#[derive(Clone, Debug)]
pub(crate) enum Act {
    /// A client asks for a sending.
    Ask(usize),
    Cancel(usize),
    /// An operator has a sending stand still.
    Pause(usize),
    /// An operator lets a stopped sending go on.
    Resume(usize),
    Kill(usize),
    Freeze(usize),
    Thaw(usize),
    ClockJump(usize, i64),
    /// A person says that they want no more of it.
    OptOut(usize),
}

/// One notification.
#[derive(Clone, Debug)]
pub(crate) struct Sending {
    pub(crate) text: String,
    pub(crate) people: BTreeSet<usize>,
    pub(crate) on_uncertain: OnUncertain,
    everyone: bool,
    priority: Priority,
    expires_after: Option<i64>,
}

impl Sending {
    fn source(&self) -> NotificationSource {
        NotificationSource::Key(self.text.clone())
    }

    pub(crate) fn id(&self) -> NotificationId {
        self.source().notification_id(&bot())
    }

    fn request(&self) -> Request {
        let mut request = match self.everyone {
            true => to_all(&self.text),
            false => to_people(&self.text, self.people.iter().copied()),
        };
        request.on_uncertain = self.on_uncertain;
        request.priority = self.priority;
        let after = self.expires_after.map(jiff::SignedDuration::from_secs);
        request.expires_at = after.and_then(|after| beginning().checked_add(after).ok());
        request
    }

    pub(crate) async fn ask(&self, service: &NotificationService) -> Result<Accepted, AcceptError> {
        service.submit(self.source(), self.request()).await
    }
}

#[derive(Clone, Debug)]
pub(crate) struct Plan {
    pub(crate) seed: u64,
    pub(crate) instances: usize,
    pub(crate) latency: Latency,
    pub(crate) faults: f64,
    pub(crate) storms: Vec<Storm>,
    pub(crate) in_process_wake_ups: bool,
    pub(crate) sendings: Vec<Sending>,
    pub(crate) acts: Vec<(Duration, Act)>,
    /// A process that died is replaced after this.
    pub(crate) absence: Duration,
    /// From here on stores and wake-ups are well.
    pub(crate) calm_at: Duration,
    people: usize,
    tenants: usize,
    rate: u32,
    lease: Duration,
    slice: Duration,
    trouble: Trouble,
    wake_ups: WakeUpTrouble,
    /// When the first process is cut off from its lease.
    leases_lost: Option<(Duration, Duration)>,
    /// Whose way through the index of people is lost.
    unindexed: Vec<usize>,
    /// Who has two chats with the bot, none of which a record explains.
    twins: Vec<usize>,
    /// How Teams counts requests, in worlds where it does.
    pub(crate) limiter: Option<LimiterModel>,
}

fn ms(range: std::ops::Range<u64>, seed: &mut Seed) -> Duration {
    Duration::from_millis(range.start + seed.below(range.end - range.start))
}

/// Where a third of the people are, if there are two tenants.
fn second_tenant() -> TenantId {
    TenantId::from("7e4a3333-3333-4333-8333-000000000003")
}

fn share(seed: &mut Seed) -> f64 {
    [0.0, 0.0, 0.02, 0.1][seed.below(4) as usize]
}

impl Plan {
    pub(crate) fn of(number: u64) -> Self {
        let mut seed = Seed::new(number.wrapping_mul(0x9e37).wrapping_add(1));
        let seed = &mut seed;
        let people = 1 + seed.below(140) as usize;
        let sendings: Vec<Sending> = (0..1 + seed.below(3))
            .map(|index| sending(index, people, seed))
            .collect();
        let instances = 1 + seed.below(2) as usize;
        let calm_at = Duration::from_secs(150);
        let latency = match seed.below(3) {
            0 => Latency::VARYING,
            _ => Latency::Constant(ms(5..250, seed)),
        };
        let mut plan = Self {
            seed: number,
            instances,
            latency,
            faults: [0.0, 0.05, 0.2][seed.below(3) as usize],
            storms: Vec::new(),
            in_process_wake_ups: seed.below(2) == 0,
            sendings,
            acts: Vec::new(),
            absence: ms(200..40_000, seed),
            calm_at,
            people,
            tenants: 1 + usize::from(seed.below(4) == 0),
            rate: [50, 50, 20, 10][seed.below(4) as usize],
            lease: Duration::from_secs([15, 15, 30][seed.below(3) as usize]),
            slice: [ms(5_000..30_000, seed), Duration::from_secs(1_500)][seed.below(2) as usize],
            trouble: Trouble {
                latency: (Duration::from_millis(1), ms(2..80, seed)),
                lost_requests: share(seed),
                lost_replies: share(seed),
                repeated: share(seed),
                outages: Vec::new(),
                leases_lost: Vec::new(),
                until: Some(calm_at),
            },
            wake_ups: WakeUpTrouble {
                lost: [0.0, 0.3][seed.below(2) as usize],
                doubled: [0.0, 0.3][seed.below(2) as usize],
                late: ms(0..10_000, seed),
            },
            leases_lost: None,
            unindexed: Vec::new(),
            twins: Vec::new(),
            limiter: None,
        };
        if seed.below(4) == 0 {
            let from = ms(1_000..20_000, seed);
            plan.storms.push(Storm {
                from,
                to: from + ms(500..15_000, seed),
                tenant: None,
                verdict: Verdict::Throttled {
                    retry_after: [None, Some(Duration::from_secs(1 + seed.below(5)))][seed.below(2) as usize],
                },
            });
        }
        let zombie = seed.below(4) == 0;
        if zombie {
            plan.slow_down(seed);
        }
        plan.acts = plan.acts_of(seed);
        if zombie {
            plan.depose(seed);
        }
        if seed.below(4) == 0 {
            plan.refuse(seed);
        }
        if seed.below(8) == 0 {
            // Corrected by an administrator, or a machine that slept.
            let by = [3_600_000, 86_400_000, -3_600_000, -86_400_000][seed.below(4) as usize];
            let who = seed.below(plan.instances as u64) as usize;
            plan.acts.push((ms(500..40_000, seed), Act::ClockJump(who, by)));
        }
        plan.unindexed = (0..plan.people).filter(|_| seed.below(8) == 0).collect();
        if seed.below(3) == 0 {
            plan.twins = (0..plan.people).filter(|_| seed.below(6) == 0).collect();
        }
        if seed.below(3) == 0 {
            for _ in 0..1 + seed.below(6) {
                let who = seed.below(plan.people as u64) as usize;
                plan.acts.push((ms(1_000..45_000, seed), Act::OptOut(who)));
            }
        }
        if seed.below(3) == 0 {
            plan.pause(seed);
        }
        plan.acts.sort_by_key(|(at, _)| *at);
        // Two owners at once, refused tenants and pauses stay as they are: the seeds that find bugs of those are rare.
        let pauses = plan.acts.iter().any(|(_, act)| matches!(act, Act::Pause(_)));
        let refuses = plan
            .storms
            .iter()
            .any(|storm| !matches!(storm.verdict, Verdict::Throttled { .. }));
        if seed.below(2) == 0 && !zombie && !refuses && !pauses {
            plan.limiter = Some(LimiterModel::ALL[seed.below(4) as usize]);
        }
        plan
    }

    /// An operator has something stand still, and perhaps lets it go on; processes die of it or later.
    fn pause(&mut self, seed: &mut Seed) {
        for _ in 0..1 + seed.below(2) {
            let which = seed.below(self.sendings.len() as u64) as usize;
            let at = ms(200..25_000, seed);
            self.acts.push((at, Act::Pause(which)));
            if seed.below(3) > 0 {
                let resumed = at + ms(100..60_000, seed);
                self.acts.push((resumed, Act::Resume(which)));
            }
            if seed.below(3) == 0 {
                let who = seed.below(self.instances as u64) as usize;
                self.acts.push((at + ms(0..9_000, seed), Act::Kill(who)));
            }
        }
    }

    /// Whether a process is stopped in the midst of what it does: what it was about to do it does later.
    pub(crate) fn freezes(&self) -> bool {
        self.acts.iter().any(|(_, act)| matches!(act, Act::Freeze(_)))
    }

    /// Where a person is.
    pub(crate) fn tenant_of(&self, n: usize) -> TenantId {
        match self.tenants > 1 && n.is_multiple_of(3) {
            true => second_tenant(),
            false => tenant(),
        }
    }

    /// Teams refuses the credentials, so that sendings stop, or says of everybody that the app is not allowed or the chat
    /// not found; an operator resumes what stopped, too early or in time, and processes die of it or just after.
    fn refuse(&mut self, seed: &mut Seed) {
        let from = ms(0..20_000, seed);
        let to = from + ms(1_000..120_000, seed);
        let verdict = match seed.below(6) {
            0 => Verdict::Disallowed,
            1 => Verdict::NotFound,
            2 => Verdict::Uninstalled,
            _ => Verdict::Unauthorized,
        };
        self.storms.push(Storm {
            from,
            to,
            tenant: (self.tenants > 1 && seed.below(4) > 0).then(second_tenant),
            verdict,
        });
        for _ in 0..1 + seed.below(4) {
            let at = from + ms(500..70_000, seed);
            let which = seed.below(self.sendings.len() as u64) as usize;
            self.acts.push((at, Act::Resume(which)));
            if seed.below(2) == 0 {
                let who = seed.below(self.instances as u64) as usize;
                self.acts.push((at + ms(0..400, seed), Act::Kill(who)));
            }
        }
    }

    /// So slow that an owner is at work when it is deposed, and its successor when it comes back.
    fn slow_down(&mut self, seed: &mut Seed) {
        self.instances = 2;
        self.rate = 10;
        self.people += 100 + seed.below(200) as usize;
        let first = &mut self.sendings[0];
        first.everyone = true;
        first.people = (0..self.people).collect();
        first.expires_after = None;
        let others = self.sendings.split_off(1);
        let named = others.into_iter().filter(|sending| !sending.everyone);
        self.sendings.extend(named);
    }

    /// An owner freezes, or is cut off from its lease alone; it comes back, or gets a cancellation, while another is at
    /// work.
    fn depose(&mut self, seed: &mut Seed) {
        let asked = self.acts.iter().find(|(_, act)| matches!(act, Act::Ask(0)));
        let at = asked.map_or(Duration::ZERO, |(at, _)| *at) + ms(1_000..8_000, seed);
        // A client asks the other instance again: that one waits for the lease, and takes over when the lease has ended.
        self.acts.push((at + Duration::from_secs(2), Act::Ask(0)));
        let back = at + ms(17_000..60_000, seed);
        if seed.below(2) == 0 {
            self.slice = ms(5_000..25_000, seed);
            self.acts.push((at, Act::Freeze(0)));
            self.acts.push((back, Act::Thaw(0)));
        } else {
            self.slice = Duration::from_secs(1_500);
            self.leases_lost = Some((at, self.calm_at));
            self.acts.push((back, Act::Cancel(0)));
        }
    }

    fn acts_of(&self, seed: &mut Seed) -> Vec<(Duration, Act)> {
        let mut acts = Vec::new();
        for (index, sending) in self.sendings.iter().enumerate() {
            let at = ms(0..20_000, seed);
            acts.push((at, Act::Ask(index)));
            // Clients that got no answer, and some that did, ask again.
            if seed.below(2) == 0 {
                acts.push((at + ms(2_500..40_000, seed), Act::Ask(index)));
            }
            if seed.below(8) == 0 && sending.everyone {
                acts.push((at + ms(200..12_000, seed), Act::Cancel(index)));
            }
        }
        let instance = |seed: &mut Seed| seed.below(self.instances as u64) as usize;
        for _ in 0..seed.below(4) {
            acts.push((ms(500..60_000, seed), Act::Kill(instance(seed))));
        }
        for _ in 0..seed.below(3) {
            let (at, who) = (ms(500..40_000, seed), instance(seed));
            acts.push((at, Act::Freeze(who)));
            acts.push((at + ms(500..80_000, seed), Act::Thaw(who)));
        }
        if seed.below(3) == 0 {
            let by = seed.below(180_000) as i64 - 90_000;
            acts.push((ms(500..40_000, seed), Act::ClockJump(instance(seed), by)));
        }
        // Nothing stays frozen.
        for who in 0..self.instances {
            acts.push((self.calm_at, Act::Thaw(who)));
        }
        acts.sort_by_key(|(at, _)| *at);
        acts
    }

    /// Posts a second, of the processes and of Teams.
    pub(crate) fn rate(&self) -> usize {
        self.rate as usize
    }

    /// Everybody who has installed the bot.
    pub(crate) fn people(&self) -> usize {
        self.people
    }

    pub(crate) fn furnish(&self, world: &mut World) {
        let mut tenants = BTreeSet::from([tenant()]);
        if self.tenants > 1 {
            tenants.insert(second_tenant());
        }
        world.settings.tenants = AllowedTenants::Only(tenants);
        world.settings.rate = NonZeroU32::new(self.rate).unwrap();
        world.settings.lease = self.lease;
        world.slice = Slice(self.slice);
        for n in 0..self.people {
            let tenant = self.tenant_of(n);
            world.references.install_person(&bot(), &tenant, n);
            if self.twins.contains(&n) {
                world.references.install_second_chat(&bot(), &tenant, n);
            }
            if self.unindexed.contains(&n) {
                world.references.lose_from_index(&bot(), &tenant, n);
            }
        }
    }

    /// Randomness of the process with this number.
    fn of_process(&self, number: u64) -> Seed {
        Seed::new(
            self.seed
                .wrapping_mul(31)
                .wrapping_add(number)
                .wrapping_mul(0x5851_f42d),
        )
    }

    /// What goes wrong between a process and its stores.
    pub(crate) fn trouble(&self, number: u64) -> Trouble {
        let mut seed = self.of_process(number);
        let mut trouble = self.trouble.clone();
        if number == 1 {
            trouble.leases_lost.extend(self.leases_lost);
        }
        if seed.below(3) == 0 {
            let from = ms(0..50_000, &mut seed);
            trouble.outages.push((from, from + ms(500..45_000, &mut seed)));
        }
        trouble
    }

    /// At which of its calls a process dies.
    pub(crate) fn burns_at(&self, number: u64) -> Option<(u64, When)> {
        let mut seed = self.of_process(number.wrapping_add(77));
        let when = [When::Before, When::After][seed.below(2) as usize];
        (number <= 3 && seed.below(3) == 0).then(|| (seed.below(3_000), when))
    }

    /// How far a process's wall clock is off, milliseconds.
    pub(crate) fn skew(&self, number: u64) -> i64 {
        let mut seed = self.of_process(number.wrapping_add(99));
        match seed.below(3) {
            0 => seed.below(120_000) as i64 - 60_000,
            _ => 0,
        }
    }

    /// What becomes of the wake-ups of a process that starts now.
    pub(crate) fn wake_up_trouble(&self, now: Duration) -> WakeUpTrouble {
        if now >= self.calm_at {
            WakeUpTrouble::default()
        } else {
            self.wake_ups
        }
    }
}

fn sending(index: u64, people: usize, seed: &mut Seed) -> Sending {
    let everyone = seed.below(3) > 0;
    let most = people.min(90) as u64;
    let some = 1 + seed.below(most) as usize;
    let first = seed.below((people - some) as u64 + 1) as usize;
    Sending {
        text: format!("text {index}"),
        people: if everyone {
            (0..people).collect()
        } else {
            (first..first + some).collect()
        },
        everyone,
        on_uncertain: [OnUncertain::Resend, OnUncertain::Report][seed.below(2) as usize],
        priority: [Priority::Urgent, Priority::Normal, Priority::Low][seed.below(3) as usize],
        expires_after: (seed.below(8) == 0).then(|| 5 + seed.below(50) as i64),
    }
}
