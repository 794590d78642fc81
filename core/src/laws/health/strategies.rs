//! Strategies that make checks and series where the edges are: values on the thresholds, delays that
//! end at the microsecond, gaps, and clocks that go back.

use std::collections::BTreeMap;

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

use super::{Series, Step, metric};
use crate::health::{
    Check, ErrorRatio, Gate, Group, Health, Metric, Missing, Mute, Numbers, Quorum, Reduce, RollUp,
    Severity, Status, Tier,
};
use crate::time::{Duration, Hours, Instant, WallTime, Weekday, Zone};

/// A check that makes sense, and a series for it.
#[derive(Clone, Debug)]
pub struct Case {
    /// The check.
    pub check: Check,
    /// The series.
    pub steps: Vec<Step>,
}

const SECOND: i64 = 1_000_000;
/// Where series begin.
const FIRST: i64 = 1_770_000_000 * SECOND;
/// Delays, and what passes between two steps.
const DELAYS: [i64; 6] = [0, 1, SECOND, 2 * SECOND, 5 * SECOND, 60 * SECOND];

/// A check of the metric `x`, and up to `most` steps.
pub fn case(most: usize) -> impl Strategy<Value = Case> {
    let steps = vec(step(), 0..=most);
    (check(), steps).prop_map(|(check, parts)| {
        let mut now = FIRST;
        let steps = parts.into_iter().map(|(passed, value, age)| {
            now += passed;
            let at = age.map(|age| moment(now - age));
            Step { now: moment(now), value, at }
        });
        Case { check, steps: steps.collect() }
    })
}

/// Times in which nobody is told of the check, somewhere in a series that [`case`] makes.
pub fn mutes() -> impl Strategy<Value = Vec<Mute>> {
    let mute = (0..240 * SECOND, 1..120 * SECOND).prop_map(|(from, time)| {
        let from = FIRST + from;
        Mute { of: vec!["x".into()], from: moment(from), until: moment(from + time) }
    });
    vec(mute, 0..4)
}

/// Severities with some tiers, in the hours of zones whose clocks are changed.
pub fn severity() -> impl Strategy<Value = Severity> {
    let time = || select(vec![0u32, 1, 15, 60, 240, 1440]).prop_map(Duration::from_mins);
    let tier = (time(), hours(), 0u8..3).prop_map(|(after, hours, when)| {
        let tier = Tier::new("somebody").after(after);
        match when {
            0 => tier,
            1 => tier.inside(hours),
            _ => tier.clone().outside(hours).unwrap_or(tier),
        }
    });
    let times = (prop::option::of(time()), prop::option::of(time()));
    (vec(tier, 0..4), times).prop_map(|(tiers, (ack, resolve))| {
        let severity = tiers.into_iter().fold(Severity::new(), Severity::tier);
        let severity = ack.into_iter().fold(severity, Severity::ack);
        resolve.into_iter().fold(severity, Severity::resolve)
    })
}

/// Hours of a week in zones whose clocks are changed.
pub fn hours() -> impl Strategy<Value = Hours> {
    let zones =
        ["UTC", "America/Santiago", "America/New_York", "Australia/Lord_Howe", "Pacific/Apia"];
    let zone = select(zones.to_vec()).prop_filter_map("a zone", |name| Zone::parse(name).ok());
    let times = ["00:00", "00:30", "02:00", "02:30", "09:00", "18:00", "23:30"];
    let time =
        || select(times.to_vec()).prop_filter_map("a time", |text| text.parse::<WallTime>().ok());
    let days = vec(select(Weekday::ALL.to_vec()), 0..7);
    (days, time(), time(), zone)
        .prop_map(|(days, at, until, zone)| Hours::new(&days, at, until, zone))
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
    let repeat = prop::option::weighted(0.2, select(vec![SECOND, 5 * SECOND]));
    let call = prop::option::weighted(0.3, select(DELAYS.to_vec()));
    let gates = (gate(), gate());
    let all = (numbers(), numbers(), numbers(), numbers(), 0u8..16);
    (all, gates, missing, (stale, repeat, call)).prop_map(
        |(numbers, gates, missing, (stale, repeat, call))| {
            let (warn, crit, clear, clear_crit, which) = numbers;
            let bare = Check::new(metric()).raise(gates.0).lower(gates.1).missing(missing);
            let bare = match repeat.and_then(Duration::from_micros) {
                Some(time) => bare.repeat(time),
                None => bare,
            };
            let bare = match call.and_then(Duration::from_micros) {
                Some(time) => bare.severity(
                    Severity::new()
                        .ack(time)
                        .tier(Tier::new("one"))
                        .tier(Tier::new("two").after(time)),
                ),
                None => bare,
            };
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
        },
    )
}

/// Checks of all kinds in groups of all kinds, and what is measured in some rows.
#[derive(Clone, Debug)]
pub struct Fleet {
    /// The checks and groups.
    pub health: Health,
    /// What is measured, by the names of the metrics; some are not there.
    pub metrics: BTreeMap<String, Series>,
    /// How many rows there are.
    pub rows: usize,
    /// When.
    pub now: Instant,
}

/// Metrics of which there is one, and those of instances.
const SHARED: [&str; 4] = ["a", "b.c", "d", "t"];
const OWN: [&str; 2] = ["e", "f.g"];

/// Up to eight checks, and up to `most` rows.
pub fn fleet(most: usize) -> impl Strategy<Value = Fleet> {
    let checks = vec((check(), fleet_metric(), guard(), any::<bool>(), fleet_metric()), 1..=8);
    let groups =
        vec((vec(any::<bool>(), 12), 0u16..4, prop::option::of(select(Status::ALL))), 0..=3);
    let now = prop_oneof![
        6 => Just(moment(1_770_000_000 * SECOND)),
        1 => Just(Instant::MIN),
        1 => Just(Instant::MAX),
    ];
    (checks, groups, 0..=most, now).prop_flat_map(|(checks, groups, rows, now)| {
        let mut health = Health::new();
        let mut names: Vec<String> = Vec::new();
        for (n, (check, metric, when, is_each, own)) in checks.into_iter().enumerate() {
            let metric = if is_each { of_instances(&own) } else { metric };
            let mut check = check.of(metric).each(is_each);
            if let Some((metric, numbers)) = when {
                check = check.when(metric, numbers);
            }
            names.push(format!("c{n}"));
            health = health.check(format!("c{n}"), check);
        }
        for (n, (picks, roll_up, cap)) in groups.into_iter().enumerate() {
            let picked = names.iter().zip(picks).filter(|(_, is_picked)| *is_picked);
            let of: Vec<String> = picked.map(|(name, _)| name.clone()).collect();
            let count = u16::try_from(of.len()).unwrap_or(u16::MAX);
            if count == 0 {
                continue;
            }
            let roll_up = match Quorum::new(roll_up.clamp(1, count), count) {
                Ok(quorum) if roll_up > 0 => RollUp::Count(quorum),
                _ => RollUp::Worst,
            };
            let group = Group::new(of).roll_up(roll_up);
            names.push(format!("g{n}"));
            health = health.group(
                format!("g{n}"),
                match cap {
                    Some(cap) => group.cap(cap),
                    None => group,
                },
            );
        }
        let health = health.checked().unwrap_or_default();
        let metrics: Vec<_> =
            SHARED.iter().chain(&OWN).map(|name| series(name, rows, now)).collect();
        (Just(health), metrics, Just(rows), Just(now)).prop_map(|(health, metrics, rows, now)| {
            Fleet { health, metrics: metrics.into_iter().flatten().collect(), rows, now }
        })
    })
}

/// The metric of instances, made of metrics that no guard reads.
fn of_instances(metric: &Metric) -> Metric {
    let [one, other] = OWN.map(str::to_owned);
    match metric {
        Metric::Ratio(..) => Metric::Ratio(one, other),
        Metric::Value(_) => Metric::Value(one),
        Metric::Age(_) => Metric::Age(other),
        Metric::Until(_) => Metric::Until(other),
        Metric::Window(reduce, _, window) => Metric::Window(*reduce, one, *window),
        Metric::FailRate(_, count) => Metric::FailRate(one, *count),
        Metric::ErrorRatio(ratio) => {
            Metric::ErrorRatio(ErrorRatio { part: one, total: other, ..ratio.clone() })
        }
    }
}

fn fleet_metric() -> impl Strategy<Value = Metric> {
    let name = || select(SHARED.to_vec()).prop_map(str::to_owned);
    let reduces = [
        Reduce::Increase,
        Reduce::Growth,
        Reduce::Mean,
        Reduce::Max,
        Reduce::Min,
        Reduce::Percentile(95),
    ];
    let window = select(vec![0, 1, 60 * SECOND]).prop_map(delay);
    let windowed = (select(reduces.to_vec()), name(), window);
    prop_oneof![
        4 => name().prop_map(Metric::Value),
        2 => (name(), name()).prop_map(|(over, under)| Metric::Ratio(over, under)),
        2 => name().prop_map(Metric::Age),
        2 => name().prop_map(Metric::Until),
        2 => windowed.prop_map(|(reduce, name, window)| Metric::Window(reduce, name, window)),
        1 => (name(), 0u32..3).prop_map(|(name, count)| Metric::FailRate(name, count)),
        1 => (name(), name(), any::<bool>()).prop_map(|(part, total, is_good)| {
            let (short, long) = (delay(60 * SECOND), delay(3600 * SECOND));
            Metric::ErrorRatio(ErrorRatio { part, is_good, total, short, long })
        }),
    ]
}

fn guard() -> impl Strategy<Value = Option<(Metric, Numbers)>> {
    prop::option::weighted(0.4, (fleet_metric(), numbers()))
}

/// What is measured of a metric, if it is: numbers and instants around the thresholds.
fn series(
    name: &'static str,
    rows: usize,
    now: Instant,
) -> impl Strategy<Value = Option<(String, Series)>> {
    let number = step().prop_map(|(_, value, _)| value.unwrap_or(f64::NAN));
    let half = move |half: i64| now.as_micros().saturating_add(half * SECOND / 2);
    let at = (-14i64..=14).prop_map(move |n| Instant::checked(half(n)));
    let numbers = vec(number, rows).prop_map(Series::Numbers).boxed();
    let instants = vec(at, rows).prop_map(Series::Instants).boxed();
    let weights = if name.len() == 1 && name != "t" { (6, 1) } else { (2, 4) };
    prop_oneof![
        weights.0 => numbers.prop_map(Some),
        weights.1 => instants.prop_map(Some),
        1 => Just(None),
    ]
    .prop_map(move |series| series.map(|series| (name.to_owned(), series)))
}

fn delay(micros: i64) -> Duration {
    Duration::from_micros(micros).unwrap_or(Duration::ZERO)
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
    let quorum = (1u16..=4, 0u16..=3).prop_filter_map("a quorum", |(hits, more)| {
        Quorum::new(hits, hits + more).ok().map(Gate::Count)
    });
    let time = select(DELAYS.to_vec())
        .prop_filter_map("a delay", |time| Duration::from_micros(time).map(Gate::For));
    prop_oneof![2 => Just(Gate::Open), 3 => time, 2 => quorum]
}
