//! When maintenance runs may start, which were missed, and what is remembered of them.
//!
//! A run is known by the nominal local day of its slot, and by the time where a day has several. A window
//! opens at the first instant at which the clocks of its zone show that time or a later one: what they
//! skip is not lost, and what they show twice does not run twice.
//!
//! A host asks what is [due](Schedule::due) and what was [missed](Schedule::missed), claims a run, says
//! that it started and how it ended ([`Schedule::record`]), and keeps the [`State`]. A crash between the
//! work and the word that it is done repeats the work: it runs once at least. That no two hosts run it at
//! once is for the host to see to, by the claim of the offer.
//!
//! ```
//! use housekeep::schedule::{Days, Due, End, Event, Schedule, State, What};
//! use housekeep::time::{Date, Duration, Instant};
//!
//! let backup = Schedule::new([Days::Daily], ["03:00".parse()?], "America/Santiago".parse()?)
//!     .end(End::For(Duration::from_mins(60)))
//!     .checked()?;
//! let mut state = State::new(Date::new(2026, 2, 13).expect("a day"));
//!
//! let now = Instant::parse("2026-02-13T06:10:00Z")?;
//! let Due::Run(offer) = backup.due(&state, now)? else { panic!("its window is open") };
//! for what in [What::Started, What::Finished { completed: None, success: Some(true) }] {
//!     let event = Event { slot: offer.slot.id, nth: Some(offer.nth), at: now, what };
//!     state = backup.record(state, &event)?;
//! }
//! let Due::Wait(wait) = backup.due(&state, now)? else { panic!("it is done") };
//! assert_eq!(wait.until, Some(Instant::parse("2026-02-14T06:00:00Z")?));
//! # Ok::<(), housekeep::Error>(())
//! ```

mod calendar;
mod check;
#[cfg(feature = "documents")]
mod cron;
mod days;
mod due;
mod keep;
mod missed;
mod offer;
mod record;
mod rule;
mod slot;
mod slots;
mod standing;
mod state;

pub use calendar::Calendar;
#[cfg(feature = "documents")]
pub use cron::Cron;
pub use days::Days;
pub use due::{Due, Wait, Wake};
pub use missed::{Missed, Running};
pub use offer::{Offer, Undone};
pub use record::{Event, EventWord, What};
pub use rule::{CatchUp, Done, End, IfMissed, Override, Rerun, Schedule};
pub use slot::{Slot, SlotId};
pub use standing::Standing;
pub use state::{Run, RunState, State};
