//! Rows that are columns.

use std::cmp::Ordering;

use thiserror::Error;

use super::{Block, Rows, Standing};
use crate::columns::{Column, Table, Type};
use crate::condition::{Bound, Test};
use crate::error::{Code, Error, Leaf};
#[cfg(feature = "documents")]
use crate::time::Instant;

/// The columns of a table in their parts, as [`Rows`].
#[derive(Clone, Debug)]
pub struct TableRows<'a> {
    id: Column,
    key: Vec<&'a Column>,
    time: &'a Column,
    only: Bound<'a>,
}

/// A table that lacks what the rule reads.
#[derive(Debug, Error)]
enum BadTable {
    #[error("the time column holds {}", .0.described())]
    TimeType(Type),
    #[error("the id is null")]
    NullId,
}

impl Leaf for BadTable {
    fn code(&self) -> Code {
        match self {
            BadTable::TimeType(_) => Code::RowsWrongType,
            BadTable::NullId => Code::RowsNullId,
        }
    }

    fn help(&self) -> Option<String> {
        Some(match self {
            BadTable::TimeType(_) => "give instants".into(),
            BadTable::NullId => "give every row an id, or name another `id` column".into(),
        })
    }
}

impl<'a> TableRows<'a> {
    /// Finds the columns by their names. Several that are the id name a row together.
    ///
    /// # Errors
    /// `rows.missing_column`, `rows.wrong_type` for a time that is none, `rows.null_id`.
    pub fn new(
        table: &'a Table,
        id: &[impl AsRef<str>],
        key: &[impl AsRef<str>],
        time: &str,
        only: &'a [(String, Test)],
    ) -> Result<Self, Error> {
        let find = |name: &str| table.find(name);
        let rows = Self {
            id: table.id(id)?,
            key: key.iter().map(|name| find(name.as_ref())).collect::<Result<_, _>>()?,
            time: find(time)?,
            only: Bound::new(table, only)?,
        };
        if rows.time.ty() != Type::Instant {
            return Err(Error::from(BadTable::TimeType(rows.time.ty())).at_path(time));
        }
        for name in id {
            if let Some(row) = find(name.as_ref())?.first_null() {
                let error = Error::from(BadTable::NullId).at_row(u64::from(row) + 1);
                return Err(error.at_path(name.as_ref()));
            }
        }
        Ok(rows)
    }
}

#[cfg(feature = "documents")]
impl<'a> TableRows<'a> {
    /// The columns of the key, in their order.
    pub(crate) fn key(&self) -> &[&'a Column] {
        &self.key
    }

    /// The column of the id.
    pub(crate) fn id(&self) -> &Column {
        &self.id
    }

    /// The time of a row that has one.
    pub(crate) fn time_of(&self, row: u32) -> Option<Instant> {
        self.time.number(row).and_then(Instant::checked)
    }
}

impl Rows for TableRows<'_> {
    fn len(&self) -> u32 {
        self.id.rows()
    }

    fn load(&self, start: u32, block: &mut Block) {
        let Block { hashes, times, flags } = block;
        self.times(start, times);
        self.time.flag_nulls(start, flags, Standing::NULL_TIME);
        self.only.flag_others(start, flags, Standing::EXCLUDED);
        for column in &self.key {
            column.hash_into(start, hashes, |n| {
                flags.get(n).is_some_and(|flags| flags & Standing::LEFT_ALONE != 0)
            });
            column.flag_nulls(start, flags, Standing::NULL_KEY);
        }
    }

    fn times(&self, start: u32, times: &mut [i64]) {
        self.time.numbers_into(start, times);
    }

    fn hash_ids(&self, start: u32, hashes: &mut [u64]) {
        self.id.hash_into(start, hashes, |_| false);
    }

    fn cmp_key(&self, a: u32, b: u32) -> Ordering {
        let mut orders = self.key.iter().map(|column| column.cmp(a, b));
        orders.find(|order| order.is_ne()).unwrap_or(Ordering::Equal)
    }

    fn same_key(&self, a: u32, b: u32) -> bool {
        self.key.iter().all(|column| column.same(a, b))
    }

    fn mixed(&self, rows: &[u32], ends: &[usize], answers: &mut [bool]) {
        self.key.iter().for_each(|column| column.mixed(rows, ends, answers));
    }

    fn is_one_group(&self) -> bool {
        self.key.is_empty()
    }

    fn has_null_key(&self, row: u32) -> bool {
        self.key.iter().any(|column| column.is_null(row))
    }

    fn cmp_id(&self, a: u32, b: u32) -> Ordering {
        self.id.cmp(a, b)
    }

    fn id_text(&self, row: u32) -> String {
        self.id.cell(row).to_string()
    }
}
