//! Columns: what the kernels read.
//!
//! There are two doors. *Batches* (Arrow, feature `arrow`) are taken as columns, without a copy.
//! *Records* (JSON, CSV, a host's own objects) hand over one [`Cell`] at a time to a
//! [`TableBuilder`]. Either way a rule first says what it [needs](Need), and the outcome is a
//! [`Table`] whose columns own their buffers by reference count.

#[cfg(feature = "arrow")]
pub mod arrow;
mod builder;
mod cell;
mod column;
mod composite;
mod data;
mod infer;
mod layout;
mod list;
mod need;
#[cfg(feature = "documents")]
mod prefix;
mod table;
mod uuid;

pub use builder::{ColumnBuilder, Record, TableBuilder};
pub use cell::{Cell, Type};
pub use column::Column;
#[cfg(feature = "documents")]
pub(crate) use composite::{composite, escape_json};
pub(crate) use data::{Chunk, Data, same_bytes};
#[cfg(feature = "documents")]
pub(crate) use list::append_element;
pub use list::{List, ListBuilder};
pub use need::{Need, TimeFormat};
#[cfg(feature = "documents")]
pub(crate) use prefix::Prefix;
pub use table::{Table, missing_column};
#[cfg(feature = "documents")]
pub(crate) use uuid::parse as parse_uuid;
