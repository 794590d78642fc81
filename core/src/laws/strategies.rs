//! Strategies that make rows and rules where the edges are: many ties, nulls in keys, no times,
//! times in the future, neighbours a window apart or a microsecond more or less, clusters that are
//! open, few keys, and both ends of time.
//!
//! A rule and a moment are needed to put a time at an edge, so times are made as a [`Place`]
//! first:
//!
//! ```
//! use housekeep::laws::strategies::{now, place, rule};
//! use proptest::prelude::*;
//!
//! let times = (rule(), now(), prop::collection::vec(place(), 0..20))
//!     .prop_map(|(rule, now, places)| {
//!         let times: Vec<_> = places.iter().map(|place| place.at(&rule, now)).collect();
//!         (rule, now, times)
//!     });
//! # let _ = times;
//! ```

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

use super::Row;
use crate::dedupe::{Keep, Mode, NullKey, Open, Rule};
use crate::time::{Duration, Instant};

/// Rows, and the rule and moment they were made for.
#[derive(Clone, Debug)]
pub struct Case {
    /// The rows, in no order.
    pub rows: Vec<Row>,
    /// The rule.
    pub rule: Rule,
    /// The moment of the plan.
    pub now: Instant,
}

/// Up to `most` rows (1000 at the most) with a rule and a moment.
pub fn case(most: usize) -> impl Strategy<Value = Case> {
    let row =
        (any::<u8>(), key(), prop::option::weighted(0.95, place()), prop::bool::weighted(0.9));
    (rule(), now(), vec(row, 0..=most.min(1000))).prop_map(|(rule, now, rows)| {
        let rows = rows.into_iter().zip(0i64..).map(|((order, key, place, counts), n)| Row {
            // No two alike, and in an order of their own.
            id: (i64::from(order) - 128) * 1000 + n,
            key,
            time: place.map(|place| place.at(&rule, now)),
            counts,
        });
        Case { rows: rows.collect(), rule, now }
    })
}

/// A rule of any mode and settings, without a guard.
pub fn rule() -> impl Strategy<Value = Rule> {
    let words = (select(Mode::ALL), select(Keep::ALL), select(NullKey::ALL), select(Open::ALL));
    (words, window(), window()).prop_map(|((mode, keep, null_key, open), window, skew)| {
        // Half of them without a skew: the windows are mostly small, and this one often zero.
        let rule = Rule::within(window).keep(keep).null_key(null_key).open(open).skew(skew);
        if mode == Mode::Forever { rule.window(Duration::MAX) } else { rule }.mode(mode)
    })
}

/// A window: none, a few microseconds, so that small places crowd it, usual ones, and the longest.
pub fn window() -> impl Strategy<Value = Duration> {
    prop_oneof![
        2 => Just(0),
        6 => 1i64..10,
        3 => select(vec![60_000_000, 600_000_000, 3_540_000_000, 3_600_000_000, 86_400_000_000]),
        1 => 1i64..100_000_000_000_000,
        1 => Just(Duration::MAX.as_micros()),
    ]
    .prop_map(Duration::from_micros_unchecked)
}

/// A moment: in our days, around 1970, and near both ends of time.
pub fn now() -> impl Strategy<Value = Instant> {
    prop_oneof![
        4 => Just(1_770_951_600_000_000),
        2 => -20i64..20,
        1 => (0i64..50).prop_map(|micros| Instant::MIN.as_micros() + micros),
        1 => (0i64..50).prop_map(|micros| Instant::MAX.as_micros() - micros),
        2 => Instant::MIN.as_micros()..=Instant::MAX.as_micros(),
    ]
    .prop_map(at)
}

/// A key of two parts with few values, null among them.
pub fn key() -> impl Strategy<Value = Vec<Option<u32>>> {
    let part = |values| prop::option::weighted(0.85, 0u32..values);
    (part(3), part(2)).prop_map(|(first, second)| vec![first, second])
}

/// Where a row is, seen from the moment of the plan: some half windows away, and a little.
#[derive(Clone, Copy, Debug)]
pub struct Place {
    halves: i64,
    micros: i64,
}

/// Any place; most are in the past, and many at an edge of a window that ends now, or of one
/// that ends at another row.
pub fn place() -> impl Strategy<Value = Place> {
    let halves = prop_oneof![1 => Just(0), 3 => -12i64..=3];
    let micros = prop_oneof![3 => -1i64..=1, 3 => -25i64..=5, 1 => -7_200_000_000i64..0];
    (halves, micros).prop_map(|(halves, micros)| Place { halves, micros })
}

impl Place {
    /// The time of this place; what would be before or after all time is at its end.
    #[must_use]
    pub fn at(self, rule: &Rule, now: Instant) -> Instant {
        let windows = rule.get_window().as_micros().saturating_mul(self.halves) / 2;
        at(now.as_micros().saturating_add(windows).saturating_add(self.micros))
    }
}

fn at(micros: i64) -> Instant {
    let inside = micros.clamp(Instant::MIN.as_micros(), Instant::MAX.as_micros());
    Instant::checked(inside).unwrap_or(Instant::MIN)
}
