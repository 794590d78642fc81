//! What has to hold, as predicates: for the tests of this crate, and of any that has rules or rows
//! of its own.
//!
//! * [`dedupe`] has the thirteen laws of a dedupe plan, over anything that shows its
//!   [`Rows`](crate::groups::Rows).
//! * [`model`] plans slowly and plainly, and shares no code with the kernel; the kernel has to say
//!   the same.
//! * [`health`] has the laws of checks, and a model of one, over plain series.
//! * [`retention`] has the laws of a retention decision, and a model of it, over plain items.
//! * [`schedule`] has the laws of schedules, and a model of how their slots stand.
//! * [`rows`] has a plain [`Row`], and views that pick, shuffle and shift the rows of others.
//! * `strategies` (feature `proptest`) makes rows and rules where the edges are.
//!
//! The predicates plan the same rows many times over, by methods of which some are quadratic: they
//! are for some tens of rows, not for thousands.
//!
//! ```
//! use housekeep::dedupe::Rule;
//! use housekeep::groups::Records;
//! use housekeep::laws;
//! use housekeep::time::{Duration, Instant};
//!
//! struct Run { id: u32, task: &'static str, started: Option<Instant> }
//! let at = |text| Instant::parse(text).ok();
//! let runs = [
//!     Run { id: 1, task: "build", started: at("2026-02-13T01:00:00Z") },
//!     Run { id: 2, task: "build", started: at("2026-02-13T01:04:12Z") },
//!     Run { id: 3, task: "test", started: None },
//! ];
//! let rows = Records::new(&runs, |run| run.task, |run| run.started, |run| run.id)?;
//! let now = Instant::parse("2026-02-13T03:00:00Z")?;
//!
//! laws::dedupe::all(&rows, &Rule::within(Duration::from_mins(10)), now).expect("every law holds");
//! # Ok::<(), housekeep::Error>(())
//! ```

pub mod dedupe;
pub mod health;
pub mod model;
pub mod retention;
pub mod rows;
pub mod schedule;
#[cfg(feature = "proptest")]
pub mod strategies;

use thiserror::Error;

pub use rows::Row;

/// Whether a law holds.
pub type Held = Result<(), Broken>;

/// A law that does not hold, and the rows that break it.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("law {} ({}): {says}", law.number, law.name)]
pub struct Broken {
    law: Law,
    says: String,
}

impl Broken {
    /// The law's number in the design. What has none, such as the model, is 0.
    #[must_use]
    pub fn number(&self) -> u8 {
        self.law.number
    }

    /// The law's name: that of the function that holds it to be true.
    #[must_use]
    pub fn name(&self) -> &'static str {
        self.law.name
    }

    /// What was found instead, with the rows by their ids.
    #[must_use]
    pub fn says(&self) -> &str {
        &self.says
    }
}

/// Which law.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Law {
    number: u8,
    name: &'static str,
}

impl Law {
    /// Breaks the law, unless `holds`.
    fn check(self, holds: bool, says: impl FnOnce() -> String) -> Held {
        if holds { Ok(()) } else { Err(Broken { law: self, says: says() }) }
    }
}
