//! Every law, over random schedules, events, and moments in any order.

use housekeep::laws::schedule::strategies::{case, schedule};
use housekeep::laws::schedule::{self as laws};
use housekeep::schedule::State;
use housekeep::time::{Duration, Instant};
use proptest::prelude::*;

/// More cases than usual, as they are quick; `PROPTEST_CASES` may ask for more still.
fn config() -> ProptestConfig {
    let usual = ProptestConfig::default();
    ProptestConfig { cases: usual.cases.max(2000), failure_persistence: None, ..usual }
}

fn instants() -> impl Strategy<Value = Instant> {
    let minutes = 28_927_000i64..29_700_000;
    minutes.prop_map(|minute| Instant::from_micros(minute * 60_000_000).unwrap())
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn what_is_asked_keeps_every_law(case in case(12)) {
        laws::all(&case.schedule, &case.state, &case.moments)?;
    }

    #[test]
    fn what_is_recorded_keeps_every_law(case in case(12)) {
        for pair in case.events.windows(2) {
            laws::twice_is_once(&case.schedule, &case.state, &pair[0], &pair[1])?;
        }
        let mut state = State::new(case.state.since());
        for event in &case.events {
            laws::done_stays_done(&case.schedule, &state, event)?;
            laws::abandoned_is_offered_again(&case.schedule, &state, event.at)?;
            laws::late_ends_say_nothing(&case.schedule, &state, event.at)?;
            state = case.schedule.record(state.clone(), event).unwrap_or(state);
        }
    }

    #[test]
    fn a_state_survives_json(case in case(12)) {
        let again = State::from_json(case.state.to_json().as_bytes()).unwrap();
        prop_assert_eq!(&again, &case.state);
        let mut parts = State::new(case.state.since());
        for (id, _) in case.state.runs() {
            let run = case.state.run_json(id).unwrap();
            parts = parts.with_run(id, run.as_bytes()).unwrap();
        }
        prop_assert_eq!(&parts, &case.state);
    }

    #[test]
    fn parts_make_the_whole(schedule in schedule(), a in instants(), b in 0u32..60_000, c in 0u32..60_000) {
        let b = a.saturating_add(Duration::from_mins(b));
        let c = b.saturating_add(Duration::from_mins(c));
        laws::parts_make_the_whole(&schedule, a, b, c)?;
        laws::windows_are_half_open(&schedule, a, c)?;
        laws::next_is_next(&schedule, a)?;
    }

    /// Somebody who sleeps until the wait is over does what somebody does who asks every ten minutes.
    #[test]
    fn whoever_sleeps_misses_nothing(case in case(6)) {
        let schedule = &case.schedule;
        let mut now = case.moments[0];
        let end = now.saturating_add(Duration::from_mins(3 * 24 * 60));
        let told = |now: Instant| {
            use housekeep::schedule::Due;
            let due = match schedule.due(&case.state, now).unwrap() {
                Due::Wait(_) => None,
                other => Some(other),
            };
            let missed = schedule.missed(&case.state, now).unwrap();
            (due, missed.runs, missed.deferred, missed.running)
        };
        let mut awake = Vec::new();
        while now < end {
            awake.push(now);
            now = match schedule.due(&case.state, now).unwrap() {
                housekeep::schedule::Due::Wait(wait) => wait.until.unwrap_or(end),
                // Something is to be done: it is asked again in a while.
                _ => now.saturating_add(Duration::from_mins(10)),
            };
        }
        let mut at = case.moments[0];
        while at < end {
            let last = awake.iter().rev().find(|awake| **awake <= at).unwrap();
            let slept = schedule.due(&case.state, *last).unwrap();
            if matches!(slept, housekeep::schedule::Due::Wait(_)) {
                prop_assert_eq!(told(at), told(*last), "at {} after {}", at, last);
            }
            at = at.saturating_add(Duration::from_mins(10));
        }
    }
}
