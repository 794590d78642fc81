//! How many services are, each a row: which thresholds are met, with nothing remembered.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use crate::columns::{Cell, Column, Need, Table, TimeFormat, Type};
use crate::control::Control;
use crate::error::Error;
use crate::health::{Measures, Screen, Screened, Status};
use crate::policy::HealthRules;
use crate::time::{Instant, TimeUnit};
use crate::wire;

/// The column that names a row, if there is one.
const ID: &str = "id";

/// How many snapshots are at one moment, each by itself: gates are open, and nothing is remembered.
///
/// ```
/// use housekeep::Control;
/// use housekeep::formats::Format;
/// use housekeep::policy::Policy;
/// use housekeep::time::Instant;
///
/// let policy = Policy::from_toml(r#"
///     [check.cpu]
///     value = "cpu"
///     crit  = "> 85"
/// "#)?;
/// let rules = policy.health()?;
/// let rows = b"id,cpu\nweb-1,93.5\nweb-2,12\n";
/// let table = Format::Csv.read(rules.fleet_needs(), &rows[..])?;
///
/// let now = Instant::parse("2026-02-13T03:00:00Z")?;
/// let fleet = rules.screen_fleet(&table, now, &Control::new())?;
/// assert_eq!((fleet.total(), fleet.counts().crit), (2, 1));
/// let worst: Vec<_> = fleet.worst(10).iter().map(|row| row.id.to_string()).collect();
/// assert_eq!(worst, ["web-1"]);
/// # Ok::<(), housekeep::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Fleet {
    rules: HealthRules,
    now: Instant,
    ids: Option<Column>,
    found: Screened,
}

/// How many of something have each status.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Healthy ones.
    pub ok: u64,
    /// Degraded ones.
    pub warn: u64,
    /// Those of which nothing is known.
    pub unknown: u64,
    /// Unhealthy ones.
    pub crit: u64,
}

/// A row that is not ok, and what is not ok about it.
#[derive(Clone, Debug, PartialEq)]
pub struct FleetRow<'a> {
    /// Its number, from 0 on.
    pub row: u32,
    /// Its id; [`Cell::Missing`] if the rows have none.
    pub id: Cell<'a>,
    /// How it is as a whole.
    pub status: Status,
    /// Its checks that are not ok, in the order of their names.
    pub checks: Vec<(&'a str, Status)>,
    /// Its groups that are not ok, in the order of their names.
    pub groups: Vec<(&'a str, Status)>,
}

/// The columns that checks read: an id, and every metric, none of which has to be there.
pub(crate) fn needs(screen: &Screen) -> Vec<Need> {
    let need = |name: &str, ty, unit| Need {
        name: name.to_owned(),
        ty,
        time: TimeFormat { zone: None, unit },
        required: false,
        optional: true,
    };
    let metrics = screen.metrics().iter().enumerate().map(|(place, name)| {
        let ty = if screen.is_instant(place) { Type::Instant } else { Type::Number };
        need(name, Some(ty), Some(TimeUnit::Microseconds))
    });
    let id = (!screen.metrics().iter().any(|name| name == ID)).then(|| need(ID, None, None));
    id.into_iter().chain(metrics).collect()
}

impl HealthRules {
    /// Says how every row of a table is: what was measured of each of many services, or of one at many
    /// moments. A column has the name of a metric, dots and all; one that is not there is a metric that
    /// is missing. Numbers are floats, integers or booleans, instants are timestamps, or integers that
    /// count microseconds since 1970. The column `id`, if there is one, says what a row is called.
    ///
    /// # Errors
    /// `cancelled` if the caller asked to stop.
    pub fn screen_fleet(
        &self,
        table: &Table,
        now: Instant,
        control: &Control<'_>,
    ) -> Result<Fleet, Error> {
        let screen = self.screen();
        let column = |name: &str| table.column(name);
        let measures = |name: &String| column(name).map_or(Measures::Missing, Measures::Column);
        let columns: Vec<Measures<'_>> = screen.metrics().iter().map(measures).collect();
        let found = screen.rows(&columns, table.rows() as usize, now, control)?;
        let is_metric = screen.metrics().iter().any(|name| name == ID);
        let ids = column(ID).filter(|_| !is_metric).cloned();
        // One that the rows do not have is null throughout.
        let ids = ids.filter(Column::has_values);
        Ok(Fleet { rules: self.clone(), now, ids, found })
    }
}

impl Counts {
    /// Of statuses as [numbers](Status::code).
    #[must_use]
    pub fn of(codes: &[u8]) -> Self {
        let count = |status: Status| {
            let count = |codes: &[u8]| {
                // No more than fit a byte, so that many are counted at a time.
                codes.iter().map(|&code| u8::from(code == status.code())).sum::<u8>()
            };
            codes.chunks(255).map(|codes| u64::from(count(codes))).sum()
        };
        Self {
            ok: count(Status::Ok),
            warn: count(Status::Warn),
            unknown: count(Status::Unknown),
            crit: count(Status::Crit),
        }
    }

    /// Each status and how many have it, from the best to the worst.
    #[must_use]
    pub fn each(&self) -> [(Status, u64); 4] {
        [
            (Status::Ok, self.ok),
            (Status::Warn, self.warn),
            (Status::Unknown, self.unknown),
            (Status::Crit, self.crit),
        ]
    }
}

impl Fleet {
    /// When it was asked.
    #[must_use]
    pub fn now(&self) -> Instant {
        self.now
    }

    /// The digest of the checks and groups that it speaks of.
    #[must_use]
    pub fn policy_sha256(&self) -> &str {
        self.rules.sha256()
    }

    /// How many rows there are.
    #[must_use]
    pub fn total(&self) -> u64 {
        self.found.rows() as u64
    }

    /// How bad the worst row is; unknown without any.
    #[must_use]
    pub fn status(&self) -> Status {
        self.found.whole().iter().max().map_or(Status::Unknown, |code| Status::of_code(*code))
    }

    /// How many rows have each status.
    #[must_use]
    pub fn counts(&self) -> Counts {
        Counts::of(self.found.whole())
    }

    /// The status of every row as a whole, as [numbers](Status::code).
    #[must_use]
    pub fn codes(&self) -> &[u8] {
        self.found.whole()
    }

    /// Every check in the order of the names, and its status in every row, as [numbers](Status::code).
    pub fn checks(&self) -> impl ExactSizeIterator<Item = (&str, &[u8])> {
        named(self.rules.screen().checks(), self.found.checks())
    }

    /// Every group in the order of the names, and its status in every row, as [numbers](Status::code).
    pub fn groups(&self) -> impl ExactSizeIterator<Item = (&str, &[u8])> {
        named(self.rules.screen().groups(), self.found.groups())
    }

    /// The ids of the rows, if they have any.
    #[must_use]
    pub fn ids(&self) -> Option<&Column> {
        self.ids.as_ref()
    }

    /// The rows that are not ok, in their order.
    pub fn rows(&self) -> impl Iterator<Item = FleetRow<'_>> {
        let numbered = (0u32..).zip(self.found.whole());
        numbered.filter(|(_, code)| **code != Status::Ok.code()).map(|(row, _)| self.row(row))
    }

    /// So many of the worst rows that are not ok: by their status, then by how many of their checks are
    /// not ok, then in their order.
    #[must_use]
    pub fn worst(&self, most: usize) -> Vec<FleetRow<'_>> {
        // The least bad of those that are kept is on top.
        let mut kept: BinaryHeap<Reverse<(u8, usize, Reverse<u32>)>> = BinaryHeap::new();
        for (row, &code) in (0u32..).zip(self.found.whole()) {
            let is_outdone =
                kept.len() >= most && kept.peek().is_none_or(|Reverse((least, ..))| *least > code);
            if code == Status::Ok.code() || is_outdone {
                continue;
            }
            let bad = self.checks().filter(|(_, codes)| at(codes, row) != Status::Ok).count();
            kept.push(Reverse((code, bad, Reverse(row))));
            if kept.len() > most {
                kept.pop();
            }
        }
        let kept = kept.into_sorted_vec();
        kept.into_iter().map(|Reverse((_, _, Reverse(row)))| self.row(row)).collect()
    }

    /// What is not ok about a row.
    fn row(&self, row: u32) -> FleetRow<'_> {
        let bad = |(name, codes): (_, &[u8])| {
            let status = at(codes, row);
            (status != Status::Ok).then_some((name, status))
        };
        FleetRow {
            row,
            id: self.ids.as_ref().map_or(Cell::Missing, |ids| ids.cell(row)),
            status: at(self.found.whole(), row),
            checks: self.checks().filter_map(bad).collect(),
            groups: self.groups().filter_map(bad).collect(),
        }
    }

    /// The answer as canonical JSON: how many rows have each status, as a whole and of each check and
    /// group, and every row that is not ok.
    #[must_use]
    pub fn to_json(&self) -> String {
        wire::write_fleet(self)
    }
}

fn at(codes: &[u8], row: u32) -> Status {
    codes.get(row as usize).map_or(Status::Unknown, |code| Status::of_code(*code))
}

fn named<'a>(
    names: &'a [String],
    columns: &'a [Vec<u8>],
) -> impl ExactSizeIterator<Item = (&'a str, &'a [u8])> {
    names.iter().map(String::as_str).zip(columns.iter().map(Vec::as_slice))
}
