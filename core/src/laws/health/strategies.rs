//! Strategies that make checks and series where the edges are: values on the thresholds, delays that
//! end at the microsecond, gaps, and clocks that go back.

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

use super::{Step, metric};
use crate::health::{Check, Gate, Missing, Numbers, Quorum};
use crate::time::{Duration, Instant};

/// A check that makes sense, and a series for it.
#[derive(Clone, Debug)]
pub struct Case {
    /// The check.
    pub check: Check,
    /// The series.
    pub steps: Vec<Step>,
}

const SECOND: i64 = 1_000_000;
/// Delays, and what passes between two steps.
const DELAYS: [i64; 6] = [0, 1, SECOND, 2 * SECOND, 5 * SECOND, 60 * SECOND];

/// A check of the metric `x`, and up to `most` steps.
pub fn case(most: usize) -> impl Strategy<Value = Case> {
    let steps = vec(step(), 0..=most);
    (check(), steps).prop_map(|(check, parts)| {
        let mut now = 1_770_000_000 * SECOND;
        let steps = parts.into_iter().map(|(passed, value, age)| {
            now += passed;
            let at = age.map(|age| moment(now - age));
            Step { now: moment(now), value, at }
        });
        Case { check, steps: steps.collect() }
    })
}

fn moment(micros: i64) -> Instant {
    Instant::checked(micros).unwrap_or(Instant::MIN)
}

/// How much time passed, the value, and how old it is, if that is said.
fn step() -> impl Strategy<Value = (i64, Option<f64>, Option<i64>)> {
    let passed = prop_oneof![
        6 => select(DELAYS.to_vec()),
        1 => (1i64..4).prop_map(|half| half * SECOND / 2),
        1 => select(vec![-1, -SECOND, -3600 * SECOND]),
    ];
    let value = prop_oneof![
        8 => (0i32..=12).prop_map(|half| Some(f64::from(half) / 2.0)),
        1 => select(vec![f64::INFINITY, f64::NEG_INFINITY, f64::NAN, -0.0]).prop_map(Some),
        2 => Just(None),
    ];
    let age = prop_oneof![3 => Just(None), 1 => select(DELAYS.to_vec()).prop_map(Some)];
    (passed, value, age)
}

fn check() -> impl Strategy<Value = Check> {
    let missing = select(Missing::ALL.to_vec());
    let stale = prop::option::weighted(0.2, select(vec![SECOND, 5 * SECOND]));
    let gates = (gate(), gate());
    let all = (numbers(), numbers(), numbers(), numbers(), 0u8..16);
    (all, gates, missing, stale).prop_map(|(numbers, gates, missing, stale)| {
        let (warn, crit, clear, clear_crit, which) = numbers;
        let bare = Check::new(metric()).raise(gates.0).lower(gates.1).missing(missing);
        let bare = match stale.and_then(Duration::from_micros) {
            Some(age) => bare.stale(age),
            None => bare,
        };
        let with = |which: u8| {
            let mut check = bare.clone();
            if which & 1 != 0 {
                check = check.warn(warn);
            }
            if which & 2 != 0 || which & 1 == 0 {
                check = check.crit(crit);
            }
            if which & 4 != 0 {
                check = check.clear(clear);
            }
            if which & 8 != 0 {
                check = check.clear_crit(clear_crit);
            }
            check.checked().ok()
        };
        // Less and less of it, until it makes sense.
        let some = [which, which & 7, which & 3, 2].into_iter().find_map(with);
        some.unwrap_or_else(|| bare.clone().crit(Numbers::above(3.0)))
    })
}

fn numbers() -> impl Strategy<Value = Numbers> {
    let bound = || (0i32..=6).prop_map(f64::from);
    prop_oneof![
        4 => bound().prop_map(Numbers::above),
        2 => bound().prop_map(Numbers::at_least),
        4 => bound().prop_map(Numbers::below),
        2 => bound().prop_map(Numbers::at_most),
        1 => (bound(), bound()).prop_map(|(low, high)| Numbers::inside(low, high)),
        1 => (bound(), bound()).prop_map(|(low, high)| Numbers::outside(low, high)),
    ]
}

fn gate() -> impl Strategy<Value = Gate> {
    let quorum = (1u8..=4, 0u8..=3).prop_filter_map("a quorum", |(hits, more)| {
        Quorum::new(hits, hits + more).ok().map(Gate::Count)
    });
    let time = select(DELAYS.to_vec())
        .prop_filter_map("a delay", |time| Duration::from_micros(time).map(Gate::For));
    prop_oneof![2 => Just(Gate::Open), 3 => time, 2 => quorum]
}
