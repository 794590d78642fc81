//! housekeep for Python: convert, call core, convert back. No rule is known here.
//!
//! The Python side of the package, in `python/housekeep`, holds what is better said in Python: the
//! exceptions, files, and how a plan looks in a notebook.

#![deny(unsafe_code)]

mod answers;
mod error;
mod fleet;
mod health;
mod interrupt;
mod machine;
mod metrics;
mod plan;
mod policy;
mod record;
mod rows;
mod schedule;
mod statements;
mod time;
mod value;

use pyo3::pymodule;

/// The native half of the package. Its names are those of `housekeep` itself.
#[pymodule]
mod _core {
    #[pymodule_export]
    use crate::answers::{
        Compare, Drop, Explanation, GapCount, ModeCounts, Nearest, Neighbour, OldestKept, Reason,
        Removal, RetentionSkipped, Skipped, Stay, Sweep, UsualInterval, WindowCounts,
    };
    #[pymodule_export]
    use crate::error::error_codes;
    #[pymodule_export]
    use crate::fleet::{Fleet, FleetRow, Screening, StatusCounts};
    #[pymodule_export]
    use crate::health::{
        Action, Call, CheckReport, Escalation, GroupReport, HealthReport, HealthState, Pending,
    };
    #[cfg(debug_assertions)]
    #[pymodule_export]
    use crate::interrupt::_panic;
    #[pymodule_export]
    use crate::machine::{Machine, Step};
    #[pymodule_export]
    use crate::plan::{Drops, Plan};
    #[pymodule_export]
    use crate::policy::Policy;
    #[pymodule_export]
    use crate::schedule::{
        Due, KeepUntil, Missed, NextSlot, Offer, Run, Running, Schedule, ScheduleState, Slot,
        Slots, Undone, Wait,
    };

    #[pymodule_export]
    use crate::statements::{Sql, Statements};

    /// The version of the package, which is that of every housekeep crate and package.
    #[expect(non_upper_case_globals, reason = "it is Python's name")]
    #[pymodule_export]
    const __version__: &str = env!("CARGO_PKG_VERSION");
}
