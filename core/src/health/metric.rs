//! What a check looks at: a value, or one of a few ways to reduce several to one.

use std::fmt;
use std::str::FromStr;

use thiserror::Error;

use super::{ErrorRatio, Unit};
use crate::bounds::{FAIL_RATE_SAMPLES, PERCENTILE};
use crate::error::{Code, Error, Leaf, quoted};
use crate::text_form::text_form;
use crate::time::Duration;

/// One number made of the metrics of a snapshot. Names are dotted paths.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Metric {
    /// `cpu`: the value itself.
    Value(String),
    /// `errors / requests`: a share of one. 0/0 is missing, and any other number over 0 is infinite.
    Ratio(String, String),
    /// `age(last_backup)`: the time since an instant.
    Age(String),
    /// `until(cert_not_after)`: the time left until an instant.
    Until(String),
    /// One number of the samples of a window, or of two ends of it. Of more than 100,000 samples the last
    /// count.
    Window(Reduce, String, Duration),
    /// `fail_rate(run_ok, 20)`: the share of the last so many samples that are false, or 0.
    FailRate(String, u32),
    /// `error_ratio(errors / requests, 5m, 1h)`: the share of events that failed, by two counters.
    ErrorRatio(ErrorRatio),
}

/// How the samples of a window become one number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Reduce {
    /// How much a counter went up since the last sample at or before the window's beginning, if that is
    /// not older than a window more, or since the first in it; a counter that is lower than before began
    /// again at 0.
    Increase,
    /// The share by which a value is more than it was a window ago: by the last sample at or before then,
    /// if that is not older than a window more.
    Growth,
    /// The arithmetic mean.
    Mean,
    /// The largest.
    Max,
    /// The smallest.
    Min,
    /// A percentile from 0 to 100, between two samples where it falls between them.
    Percentile(u8),
}

/// What is wrong with a metric.
#[derive(Debug, Error)]
enum BadMetric {
    #[error("{} is no metric", quoted(.0))]
    Malformed(String),
    #[error("{} is no way to reduce a metric", quoted(.0))]
    Unknown(String),
    #[error("{} takes {wants}", quoted(.call))]
    Arguments { call: String, wants: &'static str },
    #[error("a window of no time has no samples")]
    NoWindow,
}

impl Leaf for BadMetric {
    fn code(&self) -> Code {
        match self {
            BadMetric::NoWindow => Code::PolicyNeverMatches,
            _ => Code::PolicyBadValue,
        }
    }

    fn help(&self) -> Option<String> {
        Some(
            match self {
                BadMetric::NoWindow => "give one such as `5m`",
                _ => {
                    "write a name, `a / b`, or one of age(x), until(x), increase(x, 5m), \
                     growth(x, 7d), mean(x, 5m), max(x, 5m), min(x, 5m), p95(x, 5m), fail_rate(x, 20), \
                     error_ratio(a / b, 5m, 1h)"
                }
            }
            .into(),
        )
    }
}

impl Metric {
    /// The unit that such a number has by itself, whatever its metrics count in.
    #[must_use]
    pub fn unit(&self) -> Option<Unit> {
        match self {
            Metric::Ratio(..)
            | Metric::FailRate(..)
            | Metric::ErrorRatio(_)
            | Metric::Window(Reduce::Growth, ..) => Some(Unit::Ratio),
            Metric::Age(_) | Metric::Until(_) => Some(Unit::Seconds),
            Metric::Value(_) | Metric::Window(..) => None,
        }
    }

    /// The names of the metrics it is made of.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        let (first, second) = match self {
            Metric::Ratio(over, under) => (over, Some(under)),
            Metric::ErrorRatio(ratio) => (&ratio.part, Some(&ratio.total)),
            Metric::Value(name)
            | Metric::Age(name)
            | Metric::Until(name)
            | Metric::Window(_, name, _)
            | Metric::FailRate(name, _) => (name, None),
        };
        std::iter::once(first).chain(second).map(String::as_str)
    }

    /// Whether it is made of samples that are remembered.
    #[must_use]
    pub fn is_windowed(&self) -> bool {
        matches!(self, Metric::Window(..) | Metric::FailRate(..) | Metric::ErrorRatio(_))
    }

    /// The window that its samples are of.
    #[cfg(feature = "documents")]
    pub(crate) fn window(&self) -> Option<Duration> {
        match self {
            Metric::Window(_, _, window) => Some(*window),
            _ => None,
        }
    }

    fn read(text: &str) -> Result<Self, Error> {
        let malformed = || BadMetric::Malformed(text.to_owned());
        let name = |name: &str| name_of(name).ok_or_else(malformed);
        let trimmed = text.trim();
        if let Some((call, rest)) = trimmed.split_once('(')
            && call.trim_end() == "error_ratio"
        {
            let inside = rest.strip_suffix(')').ok_or_else(malformed)?;
            return error_ratio(call.trim_end(), inside, malformed);
        }
        if let Some((over, under)) = trimmed.split_once('/') {
            return Ok(Metric::Ratio(name(over)?, name(under)?));
        }
        let Some((call, rest)) = trimmed.split_once('(') else {
            return Ok(Metric::Value(name(trimmed)?));
        };
        let call = call.trim_end();
        let inside = rest.strip_suffix(')').ok_or_else(malformed)?;
        let (first, second) = match inside.split_once(',') {
            Some((first, second)) => (name(first)?, Some(second.trim())),
            None => (name(inside)?, None),
        };
        let wants = |wants| Error::from(BadMetric::Arguments { call: call.to_owned(), wants });
        match (call, second) {
            ("age", None) => Ok(Metric::Age(first)),
            ("until", None) => Ok(Metric::Until(first)),
            ("age" | "until", Some(_)) => Err(wants("the name of an instant alone")),
            ("fail_rate", count) => {
                let count = count.and_then(|count| count.parse::<u32>().ok());
                let count = count.ok_or_else(|| wants("a name and how many samples"))?;
                Ok(Metric::FailRate(first, FAIL_RATE_SAMPLES.check(count)?))
            }
            (call, _) => {
                let reduce = Reduce::read(call)?;
                let given = second.ok_or_else(|| wants("a name and a window"))?;
                Ok(Metric::Window(reduce, first, window(given)?))
            }
        }
    }
}

/// A name of a metric.
fn name_of(text: &str) -> Option<String> {
    let name = text.trim();
    let is_name = |c: char| c.is_alphanumeric() || "_-.:".contains(c);
    let is_sound = name.chars().all(is_name) && name.split('.').all(|part| !part.is_empty());
    is_sound.then(|| name.to_owned())
}

/// What stands in the parentheses of `error_ratio(a / b, 5m, 1h)`.
fn error_ratio(
    call: &str,
    inside: &str,
    malformed: impl Fn() -> BadMetric,
) -> Result<Metric, Error> {
    let mut parts = inside.split(',');
    let counters = parts.next().and_then(|part| part.split_once('/'));
    let (part, total) = counters.ok_or_else(&malformed)?;
    let (is_good, part) = match part.trim_start().strip_prefix('!') {
        Some(good) => (true, good),
        None => (false, part),
    };
    let windows: Vec<Duration> = parts.map(window).collect::<Result<_, _>>()?;
    let (short, long) = match windows.as_slice() {
        [one] => (*one, *one),
        [short, long] if short <= long => (*short, *long),
        _ => {
            let wants = "two counters and a window, or a short window and a long one";
            return Err(BadMetric::Arguments { call: call.to_owned(), wants }.into());
        }
    };
    let name = |name: &str| name_of(name).ok_or_else(&malformed);
    let (part, total) = (name(part)?, name(total)?);
    Ok(Metric::ErrorRatio(ErrorRatio { part, is_good, total, short, long }))
}

/// A window that has samples.
fn window(text: &str) -> Result<Duration, Error> {
    let window = text.trim().parse()?;
    if window == Duration::ZERO { Err(BadMetric::NoWindow.into()) } else { Ok(window) }
}

impl Reduce {
    fn read(call: &str) -> Result<Self, Error> {
        Ok(match call {
            "increase" => Reduce::Increase,
            "growth" => Reduce::Growth,
            "mean" => Reduce::Mean,
            "max" => Reduce::Max,
            "min" => Reduce::Min,
            other => {
                let share = other.strip_prefix('p').and_then(|share| share.parse::<u8>().ok());
                let share = share.ok_or_else(|| BadMetric::Unknown(other.to_owned()))?;
                Reduce::Percentile(PERCENTILE.check(share)?)
            }
        })
    }
}

impl FromStr for Metric {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        Self::read(text)
    }
}

impl fmt::Display for Reduce {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Reduce::Increase => f.write_str("increase"),
            Reduce::Growth => f.write_str("growth"),
            Reduce::Mean => f.write_str("mean"),
            Reduce::Max => f.write_str("max"),
            Reduce::Min => f.write_str("min"),
            Reduce::Percentile(share) => write!(f, "p{share}"),
        }
    }
}

impl fmt::Display for Metric {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Metric::Value(name) => f.write_str(name),
            Metric::Ratio(over, under) => write!(f, "{over} / {under}"),
            Metric::Age(name) => write!(f, "age({name})"),
            Metric::Until(name) => write!(f, "until({name})"),
            Metric::Window(reduce, name, window) => write!(f, "{reduce}({name}, {window})"),
            Metric::FailRate(name, count) => write!(f, "fail_rate({name}, {count})"),
            Metric::ErrorRatio(ratio) => fmt::Display::fmt(ratio, f),
        }
    }
}

text_form!(
    Metric,
    "A metric by its dotted name, `a / b`, or one of `age(x)`, `until(x)`, `increase(x, 5m)`, `growth(x, 7d)`, `mean(x, 5m)`, `max(x, 5m)`, `min(x, 5m)`, `p95(x, 5m)`, `fail_rate(x, 20)`, `error_ratio(a / b, 5m, 1h)`."
);
