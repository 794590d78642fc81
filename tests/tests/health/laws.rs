//! The kernel beside the model, and every law, over random checks and series.

use housekeep::Control;
use housekeep::health::{Health, Reading, Snapshot, State, Status};
use housekeep::laws::health::strategies::{Fleet, case, fleet, hours, mutes, severity};
use housekeep::laws::health::{self as laws, model};
use housekeep::time::Instant;
use proptest::prelude::*;
use proptest::sample::select;

/// More cases than usual, as they are quick; `PROPTEST_CASES` may ask for more still.
fn config() -> ProptestConfig {
    let usual = ProptestConfig::default();
    ProptestConfig { cases: usual.cases.max(4096), failure_persistence: None, ..usual }
}

/// Moments of a year in which clocks are changed.
fn moments() -> impl Strategy<Value = Instant> {
    let seconds = 1_767_225_600i64..1_767_225_600 + 366 * 86_400;
    seconds.prop_map(|second| Instant::from_micros(second * 1_000_000).unwrap())
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn the_model_agrees(case in case(24)) {
        model::agrees(&case.check, &case.steps)?;
    }

    #[test]
    fn a_state_survives_json_at_any_step(case in case(16)) {
        let health = Health::new().check("x", case.check.clone()).checked().unwrap();
        let (mut kept, mut written) = (State::new(), State::new());
        for step in &case.steps {
            let snapshot = match step.value {
                Some(value) => Snapshot::new().with("x", Reading::Number(value, step.at)),
                None => Snapshot::new(),
            };
            let (one, next) = health.evaluate(&snapshot, kept, step.now);
            let (other, text) = health.evaluate(&snapshot, written, step.now);
            prop_assert_eq!(one, other);
            kept = next;
            written = State::from_json(text.to_json().as_bytes()).unwrap();
            prop_assert_eq!(&kept, &written);
        }
    }

    #[test]
    fn many_at_once_are_each_alone(fleet in fleet(12)) {
        let Fleet { health, metrics, rows, now } = &fleet;
        laws::screen_is_evaluate(health, metrics, *rows, *now, &Control::new())?;
    }

    #[test]
    fn again_is_the_same(case in case(16)) {
        laws::same_again(&case.check, &case.steps)?;
    }

    #[test]
    fn nothing_changes_in_between(case in case(16)) {
        laws::nothing_changes_in_between(&case.check, &case.steps)?;
    }

    #[test]
    fn delays_and_keeps_are_monotone(case in case(16)) {
        laws::a_longer_delay_raises_no_earlier(&case.check, &case.steps)?;
        laws::a_longer_keep_lowers_no_earlier(&case.check, &case.steps)?;
        laws::stateless(&case.check, &case.steps)?;
    }

    #[test]
    fn missing_changes_no_level(case in case(16)) {
        laws::missing_changes_no_level(&case.check, &case.steps)?;
    }

    #[test]
    fn larger_is_no_better(case in case(16)) {
        laws::larger_is_no_better(&case.check, &case.steps)?;
    }

    #[test]
    fn checks_are_apart(case in case(12)) {
        laws::checks_are_apart(&case.check, &case.steps)?;
    }

    #[test]
    fn the_worst_is_a_join(
        statuses in prop::collection::vec(select(Status::ALL.to_vec()), 0..6),
        more in select(Status::ALL.to_vec()),
    ) {
        laws::worst_is_a_join(&statuses, more, Instant::MIN)?;
    }

    #[test]
    fn the_next_change_is_sound(case in case(16)) {
        laws::next_change_is_sound(&case.check, &case.steps)?;
    }

    #[test]
    fn a_mute_changes_what_is_told_alone(case in case(24), mutes in mutes()) {
        laws::a_mute_changes_what_is_told_alone(&case.check, &case.steps, &mutes)?;
        laws::what_is_told_is_a_chain(&case.check, &case.steps, &mutes)?;
    }

    #[test]
    fn calls_go_up(
        severity in severity(),
        raised in moments(),
        passed in 0i64..20 * 86_400_000_000,
        acknowledged in prop::option::of(0i64..86_400_000_000),
    ) {
        let after = |micros| Instant::from_micros(raised.as_micros() + micros).unwrap();
        laws::calls_go_up(&severity, raised, acknowledged.map(after), after(passed))?;
    }

    #[test]
    fn the_next_instant_in_hours_is_the_first(hours in hours(), from in moments(), passed in 0i64..1_209_600) {
        let then = Instant::from_micros(from.as_micros() + passed * 1_000_000).unwrap();
        let nexts = [(true, hours.next_inside(from)), (false, hours.next_outside(from))];
        for (inside, next) in nexts {
            let Some(next) = next else { continue };
            prop_assert_eq!(hours.contains(next), inside);
            prop_assert!(next >= from);
            prop_assert!(then >= next || hours.contains(then) != inside);
        }
    }

    #[test]
    fn nagios_alerts_on_the_same(case in case(8)) {
        laws::nagios_alerts_on_the_same(&case.check, &case.steps)?;
    }
}
