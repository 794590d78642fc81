//! What has outlived its use.
//!
//! One sentence decides every item, within its group:
//!
//! `remove = not held ∧ not in the floor ∧ (over a limit ∨ (keep rules exist ∧ none claims it))`
//!
//! *Limits* are caps: any one removes. *Keep rules* are claims: any one saves, though not from a
//! limit. A *hold* and the *floor* always win.
//!
//! ```
//! use housekeep::groups::Records;
//! use housekeep::retention::{self, Every, Items, Keep, Rule};
//! use housekeep::time::Instant;
//!
//! struct Backup { name: &'static str, taken: &'static str }
//! let backups = [
//!     Backup { name: "mon", taken: "2026-02-09T02:00:00Z" },
//!     Backup { name: "tue", taken: "2026-02-10T02:00:00Z" },
//!     Backup { name: "wed", taken: "2026-02-11T02:00:00Z" },
//!     Backup { name: "noon", taken: "2026-02-11T12:00:00Z" },
//! ];
//! let taken = |backup: &Backup| Instant::parse(backup.taken).ok();
//! let rows = Records::new(&backups, |_| (), taken, |backup| backup.name)?;
//!
//! let two_days = Rule::new().keep(Keep::each(Every::Day).count(2));
//! let now = Instant::parse("2026-02-12T00:00:00Z")?;
//! let items = Items::new(rows);
//! let mut decision = retention::decide(&items, &two_days, now, &Default::default())?;
//! decision.oldest_first(items.rows());
//!
//! let gone: Vec<_> = decision.drops.iter().map(|drop| backups[drop.row as usize].name).collect();
//! assert_eq!(gone, ["mon", "wed"]);
//! # Ok::<(), housekeep::Error>(())
//! ```

mod aged;
mod alone;
mod claims;
mod decide;
mod due;
mod items;
mod judge;
mod leases;
mod moments;
mod period;
mod rule;
mod verdict;

#[cfg(feature = "documents")]
pub(crate) use aged::Ages;
pub use claims::{Claim, Passed};
pub use decide::{Decision, Drop, Skipped, decide};
pub use items::Items;
pub use judge::{Broken, Fate};
pub use period::Every;
pub use rule::{Anchor, Edge, Keep, Overlap, Rule};
pub use verdict::{Ground, Verdict, verdict, verdicts};
