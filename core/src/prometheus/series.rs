//! Series that are made for a check: its number about its bounds, for as long as its gates ask, and gone.

use std::collections::{BTreeMap, BTreeSet};

use super::notes::Testing;
use super::query::{is_instant, samples};
use super::rules::{Exported, Rules};
use crate::health::{Gate, Metric, Numbers};
use crate::time::Duration;

/// What a series has at a minute.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Point {
    Value(f64),
    /// No sample: the one before still counts.
    Gap,
    /// The series has ended.
    End,
}

/// The series of a metric, or of an instance of it: a point for each minute.
#[derive(Clone, Debug)]
pub(super) struct Series<'a> {
    pub(super) name: &'a str,
    pub(super) instance: Option<&'static str>,
    pub(super) is_instant: bool,
    pub(super) points: Vec<Point>,
}

/// The instances of a check that has some.
const INSTANCES: [&str; 2] = ["one", "the \"other\""];
const MOST_MINUTES: usize = 480;

/// A few numbers that look like chance, and are the same each time.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        // Knuth's MMIX; the high bits are the good ones.
        let next = self.0.wrapping_mul(6_364_136_223_846_793_005);
        self.0 = next.wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap_or_default() % sides.max(1)
    }

    fn pick<T: Copy>(&mut self, all: &[T]) -> Option<T> {
        all.get(self.roll(all.len())).copied()
    }
}

/// Goes through kinds of numbers: first from each to each other one and back, then anywhere; and through
/// the numbers of each.
struct Tour<'a> {
    kinds: &'a [Vec<f64>],
    /// The kinds to go to first, the last of them at first.
    pairs: Vec<usize>,
    /// How often each number was taken in turn.
    taken: usize,
}

impl<'a> Tour<'a> {
    fn of(kinds: &'a [Vec<f64>]) -> Self {
        let all = 0..kinds.len();
        let pairs = all.flat_map(|one| (0..one).flat_map(move |other| [one, other, one, other]));
        Self { kinds, pairs: pairs.collect(), taken: 0 }
    }

    fn next(&mut self, dice: &mut Dice) -> f64 {
        let kind = self.pairs.pop().unwrap_or_else(|| dice.roll(self.kinds.len()));
        self.taken += 1;
        let kind = self.kinds.get(kind);
        let number = kind.and_then(|kind| kind.get((self.taken / 2) % kind.len().max(1)));
        number.copied().unwrap_or_default()
    }
}

/// How the series of a check are made.
struct Maker<'a> {
    metric: &'a Metric,
    guard: Option<&'a Metric>,
    /// What the number is to be, in turns: numbers that mean the same stand together.
    wanted: Vec<Vec<f64>>,
    /// The same of the guard.
    guards: Vec<Vec<f64>>,
    /// For how many minutes.
    holds: Vec<usize>,
    /// For how many minutes there may be no sample.
    gaps: Vec<usize>,
    minutes: usize,
}

/// The series for a check, one of several that may be made.
pub(super) fn make<'a>(check: &Exported<'a>, rules: &Rules, turn: u64) -> Vec<Series<'a>> {
    let maker = Maker::of(check, rules);
    let instances: Vec<Option<&'static str>> = match check.settings.each {
        Some(_) => INSTANCES.iter().map(|name| Some(*name)).collect(),
        None => vec![None],
    };
    let each = instances.into_iter().zip(1u64..);
    each.flat_map(|(instance, n)| maker.series(instance, &mut Dice(turn * 16 + n))).collect()
}

impl<'a> Maker<'a> {
    fn of(check: &Exported<'a>, rules: &Rules) -> Self {
        let own = check.check;
        let (warn, crit) = own.thresholds();
        let (clear, clear_crit) = own.clears();
        let sets: Vec<Numbers> = [warn, crit, clear, clear_crit].into_iter().flatten().collect();
        let is_rough =
            own.metric().is_windowed() && rules.notes.iter().any(|note| note.is_rounded());
        let (guard, guards) = match own.guard() {
            Some((metric, numbers)) => (Some(metric), about(metric, &[*numbers], false)),
            None => (None, Vec::new()),
        };
        let (raise, lower) = own.gates();
        let delays = [minutes(raise), minutes(lower)];
        let window = own.metric().window().map_or(0, whole_minutes);
        let all = 36 + 8 * (delays[0] + delays[1]) + 6 * window;
        let delayed = delays.iter().flat_map(|delay| [delay.saturating_sub(1), *delay, delay + 1]);
        let holds = [1, 1, 2].into_iter().chain(delayed).chain([window / 2, window]);
        let holds = holds.filter(|minutes| *minutes > 0).map(|minutes| minutes.min(240)).collect();
        let gaps = match (rules.testing(), own.stale_after()) {
            (Testing::Whole, Some(stale)) if !is_instant(own.metric()) => {
                let stale = whole_minutes(stale).min(30);
                vec![1, stale, stale + 1, stale + 2]
            }
            // Short of what Prometheus looks back, which differs by its version at the very end.
            (Testing::Whole, _) => vec![1, 2, 4],
            _ => Vec::new(),
        };
        Self {
            metric: own.metric(),
            guard,
            wanted: about(own.metric(), &sets, is_rough),
            guards,
            holds,
            gaps,
            minutes: all.min(MOST_MINUTES),
        }
    }

    fn names(&self) -> BTreeSet<&'a str> {
        let guard = self.guard.into_iter().flat_map(Metric::names);
        self.metric.names().chain(guard).collect()
    }

    fn series(&self, instance: Option<&'static str>, dice: &mut Dice) -> Vec<Series<'a>> {
        let names: Vec<&str> = self.names().into_iter().collect();
        let is_instant = |name: &str| {
            let of = |metric: &Metric| is_instant(metric) && metric.names().any(|own| own == name);
            of(self.metric) || self.guard.is_some_and(of)
        };
        let mut all: Vec<Series<'a>> = self
            .names()
            .into_iter()
            .map(|name| Series { name, instance, is_instant: is_instant(name), points: Vec::new() })
            .collect();
        let (mut numbers, mut guards) = (Tour::of(&self.wanted), Tour::of(&self.guards));
        let (mut minute, mut gap) = (0, None);
        while minute < self.minutes {
            // Never two gaps in a row: together they would be longer than either.
            gap = match gap {
                None if minute > 0 && !self.gaps.is_empty() && dice.roll(4) == 0 => {
                    dice.pick(&names).zip(dice.pick(&[Gone::Silent, Gone::Ended, Gone::NotANumber]))
                }
                _ => None,
            };
            let holds = if gap.is_some() { &self.gaps } else { &self.holds };
            let hold = dice.pick(holds).unwrap_or(1);
            let (wanted, guard) = (numbers.next(dice), guards.next(dice));
            for n in 0..hold {
                let values = self.values(wanted, guard, minute);
                for series in &mut all {
                    let value = values.get(series.name).copied().map_or(Point::Gap, Point::Value);
                    let point = match gap.filter(|(name, _)| *name == series.name) {
                        None => value,
                        Some((_, gone)) => gone.point(n, self.metric.is_windowed()),
                    };
                    series.points.push(point);
                }
                minute += 1;
            }
        }
        all
    }

    fn values(&self, wanted: f64, guard: f64, minute: usize) -> BTreeMap<String, f64> {
        let now = minute as f64 * 60.0;
        let mut values = BTreeMap::new();
        if let Some(metric) = self.guard {
            samples(metric, guard, now, &mut values);
        }
        samples(self.metric, wanted, now, &mut values);
        values
    }
}

/// How a number may be missing.
#[derive(Clone, Copy)]
enum Gone {
    Silent,
    Ended,
    NotANumber,
}

impl Gone {
    fn point(self, minute: usize, is_windowed: bool) -> Point {
        match self {
            Gone::Ended if minute == 0 => Point::End,
            // A window may not have any.
            Gone::NotANumber if !is_windowed => Point::Value(f64::NAN),
            Gone::Silent | Gone::Ended | Gone::NotANumber => Point::Gap,
        }
    }
}

/// Numbers at the bounds of sets and as near to them as it matters, apart by the sets that they are in.
fn about(metric: &Metric, sets: &[Numbers], is_rough: bool) -> Vec<Vec<f64>> {
    let mut kinds: BTreeMap<Vec<bool>, Vec<f64>> = BTreeMap::new();
    let ends = sets.iter().flat_map(Numbers::ends);
    let numbers = ends.flat_map(|end| {
        if is_instant(metric) {
            // Whole seconds, so that what is subtracted is exact.
            return [end.floor() - 1.0, end.floor(), end.ceil(), end.ceil() + 1.0];
        }
        if is_rough {
            // Odd steps, so that no mean of them is at the bound.
            let step = if end == 0.0 { 1.0 } else { end.abs() };
            return [end - 0.53 * step, end - 0.29 * step, end + 0.37 * step, end + 0.71 * step];
        }
        [end.next_down(), end, end.next_up(), end]
    });
    for number in numbers {
        let kind = sets.iter().map(|set| set.contains(number)).collect();
        kinds.entry(kind).or_default().push(number);
    }
    kinds.into_values().collect()
}

fn minutes(gate: Gate) -> usize {
    match gate {
        Gate::Open => 0,
        Gate::For(time) => whole_minutes(time),
        Gate::Count(quorum) => usize::from(quorum.of()),
    }
}

fn whole_minutes(time: Duration) -> usize {
    let minutes = (time.as_micros() + 59_999_999) / 60_000_000;
    usize::try_from(minutes).unwrap_or(usize::MAX).min(MOST_MINUTES)
}
