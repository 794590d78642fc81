//! Conditions on the columns of a table.

use super::Test;
use crate::columns::{Column, Table};
use crate::error::Error;

/// Conditions bound to the columns of a table, all of which have to hold.
#[derive(Clone, Debug, Default)]
pub(crate) struct Bound<'a>(Vec<(&'a Column, &'a Test)>);

impl<'a> Bound<'a> {
    /// Finds the columns by their names.
    ///
    /// # Errors
    /// `rows.missing_column`.
    pub(crate) fn new(table: &'a Table, given: &'a [(String, Test)]) -> Result<Self, Error> {
        let each = given.iter().map(|(name, test)| Ok((table.find(name)?, test)));
        each.collect::<Result<_, Error>>().map(Self)
    }

    /// Whether all hold of a row. Without conditions, they do.
    #[cfg(feature = "documents")]
    pub(crate) fn hold(&self, row: u32) -> bool {
        self.0.iter().all(|(column, test)| test.matches(&column.cell(row)))
    }

    /// Sets `bit` in the flags of each row from `start` on of which they do not all hold.
    pub(crate) fn flag_others(&self, start: u32, flags: &mut [u8], bit: u8) {
        for (column, test) in &self.0 {
            for (row, flags) in (start..).zip(&mut *flags) {
                if !test.matches(&column.cell(row)) {
                    *flags |= bit;
                }
            }
        }
    }
}
