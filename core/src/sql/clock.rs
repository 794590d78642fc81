//! A rule's time column, and moments and spans to compare it with.

use super::names::quoted;
use super::write::Writer;
use crate::columns::{Need, Type};
use crate::retention::Ages;
use crate::time::{Duration, Instant, TimeUnit};

/// Four thousand years: from year 1 on, so long a bucket begins after 4713 BC.
const LONGEST_BIN: i64 = 4000 * 365 * 86_400_000_000;

/// How times are written.
#[derive(Clone, Debug)]
pub(super) struct Clock {
    column: String,
    unit: Option<TimeUnit>,
}

impl Clock {
    /// Of the time column among what a rule needs.
    pub(super) fn new(column: &str, needs: &[Need]) -> Self {
        let own = needs.iter().find(|need| need.name == column);
        let is_integer = own.is_some_and(|need| need.ty == Some(Type::Instant));
        let unit = own.filter(|_| is_integer).and_then(|need| need.time.unit);
        Self { column: quoted(column), unit }
    }

    /// The time of a row: a time of the server's, or microseconds.
    pub(super) fn at(&self) -> String {
        let column = &self.column;
        match self.unit {
            None => column.clone(),
            Some(TimeUnit::Seconds) => format!("{column}::bigint * 1000000"),
            Some(TimeUnit::Milliseconds) => format!("{column}::bigint * 1000"),
            Some(TimeUnit::Microseconds) => format!("{column}::bigint"),
            Some(TimeUnit::Nanoseconds) => {
                format!("pg_catalog.floor({column}::numeric / 1000)::bigint")
            }
        }
    }

    /// Whether a row has a time.
    pub(super) fn is_known(&self) -> String {
        match self.unit {
            None => format!("pg_catalog.isfinite({})", self.column),
            Some(_) => format!("{} IS NOT NULL", self.column),
        }
    }

    /// Whether a row's time is not later than a moment.
    pub(super) fn is_by(&self, at: Instant, out: &mut Writer) -> String {
        format!("{} <= {}", self.at(), self.moment(at, out))
    }

    pub(super) fn moment(&self, at: Instant, out: &mut Writer) -> String {
        match self.unit {
            None => out.typed(&at.to_string(), "timestamptz"),
            Some(_) => at.as_micros().to_string(),
        }
    }

    /// How long something is, as the difference of two times is.
    pub(super) fn span(&self, length: Duration) -> String {
        let micros = length.as_micros();
        match self.unit {
            Some(_) => micros.to_string(),
            None if micros % 60_000_000 == 0 => {
                format!("interval '{} minutes'", micros / 60_000_000)
            }
            None if micros % 1_000_000 == 0 => format!("interval '{} seconds'", micros / 1_000_000),
            None => format!("interval '{micros} microseconds'"),
        }
    }

    /// When the bucket begins that holds a row's time: buckets of some length are counted from 1970.
    pub(super) fn bucket(&self, length: Duration) -> String {
        let micros = length.as_micros().max(1);
        // A remainder goes with the sign of what is divided, and a bucket begins before it.
        let begins = |at: &str| format!("{at} - (({at} % {micros}) + {micros}) % {micros}");
        match self.unit {
            Some(_) => begins("at"),
            // Where a bucket may begin before the server's first time.
            None if micros > LONGEST_BIN => begins("(EXTRACT(epoch FROM at) * 1000000)::bigint"),
            None => {
                let epoch = "timestamptz '1970-01-01T00:00:00Z'";
                format!("pg_catalog.date_bin({}, at, {epoch})", self.span(length))
            }
        }
    }

    /// Whether a row is of some ages.
    pub(super) fn is_aged(&self, ages: &Ages, out: &mut Writer) -> String {
        let at = self.at();
        let mut any = Vec::new();
        if let Some(until) = ages.until {
            any.push(format!("{at} <= {}", self.moment(until, out)));
        }
        for (from, until) in &ages.later {
            let (from, until) = (self.moment(*from, out), self.moment(*until, out));
            any.push(format!("{at} BETWEEN {from} AND {until}"));
        }
        match any.as_slice() {
            [] => "false".into(),
            [one] => one.clone(),
            all => format!("({})", all.join(" OR ")),
        }
    }
}
