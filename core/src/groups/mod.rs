//! Rows in groups: those of one key together, in order of time. What every family of rules decides
//! over.
//!
//! Rows are numbered, and a kernel sees no more of them than [`Rows`] shows: a
//! [`Table`](crate::columns::Table) of columns shows them as [`TableRows`], a slice of your own
//! structs as [`Records`].

pub(crate) mod blocks;
pub(crate) mod entry;
pub(crate) mod gather;
pub(crate) mod order;
pub(crate) mod partition;
mod records;
mod rows;
pub(crate) mod runs;
mod table;
mod unique;
pub(crate) mod whole;

pub use records::Records;
pub(crate) use rows::clusters;
pub use rows::{Block, Rows, Standing};
pub use table::TableRows;
pub use unique::check_ids;
