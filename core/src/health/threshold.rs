//! Thresholds as they are written: `> 85%`, `inside 1..5`, `@10:20`.

use std::fmt;
use std::str::FromStr;

use thiserror::Error;

#[cfg(feature = "documents")]
use super::Share;
use super::{Numbers, Unit};
use crate::error::{Code, Error, Leaf, quoted};
use crate::text_form::text_form;
use crate::time::Duration;

/// A condition on a number, as it is written: a comparison, `inside` or `outside` of two bounds, or a
/// range of Nagios, which is about what is *outside* of it, or with `@` inside. Ends of ranges belong to
/// them.
///
/// ```
/// use housekeep::health::{Threshold, Unit};
///
/// let high: Threshold = "> 85%".parse()?;
/// assert!(high.numbers(Some(Unit::Percent))?.contains(86.0));
/// assert!(high.numbers(Some(Unit::Ratio))?.contains(0.86));
/// # Ok::<(), housekeep::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Threshold(Form);

#[derive(Clone, Debug, PartialEq)]
enum Form {
    Compare(Op, Quantity),
    Inside(Quantity, Quantity),
    Outside(Quantity, Quantity),
    /// From and to; an end that is not given is infinite. `is_inside` with an `@`.
    Nagios {
        low: f64,
        high: f64,
        is_inside: bool,
    },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Op {
    Above,
    AtLeast,
    Below,
    AtMost,
    Equal,
    NotEqual,
}

/// In the order in which they are looked for: `>=` before `>`.
const OPS: [(&str, Op); 6] = [
    (">=", Op::AtLeast),
    ("<=", Op::AtMost),
    ("==", Op::Equal),
    ("!=", Op::NotEqual),
    (">", Op::Above),
    ("<", Op::Below),
];

/// A number as it is written, with its unit if it has one.
#[derive(Clone, Debug, PartialEq)]
struct Quantity {
    number: f64,
    unit: Option<Unit>,
}

/// What is wrong with a threshold.
#[derive(Debug, Error)]
enum BadThreshold {
    #[error("{} is no condition on a number", quoted(.0))]
    Malformed(String),
    #[error("{} is no number with a unit", quoted(.0))]
    Quantity(String),
    #[error("the first bound of {} is above the second", quoted(.0))]
    Reversed(String),
    #[error("{} has a unit, and the metric has none", quoted(.0))]
    NoUnit(String),
    #[error("{} does not measure what `{unit}` does", quoted(.text))]
    Measure { text: String, unit: Unit },
    #[error("{} is less than one percent, and the metric counts in percent", quoted(.0))]
    Share(String),
}

impl Leaf for BadThreshold {
    fn code(&self) -> Code {
        match self {
            BadThreshold::Malformed(_) | BadThreshold::Quantity(_) => Code::PolicyBadValue,
            BadThreshold::Reversed(_) => Code::PolicyNeverMatches,
            BadThreshold::NoUnit(_) | BadThreshold::Measure { .. } | BadThreshold::Share(_) => {
                Code::PolicyConflict
            }
        }
    }

    fn help(&self) -> Option<String> {
        Some(match self {
            BadThreshold::Malformed(_) => {
                "write a comparison such as `> 85%`, `inside 1..5`, `outside 1..5`, or a range of \
                 Nagios such as `10:20`"
                    .into()
            }
            BadThreshold::Quantity(_) => {
                "write a number, and its unit if it has one, such as `85%`, `500ms` or `1GB`".into()
            }
            BadThreshold::Reversed(_) => "put the lower one first".into(),
            BadThreshold::NoUnit(_) => {
                "say what the metric counts in, such as `unit = \"percent\"`".into()
            }
            BadThreshold::Measure { unit, .. } => format!("write it in `{unit}`"),
            BadThreshold::Share(text) => match text.parse::<f64>() {
                Ok(share) => {
                    format!("write `{}%`, or `{text}%` if so little is meant", share * 100.0)
                }
                Err(_) => "write it with `%`".into(),
            },
        })
    }
}

impl Threshold {
    /// A range of Nagios, `[@][from:][to]`: what is outside of it, or inside with an `@`. The empty
    /// range is `0:`.
    ///
    /// # Errors
    /// `policy.bad_value`, or `policy.never_matches` for bounds in the wrong order.
    pub fn nagios(text: &str) -> Result<Self, Error> {
        let malformed = || BadThreshold::Malformed(text.to_owned());
        let number = |text: &str| finite(text).ok_or_else(malformed);
        let (is_inside, range) = match text.strip_prefix('@') {
            Some(range) => (true, range),
            None => (false, text),
        };
        let (low, high) = match range.split_once(':') {
            Some(("~", high)) => (f64::NEG_INFINITY, high),
            Some(("", high)) => (0.0, high),
            Some((low, high)) => (number(low)?, high),
            None => (0.0, range),
        };
        let high = if high.is_empty() { f64::INFINITY } else { number(high)? };
        if low > high {
            return Err(BadThreshold::Reversed(text.to_owned()).into());
        }
        Ok(Self(Form::Nagios { low, high, is_inside }))
    }

    /// The numbers that meet it, of a metric that counts in `unit`.
    ///
    /// # Errors
    /// `policy.conflict` where a bound's unit does not go with the metric's.
    pub fn numbers(&self, unit: Option<Unit>) -> Result<Numbers, Error> {
        let bounds = |low: &Quantity, high: &Quantity| {
            let (from, to) = (low.of(unit)?, high.of(unit)?);
            if from > to { Err(BadThreshold::Reversed(self.to_string())) } else { Ok((from, to)) }
        };
        Ok(match &self.0 {
            Form::Compare(op, bound) => {
                let bound = bound.of(unit)?;
                match op {
                    Op::Above => Numbers::above(bound),
                    Op::AtLeast => Numbers::at_least(bound),
                    Op::Below => Numbers::below(bound),
                    Op::AtMost => Numbers::at_most(bound),
                    Op::Equal => Numbers::inside(bound, bound),
                    Op::NotEqual => Numbers::outside(bound, bound),
                }
            }
            Form::Inside(low, high) => {
                let (low, high) = bounds(low, high)?;
                Numbers::inside(low, high)
            }
            Form::Outside(low, high) => {
                let (low, high) = bounds(low, high)?;
                Numbers::outside(low, high)
            }
            Form::Nagios { low, high, is_inside: true } => Numbers::inside(*low, *high),
            Form::Nagios { low, high, is_inside: false } => Numbers::outside(*low, *high),
        })
    }

    /// More than a share of one, as it is written in percent.
    #[cfg(feature = "documents")]
    pub(crate) fn above(share: Share) -> Self {
        let number = share.percent();
        Self(Form::Compare(Op::Above, Quantity { number, unit: Some(Unit::Percent) }))
    }

    /// Whether it is a range of Nagios, which is about what is wrong.
    #[must_use]
    pub fn is_nagios(&self) -> bool {
        matches!(self.0, Form::Nagios { .. })
    }

    fn read(text: &str) -> Result<Form, BadThreshold> {
        let trimmed = text.trim();
        if let Some((op, bound)) =
            OPS.iter().find_map(|(sign, op)| Some((*op, trimmed.strip_prefix(sign)?)))
        {
            return Ok(Form::Compare(op, Quantity::read(bound)?));
        }
        let two = |word: &str| {
            let (low, high) = trimmed.strip_prefix(word)?.split_once("..")?;
            Some(Quantity::read(low).and_then(|low| Ok((low, Quantity::read(high)?))))
        };
        if let Some(bounds) = two("inside ") {
            return bounds.map(|(low, high)| Form::Inside(low, high));
        }
        if let Some(bounds) = two("outside ") {
            return bounds.map(|(low, high)| Form::Outside(low, high));
        }
        Err(BadThreshold::Malformed(text.to_owned()))
    }
}

impl Quantity {
    fn read(text: &str) -> Result<Self, BadThreshold> {
        let text = text.trim();
        let bad = || BadThreshold::Quantity(text.to_owned());
        // The unit is what stands after the last digit.
        let end = text.rfind(|c: char| c.is_ascii_digit() || c == '.').map_or(0, |last| last + 1);
        let (digits, name) = text.split_at(end);
        if let Some(number) = finite(digits) {
            let name = name.trim_start();
            if name.is_empty() {
                return Ok(Self { number, unit: None });
            }
            if let Some(unit) = Unit::named(name) {
                return Ok(Self { number, unit: Some(unit) });
            }
        }
        // Several parts, such as `1h30m`, or a unit that durations are written in, such as `30 days`.
        let whole: Duration = text.parse().map_err(|_| bad())?;
        let number = whole.as_micros() as f64;
        let seconds = Unit::Microseconds.convert(number, Unit::Seconds).unwrap_or(number);
        Ok(Self { number: seconds, unit: Some(Unit::Seconds) })
    }

    /// The number of so many units of a metric.
    fn of(&self, unit: Option<Unit>) -> Result<f64, BadThreshold> {
        match (self.unit, unit) {
            (None, Some(Unit::Percent)) if self.number != 0.0 && self.number.abs() < 1.0 => {
                Err(BadThreshold::Share(self.to_string()))
            }
            (None, _) => Ok(self.number),
            (Some(_), None) => Err(BadThreshold::NoUnit(self.to_string())),
            (Some(own), Some(unit)) => own
                .convert(self.number, unit)
                .ok_or_else(|| BadThreshold::Measure { text: self.to_string(), unit }),
        }
    }
}

/// A number in digits: no `inf`, no `nan`.
fn finite(text: &str) -> Option<f64> {
    let is_number = text.starts_with(|c: char| c.is_ascii_digit() || "+-.".contains(c));
    text.parse::<f64>().ok().filter(|number| is_number && number.is_finite())
}

impl FromStr for Threshold {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let trimmed = text.trim();
        let is_range = |c: char| c.is_ascii_digit() || "@~:+-.eE".contains(c);
        if !trimmed.is_empty() && trimmed.chars().all(is_range) {
            return Self::nagios(trimmed);
        }
        Ok(Self(Self::read(text)?))
    }
}

impl fmt::Display for Quantity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.number)?;
        self.unit.map_or(Ok(()), |unit| write!(f, "{unit}"))
    }
}

impl fmt::Display for Threshold {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Form::Compare(op, bound) => {
                let sign = OPS.iter().find(|(_, other)| other == op).map_or("", |(sign, _)| sign);
                write!(f, "{sign} {bound}")
            }
            Form::Inside(low, high) => write!(f, "inside {low}..{high}"),
            Form::Outside(low, high) => write!(f, "outside {low}..{high}"),
            Form::Nagios { low, high, is_inside } => {
                if *is_inside {
                    f.write_str("@")?;
                }
                if *low == f64::NEG_INFINITY {
                    f.write_str("~:")?;
                } else if *low != 0.0 || high.is_infinite() {
                    write!(f, "{low}:")?;
                }
                if high.is_finite() { write!(f, "{high}") } else { Ok(()) }
            }
        }
    }
}

text_form!(
    Threshold,
    "A condition on a number: `> 85%` (also `>=`, `<`, `<=`, `==`, `!=`), `inside 1..5`, `outside 1..5`, or a range of Nagios such as `10:20`, `@10:20`, `~:5`."
);
