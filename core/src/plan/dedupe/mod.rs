//! What a plan says of duplicates: the rows that go, and for each the row that stays.

#[cfg(feature = "arrow")]
mod batch;
mod build;
mod compare;
mod explain;
mod order;
mod sweep;

use super::fetch::fetch;
use super::{Body, Head, Plan};
use crate::columns::{Cell, Column, Need, Record, Table, TableBuilder, TimeFormat, Type};
use crate::dedupe::{self, Mode, Skipped};
use crate::error::Error;
use crate::policy::DedupeDocument;
use crate::time::{Duration, Instant};
use crate::wire::{AdviceDocument, NearestDocument};

/// What a plan says of duplicates, besides what every plan says.
#[derive(Clone, Debug)]
pub struct DedupePlan {
    pub(crate) settings: DedupeDocument,
    pub(crate) skipped: Skipped,
    pub(crate) advice: AdviceDocument,
    pub(crate) nearest: Option<NearestDocument>,
    /// In the order of key, time and id.
    drops: Vec<dedupe::Drop>,
    rows: PlanRows,
}

/// The columns a plan speaks of.
#[derive(Clone, Debug)]
struct PlanRows {
    id: Column,
    key: Vec<(String, Column)>,
    time: Column,
}

/// A row that goes, with the evidence.
#[derive(Clone, Debug)]
pub struct DropEntry<'a> {
    /// Its id.
    pub id: Cell<'a>,
    /// The id of the row that stays.
    pub keeper_id: Cell<'a>,
    /// The key they share: column and value.
    pub key: Vec<(&'a str, Cell<'a>)>,
    /// Its time.
    pub time: Instant,
    /// The time of the row that stays.
    pub keeper_time: Instant,
    /// Elapsed time between the two.
    pub gap: Duration,
    /// Why it goes.
    pub reason: Reason<'a>,
}

/// Why a row goes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Reason<'a> {
    /// The row that stays is within the window.
    WithinWindow,
    /// A neighbour towards the row that stays is within the window, and so on to it.
    Chained {
        /// The neighbour's id.
        via: Cell<'a>,
        /// Elapsed time to the neighbour.
        gap: Duration,
    },
    /// The row that stays is in the same bucket.
    SameBucket {
        /// When the bucket begins.
        start: Instant,
    },
    /// The row that stays has the same key, and the rule asks no more.
    SameKey,
}

impl Reason<'_> {
    /// The word in the document.
    #[must_use]
    pub fn as_str(&self) -> &'static str {
        match self {
            Reason::WithinWindow => "within_window",
            Reason::Chained { .. } => "chained",
            Reason::SameBucket { .. } => "same_bucket",
            Reason::SameKey => "same_key",
        }
    }
}

impl DedupePlan {
    /// Rows that the rule leaves alone.
    #[must_use]
    pub fn skipped(&self) -> Skipped {
        self.skipped
    }

    /// Rows that go.
    #[must_use]
    pub fn drop_count(&self) -> u64 {
        self.drops.len() as u64
    }

    /// Whether it drops enough to be applied, by the rule's `advise_above`.
    #[must_use]
    pub fn is_advised(&self) -> bool {
        self.advice.apply
    }

    /// The advice in words: `3 drops, applied above 10`.
    #[must_use]
    pub fn advice(&self) -> &str {
        &self.advice.why
    }

    /// For a plan that drops nothing: two rows of one key that came nearest, and how near.
    #[must_use]
    pub fn nearest(&self) -> Option<(&str, &str, Duration)> {
        let nearest = self.nearest.as_ref()?;
        Some((&nearest.id, &nearest.other_id, nearest.gap))
    }

    /// The ids that go, in the order of key, time and id.
    pub fn drop_ids(&self) -> impl ExactSizeIterator<Item = Cell<'_>> {
        self.drops.iter().enumerate().map(|(place, drop)| {
            fetch(place, &self.drops, |drop| [drop.row], [&self.rows.id]);
            self.rows.id.cell(drop.row)
        })
    }

    /// The rows that go, in the order of key, time and id.
    pub fn drops(&self) -> impl ExactSizeIterator<Item = DropEntry<'_>> {
        (0..self.drops.len()).map(|place| {
            let PlanRows { id, key, time } = &self.rows;
            fetch(place, &self.drops, |drop| [drop.row, drop.keeper], [id, time]);
            fetch(place, &self.drops, |drop| [drop.row], key.iter().map(|(_, column)| column));
            self.entry(place)
        })
    }

    /// The drop at this place of the order; none past the last one.
    #[must_use]
    pub fn drop_at(&self, place: usize) -> Option<DropEntry<'_>> {
        (place < self.drops.len()).then(|| self.entry(place))
    }

    /// What the drop at a place makes way for, without all else.
    pub(crate) fn keeper_at(&self, place: usize) -> Option<Cell<'_>> {
        self.drops.get(place).map(|drop| self.rows.id.cell(drop.keeper))
    }

    #[expect(clippy::indexing_slicing, reason = "the callers count the drops")]
    fn entry(&self, place: usize) -> DropEntry<'_> {
        let drop = self.drops[place];
        let time_of = |row| self.rows.time_of(row);
        let (time, keeper_time) = (time_of(drop.row), time_of(drop.keeper));
        let reason = match self.settings.mode.unwrap_or_default() {
            Mode::Anchor => Reason::WithinWindow,
            Mode::Forever => Reason::SameKey,
            Mode::Tumbling => {
                let window = self.settings.window.unwrap_or_default();
                let start = dedupe::bucket(time.as_micros(), window) * window.as_micros();
                Reason::SameBucket { start: Instant::checked(start).unwrap_or(Instant::MIN) }
            }
            Mode::Chain => {
                let via = self.neighbour(place).unwrap_or(drop.keeper);
                Reason::Chained { via: self.rows.id.cell(via), gap: time.distance(time_of(via)) }
            }
        };
        DropEntry {
            id: self.rows.id.cell(drop.row),
            keeper_id: self.rows.id.cell(drop.keeper),
            key: self
                .rows
                .key
                .iter()
                .map(|(name, column)| (name.as_str(), column.cell(drop.row)))
                .collect(),
            time,
            keeper_time,
            gap: time.distance(keeper_time),
            reason,
        }
    }

    /// The next drop towards the keeper, if there is one between: drops for one keeper stand
    /// together in order of time.
    fn neighbour(&self, place: usize) -> Option<u32> {
        let drop = self.drops.get(place)?;
        let newest = self.rows.time_of(drop.keeper) >= self.rows.time_of(drop.row)
            && self.settings.keep.unwrap_or_default() == dedupe::Keep::Newest;
        let next = if newest { place.checked_add(1)? } else { place.checked_sub(1)? };
        let next = self.drops.get(next)?;
        self.rows.id.same(next.keeper, drop.keeper).then_some(next.row)
    }
}

impl PlanRows {
    fn time_of(&self, row: u32) -> Instant {
        self.time.number(row).and_then(Instant::checked).unwrap_or(Instant::MIN)
    }
}

// A table has each name once, and no column of a key is called like that.
const ID: &str = "\0id";
const TIME: &str = "\0time";

/// The rows of a plan that is read: each drop, then its keeper.
pub(crate) struct RowsOfPlan {
    builder: TableBuilder,
    key: Vec<String>,
}

impl RowsOfPlan {
    pub(crate) fn new(settings: &DedupeDocument) -> Self {
        let need = |name: &str, ty, required| Need {
            name: name.to_owned(),
            ty,
            time: TimeFormat::default(),
            required,
            optional: false,
        };
        // Ids and keys are taken as the text they stand as, so that they are written the same.
        let mut needs = vec![need(ID, Some(Type::Text), true)];
        needs.extend(settings.key.iter().map(|name| need(name, None, false)));
        needs.push(need(TIME, Some(Type::Instant), true));
        Self { builder: TableBuilder::new(&needs), key: settings.key.clone() }
    }

    pub(crate) fn push<'a>(
        &mut self,
        id: &'a str,
        key: &impl Fn(usize) -> Cell<'a>,
        time: Instant,
    ) -> Result<(), Error> {
        struct Row<'a, 'f, F>(&'a str, &'f F, Instant, usize);
        impl<'a, F: Fn(usize) -> Cell<'a>> Record for Row<'a, '_, F> {
            fn cell(&self, place: usize, _: &Need) -> Cell<'_> {
                match place.checked_sub(1) {
                    None => Cell::Text(self.0),
                    Some(n) if n < self.3 => (self.1)(n),
                    Some(_) => Cell::Instant(self.2),
                }
            }
        }
        self.builder.push(&Row(id, key, time, self.key.len()))
    }

    /// The plan, of which the rest is read already.
    pub(crate) fn finish(
        self,
        head: Head,
        settings: DedupeDocument,
        skipped: Skipped,
        advice: AdviceDocument,
        nearest: Option<NearestDocument>,
    ) -> Result<Plan, Error> {
        let table = self.builder.finish()?;
        let rows = PlanRows::new(&table, table.find(ID)?.clone(), &self.key, TIME)?;
        let drops = (0..table.rows()).step_by(2);
        let drops = drops.map(|row| dedupe::Drop { row, keeper: row + 1 }).collect();
        let plan = DedupePlan { settings, skipped, advice, nearest, drops, rows };
        Ok(Plan::new(head, Body::Dedupe(plan)))
    }
}

impl PlanRows {
    fn new(table: &Table, id: Column, key: &[String], time: &str) -> Result<Self, Error> {
        let find = |name: &str| table.find(name).cloned();
        Ok(Self {
            id,
            key: key
                .iter()
                .map(|name| Ok((name.clone(), find(name)?)))
                .collect::<Result<_, Error>>()?,
            time: find(time)?,
        })
    }
}
