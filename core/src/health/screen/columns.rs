//! What was measured, by rows and by columns.

use crate::columns::Column;
use crate::time::Instant;

/// What was measured of one metric in one row.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub enum Measure {
    /// Nothing.
    #[default]
    Missing,
    /// A number; NaN is missing.
    Number(f64),
    /// An instant.
    Instant(Instant),
}

/// What was measured of one metric, row by row.
#[derive(Clone, Copy, Debug, Default)]
pub enum Measures<'a> {
    /// Nothing, in any row.
    #[default]
    Missing,
    /// Numbers; NaN is missing.
    Numbers(&'a [f64]),
    /// Instants, in microseconds since 1970 UTC; outside the years 0001 to 9999 they are missing.
    Instants(&'a [i64]),
    /// A column: of numbers, integers and booleans each row is a number, of instants an instant. A null
    /// is missing, and so is all that a column of another type holds.
    Column(&'a Column),
}

impl Measure {
    /// The number; NaN where there is none.
    #[inline]
    pub(super) fn number(&self) -> f64 {
        match self {
            Measure::Number(number) => *number,
            Measure::Missing | Measure::Instant(_) => f64::NAN,
        }
    }

    #[inline]
    pub(super) fn instant(&self) -> Option<Instant> {
        match self {
            Measure::Instant(at) => Some(*at),
            Measure::Missing | Measure::Number(_) => None,
        }
    }
}

impl<'a> Measures<'a> {
    /// How many rows there are, if that is known.
    pub(super) fn rows(&self) -> Option<usize> {
        match self {
            Measures::Missing => None,
            Measures::Numbers(numbers) => Some(numbers.len()),
            Measures::Instants(micros) => Some(micros.len()),
            Measures::Column(column) => Some(column.rows() as usize),
        }
    }

    /// The numbers of a stretch of rows: those in memory, or what is made of them in `scratch`. None
    /// where all are missing.
    pub(super) fn numbers<'s>(
        &self,
        start: usize,
        length: usize,
        scratch: &'s mut Vec<f64>,
    ) -> Option<&'s [f64]>
    where
        'a: 's,
    {
        match self {
            Measures::Missing | Measures::Instants(_) => None,
            Measures::Numbers(numbers) => numbers.get(start..start + length),
            Measures::Column(column) => column.floats(start, length, scratch),
        }
    }

    /// The seconds since, or until, the instants of a stretch of rows. None where all are missing.
    pub(super) fn seconds<'s>(
        &self,
        start: usize,
        length: usize,
        seconds: impl Fn(i64) -> f64,
        scratch: &'s mut Vec<f64>,
    ) -> Option<&'s [f64]> {
        scratch.clear();
        match self {
            Measures::Missing | Measures::Numbers(_) => return None,
            Measures::Instants(micros) => {
                let known = Instant::MIN.as_micros()..=Instant::MAX.as_micros();
                let seconds = |&at: &i64| if known.contains(&at) { seconds(at) } else { f64::NAN };
                scratch.extend(micros.get(start..start + length)?.iter().map(seconds));
            }
            Measures::Column(column) => {
                let from = column.instants_from(start)?;
                column.each_number(from, length, |_, at| {
                    scratch.push(at.map_or(f64::NAN, &seconds));
                });
            }
        }
        Some(scratch)
    }
}
