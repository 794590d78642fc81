//! What a plan says of what has outlived its use: the items that go and, if asked for, those that
//! stay.

#[cfg(feature = "arrow")]
mod batch;
mod build;
mod cite;
mod explain;
mod items;
mod phrase;

use std::borrow::Cow;

use thiserror::Error;

use super::fetch::fetch;
use crate::columns::{Cell, Column, Table};
use crate::error::{Code, Error, Leaf};
use crate::policy::{Family, RetentionDocument, RetentionRule};
use crate::retention::{self, Skipped};
use crate::time::Instant;
use crate::wire::{Key, OldestKept, Removal, Stay, text};

/// How much a plan says.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Detail {
    /// What goes.
    #[default]
    Drops,
    /// What stays as well, why, and until when. Only retention plans can say it.
    Decisions,
}

/// A detail that a family of rules does not have.
#[derive(Debug, Error)]
#[error("a {0} plan has no decisions on what stays")]
struct NoDecisions(Family);

impl Leaf for NoDecisions {
    fn code(&self) -> Code {
        Code::PolicyConflict
    }

    fn help(&self) -> Option<String> {
        Some("explain a row instead: that says why it stays".into())
    }
}

impl Detail {
    /// Refuses what plans of the family cannot say.
    pub(super) fn check(self, family: Family) -> Result<(), Error> {
        match (self, family) {
            (Detail::Decisions, Family::Dedupe) => Err(NoDecisions(family).into()),
            _ => Ok(()),
        }
    }
}

/// What a plan says of what has outlived its use, besides what every plan says.
#[derive(Clone, Debug)]
pub struct RetentionPlan {
    blocked: u64,
    skipped: Skipped,
    keeps: Option<Vec<Stay<'static>>>,
    items: Items,
}

/// The items that a plan speaks of.
#[derive(Clone, Debug)]
enum Items {
    /// As they were decided.
    Decided(Box<Decided>),
    /// As they stand in a document.
    Read(Box<ReadItems>),
}

/// Items that were decided: the rows of columns.
#[derive(Clone, Debug)]
struct Decided {
    rule: RetentionRule,
    now: Instant,
    rows: ItemRows,
    /// From the oldest on.
    drops: Vec<retention::Drop>,
    /// By group.
    oldest_kept: Vec<u32>,
}

#[derive(Clone, Debug)]
struct ReadItems {
    settings: RetentionDocument,
    drops: Vec<Removal<'static>>,
    oldest_kept: Vec<OldestKept<'static>>,
}

/// The columns that a plan speaks of.
#[derive(Clone, Debug)]
struct ItemRows {
    id: Column,
    by: Vec<(String, Column)>,
    time: Column,
    size: Option<Column>,
}

impl RetentionPlan {
    /// From what stands in a document.
    pub(crate) fn read(
        settings: RetentionDocument,
        blocked: u64,
        skipped: Skipped,
        drops: Vec<Removal<'static>>,
        keeps: Option<Vec<Stay<'static>>>,
        oldest_kept: Vec<OldestKept<'static>>,
    ) -> Self {
        let items = Items::Read(Box::new(ReadItems { settings, drops, oldest_kept }));
        Self { blocked, skipped, keeps, items }
    }

    pub(crate) fn settings(&self) -> &RetentionDocument {
        match &self.items {
            Items::Decided(decided) => decided.rule.settings(),
            Items::Read(read) => &read.settings,
        }
    }

    /// The files that the items are, if the rule says so: a path with `*` and `**`.
    #[must_use]
    pub fn files(&self) -> Option<&str> {
        self.settings().files.as_deref()
    }

    /// Items that go.
    #[must_use]
    pub fn drop_count(&self) -> u64 {
        match &self.items {
            Items::Decided(decided) => decided.drops.len() as u64,
            Items::Read(read) => read.drops.len() as u64,
        }
    }

    /// Items that would go, and may not yet.
    #[must_use]
    pub fn blocked(&self) -> u64 {
        self.blocked
    }

    /// Items that the rule leaves alone.
    #[must_use]
    pub fn skipped(&self) -> Skipped {
        self.skipped
    }

    /// The ids that go, the oldest first.
    pub fn drop_ids(&self) -> impl ExactSizeIterator<Item = Cell<'_>> {
        self.places().map(|place| match &self.items {
            Items::Decided(decided) => decided.id(place),
            Items::Read(read) => {
                read.drops.get(place).map_or(Cell::Null, |drop| Cell::Text(&drop.id))
            }
        })
    }

    /// The items that go, the oldest first.
    pub fn drops(&self) -> impl ExactSizeIterator<Item = Removal<'_>> {
        self.places().map(|place| {
            if let Items::Decided(decided) = &self.items {
                fetch(place, &decided.drops, |drop| [drop.row], decided.rows.columns());
            }
            self.removal(place)
        })
    }

    /// The item that goes at this place of the order; none past the last one.
    #[must_use]
    pub fn drop_at(&self, place: usize) -> Option<Removal<'_>> {
        self.places().contains(&place).then(|| self.removal(place))
    }

    /// The items that stay, in the order of their rows, if the plan was made with
    /// [`Detail::Decisions`].
    #[must_use]
    pub fn keeps(&self) -> Option<&[Stay<'static>]> {
        self.keeps.as_deref()
    }

    /// The oldest item that stays of each group that has one, in the order of the groups. For a stream
    /// of one group, what `XTRIM … MINID` asks for, if the rule is about all of it: what it is not
    /// about is not looked for here, and would be trimmed as well.
    pub fn oldest_kept(&self) -> impl ExactSizeIterator<Item = OldestKept<'_>> {
        let count = match &self.items {
            Items::Decided(decided) => decided.oldest_kept.len(),
            Items::Read(read) => read.oldest_kept.len(),
        };
        (0..count).map(|place| match &self.items {
            Items::Decided(decided) => decided.oldest(place),
            Items::Read(read) => {
                read.oldest_kept.get(place).map_or_else(nothing_kept, |oldest| OldestKept {
                    group: oldest.group.clone(),
                    id: Cow::Borrowed(&oldest.id),
                    time: oldest.time,
                })
            }
        })
    }

    fn places(&self) -> std::ops::Range<usize> {
        0..usize::try_from(self.drop_count()).unwrap_or(usize::MAX)
    }

    #[expect(clippy::indexing_slicing, reason = "the callers count the drops")]
    fn removal(&self, place: usize) -> Removal<'_> {
        match &self.items {
            Items::Decided(decided) => decided.removal(&decided.drops[place]),
            Items::Read(read) => read.drops[place].clone(),
        }
    }
}

/// What stands where there is none: nobody asks past the last one.
fn nothing_kept<'a>() -> OldestKept<'a> {
    OldestKept { group: Key::default(), id: Cow::Borrowed(""), time: Instant::MIN }
}

impl Decided {
    fn id(&self, place: usize) -> Cell<'_> {
        fetch(place, &self.drops, |drop| [drop.row], [&self.rows.id]);
        self.drops.get(place).map_or(Cell::Null, |drop| self.rows.id.cell(drop.row))
    }

    fn removal(&self, drop: &retention::Drop) -> Removal<'_> {
        let rows = &self.rows;
        let time = rows.time_of(drop.row).unwrap_or(Instant::MIN);
        Removal {
            id: text(rows.id.cell(drop.row)),
            time,
            size: rows.size_of(drop.row),
            group: rows.group(drop.row),
            reasons: [self.cite().broken(drop.under, time, drop.broken)],
        }
    }

    fn oldest(&self, place: usize) -> OldestKept<'_> {
        self.oldest_kept.get(place).map_or_else(nothing_kept, |&row| OldestKept {
            group: self.rows.group(row),
            id: text(self.rows.id.cell(row)),
            time: self.rows.time_of(row).unwrap_or(Instant::MIN),
        })
    }

    fn cite(&self) -> cite::Cite<'_> {
        cite::Cite { rule: &self.rule, now: self.now, rows: &self.rows }
    }
}

impl ItemRows {
    fn new(rule: &RetentionRule, id: Column, table: &Table) -> Result<Self, Error> {
        let find = |name: &str| table.find(name).cloned();
        let by = rule.by().iter().map(|name| Ok((name.clone(), find(name)?)));
        Ok(Self {
            id,
            by: by.collect::<Result<_, Error>>()?,
            time: find(rule.time())?,
            size: rule.size().map(find).transpose()?,
        })
    }

    /// What stands of every item in a plan.
    fn columns(&self) -> impl Iterator<Item = &Column> {
        let by = self.by.iter().map(|(_, column)| column);
        by.chain([&self.id, &self.time]).chain(&self.size)
    }

    fn time_of(&self, row: u32) -> Option<Instant> {
        self.time.number(row).and_then(Instant::checked)
    }

    /// What is not said, or is less than nothing, counts as nothing.
    fn size_of(&self, row: u32) -> Option<u64> {
        let size = self.size.as_ref()?.number(row);
        Some(size.and_then(|size| u64::try_from(size).ok()).unwrap_or(0))
    }

    fn group(&self, row: u32) -> Key<'_> {
        Key::new(self.by.iter().map(|(name, column)| (name.as_str(), column.cell(row))))
    }
}
