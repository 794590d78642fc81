//! Strategies that make items and rules where the edges are: ties, changes of clocks, ends of
//! months and years, ages to the microsecond.

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

use super::model::FINE_TO_COARSE;
use super::{Age, Claim, Item, Spec};
use crate::retention::{Anchor, Edge, Overlap};
use crate::time::{Duration, Instant, Span, Zone};

/// Items, and the rule and moment they were made for.
#[derive(Clone, Debug)]
pub struct Case {
    /// The items, in no order.
    pub items: Vec<Item>,
    /// The rule.
    pub spec: Spec,
    /// The moment of the decision.
    pub now: Instant,
}

/// Zones that do something to a calendar, and a moment when they do.
const ZONES: [(&str, &[&str]); 9] = [
    ("UTC", &["2024-02-29T23:30:00Z", "2021-01-03T23:59:59Z", "2020-12-31T12:00:00Z"]),
    ("UTC", &["2023-03-28T22:00:00Z", "2023-03-31T01:00:00Z", "2024-01-31T12:00:00Z"]),
    // The ends of time.
    ("UTC", &["0001-01-01T00:00:00Z", "9999-12-31T23:59:59.999999Z"]),
    ("America/Santiago", &["2026-04-05T03:00:00Z", "2026-09-06T04:00:00Z"]),
    ("America/New_York", &["2024-11-03T06:00:00Z", "2024-03-10T07:00:00Z"]),
    ("Australia/Lord_Howe", &["2024-04-06T15:00:00Z", "2024-10-05T15:30:00Z"]),
    ("Pacific/Apia", &["2011-12-30T10:00:00Z", "2012-04-01T14:00:00Z"]),
    ("America/St_Johns", &["2010-11-07T02:31:00Z", "2010-03-14T03:31:00Z"]),
    ("Europe/London", &["2027-01-03T23:00:00Z", "2015-12-31T23:59:59.999999Z"]),
];

const SECOND: i64 = 1_000_000;
const HOUR: i64 = 3600 * SECOND;
const DAY: i64 = 24 * HOUR;

/// Up to `most` items with a rule and a moment.
pub fn case(most: usize) -> impl Strategy<Value = Case> {
    let zoned = select(ZONES.to_vec()).prop_flat_map(|(zone, pivots)| {
        (Just(Zone::parse(zone).unwrap_or(Zone::UTC)), select(pivots.to_vec()))
    });
    let pivot = zoned.prop_map(|(zone, pivot)| (zone, Instant::parse(pivot)));
    let now = prop_oneof![
        3 => -2 * HOUR..2 * HOUR,
        2 => 0i64..70 * DAY,
        1 => 0i64..800 * DAY,
        1 => Just(0i64),
        1 => Just(DAY),
    ];
    (pivot, now, spec(), vec((place(), item()), 0..=most)).prop_map(
        |((zone, pivot), ahead, spec, items)| {
            let pivot = pivot.unwrap_or(Instant::MIN);
            let now = at(pivot.as_micros() + ahead);
            let mut spec = Spec { zone, ..spec };
            // The second keeps a calendar of its own.
            if let Some(own) = spec.overrides.first_mut() {
                own.zone = zone;
            }
            let items = items.into_iter().zip(0i64..).map(|((place, item), n)| Item {
                id: item.id * 1000 + n,
                time: place.map(|place| place.at(pivot, now, &spec)),
                ..item
            });
            Case { items: items.collect(), spec: spec.clone(), now }
        },
    )
}

/// An item; its time is to be set, and its id to be made its own.
fn item() -> impl Strategy<Value = Item> {
    let size = prop_oneof![8 => 0u64..6, 1 => Just(u64::MAX)];
    let likely = prop::bool::weighted;
    let flags = (likely(0.93), likely(0.1), likely(0.9));
    let group = prop_oneof![4 => Just(Some(0u32)), 1 => Just(Some(1)), 1 => Just(None)];
    let under = prop_oneof![2 => Just(None), 1 => prop::option::of(0u16..3)];
    (-9i64..9, group, flags, size, (vec(likely(0.8), 0..=4), under)).prop_map(
        |(id, group, (matched, held, may_go), size, (claimable, under))| Item {
            id,
            group,
            time: None,
            matched,
            held,
            size,
            may_go,
            claimable,
            under,
        },
    )
}

/// Where an item is.
#[derive(Clone, Copy, Debug)]
enum Place {
    /// So long before now.
    Ago(i64),
    /// Near the moment when clocks change.
    Pivot(i64),
    /// At an age of the rule, or some such, and a little.
    Edge(usize, i64),
}

fn place() -> impl Strategy<Value = Option<Place>> {
    let units = select(vec![1, SECOND, 60 * SECOND, HOUR / 2, HOUR, DAY / 2, DAY, 7 * DAY]);
    let long = select(vec![30 * DAY, 31 * DAY, 91 * DAY, 365 * DAY, 371 * DAY]);
    let jitter = || prop_oneof![3 => Just(0i64), 2 => -1i64..=1, 2 => -DAY..DAY];
    let ago = (prop_oneof![3 => units.boxed(), 1 => long.boxed()], -1i64..14, jitter());
    let ago = ago.prop_map(|(unit, times, more)| unit * times + more).boxed();
    let place = prop_oneof![
        6 => ago.clone().prop_map(Place::Ago),
        1 => ago.prop_map(|micros| Place::Ago(-micros)),
        2 => (-5i64..=5, prop_oneof![Just(HOUR / 4), Just(HOUR / 2), Just(60 * SECOND), Just(1)])
            .prop_map(|(times, unit)| Place::Pivot(times * unit)),
        2 => (0usize..6, -1i64..=1).prop_map(|(age, more)| Place::Edge(age, more)),
    ];
    prop::option::weighted(0.95, place)
}

impl Place {
    fn at(self, pivot: Instant, now: Instant, spec: &Spec) -> Instant {
        match self {
            Place::Ago(micros) => at(now.as_micros() - micros),
            Place::Pivot(micros) => at(pivot.as_micros() + micros),
            Place::Edge(which, more) => {
                let all = std::iter::once(spec).chain(&spec.overrides);
                let ages: Vec<Age> = all.flat_map(ages).collect();
                let age = ages.get(which % ages.len().max(1)).copied().unwrap_or_default();
                let span = age.span().unwrap_or(Span::ZERO);
                at(span.before(now, spec.zone).as_micros() + more)
            }
        }
    }
}

/// All ages of a rule.
fn ages(spec: &Spec) -> impl Iterator<Item = Age> {
    let within = spec.keeps.iter().filter_map(|claim| claim.within);
    within.chain(spec.limit_age).map(|(age, _)| age).chain(spec.floor_age)
}

/// A rule of any settings, with overrides or without, in UTC.
pub fn spec() -> impl Strategy<Value = Spec> {
    let overrides = prop_oneof![2 => Just(0), 1 => 1usize..=2].prop_flat_map(|n| vec(plain(), n));
    (plain(), overrides).prop_map(|(spec, overrides)| Spec { overrides, ..spec })
}

fn plain() -> impl Strategy<Value = Spec> {
    let edged = || (age(), select(vec![Edge::After, Edge::At]));
    let some = prop::option::weighted::<BoxedStrategy<_>>;
    let limits = (
        some(0.3, edged().boxed()),
        prop::option::weighted(0.2, 0u64..8),
        prop::option::weighted(0.2, prop_oneof![9 => 0u64..20, 1 => Just(u64::MAX)]),
    );
    let floors = (prop_oneof![3 => Just(0u64), 1 => 0u64..4], prop::option::weighted(0.2, age()));
    let anchor = select(vec![Anchor::Now, Anchor::Newest]);
    let overlap = select(vec![Overlap::Shared, Overlap::Extra, Overlap::Cover]);
    (limits, floors, vec(claim(), 0..=4), anchor, overlap).prop_map(
        |(limits, floors, keeps, anchor, overlap)| Spec {
            limit_age: limits.0,
            limit_count: limits.1,
            limit_bytes: limits.2,
            floor_count: floors.0,
            floor_age: floors.1,
            keeps,
            anchor,
            overlap,
            zone: Zone::UTC,
            overrides: Vec::new(),
        },
    )
}

fn claim() -> impl Strategy<Value = Claim> {
    let every = prop_oneof![1 => Just(None), 7 => select(FINE_TO_COARSE.to_vec()).prop_map(Some)];
    let count = prop::option::weighted(0.6, 0u64..5);
    let within = prop::option::weighted(0.35, (age(), select(vec![Edge::After, Edge::At])));
    (every, count, within, prop::bool::weighted(0.25))
        .prop_map(|(every, count, within, oldest)| Claim { every, count, within, oldest })
}

/// An age of usual size, elapsed, or of the calendar, or both.
pub fn age() -> impl Strategy<Value = Age> {
    let elapsed =
        || select(vec![0, 1, SECOND, HOUR, 23 * HOUR, DAY, 2 * DAY, 7 * DAY, 30 * DAY, 365 * DAY]);
    let months = || select(vec![1u32, 1, 2, 3, 12, 24]);
    let age = |months, micros| Age { months, elapsed: Duration::from_micros_unchecked(micros) };
    let all = Duration::MAX.as_micros();
    prop_oneof![
        12 => elapsed().prop_map(move |micros| age(0, micros)),
        8 => months().prop_map(move |months| age(months, 0)),
        4 => (months(), elapsed()).prop_map(move |(months, micros)| age(months, micros)),
        1 => select(vec![(24_000, 0), (0, all), (0, all / 2), (0, all - 1)])
            .prop_map(move |(months, micros)| age(months, micros)),
    ]
}

fn at(micros: i64) -> Instant {
    let inside = micros.clamp(Instant::MIN.as_micros(), Instant::MAX.as_micros());
    Instant::checked(inside).unwrap_or(Instant::MIN)
}
