//! housekeep for Node: what the TypeScript in `ts/` is a front for.
//!
//! Every function here converts, calls core, and converts. None knows a rule, and none has a
//! default of its own. Everything that JavaScript owns is read on its thread, and copied before
//! anything leaves it.

#![expect(
    clippy::needless_pass_by_value,
    reason = "arguments of JavaScript come as what they were made into"
)]

mod arrow;
pub mod ask;
pub mod error;
pub mod fleet;
pub mod health;
pub mod machine;
mod packed;
#[cfg(feature = "panic-test")]
pub mod panic_test;
pub mod plan;
pub mod policy;
pub mod rows;
pub mod schedule;
pub mod task;
