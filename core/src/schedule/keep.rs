//! How long the record of a run is needed.

use std::ops::RangeInclusive;

use super::{Schedule, SlotId, State};
use crate::error::Error;
use crate::time::{Date, Duration, Instant};

/// A day may be declared closed afterwards, and then one slot more is looked back at: the record is kept
/// for a week more.
pub(super) const MARGIN: Duration = Duration::from_mins(7 * 24 * 60);
/// In so many years every date has every weekday.
const SOME_YEARS: i32 = 28;
/// After so many years the calendar repeats.
const EVERY_YEAR: i32 = 400;
const FIRST_YEAR: i32 = 2001;
/// Days that are looked at, besides those that are looked back at: all that calendars are known for.
const ENOUGH: usize = 4000;
/// Of a schedule with more times a day fewer days are looked at.
const USUAL_TIMES: usize = 4;

impl Schedule {
    /// When the record of a slot may be forgotten: from then on nothing depends on it.
    ///
    /// Where the days after it are not known, or the day itself is not, it is the end of its window and
    /// `retain`, or as long as any slot's record is needed that is known. If never so many slots come that
    /// it is not looked back at, it is the last instant there is.
    #[must_use]
    pub fn keep_until(&self, id: SlotId) -> Instant {
        let (open, cutoff, close) = match self.slot(id) {
            Ok(Some(slot)) => (slot.open, slot.cutoff, slot.close),
            // A day on which something was run by hand.
            Ok(None) | Err(_) => {
                let at = self.nominal(id);
                (at, at, at)
            }
        };
        match self.taken_over(id) {
            Ok(Some(at)) => at.max(open).max(cutoff).saturating_add(MARGIN),
            Ok(None) => Instant::MAX,
            Err(_) => close.saturating_add(self.retain.unwrap_or(self.longest_needed)),
        }
    }

    /// When so many later slots have opened that one is not looked back at any more; none if there will
    /// never be so many.
    fn taken_over(&self, id: SlotId) -> Result<Option<Instant>, Error> {
        let mut later = self.after(id);
        let last = later.nth(self.reach().saturating_sub(1)).transpose()?;
        Ok(last.map(|slot| slot.open))
    }

    /// The same state without the records that are not needed any more.
    #[must_use]
    pub fn forget(&self, mut state: State, now: Instant) -> State {
        state.runs.retain(|id, _| now < self.keep_until(*id));
        state
    }

    /// Whether any of its days ever comes.
    pub(super) fn has_days(&self) -> Result<bool, Error> {
        let Some(sample) = self.sample(EVERY_YEAR) else { return Ok(false) };
        Ok(self.days_in(&sample).next().transpose()?.is_some())
    }

    /// How long after its slot opens a record is needed at the most, over the days that are known.
    pub(super) fn longest_needed(&self) -> Result<Duration, Error> {
        let reach = self.reach();
        let mut needed = Duration::ZERO;
        for years in [SOME_YEARS, EVERY_YEAR] {
            let Some(sample) = self.sample(years) else { break };
            let days = self.days_in(&sample).collect::<Result<Vec<_>, _>>()?;
            // The last of them meet the changes of clocks as they are now.
            let most = (ENOUGH + reach).div_ceil(self.times.len().div_ceil(USUAL_TIMES));
            let mut slots = Vec::new();
            for day in days.iter().skip(days.len().saturating_sub(most)) {
                slots.extend(self.of_date(*day)?);
            }
            for (slot, later) in slots.iter().zip(slots.iter().skip(reach)) {
                let until = later.open.max(slot.cutoff).saturating_add(MARGIN);
                needed = needed.max(until.distance(slot.open));
            }
            if slots.len() > reach {
                break;
            }
        }
        Ok(needed)
    }

    /// The days that are looked at in place of all: those that are known, or else so many years.
    fn sample(&self, years: i32) -> Option<RangeInclusive<Date>> {
        let all = Date::new(FIRST_YEAR, 1, 1)?..=Date::new(FIRST_YEAR + years, 1, 1)?;
        Some(self.known().unwrap_or(all))
    }
}
