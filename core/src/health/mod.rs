//! Whether the numbers are healthy.
//!
//! A check reduces a metric to one number, or finds it missing; thresholds say how bad the number is;
//! gates delay the change. A small record of each check is all that is remembered.

mod alarm;
mod check;
mod evaluate;
mod group;
mod health;
mod history;
mod level;
mod metric;
mod numbers;
mod snapshot;
mod state;
mod threshold;
mod unit;
mod value;

pub use alarm::Gate;
pub use check::Check;
pub use evaluate::Verdict;
pub use group::{Group, RollUp};
pub use health::{Checked, Grouped, Health, Report};
pub use level::{Level, Missing, Status};
pub use metric::{Metric, Reduce};
pub use numbers::Numbers;
pub use snapshot::{Reading, Snapshot};
pub use state::State;
pub use threshold::Threshold;
pub use unit::Unit;
pub use value::Gap;
