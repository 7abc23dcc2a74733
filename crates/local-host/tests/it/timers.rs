//! Timers under a clock that moves only when a test moves it.

use std::sync::Arc;

use local_host::{Clock, TimerHistory, TimerStart};
use serde_json::Value;
use tokio::sync::Semaphore;

use crate::support::{Fake, HOST, HeldTime, app, host_with, json, local};

fn timer(schedule: &str, more: &str) -> String {
    format!(r#"{{"bindings":[{{"type":"timerTrigger","name":"tick","schedule":"{schedule}"{more}}}]}}"#)
}

fn clock(text: &str) -> Clock {
    Clock::starting_at(text.parse().unwrap())
}

async fn tick(fake: &mut Fake) -> Value {
    fake.next().await.json()["Data"]["tick"].clone()
}

/// Lets every task run that can.
async fn settle() {
    for _ in 0..100 {
        tokio::task::yield_now().await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_timer_fires_on_its_schedule_and_tells_its_status() {
    let held = HeldTime::new();
    let mut fake = Fake::agreeable();
    let dir = app(HOST, &[("digest", &timer("0 */5 * * * *", ""))]);
    let history = TimerHistory::in_memory();
    let host = local(&dir)
        .clock(clock("2026-11-22T10:04:00Z"))
        .timer_history(history)
        .build(fake.handler());
    let running = host.start();
    settle().await;
    held.advance(59).await;
    settle().await;
    assert!(fake.waiting().is_none());
    held.advance(1).await;
    let first = tick(&mut fake).await;
    assert_eq!(first["Schedule"]["AdjustForDST"], true);
    assert_eq!(first["ScheduleStatus"]["Last"], "0001-01-01T00:00:00+00:00");
    assert_eq!(first["ScheduleStatus"]["Next"], "2026-11-22T10:05:00+00:00");
    assert_eq!(first["IsPastDue"], false);
    // A whole call by hand: meanwhile the answer to the first run arrives too.
    running.trigger_timer("digest").await.unwrap();
    fake.next().await;
    settle().await;
    held.advance(300).await;
    let second = tick(&mut fake).await;
    assert_eq!(second["ScheduleStatus"]["Next"], "2026-11-22T10:10:00+00:00");
    assert!(
        second["ScheduleStatus"]["Last"]
            .as_str()
            .unwrap()
            .starts_with("2026-11-22T10:05:00")
    );
}

#[tokio::test(start_paused = true)]
async fn a_slow_run_is_not_overlapped_and_caught_up_once() {
    let held = HeldTime::new();
    let gate = Arc::new(Semaphore::new(0));
    let open = gate.clone();
    let mut fake = Fake::start(move |_| {
        let gate = gate.clone();
        async move {
            gate.acquire().await.unwrap().forget();
            json(200, "{}")
        }
    });
    let dir = app(
        &host_with(r#""functionTimeout":"-1""#),
        &[("digest", &timer("0 */5 * * * *", ""))],
    );
    let host = local(&dir)
        .clock(clock("2026-11-22T10:04:59Z"))
        .build(fake.handler());
    let _running = host.start();
    settle().await;
    held.advance(1).await;
    assert_eq!(
        tick(&mut fake).await["ScheduleStatus"]["Next"],
        "2026-11-22T10:05:00+00:00"
    );
    // 10:10 and 10:15 pass while the run goes on.
    held.advance(660).await;
    settle().await;
    assert!(fake.waiting().is_none(), "no overlap");
    open.add_permits(1);
    let caught_up = tick(&mut fake).await;
    assert_eq!(
        (&caught_up["ScheduleStatus"]["Next"], &caught_up["IsPastDue"]),
        (&"2026-11-22T10:16:00+00:00".into(), &false.into())
    );
    open.add_permits(1);
    // The next run is the one on the schedule: 10:20, four minutes on.
    let mut waited = 0;
    loop {
        settle().await;
        if let Some(got) = fake.waiting() {
            assert_eq!(
                got.json()["Data"]["tick"]["ScheduleStatus"]["Next"],
                "2026-11-22T10:20:00+00:00"
            );
            break;
        }
        held.advance(1).await;
        waited += 1;
        assert!(waited < 400, "it never came");
    }
}

#[tokio::test(start_paused = true)]
async fn a_run_missed_while_no_host_ran_is_past_due_once() {
    let _held = HeldTime::new();
    let mut fake = Fake::agreeable();
    let dir = app(HOST, &[("digest", &timer("0 0 * * * *", ""))]);
    let history = TimerHistory::in_memory();
    for (now, expected) in [
        ("2026-11-22T10:30:00Z", None),
        ("2026-11-22T13:30:00Z", Some("2026-11-22T11:00:00+00:00")),
        ("2026-11-22T13:40:00Z", None),
    ] {
        let host = local(&dir)
            .clock(clock(now))
            .timer_history(history.clone())
            .build(fake.handler());
        let running = host.start();
        match expected {
            Some(missed) => {
                let got = tick(&mut fake).await;
                assert_eq!(
                    (&got["IsPastDue"], &got["ScheduleStatus"]["Next"]),
                    (&true.into(), &missed.into())
                );
                // Once the run is over, the next occurrence is known.
                running.trigger_timer("digest").await.unwrap();
                fake.next().await;
                settle().await;
            }
            None => {
                settle().await;
                assert!(fake.waiting().is_none(), "{now}");
            }
        }
    }
    // Another schedule is another timer: nothing is due.
    let dir = app(HOST, &[("digest", &timer("0 0 3 * * *", ""))]);
    let host = local(&dir)
        .clock(clock("2026-11-25T13:40:00Z"))
        .timer_history(history)
        .build(fake.handler());
    let _running = host.start();
    settle().await;
    assert!(fake.waiting().is_none());
}

#[tokio::test(start_paused = true)]
async fn timers_fire_at_the_start_where_asked() {
    let _held = HeldTime::new();
    for (more, start, expected) in [
        ("", TimerStart::OnSchedule, false),
        (r#","runOnStartup":true"#, TimerStart::OnSchedule, true),
        (r#","runOnStartup":true"#, TimerStart::Off, false),
    ] {
        let mut fake = Fake::agreeable();
        let dir = app(HOST, &[("tick", &timer("0 0 0 1 1 *", more))]);
        let host = local(&dir)
            .clock(clock("2026-11-22T10:00:00Z"))
            .timers(start)
            .build(fake.handler());
        let _running = host.start();
        if expected {
            assert_eq!(tick(&mut fake).await["IsPastDue"], false);
        } else {
            settle().await;
            assert!(fake.waiting().is_none(), "{more} {start:?}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn sub_minute_and_interval_timers() {
    let held = HeldTime::new();
    let mut fake = Fake::agreeable();
    let dir = app(
        HOST,
        &[
            ("often", &timer("*/30 * * * * *", "")),
            ("span", &timer("00:10:00", "")),
        ],
    );
    let host = local(&dir)
        .clock(clock("2026-11-22T10:00:01Z"))
        .build(fake.handler());
    let running = host.start();
    settle().await;
    held.advance(29).await;
    let often = fake.next().await;
    assert_eq!(often.target, "/often");
    assert_eq!(
        often.json()["Data"]["tick"]["ScheduleStatus"],
        Value::Null,
        "no status below a minute"
    );
    running.trigger_timer("span").await.unwrap();
    let span = fake.next().await;
    assert_eq!(span.json()["Data"]["tick"]["Schedule"]["AdjustForDST"], false);
}

#[tokio::test(start_paused = true)]
async fn a_failure_does_not_disturb_the_schedule() {
    let held = HeldTime::new();
    let mut fake = Fake::start(|_| async { json(500, "{}") });
    let dir = app(HOST, &[("tick", &timer("0 * * * * *", ""))]);
    let host = local(&dir)
        .clock(clock("2026-11-22T10:00:30Z"))
        .build(fake.handler());
    let running = host.start();
    settle().await;
    held.advance(30).await;
    assert_eq!(
        tick(&mut fake).await["ScheduleStatus"]["Next"],
        "2026-11-22T10:01:00+00:00"
    );
    assert!(running.trigger_timer("tick").await.is_err());
    fake.next().await;
    settle().await;
    held.advance(60).await;
    assert_eq!(
        tick(&mut fake).await["ScheduleStatus"]["Next"],
        "2026-11-22T10:02:00+00:00"
    );
}
