//! Which rows an export holds, each as it was: so that nothing is removed that it does not hold.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};

use foldhash::fast::FixedState;
use sha2::{Digest, Sha256};

use super::files::{Block, Lines};
use super::manifest::{BadExport, Manifest};
use super::survey::{Node, Survey, texts};
use super::talk::Talk;
use super::trouble::Trouble;
use crate::columns::composite;
use crate::control::side_by_side;
use crate::sql::names::Relation;
use crate::wire::texts_of;

/// A block of some megabytes is not worth more.
const MOST_THREADS: usize = 8;

/// Where in the plan its rows are.
type Places<'a> = HashMap<&'a str, usize, FixedState>;

/// The rows of an export that may be removed: those of the plan, and those that hang on them.
#[derive(Debug, Default)]
pub(super) struct Coverage {
    tables: Vec<Covered>,
    /// The places in the plan of the rows that it names, in the order in which they stand here.
    order: Vec<usize>,
}

/// Those of a table.
#[derive(Debug)]
struct Covered {
    table: Relation,
    /// Each by its mark.
    rows: HashSet<u128, FixedState>,
    /// Whether all of them hang on rows of the plan.
    is_exact: bool,
}

impl Coverage {
    /// Reads the export, of which every file has to be whole and as it was, within a transaction: on so many
    /// threads, or fewer.
    pub(super) async fn read(
        talk: &Talk,
        survey: &Survey,
        planned: &[String],
        threads: usize,
    ) -> Result<Self, Trouble> {
        let manifest = Manifest::read(talk).await?;
        manifest.check(&survey.fingerprint)?;
        let places: Places<'_> = planned.iter().map(String::as_str).zip(0..).collect();
        let mut own = Self::default();
        for node in survey.tables() {
            let entry = manifest.tables.iter().find(|entry| entry.table == node.facts.relation);
            let entry = entry.ok_or(BadExport::NoTable(node.facts.relation.to_string()))?;
            let keys = Keys::of(survey, node);
            let mut rows = HashSet::default();
            let mut lines = Lines::of(&entry.files);
            while let Some(block) = lines.next(talk).await? {
                let all: Vec<&str> = block.rows().collect();
                let each = all.len().div_ceil(threads.min(MOST_THREADS)).max(1);
                let covered = |line: &&str| {
                    let place = keys.planned(line, &places)?;
                    Some((place, mark(line)))
                };
                let covered: Vec<Vec<_>> = side_by_side(all.chunks(each).collect(), |some| {
                    Ok(some.iter().filter_map(covered).collect())
                })?;
                for (place, mark) in covered.into_iter().flatten() {
                    rows.insert(mark);
                    if node.parent.is_none() {
                        own.order.extend(place);
                    }
                }
            }
            let is_exact = matches!((keys.columns.as_slice(), keys.is_deep), ([_], false));
            own.tables.push(Covered { table: node.facts.relation.clone(), rows, is_exact });
        }
        let held: HashSet<usize> = own.order.iter().copied().collect();
        let missing = planned.iter().zip(0..).filter(|(_, place)| !held.contains(place));
        let missing: Vec<String> = missing.map(|(id, _)| id.clone()).collect();
        // What is gone already needs no export.
        if let Some(root) = survey.root()
            && !missing.is_empty()
        {
            let missing = talk.count(survey.count(root), texts(&missing)).await?;
            if missing > 0 {
                return Err(BadExport::Lacks { missing, of: planned.len() }.into());
            }
        }
        Ok(own)
    }

    /// The places of the planned rows, in the order of the export: that in which they lay in the table.
    pub(super) fn order(&self) -> &[usize] {
        &self.order
    }

    /// How many rows of a table it holds that may be removed, where that can be told.
    pub(super) fn count(&self, table: &Node) -> Option<u64> {
        self.of(table).filter(|own| own.is_exact).map(|own| own.rows.len() as u64)
    }

    fn of(&self, table: &Node) -> Option<&Covered> {
        self.tables.iter().find(|own| own.table == table.facts.relation)
    }

    /// Refuses rows of a table that the export does not hold as they are.
    pub(super) fn check(&self, table: &Node, block: &Block) -> Result<(), BadExport> {
        let own = self.of(table);
        let has = |row: &&str| own.is_some_and(|own| own.rows.contains(&mark(row)));
        match block.rows().filter(|row| !has(row)).count() {
            0 => Ok(()),
            count => Err(BadExport::Stale { count, table: table.facts.relation.to_string() }),
        }
    }
}

/// The columns of a table by which its rows are planned, or hang on such.
struct Keys<'a> {
    names: Vec<&'a str>,
    /// Those of each key, by their places in the names.
    columns: Vec<Vec<usize>>,
    /// Some of its rows hang on the plan's by way of others: of those it cannot be told here.
    is_deep: bool,
}

impl<'a> Keys<'a> {
    fn of(survey: &'a Survey, node: &Node) -> Self {
        let mut keys = Self { names: Vec::new(), columns: Vec::new(), is_deep: false };
        for own in survey.nodes.iter().filter(|own| own.facts.relation == node.facts.relation) {
            match &own.parent {
                None => keys.add(&own.id),
                Some((0, key)) => keys.add(key),
                Some(_) => keys.is_deep = true,
            }
        }
        keys
    }

    /// A key, of which another may have columns as well.
    fn add(&mut self, key: &'a [String]) {
        let place = |name: &'a String| {
            let known = self.names.iter().position(|own| own == name);
            known.unwrap_or_else(|| {
                self.names.push(name);
                self.names.len() - 1
            })
        };
        let places = key.iter().map(place).collect();
        self.columns.push(places);
    }

    /// Whether a row is planned to go, or may hang on one that is; and the place of that, if it can be told.
    fn planned(&self, line: &str, places: &Places<'_>) -> Option<Option<usize>> {
        if self.is_deep {
            return Some(None);
        }
        let texts = texts_of(line, &self.names);
        let text = |place: &usize| texts.get(*place)?.as_deref();
        let id = |columns: &Vec<usize>| match columns.as_slice() {
            [one] => text(one).map(Cow::Borrowed),
            several => {
                let parts: Option<Vec<&str>> = several.iter().map(text).collect();
                Some(Cow::Owned(composite(parts?.into_iter())))
            }
        };
        self.columns.iter().filter_map(id).find_map(|id| places.get(id.as_ref()).copied().map(Some))
    }
}

/// A row, by the first half of its digest.
pub(super) fn mark(line: &str) -> u128 {
    let digest = Sha256::digest(line.as_bytes());
    let mut half = [0; 16];
    half.iter_mut().zip(digest.iter()).for_each(|(to, from)| *to = *from);
    u128::from_be_bytes(half)
}
