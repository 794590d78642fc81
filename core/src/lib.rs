//! Decides housekeeping for services.

#![forbid(unsafe_code)]

mod bounds;
pub mod columns;
pub mod condition;
mod control;
pub mod dedupe;
mod error;
#[cfg(feature = "documents")]
pub mod formats;
mod hash;
pub mod laws;
#[cfg(feature = "documents")]
pub mod plan;
#[cfg(feature = "documents")]
pub mod policy;
mod suggest;
pub mod time;
#[cfg(feature = "documents")]
pub mod wire;

pub use control::{Control, Progress};
pub use error::{Code, Error, Kind, Position};
