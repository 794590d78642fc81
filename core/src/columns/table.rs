//! A table: named columns of one length.

use thiserror::Error;

use super::Column;
use crate::error::{Code, Error, Leaf, quoted};
use crate::suggest;

/// Named columns of one length. Cloning shares the buffers.
#[derive(Clone, Debug)]
pub struct Table {
    columns: Vec<(String, Column)>,
    rows: u32,
}

/// Columns that make no table.
#[derive(Debug, Error)]
pub(crate) enum NotATable {
    #[error("column {} is given twice", quoted(.0))]
    Repeated(String),
    #[error("there is no column {}", quoted(.name))]
    Missing { name: String, columns: Vec<String> },
    #[error("column {} has {found} rows, the others have {rows}", quoted(.name))]
    Length { name: String, found: u32, rows: u32 },
}

impl Leaf for NotATable {
    fn code(&self) -> Code {
        match self {
            NotATable::Missing { .. } => Code::RowsMissingColumn,
            NotATable::Repeated(_) => Code::RowsRepeatedField,
            NotATable::Length { .. } => Code::RowsSyntax,
        }
    }

    fn help(&self) -> Option<String> {
        match self {
            NotATable::Missing { name, columns } => {
                suggest::help(name, columns.iter().map(String::as_str))
            }
            NotATable::Repeated(_) => Some("give each column its own name".into()),
            NotATable::Length { .. } => Some("give every column one value per row".into()),
        }
    }
}

/// The error for a column that rows lack, which have these: the nearest of them is named.
pub fn missing_column<'n>(name: &str, has: impl Iterator<Item = &'n str>) -> Error {
    let columns = has.map(str::to_owned).collect();
    NotATable::Missing { name: name.to_owned(), columns }.into()
}

impl Table {
    /// From columns of one length, each with its own name.
    ///
    /// # Errors
    /// `rows.repeated_field` for a name given twice, `rows.syntax` for lengths that differ.
    pub fn new(columns: Vec<(String, Column)>) -> Result<Self, Error> {
        let rows = columns.first().map_or(0, |(_, column)| column.rows());
        for (n, (name, column)) in columns.iter().enumerate() {
            if column.rows() != rows {
                let (name, found) = (name.clone(), column.rows());
                return Err(NotATable::Length { name, found, rows }.into());
            }
            if columns.iter().take(n).any(|(other, _)| other == name) {
                return Err(NotATable::Repeated(name.clone()).into());
            }
        }
        Ok(Self { columns, rows })
    }

    /// How many rows it has.
    #[must_use]
    pub fn rows(&self) -> u32 {
        self.rows
    }

    /// The column of this name.
    #[must_use]
    pub fn column(&self, name: &str) -> Option<&Column> {
        self.columns.iter().find(|(own, _)| own == name).map(|(_, column)| column)
    }

    /// The column of this name.
    ///
    /// # Errors
    /// `rows.missing_column`.
    pub fn find(&self, name: &str) -> Result<&Column, Error> {
        self.column(name).ok_or_else(|| missing_column(name, self.names()))
    }

    /// The names, in their order.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.columns.iter().map(|(name, _)| name.as_str())
    }
}
