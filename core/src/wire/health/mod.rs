//! Health as documents: what was measured, what is remembered, and what is said.

mod number;
mod report;
mod snapshot;
mod state;

pub(crate) use number::Number;
pub(crate) use report::write_report;
