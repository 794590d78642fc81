//! A check, as it is asked of snapshots that nothing is remembered of.

use super::code;
use super::columns::Measure;
use super::set::Set;
use crate::health::{Check, Metric, Missing, Reduce, Status};
use crate::time::{Duration, Instant};

/// How a number is made of what was measured, by the places of the metrics.
#[derive(Clone, Copy, Debug)]
pub(super) enum Form {
    /// The number itself.
    Number(usize),
    /// The number, as the only sample of a window.
    Sample(usize),
    /// The first over the second.
    Ratio(usize, usize),
    /// The seconds since an instant.
    Age(usize),
    /// The seconds until an instant.
    Until(usize),
    /// All of the only sample, or nothing.
    Failed(usize),
    /// One sample never says it.
    Never,
}

/// A check without gates and memory.
#[derive(Clone, Debug)]
pub(super) struct Probe {
    pub(super) form: Form,
    pub(super) warn: Set,
    pub(super) crit: Set,
    /// Where the number means something at all.
    pub(super) when: Option<(Form, Set)>,
    /// The status where there is no number.
    pub(super) missing: u8,
}

/// What a check reads, and whether it is an instant.
pub(super) fn reads(check: &Check) -> impl Iterator<Item = (&str, bool)> {
    let when = check.when.as_ref().map(|(metric, _)| metric);
    let metrics = std::iter::once(&check.metric).chain(when);
    metrics.flat_map(|metric| {
        let is_instant = matches!(metric, Metric::Age(_) | Metric::Until(_));
        metric.names().map(move |name| (name, is_instant))
    })
}

impl Form {
    fn new(metric: &Metric, place: impl Fn(&str) -> usize) -> Self {
        match metric {
            Metric::Value(name) => Form::Number(place(name)),
            Metric::Ratio(over, under) => Form::Ratio(place(over), place(under)),
            Metric::Age(name) => Form::Age(place(name)),
            Metric::Until(name) => Form::Until(place(name)),
            Metric::Window(_, _, Duration::ZERO) | Metric::FailRate(_, 0) => Form::Never,
            Metric::Window(Reduce::Increase | Reduce::Growth, ..) | Metric::ErrorRatio(_) => {
                Form::Never
            }
            Metric::Window(_, name, _) => Form::Sample(place(name)),
            Metric::FailRate(name, _) => Form::Failed(place(name)),
        }
    }

    /// The number of one row; NaN where it is missing.
    #[inline]
    fn number(self, row: &[Measure], now: Instant) -> f64 {
        let number = |place: usize| row.get(place).map_or(f64::NAN, Measure::number);
        let micros = |place: usize| row.get(place).and_then(Measure::instant);
        match self {
            Form::Number(place) => number(place),
            Form::Sample(place) => sample(number(place), now),
            Form::Ratio(over, under) => ratio(number(over), number(under)),
            Form::Age(place) => {
                micros(place).map_or(f64::NAN, |at| seconds(at.as_micros(), now.as_micros()))
            }
            Form::Until(place) => {
                micros(place).map_or(f64::NAN, |at| seconds(now.as_micros(), at.as_micros()))
            }
            Form::Failed(place) => failed(number(place)),
            Form::Never => f64::NAN,
        }
    }
}

/// A zero below is a zero, whatever its sign; nothing of nothing is missing.
#[inline]
pub(super) fn ratio(over: f64, under: f64) -> f64 {
    over / (under + 0.0)
}

/// A window that ends at the first instant of all has begun no earlier, and nothing is in it.
#[inline]
pub(super) fn sample(number: f64, now: Instant) -> f64 {
    if now == Instant::MIN { f64::NAN } else { number }
}

/// The seconds from one instant to another.
#[inline]
pub(super) fn seconds(from: i64, to: i64) -> f64 {
    (to - from) as f64 / 1e6
}

/// The share of the only sample that is 0.
#[inline]
pub(super) fn failed(number: f64) -> f64 {
    if number.is_nan() { number } else { f64::from(u8::from(number == 0.0)) }
}

impl Probe {
    pub(super) fn new(check: &Check, place: impl Fn(&str) -> usize) -> Self {
        let set = |numbers: &Option<_>| numbers.as_ref().map_or(Set::Never, Set::new);
        let when = check.when.as_ref();
        Self {
            form: Form::new(&check.metric, &place),
            warn: set(&check.warn),
            crit: set(&check.crit),
            when: when.map(|(metric, numbers)| (Form::new(metric, &place), Set::new(numbers))),
            missing: code(match (check.missing, check.crit) {
                (Missing::Unknown, _) => Status::Unknown,
                (Missing::Keep | Missing::Ok, _) => Status::Ok,
                (Missing::Breach, Some(_)) => Status::Crit,
                (Missing::Breach, None) => Status::Warn,
            }),
        }
    }

    /// The status of one row.
    #[inline]
    pub(super) fn code(&self, row: &[Measure], now: Instant) -> u8 {
        if let Some((form, numbers)) = &self.when {
            let number = form.number(row, now);
            if number.is_nan() {
                return self.missing;
            }
            if !numbers.contains(number) {
                return code(Status::Ok);
            }
        }
        let number = self.form.number(row, now);
        if number.is_nan() {
            self.missing
        } else if self.crit.contains(number) {
            code(Status::Crit)
        } else {
            u8::from(self.warn.contains(number))
        }
    }
}
