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
const MOST_MINUTES: usize = 360;

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

/// Numbers about bounds, apart by what they mean: the best first, and the worst last.
type Kinds = Vec<Vec<f64>>;

/// Each number after the best and after the worst, so that it meets what is raised and what is not.
/// Those before it say that they are to last.
fn tour(kinds: &Kinds) -> Vec<(f64, bool)> {
    let ends = [kinds.first(), kinds.last()].map(|kind| kind.and_then(|kind| kind.first()));
    let numbers = kinds.iter().flatten();
    let pairs =
        numbers.flat_map(|number| ends.into_iter().flatten().map(move |end| (*end, *number)));
    pairs.flat_map(|(end, number)| [(end, true), (number, false)]).collect()
}

/// How the series of a check are made.
struct Maker<'a> {
    metric: &'a Metric,
    guard: Option<&'a Metric>,
    /// What the number is to be.
    wanted: Kinds,
    /// The same of the guard: where the number means something, and where it does not.
    guards: Kinds,
    /// For how many minutes, by chance.
    holds: Vec<usize>,
    /// For how many minutes at most a gate delays anything.
    delay: usize,
    /// For how many minutes there may be no sample.
    gaps: Vec<usize>,
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
        let clears = [clear, clear_crit].map(|clear| clear.map(Numbers::others));
        let sets: Vec<Numbers> = [warn, crit].into_iter().chain(clears).flatten().collect();
        let is_rough = own.metric().is_windowed() && rules.notes.iter().any(|note| note.is_made());
        let (guard, guards) = match own.guard() {
            Some((metric, numbers)) => (Some(metric), about(metric, &[*numbers], false)),
            None => (None, Vec::new()),
        };
        let (raise, lower) = own.gates();
        let delays = [minutes(raise), minutes(lower)];
        let window = own.metric().window().map_or(0, whole_minutes);
        let delay = delays.into_iter().chain([window]).max().unwrap_or_default();
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
            delay,
            gaps,
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
        // Each number, and now and then a gap before it.
        let numbers = tour(&self.wanted).into_iter().flat_map(|stop| [(stop, true), (stop, false)]);
        let mut minute = 0;
        for ((wanted, lasts), may_be_missing) in numbers {
            let gap = match may_be_missing {
                true if self.gaps.is_empty() || dice.roll(4) > 0 => continue,
                true => {
                    dice.pick(&names).zip(dice.pick(&[Gone::Silent, Gone::Ended, Gone::NotANumber]))
                }
                false => None,
            };
            if minute > MOST_MINUTES {
                break;
            }
            let holds = if gap.is_some() { &self.gaps } else { &self.holds };
            let hold = dice.pick(holds).unwrap_or(1);
            let hold = if lasts && gap.is_none() { hold.max(self.delay + 1) } else { hold };
            let guards = if dice.roll(4) == 0 { self.guards.first() } else { self.guards.last() };
            let guard = guards.and_then(|guards| dice.pick(guards)).unwrap_or_default();
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
fn about(metric: &Metric, sets: &[Numbers], is_rough: bool) -> Kinds {
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
        [end.next_down(), end, end.next_up(), end.next_up()]
    });
    for number in numbers {
        let kind: Vec<bool> = sets.iter().map(|set| set.contains(number)).collect();
        let kind = kinds.entry(kind).or_default();
        if !kind.contains(&number) {
            kind.push(number);
        }
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
