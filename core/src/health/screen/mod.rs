//! Which thresholds are met, of one snapshot or of very many, with nothing remembered.

mod block;
mod columns;
mod probe;
mod set;

use std::collections::BTreeMap;

use thiserror::Error;

use self::block::{Block, Scratch};
pub use self::columns::{Measure, Measures};
use self::probe::{Form, Probe};
use super::joins::Joins;
use super::{Gate, Health, Snapshot, State, Status};
use crate::control::{Control, Steps, side_by_side};
use crate::error::{Code, Error, Leaf, quoted};
use crate::time::Instant;

/// Rows that are judged together: enough that memory is read in long runs, and few enough that their
/// statuses stay in the cache.
const BLOCK_ROWS: usize = 16384;
/// Rows between two looks at the caller's wishes.
const WATCHED_ROWS: usize = 4 * BLOCK_ROWS;

/// The checks and groups of a [`Health`], made ready to be asked of many snapshots that have nothing
/// to do with each other: which thresholds are met, and how bad is that together?
///
/// Nothing is remembered, so gates are open and clear thresholds say nothing: each status is the one
/// that [`Health::evaluate`] says of the snapshot alone, were the gates of all checks open.
///
/// ```
/// use housekeep::Control;
/// use housekeep::health::{Check, Health, Measures, Metric, Numbers, Status};
/// use housekeep::time::Instant;
///
/// let queue = Check::new(Metric::Value("queue".into())).warn(Numbers::above(100.0));
/// let screen = Health::new().check("queue", queue.checked()?).checked()?.screen();
/// assert_eq!(screen.metrics(), ["queue"]);
///
/// let now = Instant::parse("2026-02-13T03:00:00Z")?;
/// let queues = [Measures::Numbers(&[120.0, 80.0, f64::NAN])];
/// let found = screen.rows(&queues, 3, now, &Control::new())?;
/// assert_eq!(found.statuses().collect::<Vec<_>>(), [Status::Warn, Status::Ok, Status::Unknown]);
/// # Ok::<(), housekeep::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Screen {
    metrics: Vec<String>,
    /// Of each metric, whether an instant is asked for.
    instants: Vec<bool>,
    checks: Vec<String>,
    probes: Vec<Probe>,
    groups: Vec<String>,
    joins: Joins,
    /// The same with open gates.
    open: Health,
}

/// What is said of many snapshots, each a row.
///
/// A status is a number here: 0 is ok, 1 warn, 2 unknown, 3 crit, its place in [`Status::ALL`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Screened {
    checks: Vec<Vec<u8>>,
    groups: Vec<Vec<u8>>,
    whole: Vec<u8>,
}

/// Measurements that do not fit the screen.
#[derive(Debug, Error)]
enum BadMeasures {
    #[error("{found} metrics are given, and {wanted} are asked for")]
    Count { found: usize, wanted: usize },
    #[error("the metric {} has {found} rows, and there are {rows}", quoted(.name))]
    Rows { name: String, found: usize, rows: usize },
}

impl Leaf for BadMeasures {
    fn code(&self) -> Code {
        Code::RowsSyntax
    }

    fn help(&self) -> Option<String> {
        Some(match self {
            BadMeasures::Count { .. } => "give one for each metric, in their order".into(),
            BadMeasures::Rows { .. } => "give every column one value per row".into(),
        })
    }
}

impl Health {
    /// The checks and groups, ready to be asked of many snapshots at once. They are to be
    /// [checked](Health::checked).
    #[must_use]
    pub fn screen(&self) -> Screen {
        let mut places: BTreeMap<&str, bool> = BTreeMap::new();
        for (_, check) in self.checks() {
            for (name, is_instant) in probe::reads(check) {
                *places.entry(name).or_default() |= is_instant;
            }
        }
        let instants = places.values().copied().collect();
        let metrics: Vec<String> = places.into_keys().map(str::to_owned).collect();
        let place = |name: &str| metrics.iter().position(|own| own == name).unwrap_or(usize::MAX);
        let probes = self.checks().map(|(_, check)| Probe::new(check, place)).collect();
        let checks: Vec<String> = self.checks().map(|(name, _)| name.to_owned()).collect();
        let groups: Vec<String> = self.groups().map(|(name, _)| name.to_owned()).collect();
        let open = |health: Health, (name, check): (&str, &super::Check)| {
            health.check(name, check.clone().raise(Gate::Open).lower(Gate::Open))
        };
        let open = self.checks().fold(self.clone(), open);
        Screen { metrics, instants, checks, probes, groups, joins: self.joins.clone(), open }
    }
}

impl Screen {
    /// The metrics that are read, each once, in the order of their names.
    #[must_use]
    pub fn metrics(&self) -> &[String] {
        &self.metrics
    }

    /// Whether a metric, by its place, is read as an instant: for `age` and `until`. Numbers are missing
    /// there.
    #[must_use]
    pub fn is_instant(&self, place: usize) -> bool {
        self.instants.get(place).copied().unwrap_or_default()
    }

    /// Whether what is said depends on when it is asked.
    #[must_use]
    pub fn is_timed(&self) -> bool {
        let is_sample = |form: Form| matches!(form, Form::Sample(_));
        let of_time = |probe: &Probe| {
            is_sample(probe.form) || probe.when.is_some_and(|(form, _)| is_sample(form))
        };
        self.instants.contains(&true) || self.probes.iter().any(of_time)
    }

    /// Whether a check has instances, of which every row is one. A snapshot may have several.
    #[must_use]
    pub fn has_instances(&self) -> bool {
        self.open.checks().any(|(_, check)| check.is_each())
    }

    /// The names of the checks, in order.
    #[must_use]
    pub fn checks(&self) -> &[String] {
        &self.checks
    }

    /// The names of the groups, in order.
    #[must_use]
    pub fn groups(&self) -> &[String] {
        &self.groups
    }

    /// Says how one row is, by one measurement for each of the [metrics](Screen::metrics), and writes the
    /// statuses of the checks and then of the groups into `codes`, which has room for just these.
    pub fn row(&self, row: &[Measure], now: Instant, codes: &mut [u8]) -> Status {
        for (code, probe) in codes.iter_mut().zip(&self.probes) {
            *code = probe.code(row, now);
        }
        for join in &self.joins.each {
            let found = join.of(codes).min(join.cap);
            if let Some(own) = codes.get_mut(join.own) {
                *own = found;
            }
        }
        status(self.joins.whole(codes).unwrap_or(UNKNOWN))
    }

    /// The same of a snapshot, which may have instances, samples, and readings of any age. A check of
    /// instances is as bad as the worst of them.
    pub fn snapshot(&self, snapshot: &Snapshot, now: Instant, codes: &mut [u8]) -> Status {
        let (found, _) = self.open.evaluate(snapshot, State::new(), now);
        codes.fill(code(Status::Ok));
        for (own, name) in codes.iter_mut().zip(self.checks.iter().chain(&self.groups)) {
            let checks = found.checks.iter().filter(|checked| *checked.check == **name);
            let groups = found.groups.iter().filter(|grouped| *grouped.group == **name);
            let checks = checks.map(|checked| checked.verdict.status);
            let worst = checks.chain(groups.map(|grouped| grouped.status)).max();
            *own = code(worst.unwrap_or_default());
        }
        found.status
    }

    /// Says how many rows are, by one column for each of the [metrics](Screen::metrics). The threads
    /// change nothing but the time it takes.
    ///
    /// # Errors
    /// `rows.syntax` for another number of columns, or one of another length; `cancelled`.
    pub fn rows(
        &self,
        columns: &[Measures<'_>],
        rows: usize,
        now: Instant,
        control: &Control<'_>,
    ) -> Result<Screened, Error> {
        let wanted = self.metrics.len();
        if columns.len() != wanted {
            return Err(BadMeasures::Count { found: columns.len(), wanted }.into());
        }
        for (name, column) in self.metrics.iter().zip(columns) {
            if let Some(found) = column.rows().filter(|found| *found != rows) {
                return Err(BadMeasures::Rows { name: name.clone(), found, rows }.into());
            }
        }
        let steps = Steps::new(control, rows as u64);
        let (checks, groups) = (self.checks.len(), self.groups.len());
        let mut all: Vec<Vec<u8>> = (0..=checks + groups).map(|_| vec![0; rows]).collect();
        let share = rows.div_ceil(steps.threads()).next_multiple_of(BLOCK_ROWS);
        side_by_side(pieces(&mut all, rows, share), |(first, mut own)| {
            let mut scratch = Scratch::default();
            let count = own.first().map_or(0, |codes| codes.len());
            let mut unsaid = 0;
            for (at, length) in blocks(count) {
                let block = Block { columns, now, start: first + at, length };
                let mut here: Vec<&mut [u8]> = Vec::with_capacity(own.len());
                for codes in &mut own {
                    let (block, rest) = std::mem::take(codes).split_at_mut(length);
                    here.push(block);
                    *codes = rest;
                }
                self.judge(&block, &mut here, &mut scratch);
                unsaid += length;
                if unsaid >= WATCHED_ROWS || at + length == count {
                    steps.advance(std::mem::take(&mut unsaid))?;
                }
            }
            Ok(())
        })?;
        let whole = all.pop().unwrap_or_default();
        let groups = all.split_off(checks);
        Ok(Screened { checks: all, groups, whole })
    }

    /// Judges a block of rows: of each check, each group and the whole one stretch.
    fn judge(&self, block: &Block<'_>, codes: &mut [&mut [u8]], scratch: &mut Scratch) {
        for (probe, codes) in self.probes.iter().zip(codes.iter_mut()) {
            block.judge(probe, codes, scratch);
        }
        for join in &self.joins.each {
            let mut own = take(codes, join.own);
            let members = join.members.iter().filter_map(|&member| codes.get(member));
            block::join(own, members.map(|codes| &**codes), join.hits, join.cap, scratch);
            put(codes, join.own, &mut own);
        }
        let last = codes.len().saturating_sub(1);
        let mut whole = take(codes, last);
        let roots = codes.iter().enumerate().filter(|(place, _)| self.joins.is_root(*place));
        // The last is the whole itself.
        let roots = roots.take_while(|(place, _)| *place < last);
        block::join(whole, roots.map(|(_, codes)| &**codes), 1, code(Status::Crit), scratch);
        put(codes, last, &mut whole);
    }
}

/// Takes one of several stretches out, so that it can be written while the others are read.
fn take<'c>(codes: &mut [&'c mut [u8]], place: usize) -> &'c mut [u8] {
    codes.get_mut(place).map(std::mem::take).unwrap_or_default()
}

fn put<'c>(codes: &mut [&'c mut [u8]], place: usize, own: &mut &'c mut [u8]) {
    if let Some(codes) = codes.get_mut(place) {
        *codes = std::mem::take(own);
    }
}

/// Each stretch of `share` rows of all columns, and its first row.
fn pieces(all: &mut [Vec<u8>], rows: usize, share: usize) -> Vec<(usize, Vec<&mut [u8]>)> {
    let starts = (0..rows).step_by(share.max(1));
    let mut pieces: Vec<(usize, Vec<&mut [u8]>)> = starts.map(|first| (first, vec![])).collect();
    for codes in all {
        for (piece, own) in pieces.iter_mut().zip(codes.chunks_mut(share.max(1))) {
            piece.1.push(own);
        }
    }
    pieces
}

/// Where each block begins, and how long it is.
fn blocks(count: usize) -> impl Iterator<Item = (usize, usize)> {
    (0..count).step_by(BLOCK_ROWS).map(move |at| (at, BLOCK_ROWS.min(count - at)))
}

impl Screened {
    /// How many rows there are.
    #[must_use]
    pub fn rows(&self) -> usize {
        self.whole.len()
    }

    /// The statuses of every check, row by row.
    #[must_use]
    pub fn checks(&self) -> &[Vec<u8>] {
        &self.checks
    }

    /// The statuses of every group, row by row.
    #[must_use]
    pub fn groups(&self) -> &[Vec<u8>] {
        &self.groups
    }

    /// How each row is as a whole.
    #[must_use]
    pub fn whole(&self) -> &[u8] {
        &self.whole
    }

    /// How each row is as a whole, in words.
    pub fn statuses(&self) -> impl ExactSizeIterator<Item = Status> {
        self.whole.iter().map(|&code| status(code))
    }
}

const UNKNOWN: u8 = code(Status::Unknown);

/// The number of a status.
const fn code(status: Status) -> u8 {
    status as u8
}

/// The status of a number.
fn status(code: u8) -> Status {
    Status::ALL.get(usize::from(code)).copied().unwrap_or(Status::Unknown)
}

impl Status {
    /// Its number in a [`Screened`]: its place in [`Status::ALL`].
    #[must_use]
    pub fn code(self) -> u8 {
        code(self)
    }

    /// The status of such a number; unknown for any other.
    #[must_use]
    pub fn of_code(code: u8) -> Self {
        status(code)
    }
}
