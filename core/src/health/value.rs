//! The one number of a metric, or why there is none.

use std::collections::BTreeMap;

use super::counters::Counters;
use super::history::History;
use super::state::Memory;
use super::{ErrorRatio, Metric, Reading, Reduce, Snapshot};
use crate::time::{Duration, Instant, TICK};

/// Why a check has no number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Gap {
    /// The snapshot does not have the metric.
    Absent,
    /// The metric is there, and empty.
    Null,
    /// It is not a number.
    NotANumber,
    /// It is a number, and an instant is asked for.
    NotAnInstant,
    /// The reading is so old.
    Stale(Duration),
    /// Nothing was divided by nothing.
    NothingOfNothing,
    /// There are too few samples for the window.
    TooFewSamples,
}

impl Gap {
    /// Whether there is a sample all the same.
    pub(super) fn is_measured(self) -> bool {
        matches!(self, Gap::NothingOfNothing | Gap::TooFewSamples)
    }
}

/// When the seconds since an instant reach a bound, and when they may pass it.
fn turns(since: Instant, bound: f64) -> impl Iterator<Item = Instant> {
    #[expect(clippy::cast_possible_truncation, reason = "what is too much is no instant")]
    let near = (bound * 1e6).round() as i64;
    let reaches = |micros: &i64| *micros as f64 / 1e6 >= bound;
    let around = [near.saturating_sub(1), near, near.saturating_add(1)];
    let first = around.into_iter().find(reaches);
    let both = first.into_iter().flat_map(|first| [first, first.saturating_add(1)]);
    both.filter_map(move |micros| since.as_micros().checked_add(micros).and_then(Instant::checked))
}

/// A number and when it was taken.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Value {
    pub(super) number: f64,
    pub(super) at: Instant,
}

/// Where and when a metric is read.
#[derive(Clone, Copy)]
pub(super) struct Source<'a> {
    pub(super) snapshot: &'a Snapshot,
    pub(super) instance: Option<&'a str>,
    pub(super) now: Instant,
    pub(super) stale: Option<Duration>,
}

impl Source<'_> {
    /// The number of a metric. What a window needs is added to `memory`, and the rest taken out.
    pub(super) fn read(&self, metric: &Metric, memory: &mut Memory) -> Result<Value, Gap> {
        let now = self.now;
        let Memory { history, counters } = memory;
        match metric {
            Metric::Value(name) => self.number(name),
            Metric::Ratio(over, under) => {
                let (over, under) = (self.number(over)?, self.number(under)?);
                // A zero below is a zero, whatever its sign.
                let number = over.number / (under.number + 0.0);
                let at = over.at.max(under.at);
                if number.is_nan() { Err(Gap::NothingOfNothing) } else { Ok(Value { number, at }) }
            }
            Metric::Age(name) => self.seconds(name, |at| (at, now)),
            Metric::Until(name) => self.seconds(name, |at| (now, at)),
            Metric::Window(reduce, name, window) => {
                let last = self.samples(name, history)?;
                let number = history.reduce(*reduce, *window, now);
                history.forget(*reduce, *window, now);
                let number = number.ok_or(Gap::TooFewSamples)?;
                match reduce {
                    // As it was, and was not anything.
                    Reduce::Growth if number.is_nan() => Err(Gap::NothingOfNothing),
                    _ if number.is_nan() => Err(Gap::NotANumber),
                    _ => Ok(Value { number, at: last }),
                }
            }
            Metric::FailRate(name, count) => {
                let last = self.samples(name, history)?;
                history.forget_but(*count, now);
                let number = history.fail_rate(*count, now);
                number.map(|number| Value { number, at: last }).ok_or(Gap::TooFewSamples)
            }
            Metric::ErrorRatio(ratio) => {
                let last = self.counted(ratio, counters)?;
                counters.forget(ratio.short, ratio.long, now);
                let number = counters.reduce(ratio, now).ok_or(Gap::TooFewSamples)?;
                if number.is_nan() {
                    return Err(Gap::NothingOfNothing);
                }
                Ok(Value { number, at: last })
            }
        }
    }

    /// Whether what a metric is made of says when it was taken.
    pub(super) fn is_timed(&self, metric: &Metric) -> bool {
        metric.names().any(|name| {
            matches!(self.reading(name), Ok(Reading::Number(_, Some(_)) | Reading::Samples(_)))
        })
    }

    fn reading(&self, name: &str) -> Result<&Reading, Gap> {
        let found = match self.instance {
            // What has no instances counts for all of them.
            Some(instance) => {
                self.snapshot.instance(name, instance).or_else(|| self.snapshot.reading(name))
            }
            None => self.snapshot.reading(name),
        };
        found.ok_or(Gap::Absent)
    }

    fn number(&self, name: &str) -> Result<Value, Gap> {
        let (number, at) = match self.reading(name)? {
            Reading::Number(number, at) => (*number, *at),
            Reading::Samples(samples) => {
                let known = samples.iter().rev().find(|(_, number)| !number.is_nan());
                let (at, number) = known.or(samples.last()).ok_or(Gap::Null)?;
                (*number, Some(*at))
            }
            Reading::Null => return Err(Gap::Null),
            Reading::Instant(_) | Reading::Other => return Err(Gap::NotANumber),
        };
        if number.is_nan() {
            return Err(Gap::NotANumber);
        }
        self.fresh(at)?;
        Ok(Value { number, at: at.unwrap_or(self.now) })
    }

    /// The seconds between two instants, one of which is read.
    fn seconds(
        &self,
        name: &str,
        ends: impl Fn(Instant) -> (Instant, Instant),
    ) -> Result<Value, Gap> {
        let Reading::Instant(at) = self.reading(name)? else { return Err(self.no_instant(name)) };
        let (from, to) = ends(*at);
        let number = (to.as_micros() - from.as_micros()) as f64 / 1e6;
        Ok(Value { number, at: self.now })
    }

    fn no_instant(&self, name: &str) -> Gap {
        match self.reading(name) {
            Ok(Reading::Null) => Gap::Null,
            _ => Gap::NotAnInstant,
        }
    }

    /// Adds what the snapshot has to the history, and tells when the last of it was taken.
    fn samples(&self, name: &str, history: &mut History) -> Result<Instant, Gap> {
        let last = self.number(name)?;
        match self.reading(name)? {
            Reading::Samples(samples) => history.add(samples.iter().copied()),
            _ => history.add([(last.at, last.number)]),
        }
        Ok(last.at)
    }

    /// Adds what two counters say to what they said, and tells when the last of it was taken.
    fn counted(&self, ratio: &ErrorRatio, counters: &mut Counters) -> Result<Instant, Gap> {
        let (part, total) = (self.number(&ratio.part)?, self.number(&ratio.total)?);
        let last = part.at.max(total.at).min(self.now);
        let mut add = |at: Instant, part: f64, total: f64| {
            let is_finite = part.is_finite() && total.is_finite();
            if is_finite {
                counters.add(at, part, total);
            }
            is_finite
        };
        if let (Reading::Samples(parts), Reading::Samples(totals)) =
            (self.reading(&ratio.part)?, self.reading(&ratio.total)?)
        {
            // Those of one instant belong together.
            let totals: BTreeMap<_, _> = totals.iter().copied().collect();
            let mut parts = parts.clone();
            parts.retain(|(at, _)| *at <= self.now);
            parts.sort_by_key(|(at, _)| *at);
            for (at, part) in parts {
                if let Some(total) = totals.get(&at) {
                    add(at, part, *total);
                }
            }
            return Ok(last);
        }
        if add(last, part.number, total.number) { Ok(last) } else { Err(Gap::NotANumber) }
    }

    /// The first instant after now at which the number of a metric may be on the other side of one of
    /// `ends`, or missing, if nothing new is measured. It may be too early, and never is too late.
    pub(super) fn next_change(
        &self,
        metric: &Metric,
        memory: &Memory,
        ends: impl Iterator<Item = f64>,
    ) -> Option<Instant> {
        let to_come =
            |moments: &mut dyn Iterator<Item = Instant>| moments.filter(|at| *at > self.now).min();
        let instant = |name: &str| match self.reading(name) {
            Ok(Reading::Instant(at)) => Some(*at),
            _ => None,
        };
        let crossed =
            match metric {
                Metric::Age(name) => instant(name)
                    .and_then(|read| to_come(&mut ends.flat_map(|end| turns(read, end)))),
                Metric::Until(name) => instant(name)
                    .and_then(|read| to_come(&mut ends.flat_map(|end| turns(read, -end)))),
                Metric::Window(_, _, window) => to_come(&mut memory.history.turns(*window)),
                Metric::ErrorRatio(ratio) => {
                    let turns = ratio.windows().flat_map(|window| memory.counters.turns(window));
                    to_come(&mut turns.into_iter())
                }
                Metric::Value(_) | Metric::Ratio(..) | Metric::FailRate(..) => None,
            };
        let stale = self.stale.and_then(|stale| {
            let taken = metric.names().filter_map(|name| self.number(name).ok());
            to_come(&mut taken.map(|value| value.at.saturating_add(stale).saturating_add(TICK)))
        });
        [crossed, stale].into_iter().flatten().min()
    }

    fn fresh(&self, at: Option<Instant>) -> Result<(), Gap> {
        let (Some(at), Some(stale)) = (at, self.stale) else { return Ok(()) };
        match at < self.now && self.now.distance(at) > stale {
            true => Err(Gap::Stale(self.now.distance(at))),
            false => Ok(()),
        }
    }
}
