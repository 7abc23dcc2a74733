//! Faults come as often as asked, and the same ones for the same seed.

use super::*;
use crate::ids::PersonKey;

fn place(number: u32) -> Option<Place> {
    Some(Place::Personal(PersonKey { tenant: 0, number }))
}

fn run(seed: u64, rates: FaultRates, n: u32) -> Vec<FaultDecision> {
    let mut faults = Faults::new(FaultPlan {
        seed,
        rates,
        ..FaultPlan::default()
    });
    (0..n).map(|number| faults.decide(place(number))).collect()
}

#[test]
fn the_seed_decides() {
    let rates = FaultRates {
        throttled: 0.1,
        reset: 0.1,
        gateway_timeout: 0.1,
        ..FaultRates::default()
    };
    assert_eq!(run(7, rates, 1000), run(7, rates, 1000));
    assert_ne!(run(7, rates, 1000), run(8, rates, 1000));
}

#[test]
fn rates_are_kept_and_only_ambiguous_answers_take_effect() {
    let rates = FaultRates {
        throttled: 0.05,
        precondition_failed: 0.05,
        service_unavailable: 0.05,
        gateway_timeout: 0.2,
        lost_acknowledgement: 0.1,
        ..FaultRates::default()
    };
    let verdicts = run(3, rates, 100_000);
    let share =
        |wanted: &dyn Fn(&FaultDecision) -> bool| verdicts.iter().filter(|v| wanted(v)).count() as f64 / 1e5;
    let near =
        |value: f64, wanted: f64| assert!((value - wanted).abs() < 0.01, "{value} is not near {wanted}");
    near(share(&|v| *v == FaultDecision::Pass), 0.55);
    near(
        share(&|v| *v == FaultDecision::Inject(Fault::GatewayTimeout, Effect::Accepted)),
        0.1,
    );
    near(
        share(&|v| *v == FaultDecision::Inject(Fault::Reset, Effect::Accepted)),
        0.1,
    );
    near(
        share(&|v| *v == FaultDecision::Inject(Fault::Throttled { retry_after: Some(1) }, Effect::Nothing)),
        0.05,
    );
    let certain = |v: &FaultDecision| {
        matches!(
            v,
            FaultDecision::Inject(
                Fault::ServiceUnavailable | Fault::PreconditionFailed,
                Effect::Accepted
            )
        )
    };
    assert!(!verdicts.iter().any(certain));
}

#[test]
fn scripts_strike_their_conversation_and_run_out() {
    let mut faults = Faults::new(FaultPlan::default());
    let scripted = |fault, times| ScriptedResponse {
        fault,
        effect: None,
        times,
    };
    faults.script(
        place(1),
        [
            scripted(Some(Fault::BadGateway), 2),
            scripted(None, 1),
            scripted(Some(Fault::Reset), 1),
        ],
    );
    assert_eq!(faults.decide(place(2)), FaultDecision::Pass);
    let got: Vec<_> = (0..5).map(|_| faults.decide(place(1))).collect();
    let bad_gateway = FaultDecision::Inject(Fault::BadGateway, Effect::Nothing);
    let reset = FaultDecision::Inject(Fault::Reset, Effect::Nothing);
    assert_eq!(
        got,
        [
            bad_gateway.clone(),
            bad_gateway,
            FaultDecision::Pass,
            reset,
            FaultDecision::Pass
        ]
    );
    assert_eq!(faults.injected(), 3);
}

#[test]
fn latency_follows_its_distribution() {
    let latency = Latency::LogNormal {
        median_millis: 80.0,
        p99_millis: 600.0,
    };
    let mut rng = Rng::with_seed(5);
    let mut trips: Vec<f64> = (0..100_000)
        .map(|_| {
            let round_trip = latency.draw(&mut rng);
            (round_trip.there + round_trip.back).as_secs_f64() * 1000.0
        })
        .collect();
    trips.sort_by(f64::total_cmp);
    assert!((trips[50_000] - 80.0).abs() < 2.0, "median {}", trips[50_000]);
    assert!((trips[99_000] - 600.0).abs() < 30.0, "p99 {}", trips[99_000]);
}

#[test]
fn bad_numbers_are_named() {
    let with = |rates| {
        FaultPlan {
            rates,
            ..FaultPlan::default()
        }
        .check()
    };
    assert!(
        with(FaultRates {
            reset: 1.5,
            ..FaultRates::default()
        })
        .is_err()
    );
    assert!(
        with(FaultRates {
            reset: 0.6,
            throttled: 0.6,
            ..FaultRates::default()
        })
        .is_err()
    );
    assert!(
        with(FaultRates {
            reset: f64::NAN,
            ..FaultRates::default()
        })
        .is_err()
    );
    let slow = FaultPlan {
        latency: Latency::Constant { millis: -1.0 },
        ..FaultPlan::default()
    };
    assert!(slow.check().is_err());
    assert!(FaultPlan::default().check().is_ok());
}
