//! Health as documents: what was measured, what is remembered, and what is said.

mod fleet;
mod measured;
mod number;
mod report;
mod snapshot;
mod state;

pub(crate) use fleet::write_fleet;
pub use measured::Measured;
pub(crate) use number::Number;
pub(crate) use report::write_report;
