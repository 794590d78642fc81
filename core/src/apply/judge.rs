//! Whether each row that a plan drops is as it was planned, and is condemned still: by the kernels that
//! made the plan, over the rows as they are under lock.

use std::collections::{HashMap, HashSet};

use foldhash::fast::FixedState;
use thiserror::Error;

use super::rows::{Row, Rows};
use super::trouble::Trouble;
use crate::Control;
use crate::columns::{Cell, ListBuilder, Need, Record, TableBuilder, TimeFormat, Type};
use crate::dedupe::{self, Keep, Open};
use crate::error::{Code, Leaf, quoted};
use crate::plan::DedupePlan;
use crate::policy::{DedupeRule, RetentionRule, Rule};
use crate::retention;
use crate::time::Instant;

/// The column of what stands for ids: no column of a database is called like that.
const RANK: &str = "\0rank";

/// What is known of the planned rows.
#[derive(Debug, Default)]
pub(super) struct Judgement {
    /// Those that may go.
    pub(super) condemned: Vec<String>,
    /// Those that are gone already.
    pub(super) gone: Vec<String>,
    /// Those that are not as they were planned, each with why.
    pub(super) changed: Vec<(String, Changed)>,
    /// The rows that stay in their place.
    pub(super) keepers: Vec<String>,
}

/// Why a row that was planned does not go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Changed {
    /// Its key or its time is another.
    Row,
    /// The row that was to stay is gone, or another.
    Keeper,
    /// The rule does not condemn it.
    NotCondemned,
}

impl Changed {
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Changed::Row => "the row was changed",
            Changed::Keeper => "the row that was to stay is gone, or was changed",
            Changed::NotCondemned => "the rule does not condemn it",
        }
    }
}

/// Rows that are not as they were planned.
#[derive(Debug, Error)]
#[error("{count} of {of} planned rows are no longer as they were planned: {} ({why})", quoted(.first))]
pub(super) struct RowsChanged {
    pub(super) count: u64,
    pub(super) of: u64,
    pub(super) first: String,
    pub(super) why: &'static str,
}

impl Leaf for RowsChanged {
    fn code(&self) -> Code {
        Code::ApplyChanged
    }

    fn help(&self) -> Option<String> {
        Some("plan again; or leave such rows where they are, with `--skip-changed`".into())
    }
}

/// Rows that were found: what is needed of each, by its id.
#[derive(Default)]
pub(super) struct Found {
    rows: Vec<Rows>,
    places: HashMap<String, Place, FixedState>,
}

/// Where a row is that was found.
struct Place {
    /// In which of the rows.
    rows: usize,
    place: usize,
    /// Whether it is one of those that may go.
    is_planned: bool,
}

impl Found {
    /// These planned rows, whose first column is the id. What was found of them before counts no more.
    pub(super) fn add(&mut self, rows: Rows) {
        let own = self.rows.len();
        let place = |place| Place { rows: own, place, is_planned: true };
        self.places.extend(ids(&rows).map(|(id, n)| (id, place(n))));
        self.rows.push(rows);
    }

    /// These as well, but for such as were found before.
    pub(super) fn add_others(&mut self, rows: Rows) {
        let own = self.rows.len();
        for (id, place) in ids(&rows) {
            self.places.entry(id).or_insert(Place { rows: own, place, is_planned: false });
        }
        self.rows.push(rows);
    }

    fn get(&self, id: &str) -> Option<Row<'_>> {
        self.at(self.places.get(id)?)
    }

    /// A row that may go. Another may have come in its place, which may not.
    fn planned(&self, id: &str) -> Option<Row<'_>> {
        self.at(self.places.get(id).filter(|place| place.is_planned)?)
    }

    fn at(&self, place: &Place) -> Option<Row<'_>> {
        self.rows.get(place.rows)?.get(place.place)
    }

    /// Puts ids in the order in which their rows lie in the table, where these say it, so that each page is
    /// touched once.
    pub(super) fn order(&self, ids: &mut [String]) {
        let place = |id: &String| -> Option<(u32, u16)> {
            let text = self.get(id)?.texts().last()??;
            let (page, item) = text.strip_prefix('(')?.strip_suffix(')')?.split_once(',')?;
            Some((page.parse().ok()?, item.parse().ok()?))
        };
        ids.sort_by_cached_key(place);
    }
}

/// The ids of rows, each with its place.
fn ids(rows: &Rows) -> impl Iterator<Item = (String, usize)> {
    rows.iter().zip(0..).filter_map(|(row, place)| Some((row.get(0)?.to_owned(), place)))
}

/// A row as it is: its id, and then what is needed of it.
pub(super) struct Current<'a> {
    row: Row<'a>,
    /// What stands after all that is needed.
    rank: i64,
    /// The lists among what is needed, each at its place.
    lists: Vec<Option<ListBuilder>>,
}

impl<'a> Current<'a> {
    pub(super) fn new(row: Row<'a>, needs: &[Need]) -> Self {
        let list = |(place, need): (usize, &Need)| {
            let text = row.get(place + 1);
            let text = text.filter(|_| need.ty == Some(Type::List))?;
            let texts: Vec<String> = serde_json::from_str(text).ok()?;
            Some(texts.into_iter().collect())
        };
        let has_lists = needs.iter().any(|need| need.ty == Some(Type::List));
        let lists =
            if has_lists { needs.iter().enumerate().map(list).collect() } else { Vec::new() };
        Self { row, rank: 0, lists }
    }

    fn ranked(self, rank: i64) -> Self {
        Self { rank, ..self }
    }
}

impl Record for Current<'_> {
    fn cell(&self, place: usize, need: &Need) -> Cell<'_> {
        if need.name == RANK {
            return Cell::Integer(self.rank);
        }
        let list = self.lists.get(place).and_then(Option::as_ref);
        match (list, self.row.get(place + 1)) {
            (_, None) => Cell::Null,
            (Some(list), Some(_)) => Cell::List(list.list()),
            (None, Some(text)) if need.ty == Some(Type::Text) => Cell::Text(text),
            (None, Some(text)) => Cell::Raw(text),
        }
    }
}

/// A row that is planned to go, and the one that stays for it.
struct Planned<'a> {
    id: String,
    keeper: String,
    time: Instant,
    keeper_time: Instant,
    row: Row<'a>,
}

/// Judges a plan of duplicates, of rows of which the plan's drops and keepers were found.
pub(super) fn duplicates(
    rule: &DedupeRule,
    plan: &DedupePlan,
    places: &[usize],
    needs: &[Need],
    found: &Found,
    now: Instant,
) -> Result<Judgement, Trouble> {
    let mut judged = Judgement::default();
    let mut rows: Vec<Planned<'_>> = Vec::new();
    for drop in places.iter().filter_map(|place| plan.drop_at(*place)) {
        let (id, keeper) = (drop.id.to_string(), drop.keeper_id.to_string());
        match found.planned(&id) {
            None => judged.gone.push(id),
            Some(row) => {
                let (time, keeper_time) = (drop.time, drop.keeper_time);
                rows.push(Planned { id, keeper, time, keeper_time, row });
            }
        }
    }
    let mut keepers: Vec<&str> = rows.iter().map(|planned| planned.keeper.as_str()).collect();
    keepers.sort_unstable();
    keepers.dedup();
    // A tie of times is decided by the plan: either of the two may stay.
    let newest = rule.rule().get_keep() == Keep::Newest;
    let rank = |n: usize, stays: bool| {
        let rank = i64::try_from(n).unwrap_or(i64::MAX / 4);
        if stays == newest { i64::MAX / 2 + rank } else { rank }
    };
    let mut builder = TableBuilder::new(&ranked(needs));
    for (n, planned) in rows.iter().enumerate() {
        builder.push(&Current::new(planned.row, needs).ranked(rank(n, false)))?;
    }
    // Behind those that go stand those that stay.
    let mut stay: Vec<&str> = Vec::new();
    for (n, keeper) in keepers.iter().enumerate() {
        if let Some(row) = found.get(keeper) {
            builder.push(&Current::new(row, needs).ranked(rank(n, true)))?;
            stay.push(keeper);
        }
    }
    let table = builder.finish()?;
    let kernel = rule.rule().clone().open(Open::Close);
    let shown = rule.rows_by(&[RANK], &table)?;
    let decision = dedupe::decide(&shown, &kernel, now, &Control::new())?;
    let mut keeper_of: Vec<Option<u32>> = vec![None; rows.len()];
    for drop in &decision.drops {
        if let Some(keeper) = keeper_of.get_mut(drop.row as usize) {
            *keeper = Some(drop.keeper);
        }
    }
    let mut is_needed = vec![false; stay.len()];
    for ((n, planned), keeper) in (0u32..).zip(&rows).zip(keeper_of) {
        let place = keeper.and_then(|keeper| (keeper as usize).checked_sub(rows.len()));
        let keeper_id = place.and_then(|place| stay.get(place).copied());
        let why = if found.get(&planned.keeper).is_none() {
            Some(Changed::Keeper)
        } else if keeper_id != Some(planned.keeper.as_str()) {
            Some(Changed::NotCondemned)
        } else if shown.time_of(n) != Some(planned.time) {
            Some(Changed::Row)
        } else if keeper.and_then(|row| shown.time_of(row)) != Some(planned.keeper_time) {
            Some(Changed::Keeper)
        } else {
            None
        };
        match why {
            Some(why) => judged.changed.push((planned.id.clone(), why)),
            None => {
                judged.condemned.push(planned.id.clone());
                if let Some(is_needed) = place.and_then(|place| is_needed.get_mut(place)) {
                    *is_needed = true;
                }
            }
        }
    }
    let needed = stay.into_iter().zip(is_needed).filter(|(_, is_needed)| *is_needed);
    judged.keepers = needed.map(|(keeper, _)| keeper.to_owned()).collect();
    Ok(judged)
}

/// The same, with a number that stands for the id.
fn ranked(needs: &[Need]) -> Vec<Need> {
    let (name, time) = (RANK.to_owned(), TimeFormat::default());
    let rank = Need { name, ty: Some(Type::Integer), time, required: true, optional: false };
    needs.iter().cloned().chain([rank]).collect()
}

/// Judges a plan of what has outlived its use, of the rows that the rule needs to see for that.
pub(super) fn outlived(
    rule: &RetentionRule,
    planned: &[String],
    needs: &[Need],
    found: &Found,
    now: Instant,
) -> Result<Judgement, Trouble> {
    let mut builder = TableBuilder::new(needs);
    let mut ids = Vec::new();
    for id in found.places.keys() {
        if let Some(row) = found.get(id) {
            builder.push(&Current::new(row, needs))?;
            ids.push(id.as_str());
        }
    }
    let table = builder.finish()?;
    let decision = retention::decide(&rule.items(&table)?, rule.rule(), now, &Control::new())?;
    let condemned: HashSet<&str, FixedState> =
        decision.drops.iter().filter_map(|drop| ids.get(drop.row as usize).copied()).collect();
    let mut judged = Judgement::default();
    for id in planned {
        if found.planned(id).is_none() {
            judged.gone.push(id.clone());
        } else if condemned.contains(id.as_str()) {
            judged.condemned.push(id.clone());
        } else {
            judged.changed.push((id.clone(), Changed::NotCondemned));
        }
    }
    Ok(judged)
}

/// Whether a rule judges each row by itself, and needs to see no other.
pub(super) fn judges_alone(rule: &Rule) -> bool {
    match rule {
        Rule::Dedupe(_) => false,
        Rule::Retention(rule) => rule.rule().decides_alone(),
    }
}
