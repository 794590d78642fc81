//! Whether the numbers are healthy.
//!
//! A check reduces a metric to one number, or finds it missing; thresholds say how bad the number is;
//! gates delay the change. A small record of each check is all that is remembered.

mod alarm;
mod check;
mod counters;
mod error_ratio;
mod escalation;
mod evaluate;
mod gate;
mod group;
mod history;
mod joins;
mod level;
mod metric;
mod mute;
mod numbers;
mod resume;
mod screen;
mod share;
mod slo;
mod snapshot;
mod state;
mod threshold;
mod unit;
mod value;
mod when;
mod whole;

#[cfg(feature = "documents")]
pub(crate) use alarm::{Alarm, Votes};
pub use check::Check;
#[cfg(feature = "documents")]
pub(crate) use counters::{Counters, Sum};
pub use error_ratio::ErrorRatio;
pub use escalation::{Call, Escalation, Severity, Tier};
pub use evaluate::{Pending, Reason, Tell, Verdict};
pub use gate::{Gate, Quorum};
pub use group::{Group, RollUp};
#[cfg(feature = "documents")]
pub(crate) use history::History;
pub use level::{Level, Missing, Status};
pub use metric::{Metric, Reduce};
#[cfg(feature = "documents")]
pub(crate) use mute::ALL_CHECKS;
pub use mute::Mute;
pub use numbers::Numbers;
pub use resume::Outage;
pub use screen::{Measure, Measures, Screen, Screened};
pub use share::Share;
pub use slo::{BurnRate, Slo};
pub use snapshot::{Reading, Snapshot};
pub use state::State;
#[cfg(feature = "documents")]
pub(crate) use state::{Incident, Memory, Record};
pub use threshold::Threshold;
pub use unit::Unit;
pub use value::Gap;
pub use when::When;
pub use whole::{Checked, Findings, Grouped, Health};
