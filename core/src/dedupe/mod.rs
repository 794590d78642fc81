//! Which rows are duplicates of a row that stays.
//!
//! A [`Rule`] says the window, the mode and which end of a key to keep. [`decide`] applies it to
//! anything that shows its [`Rows`](crate::groups::Rows): a [`Table`](crate::columns::Table) of
//! columns, or [`Records`](crate::groups::Records) over a slice of your own structs.
//!
//! ```
//! use housekeep::dedupe::{self, Rule};
//! use housekeep::groups::Records;
//! use housekeep::time::{Duration, Instant};
//!
//! struct Run { id: u32, task: &'static str, started: Option<Instant> }
//! let at = |text| Instant::parse(text).ok();
//! let runs = [
//!     Run { id: 1, task: "build", started: at("2026-02-13T01:00:00Z") },
//!     Run { id: 2, task: "build", started: at("2026-02-13T01:04:12Z") },
//!     Run { id: 3, task: "build", started: at("2026-02-13T02:00:00Z") },
//! ];
//! let rows = Records::new(&runs, |run| run.task, |run| run.started, |run| run.id)?;
//! let rule = Rule::within(Duration::from_mins(10));
//! let now = Instant::parse("2026-02-13T03:00:00Z")?;
//!
//! let decision = dedupe::decide(&rows, &rule, now, &Default::default())?;
//! let dropped = decision.drops[0];
//! assert_eq!((runs[dropped.row as usize].id, runs[dropped.keeper as usize].id), (1, 2));
//! # Ok::<(), housekeep::Error>(())
//! ```

mod decide;
mod gather;
mod nearest;
mod rule;
mod sweep;
mod verdict;
mod walk;

pub use decide::{Decision, Drop, Skipped, decide};
pub use nearest::{Neighbours, nearest};
pub use rule::{Keep, Mode, NullKey, Open, Rule};
pub use sweep::{GapCount, ModeCounts, Sweep, UsualInterval, WindowCounts, sweep};
pub use verdict::{Verdict, Why, verdict};
#[cfg(feature = "documents")]
pub(crate) use walk::bucket;
