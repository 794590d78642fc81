//! One row's decision in one sentence, with the evidence.

use super::{DedupePlan, DropEntry, Reason};
use crate::columns::{Cell, Table};
use crate::dedupe::{self, Keep, Mode, Verdict, Why};
use crate::error::{Error, quoted};
use crate::groups::{Rows, TableRows};
use crate::plan::is_id;
use crate::policy::{DedupeRule, Family};
use crate::time::{Duration, Instant};
use crate::wire::{Explanation, Neighbour};

impl DedupeRule {
    /// What becomes of the row with this id, and why: for rows that go, stay or are left alone.
    ///
    /// # Errors
    /// A `rows.*` error for a table that the rule cannot read. An id that no row has is no error.
    pub fn explain(&self, table: &Table, id: &str, now: Instant) -> Result<Explanation, Error> {
        let rows = self.rows(table)?;
        let Some(row) = (0..rows.len()).find(|&row| is_id(&rows.id().cell(row), id)) else {
            return Ok(Explanation::unknown_id(Family::Dedupe, self.name(), id));
        };
        let one = OneRow { rule: self, table, rows: &rows, row, now };
        Ok(match dedupe::verdict(&rows, self.rule(), now, row) {
            Verdict::Dropped { keeper, via } => one.dropped(id, keeper, via),
            Verdict::Kept { drops, older, newer } => one.kept(id, &drops, older, newer),
            Verdict::Skipped(why) => one.skipped(id, why),
        })
    }
}

struct OneRow<'a> {
    rule: &'a DedupeRule,
    table: &'a Table,
    rows: &'a TableRows<'a>,
    row: u32,
    now: Instant,
}

impl OneRow<'_> {
    fn time(&self, row: u32) -> Instant {
        self.rows.time_of(row).unwrap_or(Instant::MIN)
    }

    fn neighbour(&self, row: u32) -> Neighbour {
        let time = self.time(row);
        Neighbour { id: self.rows.id_text(row), time, gap: time.distance(self.time(self.row)) }
    }

    fn key(&self) -> String {
        let cells = self.rule.key().iter().zip(self.rows.key());
        key_text(cells.map(|(name, column)| (name.as_str(), column.cell(self.row))))
    }

    fn answer(&self, id: &str, decision: &'static str, why: &'static str) -> Explanation {
        let mut answer = Explanation::new(Family::Dedupe, self.rule.name(), id, decision, why);
        answer.time = self.rows.time_of(self.row);
        answer
    }

    fn dropped(&self, id: &str, keeper: u32, via: u32) -> Explanation {
        let mode = self.rule.rule().get_mode();
        let why = match mode {
            Mode::Anchor => "within_window",
            Mode::Chain => "chained",
            Mode::Tumbling => "same_bucket",
            Mode::Forever => "same_key",
        };
        let mut answer = self.answer(id, "drop", why);
        let (keeper, via) = (self.neighbour(keeper), self.neighbour(via));
        let via = (mode == Mode::Chain).then_some(via);
        answer.sentence = dropped_sentence(
            id,
            &self.key(),
            self.time(self.row),
            &keeper,
            via.as_ref(),
            mode,
            self.rule.rule().get_window(),
        );
        answer.keeper = Some(keeper);
        answer.via = via;
        answer
    }

    fn kept(&self, id: &str, drops: &[u32], older: Option<u32>, newer: Option<u32>) -> Explanation {
        let why = match (drops, older.or(newer)) {
            ([_, ..], _) => "keeper",
            ([], Some(_)) => "apart",
            ([], None) => "alone",
        };
        let mut answer = self.answer(id, "keep", why);
        answer.drops = drops.iter().map(|&row| self.rows.id_text(row)).collect();
        answer.older = older.map(|row| self.neighbour(row));
        answer.newer = newer.map(|row| self.neighbour(row));
        let window = self.rule.rule().get_window();
        let near = answer.older.iter().chain(&answer.newer).min_by_key(|near| near.gap);
        answer.sentence = match (drops.len(), near) {
            (0, Some(near)) => {
                let (side, apart) = (
                    if near.time < self.time(self.row) { "earlier" } else { "later" },
                    match self.rule.rule().get_mode() {
                        Mode::Tumbling => format!("in another bucket of {window}"),
                        _ if near.gap > window => format!("farther than the window of {window}"),
                        _ => {
                            format!("and is itself dropped for a row within its window of {window}")
                        }
                    },
                );
                let (other, gap) = (quoted(&near.id), near.gap);
                format!(
                    "{} is kept: the nearest row of its key, {other}, is {gap} {side}, {apart}",
                    quoted(id)
                )
            }
            (0, None) => {
                format!("{} is kept: no other row that counts has {}", quoted(id), self.key())
            }
            (count, _) => {
                let end = match self.rule.rule().get_keep() {
                    Keep::Newest => "newest",
                    Keep::Oldest => "oldest",
                };
                let rows = if count == 1 { "1 row is".into() } else { format!("{count} rows are") };
                let shown: Vec<_> = answer.drops.iter().take(5).map(|id| quoted(id)).collect();
                let more = if count > shown.len() { ", …" } else { "" };
                format!(
                    "{} is kept: it is the {end} of its cluster, and {rows} dropped for it: {}{more}",
                    quoted(id),
                    shown.join(", "),
                )
            }
        };
        answer
    }

    fn skipped(&self, id: &str, why: Why) -> Explanation {
        let time = self.rule.time();
        let (word, because) = match why {
            Why::NotOnly => ("not_only", self.not_only()),
            Why::NullTime => (
                "null_time",
                format!("its {time} is null, and a row without a time is never dropped"),
            ),
            Why::Future => {
                let (at, skew) = (self.time(self.row), self.rule.rule().get_skew());
                let now = self.now;
                (
                    "future",
                    format!(
                        "its {time} {at} is in the future: now is {now}, and the rule allows clocks to be ahead by {skew}"
                    ),
                )
            }
            Why::NullKey => (
                "null_key",
                format!("its key has a null ({}), and the rule skips those", self.key()),
            ),
            Why::Open { newest } => {
                let newest = self.neighbour(newest);
                let window = self.rule.rule().get_window();
                let because = match self.rule.rule().get_mode() {
                    Mode::Tumbling => format!("the bucket of {window} it is in has not ended yet"),
                    _ => format!(
                        "its cluster may still grow: its newest row, {}, is from {}, not more than {window} ago",
                        quoted(&newest.id),
                        newest.time,
                    ),
                };
                ("open", because)
            }
        };
        let mut answer = self.answer(id, "skip", word);
        answer.sentence = format!("{} is left alone: {because}", quoted(id));
        answer
    }

    /// The condition that the row does not meet.
    fn not_only(&self) -> String {
        let failed = self.rule.only().iter().find_map(|(name, test)| {
            let cell = self.table.column(name)?.cell(self.row);
            (!test.matches(&cell)).then(|| format!("its {name} is {}", quoted(&cell.to_string())))
        });
        format!("the rule is not about it: {}", failed.unwrap_or_default())
    }
}

fn key_text<'a>(cells: impl Iterator<Item = (&'a str, Cell<'a>)>) -> String {
    let parts: Vec<_> = cells
        .map(|(name, cell)| match cell {
            Cell::Null => format!("{name} = null"),
            cell => format!("{name} = {}", quoted(&cell.to_string())),
        })
        .collect();
    parts.join(", ")
}

fn dropped_sentence(
    id: &str,
    key: &str,
    time: Instant,
    keeper: &Neighbour,
    via: Option<&Neighbour>,
    mode: Mode,
    window: Duration,
) -> String {
    let side = match keeper.time.cmp(&time) {
        std::cmp::Ordering::Greater => format!("{} later", keeper.gap),
        std::cmp::Ordering::Less => format!("{} earlier", keeper.gap),
        std::cmp::Ordering::Equal => "at the same time".to_owned(),
    };
    let within = match (mode, via) {
        (Mode::Anchor, _) => format!("within the window of {window}"),
        (Mode::Chain, Some(via)) if via.id != keeper.id => {
            format!(
                "joined to it by {}, {} away, within the window of {window}",
                quoted(&via.id),
                via.gap
            )
        }
        (Mode::Chain, _) => format!("within the window of {window}"),
        (Mode::Tumbling, _) => format!("in the same bucket of {window}"),
        (Mode::Forever, _) => "and one row per key stays".to_owned(),
    };
    format!(
        "{} is dropped: {} has the same {key} and is {side}, {within}",
        quoted(id),
        quoted(&keeper.id)
    )
}

impl DedupePlan {
    /// What becomes of an id that the plan knows: a row that goes, or one that stays for it.
    pub(in crate::plan) fn explain(&self, rule: &str, id: &str) -> Option<Explanation> {
        if let Some(drop) = self.drops().find(|drop| is_id(&drop.id, id)) {
            return Some(self.explain_drop(rule, id, &drop));
        }
        let drops: Vec<DropEntry<'_>> =
            self.drops().filter(|drop| is_id(&drop.keeper_id, id)).collect();
        let first = drops.first()?;
        let mut answer = Explanation::new(Family::Dedupe, rule, id, "keep", "keeper");
        answer.time = Some(first.keeper_time);
        answer.drops = drops.iter().map(|drop| drop.id.to_string()).collect();
        let count = drops.len();
        let rows = if count == 1 { "1 row is".to_owned() } else { format!("{count} rows are") };
        answer.sentence = format!("{} is kept: {rows} dropped for it", quoted(id));
        Some(answer)
    }

    fn explain_drop(&self, rule: &str, id: &str, drop: &DropEntry<'_>) -> Explanation {
        let mut answer = Explanation::new(Family::Dedupe, rule, id, "drop", drop.reason.as_str());
        let keeper =
            Neighbour { id: drop.keeper_id.to_string(), time: drop.keeper_time, gap: drop.gap };
        let via = match drop.reason {
            Reason::Chained { via, gap } => {
                let time = if drop.keeper_time >= drop.time {
                    drop.time.saturating_add(gap)
                } else {
                    drop.time.saturating_sub(gap)
                };
                Some(Neighbour { id: via.to_string(), time, gap })
            }
            _ => None,
        };
        let settings = &self.settings;
        answer.sentence = dropped_sentence(
            id,
            &key_text(drop.key.iter().copied()),
            drop.time,
            &keeper,
            via.as_ref(),
            settings.mode.unwrap_or_default(),
            settings.window.unwrap_or_default(),
        );
        answer.time = Some(drop.time);
        answer.keeper = Some(keeper);
        answer.via = via;
        answer
    }
}
