//! A process is killed at every call to a port (objects, references, wake-ups, connector, clock), once before the call's
//! effect and once after it but before the answer; another takes over.

use crate::stage::{LONGEST_RUN, Manners, Stage, on_all_processors};
use futures::TryStreamExt;
use notify::{
    accept::{AcceptError, Accepted},
    identity::NotificationSource,
    ids::{ConversationId, NotificationId, ServiceUrl, TenantId},
    ports::Verdict,
    request::{OnUncertain, Request},
    service::{ServiceError, TimerRun},
    settings::AllowedTenants,
    status::{Planning, Status},
};
use simulator::{
    fuse::{Fuse, When},
    references::{channel, general},
    teams::{ChannelPresence, Latency, Relocation, Script, Storm, Told},
    time,
    world::{Launch, World, bot, tenant, to_all, to_people},
};
use std::{collections::BTreeSet, sync::Arc, time::Duration};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Play {
    /// Several windows to everyone.
    Send(OnUncertain),
    /// The same with a content that is made for each.
    SendEach,
    /// A few named people, sent by the accepting request.
    Submit(OnUncertain),
    /// An audience of more than one chunk, until it is planned.
    Planning,
    /// Sent, edited, recalled.
    Children,
    /// Two tenants, two lanes.
    Tenants,
    /// Two occurrences of a timer.
    Timer,
    /// Cancelled on the way.
    Cancel,
    /// Paused on the way, and resumed.
    Pause,
    /// Waits as credentials are refused, and is resumed by an operator.
    Resume,
    /// Some chats have to be opened again, and have other ids then.
    Moved,
    /// The selected channel of a team is dead, and all addresses but one are wrong.
    Detours,
}

/// So long credentials are refused where a play has that.
const REFUSED: Duration = Duration::from_secs(8);

/// What a client got as the answer to its request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum ClientAnswer {
    /// Accepted: it must not be lost.
    Accepted,
    /// Nothing, or an error: it may or may not exist.
    Nothing,
}

fn source(key: &str) -> NotificationSource {
    NotificationSource::Key(key.to_owned())
}

fn other_tenant() -> TenantId {
    TenantId::from("7e4a3333-3333-4333-8333-000000000003")
}

fn plain(_: &World, fuse: Arc<Fuse>) -> Launch {
    Launch::plain(fuse)
}

fn stage(play: Play, clock: Arc<time::VirtualClock>, kill: Option<(u64, When)>, manners: Manners) -> Stage {
    let latency = Latency::Constant(Duration::from_millis(60));
    let storms = match play {
        Play::Resume => vec![Storm {
            from: Duration::ZERO,
            to: REFUSED,
            tenant: None,
            verdict: Verdict::Unauthorized,
        }],
        _ => Vec::new(),
    };
    let mut world = World::on(clock, 11, latency, |teams| teams.stormy(storms));
    match play {
        Play::Send(_) | Play::SendEach | Play::Cancel | Play::Pause => world.install(120),
        Play::Submit(_) | Play::Children | Play::Timer | Play::Resume => world.install(8),
        Play::Moved => {
            world.install(8);
            (1..4).for_each(|n| world.teams.script(n, [Script::Lost]));
        }
        Play::Detours => {
            world.install(6);
            (6..8).for_each(|n| world.references.install_team(&bot(), &tenant(), n));
            world.teams.set_channel(&channel(7), ChannelPresence::Deleted);
            let to = ServiceUrl::from("https://smba.trafficmanager.net/de/");
            let at = world.clock.wall();
            world.references.readdress_person(&bot(), &tenant(), 0, &to, at);
            let told = Told::Nowhere;
            world.teams.relocate(&tenant(), Relocation { to, told });
        }
        Play::Planning => {
            world.references.page(2_600);
            world.install(5_050);
        }
        Play::Tenants => {
            world.settings.tenants = AllowedTenants::Only(BTreeSet::from([tenant(), other_tenant()]));
            world.install(10);
            for n in 10..25 {
                world.references.install_person(&bot(), &other_tenant(), n);
            }
        }
    }
    Stage::new(world, kill, manners, plain)
}

fn with(mut request: Request, on_uncertain: OnUncertain) -> Request {
    request.on_uncertain = on_uncertain;
    request
}

/// What the caller of an acceptance was answered, and for which notification.
fn client_answer(answer: &Option<Result<Accepted, AcceptError>>) -> ClientAnswer {
    match answer {
        Some(Ok(_)) => ClientAnswer::Accepted,
        _ => ClientAnswer::Nothing,
    }
}

impl Stage {
    async fn ended(&mut self, id: &NotificationId, answered: ClientAnswer, context: &str) -> Option<Status> {
        if answered == ClientAnswer::Nothing {
            // Never stored: nothing to wait for. What was stored must end as well.
            self.world.pass(Duration::from_secs(2)).await;
            let known = self.observer.status(id).await;
            if matches!(known, Err(ServiceError::Unknown(_))) {
                return None;
            }
        }
        let status = self.until_over(id).await;
        let status = status.unwrap_or_else(|| panic!("{context}: not at its end after {LONGEST_RUN:?}"));
        assert_eq!(status.pending, 0, "{context}");
        let proof = self.observer.verify(id).await.unwrap();
        assert_eq!(
            (proof.total, proof.counted.counts, proof.counted.resent),
            (status.total, status.counts, status.resent),
            "{context}"
        );
        Some(status)
    }

    /// A sent notification is at its end, with everyone in it.
    async fn sent(
        &mut self,
        text: &str,
        source: &NotificationSource,
        answered: ClientAnswer,
        people: u64,
        on: OnUncertain,
        context: &str,
    ) {
        let id = source.notification_id(&bot());
        let Some(status) = self.ended(&id, answered, context).await else {
            return;
        };
        let repeated = self.world.teams.repeated_text(text);
        assert_eq!(status.total, people, "{context}");
        assert!(
            repeated <= status.resent,
            "{context}: {repeated} > {}",
            status.resent
        );
        match on {
            OnUncertain::Resend => assert_eq!(status.counts.delivered, people, "{context}"),
            OnUncertain::Report => {
                assert_eq!(repeated, 0, "{context}");
                assert!(status.counts.uncertain <= 100, "{context}");
                assert_eq!(
                    status.counts.delivered + status.counts.uncertain,
                    people,
                    "{context}"
                );
            }
        }
    }
}

/// Plays it; the number of calls of the first process.
async fn play(play: Play, clock: Arc<time::VirtualClock>, kill: Option<(u64, When)>) -> u64 {
    let manners = match kill {
        Some((at, _)) if at % 2 == 1 => Manners::GoesAway,
        _ => Manners::AsksAgain,
    };
    let mut stage = stage(play, clock, kill, manners);
    let fuse = stage.fuse();
    let context = format!("{play:?} killed {kill:?}, the client {manners:?}");
    match play {
        Play::Send(on) => {
            let request = with(to_all("x"), on);
            let answer = stage
                .ask(async |service| service.accept(source("a"), request.clone()).await)
                .await;
            stage
                .sent("x", &source("a"), client_answer(&answer), 120, on, &context)
                .await;
        }
        Play::SendEach => {
            let (text, on) = ("for-each", OnUncertain::Resend);
            let answer = stage
                .ask(async |service| service.accept(source("a"), to_all(text)).await)
                .await;
            stage
                .sent(text, &source("a"), client_answer(&answer), 120, on, &context)
                .await;
        }
        Play::Submit(on) => {
            let request = with(to_people("x", [1, 3, 5]), on);
            let answer = stage
                .ask(async |service| service.submit(source("a"), request.clone()).await)
                .await;
            stage
                .sent("x", &source("a"), client_answer(&answer), 3, on, &context)
                .await;
        }
        Play::Planning => planning(&mut stage, &context).await,
        Play::Children => children(&mut stage, &context).await,
        Play::Tenants => {
            let answer = stage
                .ask(async |service| service.accept(source("a"), to_all("x")).await)
                .await;
            let on = OnUncertain::Resend;
            stage
                .sent("x", &source("a"), client_answer(&answer), 25, on, &context)
                .await;
        }
        Play::Timer => timer(&mut stage, &context).await,
        Play::Cancel => cancel(&mut stage, &context).await,
        Play::Pause => pause(&mut stage, &context).await,
        Play::Resume => resume(&mut stage, &context).await,
        Play::Moved => moved(&mut stage, &context).await,
        Play::Detours => detours(&mut stage, &context).await,
    }
    assert!(stage.world.teams.most_in_a_second() <= 50, "{context}");
    if let Some((at, when)) = kill {
        // A call that is still under way when all is over has had no effect: its process lived to the end.
        let reached = fuse.calls() > at;
        let burnt = fuse.is_burnt() || when == When::After;
        assert!(
            reached && burnt,
            "{context}: not the undisturbed run, {}",
            fuse.calls()
        );
    }
    fuse.calls()
}

async fn planning(stage: &mut Stage, context: &str) {
    let answer = stage
        .ask(async |service| service.accept(source("a"), to_all("x")).await)
        .await;
    let id = source("a").notification_id(&bot());
    if client_answer(&answer) == ClientAnswer::Nothing {
        stage.world.pass(Duration::from_secs(2)).await;
        if stage.observer.status(&id).await.is_err() {
            return;
        }
    }
    let planned = stage
        .until(&id, |status| status.planned == Planning::Complete)
        .await;
    let planned = planned.unwrap_or_else(|| panic!("{context}: never planned"));
    assert_eq!(planned.total, 5_050, "{context}");
    let rows = stage.observer.report(&id).await.unwrap();
    let people: BTreeSet<_> = rows
        .map_ok(|row| row.conversation_id)
        .try_collect()
        .await
        .unwrap();
    assert_eq!(people.len(), 5_050, "{context}: everyone once");
}

async fn children(stage: &mut Stage, context: &str) {
    let answer = stage
        .ask(async |service| service.accept(source("a"), to_all("x")).await)
        .await;
    let parent = source("a").notification_id(&bot());
    let on = OnUncertain::Resend;
    stage
        .sent("x", &source("a"), client_answer(&answer), 8, on, context)
        .await;
    if stage.observer.status(&parent).await.is_err() {
        return;
    }
    for request in ["edit", "recall"] {
        let answer = stage
            .ask(
                async |service: notify::service::NotificationService| match request {
                    "edit" => service.update(&parent, request, to_all("y")).await,
                    _ => service.recall(&parent, request, to_all("")).await,
                },
            )
            .await;
        let child = NotificationSource::Child {
            of: parent.clone(),
            request: request.to_owned(),
        };
        let id = child.notification_id(&bot());
        if let Some(status) = stage.ended(&id, client_answer(&answer), context).await {
            let counts = status.counts;
            assert_eq!(
                (status.total, counts.delivered + counts.skipped),
                (8, 8),
                "{context}"
            );
        }
    }
}

async fn timer(stage: &mut Stage, context: &str) {
    for second in [0, 60] {
        let at = jiff::Timestamp::from_second(1_800_000_000 + second).unwrap();
        let text = format!("at {second}");
        let answer = stage
            .ask(async |service| service.accept_timer("timerTrigger", at, to_all(&text)).await)
            .await;
        let source = NotificationSource::Timer {
            function: "timerTrigger".to_owned(),
            occurrence: at,
        };
        let answered = match &answer {
            Some(Ok(TimerRun::Accepted(_))) => ClientAnswer::Accepted,
            _ => ClientAnswer::Nothing,
        };
        let on = OnUncertain::Resend;
        stage.sent(&text, &source, answered, 8, on, context).await;
        let now = stage.world.now();
        stage
            .world
            .pass(Duration::from_secs(60).saturating_sub(now))
            .await;
    }
}

async fn cancel(stage: &mut Stage, context: &str) {
    let answer = stage
        .ask(async |service| service.accept(source("a"), to_all("x")).await)
        .await;
    let id = source("a").notification_id(&bot());
    stage.world.pass(Duration::from_millis(1_200)).await;
    let cancelled = stage.ask(async |service| service.cancel(&id).await).await;
    let Some(status) = stage.ended(&id, client_answer(&answer), context).await else {
        return;
    };
    if matches!(cancelled, Some(Ok(_))) {
        assert!(status.notification.cancelled_at.is_some(), "{context}");
    }
    let left = status.counts.cancelled + status.counts.uncertain;
    // Cancelled before it was planned, it has nobody in it.
    assert!(matches!(status.total, 0 | 120), "{context}: {}", status.total);
    assert_eq!(status.counts.delivered + left, status.total, "{context}");
    assert!(stage.world.teams.repeated() <= status.resent, "{context}");
}

/// What was confirmed as paused stands still, whatever became of the process that was asked.
async fn pause(stage: &mut Stage, context: &str) {
    let on = OnUncertain::Resend;
    let answer = stage
        .ask(async |service| service.accept(source("a"), with(to_all("x"), on)).await)
        .await;
    let id = source("a").notification_id(&bot());
    stage.world.pass(Duration::from_millis(1_200)).await;
    let paused = stage.ask(async |service| service.pause(&id).await).await;
    if matches!(paused, Some(Ok(_))) {
        stage.world.pass(Duration::from_secs(5)).await;
        let before = stage.world.teams.calls().len();
        stage.until(&id, |_| true).await;
        stage.world.pass(Duration::from_secs(60)).await;
        assert_eq!(stage.world.teams.calls().len(), before, "{context}");
    }
    let stopped = stage.observer.status(&id).await;
    if stopped.is_ok_and(|status| status.notification.is_paused()) {
        loop {
            let resumed = stage.ask(async |service| service.resume(&id).await).await;
            match resumed {
                Some(Ok(_) | Err(ServiceError::State(_))) => break,
                _ => stage.world.pass(Duration::from_secs(1)).await,
            }
        }
    }
    stage
        .sent("x", &source("a"), client_answer(&answer), 120, on, context)
        .await;
}

/// An operator has what waits tried now: it must go on, whatever became of the process that was asked.
async fn resume(stage: &mut Stage, context: &str) {
    let on = OnUncertain::Resend;
    let answer = stage
        .ask(async |service| service.accept(source("a"), with(to_all("x"), on)).await)
        .await;
    let id = source("a").notification_id(&bot());
    let now = stage.world.now();
    stage.world.pass(REFUSED.saturating_sub(now)).await;
    if client_answer(&answer) == ClientAnswer::Nothing && stage.observer.status(&id).await.is_err() {
        return;
    }
    stage.ask(async |service| service.resume(&id).await).await;
    stage
        .sent("x", &source("a"), client_answer(&answer), 8, on, context)
        .await;
}

/// Whatever was written of a move when the process died: everybody is known, and gets the next message once.
async fn moved(stage: &mut Stage, context: &str) {
    for text in ["x", "y"] {
        let answer = stage
            .ask(async |service| service.accept(source(text), to_all(text)).await)
            .await;
        let id = source(text).notification_id(&bot());
        let Some(status) = stage.ended(&id, client_answer(&answer), context).await else {
            continue;
        };
        let repeated = stage.world.teams.repeated_text(text);
        assert!(repeated <= status.resent, "{context}: {repeated} twice");
        for n in 0..8 {
            let chat = ConversationId::from(format!("a:{n}"));
            let accepted = stage.world.teams.accepted_text(text, &chat);
            assert!(accepted >= 1, "{context}: {text} did not reach {n}");
        }
        let installed = stage.world.references.installed();
        let people: BTreeSet<_> = installed.iter().map(|target| target.user.clone()).collect();
        assert_eq!(people.len(), 8, "{context}: a reference is gone");
    }
}

/// Whatever was stored of it when the process died: everybody gets both, and is known afterwards where they are.
async fn detours(stage: &mut Stage, context: &str) {
    let mut sent = false;
    for text in ["x", "y"] {
        let answer = stage
            .ask(async |service| service.accept(source(text), to_all(text)).await)
            .await;
        let answered = client_answer(&answer);
        let on = OnUncertain::Resend;
        stage.sent(text, &source(text), answered, 8, on, context).await;
        let id = source(text).notification_id(&bot());
        sent = stage.observer.status(&id).await.is_ok();
        if sent {
            assert!(
                stage.world.teams.accepted_text(text, &general(7)) >= 1,
                "{context}"
            );
            assert!(
                stage.world.teams.accepted_text(text, &channel(6)) >= 1,
                "{context}"
            );
        }
    }
    if sent {
        let installed = stage.world.references.installed();
        assert_eq!(installed.len(), 8, "{context}");
        for target in installed {
            let right = target.service_url.as_str() == "https://smba.trafficmanager.net/de/";
            assert!(right, "{context}: {:?}", target.key);
        }
    }
}

/// Every call of the undisturbed run is a kill point, tried before and after its effect.
fn at_every_call(which: Play) {
    let calls = time::run(|clock| play(which, clock, None)).unwrap();
    let tried = std::sync::Mutex::new(BTreeSet::new());
    on_all_processors(usize::try_from(calls).unwrap(), |at| {
        let at = at as u64;
        for when in [When::Before, When::After] {
            time::run(|clock| play(which, clock, Some((at, when)))).unwrap();
        }
        tried.lock().unwrap().insert(at);
    });
    let tried = tried.into_inner().unwrap().len() as u64;
    println!("{which:?}: {calls} calls undisturbed, killed at {tried} of them, before and after the effect");
    assert_eq!(tried, calls);
}

#[test]
fn at_every_call_of_a_send_that_resends() {
    at_every_call(Play::Send(OnUncertain::Resend));
}

#[test]
fn at_every_call_of_a_send_that_reports() {
    at_every_call(Play::Send(OnUncertain::Report));
}

#[test]
fn at_every_call_of_a_send_of_contents_that_are_made_for_each() {
    at_every_call(Play::SendEach);
}

#[test]
fn at_every_call_of_a_small_audience() {
    at_every_call(Play::Submit(OnUncertain::Resend));
    at_every_call(Play::Submit(OnUncertain::Report));
}

#[test]
fn at_every_call_of_a_planner_with_several_chunks() {
    at_every_call(Play::Planning);
}

#[test]
fn at_every_call_of_an_edit_and_a_recall() {
    at_every_call(Play::Children);
}

#[test]
fn at_every_call_with_two_tenants() {
    at_every_call(Play::Tenants);
}

#[test]
fn at_every_call_of_a_timer() {
    at_every_call(Play::Timer);
}

#[test]
fn at_every_call_of_a_cancelled_send() {
    at_every_call(Play::Cancel);
}

#[test]
fn at_every_call_of_a_paused_send() {
    at_every_call(Play::Pause);
}

#[test]
fn at_every_call_of_a_resumed_send() {
    at_every_call(Play::Resume);
}

#[test]
fn at_every_call_of_a_send_to_dead_channels_and_wrong_addresses() {
    at_every_call(Play::Detours);
}

#[test]
fn at_every_call_of_a_send_to_chats_that_have_to_be_opened_again() {
    at_every_call(Play::Moved);
}
