//! The laws of schedules.
//!
//! Each takes a [`Schedule`] and what it is asked, and says whether the law holds. They ask many times
//! over, by methods of which some are quadratic: they are for some weeks, not for centuries. A schedule
//! whose calendar is not known for what a law asks breaks the law: give it days that it knows.

mod asked;
pub mod model;
mod recorded;
mod slots;
#[cfg(feature = "proptest")]
pub mod strategies;

pub use asked::{
    a_wait_holds, forgetting_changes_nothing, missed_adds_up, nothing_early_and_nothing_twice,
};
pub use recorded::{
    abandoned_is_offered_again, done_stays_done, late_ends_say_nothing, twice_is_once,
};
pub use slots::{
    next_is_next, one_slot_a_day, opens_at_the_first_instant, parts_make_the_whole,
    windows_are_half_open,
};

use super::{Broken, Held, Law};
use crate::error::Error;
use crate::schedule::{Schedule, State};
use crate::time::Instant;

/// All that are about what a state says at some moments, in whatever order: a clock may go back.
///
/// # Errors
/// The first that does not hold.
pub fn all(schedule: &Schedule, state: &State, moments: &[Instant]) -> Held {
    for now in moments {
        next_is_next(schedule, *now)?;
        model::agrees(schedule, state, *now)?;
        missed_adds_up(schedule, state, *now)?;
        nothing_early_and_nothing_twice(schedule, state, *now)?;
        a_wait_holds(schedule, state, *now)?;
        for later in moments.iter().filter(|later| *later >= now) {
            forgetting_changes_nothing(schedule, state, *now, *later)?;
        }
    }
    Ok(())
}

impl Law {
    fn answered<T>(self, answer: Result<T, Error>) -> Result<T, Broken> {
        answer.map_err(|error| Broken { law: self, says: format!("it is not answered: {error}") })
    }
}
